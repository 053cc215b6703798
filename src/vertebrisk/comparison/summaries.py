"""Descriptions of one variable in one group, and effect sizes between two groups."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.comparison.results import LevelCount, NumericSummary

QUARTILES = (0.25, 0.5, 0.75)


def numeric_summary(values: FloatArray) -> NumericSummary:
    """Describe one group's values, shape (n,), of which NaN are missing.

    Quartiles are R's type 7. A number that does not exist (SD of one value, mean of
    infinite ones) is None.
    """
    present = values[~np.isnan(values)]
    n = int(present.size)
    missing = int(values.size - n)
    if n == 0:
        return NumericSummary(0, missing, None, None, None, None, None, None, None)
    finite = bool(np.isfinite(present).all())
    mean = float(present.mean()) if finite else None
    sd = float(present.std(ddof=1)) if finite and n > 1 else None
    ordered = np.sort(present)
    q1, median, q3 = (_quantile(ordered, share) for share in QUARTILES)
    ends = (finite_or_none(float(ordered[0])), finite_or_none(float(ordered[-1])))
    return NumericSummary(n, missing, mean, sd, median, q1, q3, *ends)


def level_count(count: int, n: int) -> LevelCount:
    """Count of a level with its percentage (0 to 100) of the `n` that are not missing."""
    return LevelCount(count, 100.0 * count / n if n else None)


def smd_numeric(first: FloatArray, second: FloatArray) -> float | None:
    """Standardised mean difference of a numeric variable, first group less second.

    The difference of means over ``sqrt((s1^2 + s2^2) / 2)``. Arrays of shape (n1,) and
    (n2,) without missing values. None where a group has fewer than two values, or where
    neither varies and the means differ (the difference is infinite); 0 where all values
    are equal.

    References
    ----------
    Austin 2009, doi:10.1002/sim.3697
    """
    if min(first.size, second.size) < 2 or not (
        np.isfinite(first).all() and np.isfinite(second).all()
    ):
        return None
    means = float(first.mean()), float(second.mean())
    return smd_moments(means, (float(first.var(ddof=1)), float(second.var(ddof=1))))


def smd_moments(means: tuple[float, float], variances: tuple[float, float]) -> float | None:
    """The same from the means and variances of two groups of two finite values or more."""
    difference = means[0] - means[1]
    scale = float(np.sqrt((variances[0] + variances[1]) / 2))
    rounding = 1e-14 * max(abs(means[0]), abs(means[1]))
    if scale <= rounding:
        return 0.0 if abs(difference) <= rounding else None
    return difference / scale


def smd_categorical(first: FloatArray, second: FloatArray) -> float | None:
    """Standardised mean difference of a categorical variable, never negative.

    Yang and Dalton's Mahalanobis distance between the two vectors of proportions, all
    levels but the first; for two levels it is the usual difference of proportions over
    ``sqrt((p1 q1 + p2 q2) / 2)``. Levels that are empty in a group make the covariance
    singular; its generalised inverse is used.

    Parameters
    ----------
    first, second : array, shape (levels,)
        Counts of each level in the two groups.

    Returns
    -------
    float or None
        None where a group is empty, and where the groups share no level, so that the
        distance is infinite.

    References
    ----------
    Yang and Dalton 2012, SAS Global Forum, paper 335-2012 (no DOI); two levels: Austin
    2009, doi:10.1002/sim.3697
    """
    if first.sum() == 0 or second.sum() == 0:
        return None
    p1, p2 = first / first.sum(), second / second.sum()
    difference = (p1 - p2)[1:]
    covariance = (_multinomial_covariance(p1) + _multinomial_covariance(p2)) / 2
    inverse = np.linalg.pinv(covariance, rcond=1e-12, hermitian=True)
    beyond = difference - covariance @ (inverse @ difference)
    if np.abs(beyond).max(initial=0.0) > 1e-9:
        return None
    return float(np.sqrt(max(0.0, difference @ inverse @ difference)))


def _multinomial_covariance(p: FloatArray) -> FloatArray:
    rest = p[1:]
    return np.asarray(np.diag(rest) - np.outer(rest, rest))


def _quantile(ordered: FloatArray, share: float) -> float | None:
    position = share * (ordered.size - 1)
    low = int(position)
    high = min(low + 1, ordered.size - 1)
    return between(float(ordered[low]), float(ordered[high]), position - low)


def between(low: float, high: float, fraction: float) -> float | None:
    """Type 7, with infinite values allowed where they do not touch the quantile."""
    if fraction == 0 or low == high:
        return finite_or_none(low)
    return finite_or_none(low + fraction * (high - low))


def finite_or_none(value: float) -> float | None:
    """The value, None where it is infinite or does not exist."""
    return value if np.isfinite(value) else None
