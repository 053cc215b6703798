"""The bootstrap of a logistic model of a scan: draws of its coefficients, optimism of measures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, Json
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.logistic_bootstrap import (
    BootstrapSums,
    bootstrap_logistic,
    ranked_logistic,
)
from vertebrisk.errors import CalibrationWarning
from vertebrisk.kernels.streamed.ranked_replicates import Ranked
from vertebrisk.models.streamed.resampled import Asked, Resampled, checked
from vertebrisk.validation.decision import DecisionPlan
from vertebrisk.validation.discrimination import roc_auc
from vertebrisk.validation.estimates import TABLE_SCHEMA, ByResamples
from vertebrisk.validation.measures import ERRORS, MEASURES, nagelkerke, null_log_likelihood
from vertebrisk.validation.resampling import Replicates, joined
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve, column_dict
from vertebrisk.validation.streamed.classed import RankedModels
from vertebrisk.validation.streamed.performance import ScanPerformance, scan_performance
from vertebrisk.validation.summary import emax_row

if TYPE_CHECKING:
    from vertebrisk.models.streamed.logistic import StreamedLogisticFit


@dataclass(frozen=True, slots=True, eq=False)
class OnAll:
    """How the model does on the patients that it was made from.

    Attributes
    ----------
    measures : mapping
        By name; NaN where there is none.
    calibration : CalibrationCurve
    smoother : str
    thresholds, benefit : array, shape (k,)
        Net benefit at thresholds.
    share : float
        Of patients with the event.
    """

    measures: Mapping[str, float]
    calibration: CalibrationCurve
    smoother: str
    thresholds: FloatArray
    benefit: FloatArray
    share: float

    @classmethod
    def of(
        cls,
        fit: StreamedLogisticFit,
        area: float,
        performance: ScanPerformance,
        thresholds: FloatArray,
    ) -> OnAll:
        """Of the area under the ROC curve and the performance at these thresholds."""
        calibration = performance.calibration
        gaps = {name: getattr(calibration, name) for name in ERRORS}
        measures = {
            "c_index": area,
            "dxy": 2.0 * area - 1.0,
            "r2": fit.summary().r2,
            "intercept": 0.0,
            "slope": 1.0,
            "brier": fit.brier,
            **{name: np.nan if gap is None else gap for name, gap in gaps.items()},
        }
        benefit = np.empty(0)
        if performance.decision is not None:
            own = performance.decision.filter(pl.col("model") == "model")
            benefit = own["net_benefit"].to_numpy()
        share = performance.n_events / performance.n
        return cls(measures, calibration.curve, calibration.smoother, thresholds, benefit, share)


def on_all(fit: StreamedLogisticFit, scores: PatientScan, thresholds: FloatArray) -> OnAll:
    """Measure the scores of a fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)  # it would be that of any calibration
        performance = scan_performance(scores, thresholds=thresholds)
    area = roc_auc("event", "risk", scan=scores).estimate
    return OnAll.of(fit, area, performance, thresholds)


@dataclass(frozen=True, slots=True, eq=False)
class StreamedBootstrap(Resampled):
    """Resamples of a logistic model of a scan.

    Attributes
    ----------
    asked : Asked
    replicates : Replicates
        How each model does on its own patients (`training`) and on all (`test`): measures,
        calibration curves and net benefit.
    names : tuple of (term, level)
        Of the coefficients, the intercept first.
    estimate : array, shape (p + 1,)
        Those of all patients.
    constant : bool
        True where the model ranks nobody.
    table : DataFrame
        As of `Validation`: measure, apparent, training, test, optimism, corrected, conf_low,
        conf_high, mc_error, n_resamples.
    calibration : CalibrationCurve
        With the corrected curve.
    decision : DecisionCurve or None
        With the corrected net benefit; None without thresholds.
    smoother : str
        What the curve, ici, e50, e90 and emax were read from.
    """

    table: pl.DataFrame
    calibration: CalibrationCurve
    decision: DecisionCurve | None
    smoother: str

    def to_dict(self) -> Json:
        """JSON form, without the draws and the measures of each resample."""
        return {
            **Resampled.to_dict(self),
            "smoother": self.smoother,
            "interval": self.asked.interval,
            "table": column_dict(self.table),
            "calibration": self.calibration.to_dict(),
            "decision": None if self.decision is None else self.decision.to_dict(),
        }


