"""Internal validation of a model of a scan, as far as its measures are sums."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.study.streamed.preparing import PreparedScan
from vertebrisk.validation.decision import BENEFIT_COLUMNS, alone
from vertebrisk.validation.estimates import TABLE_SCHEMA, Row, empty_row
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    Estimate,
    HorizonValidation,
    Roc,
    Validation,
)
from vertebrisk.validation.streamed.followed import ApparentAtHorizon, FollowedScores, apparent_at
from vertebrisk.validation.streamed.performance import ScanPerformance
from vertebrisk.validation.summary import SELECTED_SCHEMA, emax_row
from vertebrisk.validation.survival.resampling import HORIZON_MEASURES
from vertebrisk.validation.survival.smoothing import SMOOTHER

SUMS = ("r2", "intercept", "slope", "brier")


def validation_of(
    prepared: PreparedScan, fit: StreamedLogisticFit, roc: Roc, measured: ScanPerformance
) -> Validation:
    """The bootstrap of the model, with what is known of the other measures.

    Those that need the order of all patients by each resample's model, or a smooth curve of it,
    are apparent only.
    """
    plan, calibration = prepared.plan, measured.calibration
    drawn = fit.bootstrap(plan.resamples, plan.seed)
    own: dict[str, Row] = {row[0]: row for row in drawn.table.iter_rows()}
    area = roc.auc.estimate
    rows = [
        empty_row("c_index", area),
        empty_row("dxy", 2.0 * area - 1.0),
        *(own[name] for name in SUMS),
        emax_row(own["intercept"], own["slope"], plan.method),
        *(empty_row(name, getattr(calibration, name)) for name in ("ici", "e50", "e90", "emax")),
    ]
    return Validation(
        procedure="model held fixed",
        resamples=drawn.resamples,
        seed=drawn.seed,
        n_separated=drawn.n_separated,
        n_deficient=drawn.n_deficient,
        n_failed=drawn.n_failed,
        smoother=calibration.smoother,
        table=pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row"),
        calibration=calibration.curve,
        selected=pl.DataFrame(schema=SELECTED_SCHEMA),
        draws=drawn.draws,
    )


def decision_of(measured: ScanPerformance) -> DecisionCurve:
    """The apparent decision curve with the band of resampled patients."""
    assert measured.decision is not None  # there is always a grid of thresholds
    frame = measured.decision.select(BENEFIT_COLUMNS)
    return DecisionCurve(frame, measured.n_events / measured.n)


def followed_validation(
    fit: StreamedCoxFit,
    scores: FollowedScores,
    c_index: Estimate,
    thresholds: FloatArray,
    seed: int,
) -> Validation:
    """The model on the patients that it was made from; nothing is resampled."""
    baseline = fit.baselines[0]
    horizons = tuple(
        _at_horizon(
            horizon,
            apparent_at(scores, horizon, float(baseline.at(horizon)[0]), thresholds),
            thresholds,
        )
        for horizon in fit.horizons
    )
    return Validation(
        procedure="model held fixed",
        resamples=0,
        seed=seed,
        n_separated=0,
        n_deficient=0,
        n_failed=0,
        smoother=SMOOTHER,
        table=_apparent_table(_indexes(fit, scores, c_index.estimate)),
        calibration=horizons[0].calibration,
        selected=pl.DataFrame(schema=SELECTED_SCHEMA),
        decision=horizons[0].decision,
        horizons=horizons,
        interval=None,
    )


def _indexes(fit: StreamedCoxFit, scores: FollowedScores, area: float) -> dict[str, float]:
    """See `validation.survival.indexes.cox_indexes`; `u` is 2 / (-2 log-likelihood) by design."""
    gain = 2.0 * (fit.log_likelihood - fit.null_log_likelihood)
    whole = -2.0 * fit.null_log_likelihood
    return {
        "c_index": area,
        "dxy": 2.0 * area - 1.0,
        "r2": float(np.expm1(-gain / fit.n) / np.expm1(-whole / fit.n)),
        "slope": 1.0,
        "d": (gain - 1.0) / whole,
        "u": -2.0 / whole,
        "q": (gain + 1.0) / whole,
        "g": scores.gini(),
    }


def _apparent_table(measures: dict[str, float]) -> pl.DataFrame:
    rows = [empty_row(name, value) for name, value in measures.items()]
    return pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row").with_columns(
        pl.selectors.float().fill_nan(None)
    )


def _at_horizon(
    horizon: float, found: ApparentAtHorizon, thresholds: FloatArray
) -> HorizonValidation:
    nothing = np.full(found.grid.size, np.nan)
    curve = pl.DataFrame(
        {
            "predicted": found.grid,
            "apparent": found.curve,
            "corrected": nothing,
            "conf_low": nothing,
            "conf_high": nothing,
        }
    ).fill_nan(None)
    return HorizonValidation(
        horizon=horizon,
        table=_apparent_table({name: found.measures[name] for name in HORIZON_MEASURES}),
        calibration=CalibrationCurve(curve, found.distribution, SMOOTHER, None),
        decision=alone(thresholds, (found.benefit, found.incidence)),
    )
