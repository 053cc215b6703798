"""Descriptions of one variable in one group, and effect sizes between two groups."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.comparison.results import LevelCount, NumericSummary


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
    q1, median, q3 = (_quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    ends = (_finite(float(ordered[0])), _finite(float(ordered[-1])))
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
    difference = float(first.mean() - second.mean())
    scale = float(np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2))
    rounding = 1e-14 * max(abs(float(first.mean())), abs(float(second.mean())))
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
    """Type 7, with infinite values allowed where they do not touch the quantile."""
    position = share * (ordered.size - 1)
    low = int(position)
    high = min(low + 1, ordered.size - 1)
    fraction = position - low
    if fraction == 0 or ordered[low] == ordered[high]:
        return _finite(float(ordered[low]))
    return _finite(float(ordered[low] + fraction * (ordered[high] - ordered[low])))


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
