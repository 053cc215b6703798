"""From every resample's own numbers to the validation of a model of time to event."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.validation.choices import choices_of, shape_frequencies
from vertebrisk.validation.curves import BAND_LIMIT, risk_distribution
from vertebrisk.validation.decision import corrected_curve
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.results import (
    CalibrationCurve,
    DecisionCurve,
    HorizonValidation,
    Validation,
)
from vertebrisk.validation.summary import (
    TABLE_SCHEMA,
    ValidationSettings,
    curve_optimism,
    measure_row,
    moved_coefficients,
    selection_frequencies,
)
from vertebrisk.validation.survival.resampling import (
    HORIZON_MEASURES,
    FollowedOutcome,
    TimedApparent,
    key_at,
)

NEEDS_FINITE = ("r2", "slope", "d", "u", "q", "g", "observed_expected")


def summarise_timed(
    replicates: Replicates,
    apparent: TimedApparent,
    outcome: FollowedOutcome,
    settings: ValidationSettings,
    smoother: str,
) -> Validation:
    """Optimism-corrected table, and table and curves at each horizon."""
    usable = replicates.usable
    overall = [name for name in apparent.measures if "@" not in name]
    horizons = tuple(
        _at_horizon(replicates, apparent, outcome, place, settings, smoother)
        for place in range(outcome.horizons.size)
    )
    first = horizons[0] if horizons else None
    return Validation(
        procedure=settings.procedure,
        resamples=usable.size,
        seed=settings.seed,
        n_separated=int((replicates.separated & usable).sum()),
        n_deficient=int((replicates.deficient & usable).sum()),
        n_failed=int((~usable).sum()),
        smoother=smoother,
        table=_table(replicates, apparent, {name: name for name in overall}, settings.level),
        calibration=_nothing(smoother) if first is None else first.calibration,
        selected=selection_frequencies(replicates, settings.candidates),
        decision=None if first is None else first.decision,
        draws=replicates.coefficients[usable],
        choices=choices_of(
            replicates.selected[usable],
            settings.candidates,
            settings.final,
            moved_coefficients(replicates, settings),
        ),
        shapes=shape_frequencies(replicates, settings.shapes),
        horizons=horizons,
    )


def _table(
    replicates: Replicates, apparent: TimedApparent, names: dict[str, str], level: float
) -> pl.DataFrame:
    """Rows of some keys, called by their names."""
    constant = bool(np.ptp(apparent.linear) == 0.0)
    finite = {key for key, name in names.items() if name in NEEDS_FINITE}
    rows = [
        measure_row(key, replicates, apparent.measures, constant, level, finite, name)
        for key, name in names.items()
    ]
    return pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row").with_columns(
        pl.selectors.float().fill_nan(None)
    )


def _at_horizon(
    replicates: Replicates,
    apparent: TimedApparent,
    outcome: FollowedOutcome,
    place: int,
    settings: ValidationSettings,
    smoother: str,
) -> HorizonValidation:
    names = {key_at(name, place): name for name in HORIZON_MEASURES}
    part = replace(
        replicates,
        training_curves=replicates.training_curves[:, place],
        test_curves=replicates.test_curves[:, place],
        training_benefit=replicates.training_benefit[:, place],
        test_benefit=replicates.test_benefit[:, place],
        prevalence=replicates.prevalence[:, place],
    )
    return HorizonValidation(
        horizon=float(outcome.horizons[place]),
        table=_table(replicates, apparent, names, settings.level),
        calibration=_calibration(part, apparent, outcome, place, settings.level, smoother),
        decision=_decision(part, apparent, outcome, place, settings.level),
    )


def _calibration(
    replicates: Replicates,
    apparent: TimedApparent,
    outcome: FollowedOutcome,
    place: int,
    level: float,
    smoother: str,
) -> CalibrationCurve:
    """Below 200 events by the horizon the curve carries a band: its spread over the resamples."""
    grid, curve = apparent.grid[place], apparent.curve[place]
    corrected = curve - curve_optimism(replicates)
    events = (outcome.status == 1) & (outcome.exit <= outcome.horizons[place])
    low, high = np.full((2, grid.size), np.nan)
    if events.sum() < BAND_LIMIT:
        low, high = _band(replicates.training_curves[replicates.usable], curve, level)
    frame = pl.DataFrame(
        {
            "predicted": grid,
            "apparent": curve,
            "corrected": corrected,
            "conf_low": low,
            "conf_high": high,
        }
    ).fill_nan(None)
    known = np.isfinite(corrected)
    gap = float(np.mean(np.abs(corrected - grid)[known])) if known.any() else None
    distribution = risk_distribution(apparent.risk[:, place], events.astype(np.float64))
    return CalibrationCurve(frame, distribution, smoother, gap)


def _band(curves: FloatArray, curve: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Percentiles of the resamples' curves, moved so that their mean lies on the curve."""
    low, high = np.full((2, curve.size), np.nan)
    known = np.isfinite(curves).sum(axis=0) > 1
    if known.any():
        tail = (1.0 - level) / 2.0
        part = curves[:, known]
        ends = np.nanquantile(part, (tail, 1.0 - tail), axis=0) - np.nanmean(part, axis=0)
        low[known], high[known] = np.clip(ends + curve[known], 0.0, 1.0)
    return low, high


def _decision(
    replicates: Replicates,
    apparent: TimedApparent,
    outcome: FollowedOutcome,
    place: int,
    level: float,
) -> DecisionCurve | None:
    if outcome.thresholds.size == 0:
        return None
    use = replicates.usable
    return corrected_curve(
        outcome.thresholds,
        (apparent.benefit[place], float(apparent.incidence[place])),
        (replicates.training_benefit[use], replicates.test_benefit[use]),
        replicates.prevalence[use],
        level,
    )


def _nothing(smoother: str) -> CalibrationCurve:
    """The calibration of no horizon."""
    names = ("predicted", "apparent", "corrected", "conf_low", "conf_high")
    bins = {"low": pl.Float64, "high": pl.Float64, "n": pl.Int64, "n_events": pl.Int64}
    return CalibrationCurve(
        pl.DataFrame(schema=dict.fromkeys(names, pl.Float64)),
        pl.DataFrame(schema=bins),
        smoother,
        None,
    )