def bootstrap_of_logistic(
    fit: StreamedLogisticFit,
    asked: Asked,
    known: OnAll,
    progress: Callable[[int], None] | None = None,
) -> StreamedBootstrap:
    """See `StreamedLogisticFit.bootstrap`."""
    whole = np.concatenate([[fit.intercept], fit.beta])
    found = Resampled(
        asked=asked,
        replicates=_resampled(fit, whole, asked, known, progress),
        names=tuple(fit.names),
        estimate=whole,
        constant=fit.linear_range[0] == fit.linear_range[1],
    )
    estimates = found.estimates(known.measures)
    return StreamedBootstrap(
        asked=asked,
        replicates=found.replicates,
        names=found.names,
        estimate=whole,
        constant=found.constant,
        table=_table(estimates),
        calibration=_corrected(known.calibration, estimates),
        decision=estimates.decision(known.thresholds, (known.benefit, known.share)),
        smoother=known.smoother,
    )


def _table(estimates: ByResamples) -> pl.DataFrame:
    rows = {name: estimates.row(name) for name in MEASURES if name != "emax_linear"}
    rows["emax_linear"] = emax_row(rows["intercept"], rows["slope"], estimates.method)
    found = [rows[name] for name in MEASURES]
    return pl.DataFrame(found, schema=TABLE_SCHEMA, orient="row").with_columns(
        pl.selectors.float().fill_nan(None)
    )


def _corrected(own: CalibrationCurve, estimates: ByResamples) -> CalibrationCurve:
    """The curve with its optimism taken out."""
    grid, apparent = (own.frame[name].to_numpy() for name in ("predicted", "apparent"))
    corrected = estimates.curve(apparent)
    missed = np.abs(corrected - grid)[np.isfinite(corrected)]
    return replace(
        own,
        frame=own.frame.with_columns(corrected=pl.Series(corrected, nan_to_null=True)),
        mean_absolute_error=float(missed.mean()) if missed.size else None,
    )


def _resampled(
    fit: StreamedLogisticFit,
    whole: FloatArray,
    asked: Asked,
    known: OnAll,
    progress: Callable[[int], None] | None,
) -> Replicates:
    regression, spread = fit.regression, fit.linear.sd or 1.0
    sums = bootstrap_logistic(regression, whole, fit.scaling, asked.resamples, asked.seed)
    parts: list[Replicates] = []
    for batch in ranked_logistic(
        regression, fit.scaling, sums, asked.seed, spread, known.thresholds
    ):
        parts.append(_measured(*batch, fit, known))
        if progress is not None:
            progress(sum(each.usable.size for each in parts))
    return checked(joined(parts), asked)


def _measured(
    sums: BootstrapSums, ranked: Ranked, fit: StreamedLogisticFit, known: OnAll
) -> Replicates:
    training, test = _of_sums(sums, fit)
    own, others = (RankedModels(ranked, sums.centred[:, 0], kind) for kind in (0, 1))
    plan = DecisionPlan(known.thresholds)
    grid = known.calibration.frame["predicted"].to_numpy()
    usable = (sums.events > 0.0) & (sums.events < sums.total)
    return Replicates(
        training=training | own.measures(),
        test=test | others.measures(),
        training_curves=own.curves(grid),
        test_curves=others.curves(grid),
        training_benefit=own.benefit(plan),
        test_benefit=others.benefit(plan),
        separated=~sums.finite,
        deficient=sums.deficient,
        usable=usable,
        prevalence=sums.events / np.maximum(sums.total, 1.0),
        selected=np.empty((usable.size, 0), dtype=np.bool_),
        coefficients=np.where((sums.finite & usable)[:, None], sums.beta, np.nan),
        own=np.empty((usable.size, 0)),
    )


def _of_sums(
    sums: BootstrapSums, fit: StreamedLogisticFit
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """What is exact, of every resample's model on its own patients, and on all."""
    count = sums.total.size
    size, null = _null(np.full(count, float(fit.n_events)), np.full(count, float(fit.n)))
    own_size, own_null = _null(sums.events, sums.total)
    training = {
        "r2": nagelkerke(2.0 * (sums.log_likelihood - own_null), own_null, own_size),
        "intercept": np.zeros(count),
        "slope": np.ones(count),
        "brier": sums.squares / own_size,
    }
    test = {
        "r2": nagelkerke(2.0 * (sums.line_log_likelihood - null), null, size),
        "intercept": sums.line[:, 0],
        "slope": sums.line[:, 1],
        "brier": sums.test_squares / size,
    }
    return training, test


def _null(events: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
    size = np.maximum(total, 1.0)
    return size, null_log_likelihood(events, size)
