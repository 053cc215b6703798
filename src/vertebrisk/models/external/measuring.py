"""Every measure of risks on new patients, with its interval."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit, log_expit, logit

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.errors import CalibrationWarning
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.kernels.tied import collapse_counts
from vertebrisk.validation.agreement import Calibration, calibration
from vertebrisk.validation.curves import BINS, calibration_curve, risk_distribution
from vertebrisk.validation.decision import decision_curve
from vertebrisk.validation.discrimination import roc_auc
from vertebrisk.validation.measures import (
    SAME,
    calibration_errors,
    nagelkerke,
    null_log_likelihood,
)
from vertebrisk.validation.resampling import apparent_performance
from vertebrisk.validation.results import CalibrationCurve, DecisionCurve

LEAST, MOST = 1e-15, 1.0 - 1e-15  # a risk of 0 or 1 has no log-odds
HELD = 400_000  # frequencies of patients held at once
CURVED_PAIRS, FEWEST_CURVES = 500_000_000, 100  # pairs of patients under resampled curves
MOST_CURVED = 5_000  # patients above whom no curve is resampled
WALD = ("in_the_large", "intercept", "slope", "observed_expected")
# A resample doubles the noise of its curve, so these are larger there than on the patients.
GAPS = ("ici", "e50", "e90", "emax")
BOOTSTRAPPED = ("brier", "brier_scaled", "r2", *GAPS)
SCHEMA = {
    "measure": pl.String,
    "estimate": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
    "interval": pl.String,
}


@dataclass(frozen=True, slots=True)
class Resamples:
    """How the intervals of measures without a formula are found, and who is told how far it is."""

    number: int
    seed: int
    level: float
    progress: Watch = unwatched


def log_odds(risk: FloatArray) -> FloatArray:
    """Log-odds of risks, those of 0 and 1 finite."""
    return np.asarray(logit(np.clip(risk, LEAST, MOST)))


def binned(event: BoolArray, linear: FloatArray) -> pl.DataFrame:
    """Counts of patients and events in equal bins of log-odds: low, high, n, n_events."""
    low, high = float(linear.min()), float(linear.max())
    step = (high - low) / BINS or 1.0
    edges = low + step * np.arange(BINS + 1) - (0.0 if high > low else step * BINS / 2.0)
    edges[-1] = max(edges[-1], high)
    total, _ = np.histogram(linear, edges)
    events, _ = np.histogram(linear[event], edges)
    return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "n": total, "n_events": events})


def measured(
    event: BoolArray, risk: FloatArray, resamples: Resamples
) -> tuple[pl.DataFrame, str, CalibrationCurve]:
    """Table of measures, the smoother's name, and the curve; both classes are there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)  # findings say it
        agreement = calibration(event, risk, level=resamples.level)
    apparent = apparent_performance(log_odds(risk), event)
    curve = calibration_curve(
        apparent.scored.tied,
        None,
        apparent.grid,
        apparent.curve,
        np.full_like(apparent.curve, np.nan),
        risk_distribution(risk, apparent.event),
        new_patients=True,
    )
    rows = [_discrimination(event, risk, resamples.level), *_wald(agreement)]
    rows += _bootstrapped(event, risk, _points(agreement, apparent.measures["r2"]), resamples)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row"), agreement.smoother, curve


Row = tuple[str, float | None, float | None, float | None, str]


def _discrimination(event: BoolArray, risk: FloatArray, level: float) -> Row:
    area = roc_auc(event, risk, level=level)
    how = "" if area.conf_low is None else "DeLong"
    return ("c_index", area.estimate, area.conf_low, area.conf_high, how)


def _wald(agreement: Calibration) -> list[Row]:
    rows = []
    for name in WALD:
        value, low, high = (
            _finite(getattr(agreement, f"{name}{end}")) for end in ("", "_low", "_high")
        )
        rows.append((name, value, low, high, "" if low is None else "Wald"))
    return rows


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None


