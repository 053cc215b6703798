"""From every resample's own numbers to the validation of a model of time to event."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.validation.choices import choices_of, shape_frequencies
from vertebrisk.validation.curves import BAND_LIMIT, risk_distribution
from vertebrisk.validation.estimates import TABLE_SCHEMA, Estimates, Known, at_place
from vertebrisk.validation.left_out import Pooled
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.results import CalibrationCurve, HorizonValidation, Validation
from vertebrisk.validation.summary import (
    BOOTSTRAPS,
    ValidationSettings,
    moved_coefficients,
    selection_frequencies,
)
from vertebrisk.validation.survival.resampling import (
    HORIZON_MEASURES,
    NEEDS_FINITE,
    FollowedOutcome,
    TimedApparent,
    key_at,
)


def summarise_timed(
    replicates: Replicates,
    apparent: TimedApparent,
    outcome: FollowedOutcome,
    settings: ValidationSettings,
    smoother: str,
    pooled: Pooled | None = None,
) -> Validation:
    """Table, and table and curves at each horizon, by the method of the settings.

    See `validation.summary.summarise`.
    """
    constant = bool(np.ptp(apparent.linear) == 0.0)
    known = Known(apparent.measures, constant, NEEDS_FINITE, apparent.nothing)
    found = settings.estimates(replicates, known, pooled)
    usable = replicates.usable
    overall = [name for name in apparent.measures if "@" not in name]
    horizons = tuple(
        _at_horizon(found, apparent, outcome, place, settings.level, smoother)
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
        table=_table(found, overall),
        calibration=_nothing(smoother) if first is None else first.calibration,
        selected=selection_frequencies(replicates, settings.candidates),
        decision=None if first is None else first.decision,
        draws=replicates.coefficients[usable] if settings.method in BOOTSTRAPS else None,
        choices=choices_of(
            replicates.selected[usable],
            settings.candidates,
            settings.final,
            moved_coefficients(replicates, settings),
        ),
        shapes=shape_frequencies(replicates, settings.shapes),
        horizons=horizons,
        method=settings.method,
        interval=settings.interval,
    )


def _table(found: Estimates, keys: list[str]) -> pl.DataFrame:
    rows = [found.row(key) for key in keys]
    return pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row").with_columns(
        pl.selectors.float().fill_nan(None)
    )


def _at_horizon(
    found: Estimates,
    apparent: TimedApparent,
    outcome: FollowedOutcome,
    place: int,
    level: float,
    smoother: str,
) -> HorizonValidation:
    own = apparent.benefit[place], float(apparent.incidence[place])
    return HorizonValidation(
        horizon=float(outcome.horizons[place]),
        table=_table(found, [key_at(name, place) for name in HORIZON_MEASURES]),
        calibration=_calibration(found, apparent, outcome, place, level, smoother),
        decision=found.decision(outcome.thresholds, own, place),
    )


def _calibration(
    found: Estimates,
    apparent: TimedApparent,
    outcome: FollowedOutcome,
    place: int,
    level: float,
    smoother: str,
) -> CalibrationCurve:
    events = (outcome.status == 1) & (outcome.exit <= outcome.horizons[place])
    distribution = risk_distribution(apparent.risk[:, place], events.astype(np.float64))
    drawn = apparent.grid[place], apparent.curve[place]
    return corrected_calibration(
        found, drawn, place, int(events.sum()), distribution, smoother, level
    )


def corrected_calibration(
    found: Estimates,
    drawn: tuple[FloatArray, FloatArray],
    place: int,
    n_events: int,
    distribution: pl.DataFrame,
    smoother: str,
    level: float = 0.95,
) -> CalibrationCurve:
    """The calibration curve at the horizon of a place, corrected.

    Below 200 events by the horizon the curve carries a band: its spread over the resamples.

    Parameters
    ----------
    found : Estimates
    drawn : (array, array), shape (positions,) each
        Predicted risks, and the apparent curve there.
    place, n_events : int
    distribution : DataFrame
    smoother : str
    level : float
    """
    grid, curve = drawn
    corrected = found.curve(curve, place)
    low, high = np.full((2, grid.size), np.nan)
    if n_events < BAND_LIMIT and found.models.training_curves.ndim == 3:
        resampled = at_place(found.models.training_curves, place)
        low, high = _band(resampled[found.models.usable], curve, level)
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
