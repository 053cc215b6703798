"""Measures of performance, each with its Monte Carlo standard error.

Morris, White and Crowther 2019, doi:10.1002/sim.8086, table 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray

Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Measured:
    """A number from many samples, and its Monte Carlo standard error."""

    value: float
    error: float


def mean(values: FloatArray) -> Measured:
    """Mean of the values that exist."""
    known = values[np.isfinite(values)]
    if known.size < 2:
        return Measured(np.nan, np.nan)
    return Measured(float(known.mean()), float(known.std(ddof=1) / np.sqrt(known.size)))


def share(true: FloatArray) -> Measured:
    """Share of ones among the values that exist."""
    known = true[np.isfinite(true)]
    if known.size == 0:
        return Measured(np.nan, np.nan)
    found = float(known.mean())
    return Measured(found, float(np.sqrt(found * (1.0 - found) / known.size)))


def median(values: FloatArray) -> Measured:
    """Median, infinite values at their end; its error from the order statistics around it."""
    ordered = np.sort(values[~np.isnan(values)])
    if ordered.size < 10:
        return Measured(np.nan, np.nan)
    reach = 0.5 * Z * np.sqrt(ordered.size)
    low, high = (round(0.5 * ordered.size + float(side * reach)) for side in (-1, 1))
    around = ordered[[max(low, 0), min(high, ordered.size - 1)]]
    error = float(around[1] - around[0]) / (2.0 * Z) if np.isfinite(around).all() else np.nan
    return Measured(float(np.median(ordered)), error)


def empirical_error(values: FloatArray) -> Measured:
    """Standard deviation of the estimates that exist."""
    known = values[np.isfinite(values)]
    if known.size < 2:
        return Measured(np.nan, np.nan)
    spread = float(known.std(ddof=1))
    return Measured(spread, spread / float(np.sqrt(2.0 * (known.size - 1))))


def model_error(errors: FloatArray) -> Measured:
    """Root of the mean of the squared standard errors that were stated."""
    square = errors[np.isfinite(errors)] ** 2
    if square.size < 2:
        return Measured(np.nan, np.nan)
    stated = float(np.sqrt(square.mean()))
    return Measured(stated, float(square.std(ddof=1) / np.sqrt(square.size) / (2.0 * stated)))


def coverage(limits: FloatArray, truth: float) -> Measured:
    """Share of intervals, shape (samples, 2), that hold the truth; NaN where there is none."""
    held = (limits[:, 0] <= truth) & (truth <= limits[:, 1])
    return share(np.where(np.isnan(limits).any(axis=1), np.nan, held.astype(np.float64)))


def distance(slopes: FloatArray) -> Measured:
    """Root mean square of the logarithm of calibration slopes; slopes of 0 or less count as 0.1."""
    known = slopes[np.isfinite(slopes)]
    if known.size < 2:
        return Measured(np.nan, np.nan)
    return model_error(np.abs(np.log(np.maximum(known, 0.1))))
