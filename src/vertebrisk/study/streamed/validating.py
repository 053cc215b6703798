"""Internal validation of a model of a scan, as far as its measures are sums."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.study.options import Resampling
from vertebrisk.study.streamed.preparing import PreparedScan
from vertebrisk.validation.decision import BENEFIT_COLUMNS, alone
from vertebrisk.validation.estimates import TABLE_SCHEMA, ByResamples, Row, empty_row
from vertebrisk.validation.results import (
    DecisionCurve,
    Estimate,
    HorizonValidation,
    Roc,
    Validation,
)
from vertebrisk.validation.streamed.followed import ApparentAtHorizon, apparent_at
from vertebrisk.validation.streamed.followed_scores import FollowedScores
from vertebrisk.validation.streamed.performance import ScanPerformance
from vertebrisk.validation.summary import SELECTED_SCHEMA, emax_row
from vertebrisk.validation.survival.resampling import HORIZON_MEASURES, key_at
from vertebrisk.validation.survival.smoothing import SMOOTHER
from vertebrisk.validation.survival.summary import corrected_calibration

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
    plan: Resampling,
) -> Validation:
    """The bootstrap of a Cox model, with the measures on the patients that it was made from.

    Decision curves are apparent only.
    """
    baseline, interval = fit.baselines[0], plan.interval or "percentile"
    hazards = {horizon: float(baseline.at(horizon)[0]) for horizon in fit.horizons}
    apparent = apparent_at(scores, hazards, thresholds)
    known = _indexes(fit, scores, c_index.estimate)
    for place, each in enumerate(apparent):
        known |= {key_at(name, place): each.measures[name] for name in HORIZON_MEASURES}
    grids = np.stack([each.grid for each in apparent])
    drawn = fit.bootstrap(plan.resamples, plan.seed, interval=interval, grids=grids)
    found = drawn.estimates(known)
    horizons = tuple(
        _at_horizon(found, place, horizon, each, thresholds)
        for place, (horizon, each) in enumerate(zip(fit.horizons, apparent, strict=True))
    )
    return Validation(
        procedure="model held fixed",
        resamples=drawn.resamples,
        seed=drawn.seed,
        n_separated=drawn.n_separated,
        n_deficient=drawn.n_deficient,
        n_failed=drawn.n_failed,
        smoother=SMOOTHER,
        table=_table(found, [name for name in known if "@" not in name]),
        calibration=horizons[0].calibration,
        selected=pl.DataFrame(schema=SELECTED_SCHEMA),
        decision=horizons[0].decision,
        draws=drawn.draws,
        horizons=horizons,
        interval=interval,
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


def _table(found: ByResamples, keys: list[str]) -> pl.DataFrame:
    rows = [found.row(key) for key in keys]
    return pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row").with_columns(
        pl.selectors.float().fill_nan(None)
    )


def _at_horizon(
    estimates: ByResamples,
    place: int,
    horizon: float,
    found: ApparentAtHorizon,
    thresholds: FloatArray,
) -> HorizonValidation:
    n_events = int(found.distribution["n_events"].sum())
    return HorizonValidation(
        horizon=horizon,
        table=_table(estimates, [key_at(name, place) for name in HORIZON_MEASURES]),
        calibration=corrected_calibration(
            estimates, (found.grid, found.curve), place, n_events, found.distribution, SMOOTHER
        ),
        decision=alone(thresholds, (found.benefit, found.incidence)),
    )
