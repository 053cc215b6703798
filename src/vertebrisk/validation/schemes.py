"""What the simple bootstrap, .632, .632+ and cross-validation make of their measures.

References
----------
Efron and Tibshirani 1997, doi:10.1080/01621459.1997.10474007.
Intervals: Noma H et al. 2021, doi:10.1002/sim.9148.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.validation.decision import DecisionPlan, corrected_curve
from vertebrisk.validation.left_out import Pooled
from vertebrisk.validation.measures import MEASURES, emax_linear
from vertebrisk.validation.resampling import Apparent, Replicates
from vertebrisk.validation.results import DecisionCurve, Validation
from vertebrisk.validation.summary import (
    CONSTANT_HAS,
    FINITE_ONLY,
    TABLE_SCHEMA,
    Row,
    ValidationSettings,
    assembled,
    moved_interval,
)

HELD = 0.632  # share of the patients whom a resample holds
SMOOTHED = ("ici", "e50", "e90", "emax")  # a curve through the few left out is mostly noise


def no_information(apparent: Apparent) -> dict[str, float]:
    """What each measure would be on average if the outcome did not depend on the risks.

    The outcomes are dealt to the risks in every way: C 0.5, slope 0, an intercept of the mean
    risk, and for Brier's score the mean of (y - p)^2 over all pairs of an outcome and a risk.
    """
    whole = apparent.whole
    counts, risk = whole.counts, expit(whole.scores)
    size = float(counts.sum())
    share = float(whole.events.sum()) / size
    squares = share * (1.0 - risk) ** 2 + (1.0 - share) * risk**2
    return {
        "c_index": 0.5,
        "dxy": 0.0,
        "r2": 0.0,
        "intercept": float(np.log(share) - np.log1p(-share)),
        "slope": 0.0,
        "brier": float((counts * squares).sum()) / size,
    }


def plus_estimate(apparent: float, test: float, nothing: float) -> tuple[float, float]:
    """Efron and Tibshirani's .632+ of one measure, and how fast it moves with `test`.

    The rate of overfitting is the loss from `apparent` to `test` as a share of that to
    `nothing`, the value without information; 0 where there is no loss, 1 where all is lost.
    """
    possible = apparent - nothing
    rate = (apparent - test) / possible if possible != 0.0 else 0.0
    if rate >= 1.0:
        return nothing, 0.0
    rate = max(rate, 0.0)
    weight = HELD / (1.0 - (1.0 - HELD) * rate)
    return (1.0 - weight) * apparent + weight * test, weight / (1.0 - (1.0 - HELD) * rate)


Combine = Callable[[str, float, float], tuple[float, float]]


def _combining(apparent: Apparent, settings: ValidationSettings) -> Combine:
    """From apparent and test value of a measure to the estimate, and its rate of change."""
    if settings.method == "632+":
        nothing = no_information(apparent)
        return lambda name, value, test: plus_estimate(value, test, nothing[name])
    weight = HELD if settings.method == "632" else 1.0
    return lambda name, value, test: ((1.0 - weight) * value + weight * test, weight)


def summarise_bootstrap(
    replicates: Replicates, apparent: Apparent, thresholds: FloatArray, settings: ValidationSettings
) -> Validation:
    """Simple bootstrap, .632 or .632+ of the same replicates.

    The .632+ weighs single measures; it corrects no curves.
    """
    combine = _combining(apparent, settings)
    constant = bool(np.ptp(apparent.linear) == 0.0)
    rows = [
        _bootstrap_row(name, replicates, apparent, combine, settings, constant)
        for name in MEASURES
        if name != "emax_linear"
    ]
    curve, decision = np.full_like(apparent.curve, np.nan), None
    if settings.method != "632+":
        weight = HELD if settings.method == "632" else 1.0
        use = replicates.usable
        test = _mean(replicates.test_curves[use])
        curve = (1.0 - weight) * apparent.curve + weight * test
        decision = _bootstrap_decision(replicates, apparent, thresholds, weight, settings.level)
    return assembled(replicates, apparent, settings, _table(rows), curve, decision)


def _bootstrap_row(
    name: str,
    replicates: Replicates,
    apparent: Apparent,
    combine: Combine,
    settings: ValidationSettings,
    constant: bool,
) -> Row:
    training, test = replicates.training[name], replicates.test[name]
    use = replicates.usable & np.isfinite(training) & np.isfinite(test)
    if name in FINITE_ONLY:
        use &= ~replicates.separated
    value, count = apparent.measures[name], int(use.sum())
    smoothed = name in SMOOTHED and settings.method != "simple-bootstrap"
    if count == 0 or smoothed or (constant and name not in CONSTANT_HAS):
        return _empty(name, value)
    mean = float(test[use].mean())
    corrected, rate = combine(name, value, mean)
    error = low = high = None
    if count > 1:
        error = rate * float(test[use].std(ddof=1)) / float(np.sqrt(count))
        # left-out patients are fewer than all: their spread is no interval
        if np.ptp(training[use]) > 0.0 or settings.method == "simple-bootstrap":
            low, high = moved_interval(training[use], test[use], corrected, settings.level)
    inside = float(training[use].mean())
    optimism = value - corrected
    return (name, value, inside, mean, optimism, corrected, low, high, error, count)


def _bootstrap_decision(
    replicates: Replicates, apparent: Apparent, thresholds: FloatArray, weight: float, level: float
) -> DecisionCurve | None:
    """Net benefits whose mean optimism is what the method takes off."""
    if thresholds.size == 0:
        return None
    use = replicates.usable
    training = replicates.training_benefit[use]
    benefit, share = _benefit(apparent, thresholds)
    optimism = weight * (benefit - _mean(replicates.test_benefit[use]))
    return corrected_curve(
        thresholds,
        (benefit, share),
        (training, training - optimism),
        replicates.prevalence[use],
        level,
    )


def summarise_pooled(
    models: Replicates,
    pooled: Pooled,
    apparent: Apparent,
    thresholds: FloatArray,
    settings: ValidationSettings,
) -> Validation:
    """Cross-validation or leave-one-out: means over the repeats, without intervals."""
    constant = bool(np.ptp(apparent.linear) == 0.0)
    rows = [
        _pooled_row(name, pooled.measures[name], apparent.measures[name], constant)
        for name in MEASURES
        if name != "emax_linear"
    ]
    decision = _pooled_decision(pooled.benefit, apparent, thresholds)
    curve = _mean(pooled.curves)
    return assembled(models, apparent, settings, _table(rows), curve, decision)


def _pooled_row(name: str, test: FloatArray, value: float, constant: bool) -> Row:
    known = test[np.isfinite(test)]
    if known.size == 0 or (constant and name not in CONSTANT_HAS):
        return _empty(name, value)
    mean = float(known.mean())
    error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else None
    return (name, value, None, mean, value - mean, mean, None, None, error, known.size)


def _pooled_decision(
    benefits: FloatArray, apparent: Apparent, thresholds: FloatArray
) -> DecisionCurve | None:
    if thresholds.size == 0:
        return None
    benefit, share = _benefit(apparent, thresholds)
    known = benefits[np.isfinite(benefits).all(axis=1)]
    curve = corrected_curve(
        thresholds,
        (benefit, share),
        (np.broadcast_to(benefit, known.shape), known),
        np.full(max(known.shape[0], 1), share),
        0.95,
    )
    limits = [pl.lit(None, pl.Float64).alias(name) for name in ("conf_low", "conf_high")]
    return DecisionCurve(curve.frame.with_columns(limits), share)


def _benefit(apparent: Apparent, thresholds: FloatArray) -> tuple[FloatArray, float]:
    """Apparent net benefit, and share of events."""
    whole = apparent.whole
    benefit = DecisionPlan(thresholds).net_benefit(whole)[0]
    return benefit, float(whole.events.sum() / whole.counts.sum())


def _table(rows: list[Row]) -> pl.DataFrame:
    """The table with the largest gap of the corrected line in its place."""
    found = {str(row[0]): row for row in rows}
    intercept, slope = found["intercept"], found["slope"]
    gap: Row = _empty("emax_linear", 0.0)
    if isinstance(intercept[5], float) and isinstance(slope[5], float):
        largest = emax_linear(intercept[5], slope[5])
        gap = ("emax_linear", 0.0, None, None, -largest, largest, None, None, None, slope[9])
    found["emax_linear"] = gap
    return pl.DataFrame([found[name] for name in MEASURES], schema=TABLE_SCHEMA, orient="row")


def _empty(name: str, value: float) -> Row:
    return (name, value, None, None, None, None, None, None, None, 0)


def _mean(values: FloatArray) -> FloatArray:
    """Mean of each column over the rows that know it; NaN where none does."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