def _points(agreement: Calibration, r2: float) -> dict[str, float]:
    """The estimates whose intervals the bootstrap gives; a risk of 0 or 1 leaves no R2."""
    values = agreement.to_dict() | {"r2": None if agreement.in_the_large is None else r2}
    return {name: float("nan") if values[name] is None else values[name] for name in BOOTSTRAPPED}


def _bootstrapped(
    event: BoolArray, risk: FloatArray, points: dict[str, float], resamples: Resamples
) -> list[Row]:
    """Limits over resamples of patients that hold both classes; none of a class of one."""
    several = min(event.sum(), (~event).sum()) > 1
    drawn = _drawn(event.astype(np.float64), log_odds(risk), resamples)
    rows: list[Row] = []
    for name in BOOTSTRAPPED:
        value, values = _finite(points[name]), drawn[name][np.isfinite(drawn[name])]
        if value is None or values.size < 2 or not several:
            rows.append((name, value, None, None, ""))
        elif name in GAPS:
            rows.append((name, value, *moved_limits_of(values, value, resamples.level)))
        else:
            rows.append((name, value, *limits_of(values, resamples.level), "bootstrap"))
    return rows


def limits_of(values: FloatArray, level: float) -> tuple[float, float]:
    """Percentiles of the values of resamples."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(values, (tail, 1.0 - tail))
    return float(low), float(high)


def moved_limits_of(values: FloatArray, value: float, level: float) -> tuple[float, float, str]:
    """The same moved onto the estimate and cut at 0, and the name of such an interval."""
    low, high = limits_of(values + (value - values.mean()), level)
    return max(low, 0.0), high, "moved bootstrap"


def _drawn(event: FloatArray, linear: FloatArray, resamples: Resamples) -> dict[str, FloatArray]:
    """Every bootstrapped measure of every usable resample; the curve's gaps of the first ones."""
    risk = expit(linear)
    error = (event - risk) ** 2
    likelihood = event * log_expit(linear) + (1.0 - event) * log_expit(-linear)
    curved = _curved(event.size, resamples.number)
    block = max(1, HELD // event.size)
    parts: dict[str, list[FloatArray]] = {name: [np.empty(0)] for name in BOOTSTRAPPED}
    for first in range(0, resamples.number, block):
        resamples.progress("resamples", first, resamples.number)
        size = min(block, resamples.number - first)
        weights = bootstrap_weights(event.size, size, resamples.seed, first=first)
        events = weights @ event
        both = (events > 0) & (events < event.size)
        brier, rate = (weights @ error)[both] / event.size, events[both] / event.size
        total = np.full(int(both.sum()), float(event.size))
        null = null_log_likelihood(events[both], total)
        gain = 2.0 * ((weights @ likelihood)[both] - null)
        parts["brier"].append(brier)
        parts["brier_scaled"].append(1.0 - brier / (rate * (1.0 - rate)))
        parts["r2"].append(nagelkerke(gain, null, total))
        smoothed = weights[: max(curved - first, 0)][both[: max(curved - first, 0)]]
        if smoothed.shape[0]:
            tied = collapse_counts(
                np.broadcast_to(linear, smoothed.shape), smoothed, smoothed * event, SAME
            )
            for name, values in calibration_errors(tied).items():
                parts[name].append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _curved(patients: int, resamples: int) -> int:
    """How many resamples get a curve: loess takes the square of the patients."""
    if patients > MOST_CURVED:
        return 0
    return min(resamples, max(FEWEST_CURVES, CURVED_PAIRS // patients**2))


def decided(
    event: BoolArray, risk: FloatArray, thresholds: FloatArray, settings: Resamples
) -> DecisionCurve | None:
    """Net benefit at thresholds, where there are any."""
    if thresholds.size == 0:
        return None
    frame = decision_curve(
        event,
        risk,
        thresholds,
        resamples=settings.number,
        seed=settings.seed,
        level=settings.level,
    )
    return DecisionCurve(frame, float(event.mean()))
