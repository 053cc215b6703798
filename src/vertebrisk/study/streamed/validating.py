"""Internal validation of a model of a scan."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.models.streamed.bootstrap import OnAll, bootstrap_of_logistic
from vertebrisk.models.streamed.cox import StreamedCoxFit
from vertebrisk.models.streamed.logistic import StreamedLogisticFit
from vertebrisk.models.streamed.resampled import Asked
from vertebrisk.study.options import Resampling
from vertebrisk.validation.estimates import TABLE_SCHEMA, ByResamples
from vertebrisk.validation.results import (
    Estimate,
    HorizonValidation,
    Roc,
    Validation,
)
from vertebrisk.validation.streamed.followed import ApparentAtHorizon, apparent_at
from vertebrisk.validation.streamed.followed_scores import FollowedScores
from vertebrisk.validation.streamed.performance import ScanPerformance
from vertebrisk.validation.summary import SELECTED_SCHEMA
from vertebrisk.validation.survival.resampling import HORIZON_MEASURES, key_at
from vertebrisk.validation.survival.smoothing import SMOOTHER
from vertebrisk.validation.survival.summary import corrected_calibration

LEVEL = 0.95


def validation_of(
    fit: StreamedLogisticFit,
    roc: Roc,
    measured: ScanPerformance,
    thresholds: FloatArray,
    plan: Resampling,
) -> Validation:
    """The bootstrap of a logistic model, with its measures on the patients it was made from."""
    interval = plan.interval or "percentile"
    known = OnAll.of(fit, roc.auc.estimate, measured, thresholds)
    drawn = bootstrap_of_logistic(fit, Asked(plan.resamples, plan.seed, LEVEL, interval), known)
    return Validation(
        procedure="model held fixed",
        resamples=drawn.resamples,
        seed=drawn.seed,
        n_separated=drawn.n_separated,
        n_deficient=drawn.n_deficient,
        n_failed=drawn.n_failed,
        smoother=drawn.smoother,
        table=drawn.table,
        calibration=drawn.calibration,
        selected=pl.DataFrame(schema=SELECTED_SCHEMA),
        decision=drawn.decision,
        draws=drawn.draws,
        interval=interval,
    )


def followed_validation(
    fit: StreamedCoxFit,
    scores: FollowedScores,
    c_index: Estimate,
    thresholds: FloatArray,
    plan: Resampling,
) -> Validation:
    """The bootstrap of a Cox model, with the measures on the patients that it was made from."""
    baseline, interval = fit.baselines[0], plan.interval or "percentile"
    hazards = {horizon: float(baseline.at(horizon)[0]) for horizon in fit.horizons}
    apparent = apparent_at(scores, hazards, thresholds)
    known = _indexes(fit, scores, c_index.estimate)
    for place, each in enumerate(apparent):
        known |= {key_at(name, place): each.measures[name] for name in HORIZON_MEASURES}
    grids = np.stack([each.grid for each in apparent])
    drawn = fit.bootstrap(
        plan.resamples, plan.seed, interval=interval, grids=grids, thresholds=thresholds
    )
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
        decision=estimates.decision(thresholds, (found.benefit, found.incidence), place),
    )
