"""Predictive values in a population whose controls were sampled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from vertebrisk.kernels.distributions import normal_quantile

Row: TypeAlias = dict[str, float | int | str | None]


def population_values(row: Mapping[str, object], prevalence: float, level: float) -> Row:
    """Positive and negative predictive value at one threshold, with their intervals.

    By Bayes' theorem from sensitivity and specificity, which do not depend on the sampling.
    The limits are those of the logarithm of the likelihood ratio; where a cell is empty, half a
    patient is added to each for the interval, and the limit beyond which nothing was seen is
    0 or 1. The prevalence is taken for known.

    Parameters
    ----------
    row : mapping
        Counts ``tp``, ``fp``, ``fn``, ``tn`` in the sample.
    prevalence : float
        In the population.
    level : float
        Confidence level.

    References
    ----------
    Mercaldo ND, Lau KF, Zhou XH 2007, doi:10.1002/sim.2677
    """
    tp, fp, fn, tn = (float(str(row[name])) for name in ("tp", "fp", "fn", "tn"))
    odds = prevalence / (1.0 - prevalence)
    positive = _value((tp, tp + fn), (fp, fp + tn), odds, level)
    negative = _value((tn, fp + tn), (fn, tp + fn), 1.0 / odds, level)
    found: Row = {}
    for name, (value, low, high) in (("ppv", positive), ("npv", negative)):
        found |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return found


_Limits = tuple[float | None, float | None, float | None]


def _value(
    right: tuple[float, float], wrong: tuple[float, float], odds: float, level: float
) -> _Limits:
    """Share of those called rightly, from two shares (count, total) and the odds before."""
    (a, n), (b, m) = right, wrong
    if a + b == 0.0:
        return None, None, None
    first, second = a / n * odds, b / m
    value = first / (first + second)
    half = 0.5 if 0.0 in (a, b) else 0.0
    a, n, b, m = a + half, n + 2 * half, b + half, m + 2 * half
    centre = np.log(odds * (a / n) / (b / m))
    reach = float(normal_quantile(0.5 + level / 2.0)) * np.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    low, high = (float(1.0 / (1.0 + np.exp(-each))) for each in (centre - reach, centre + reach))
    return value, 0.0 if value == 0.0 else low, 1.0 if value == 1.0 else high
