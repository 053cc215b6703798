"""Tail probabilities, quantiles and exact small-sample distributions.

Thin layers over `scipy.special`, written so that far tails keep their relative precision
(p values of 1e-50 are right to ten digits). All functions take and return arrays and
broadcast; missing (NaN) in gives NaN out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from vertebrisk._types import FloatArray


def chi2_upper(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """Probability that a chi-square variable of `df` degrees exceeds `statistic`.

    As R's ``pchisq(x, df, lower.tail = FALSE)``; `df` may be fractional. NaN where `df`
    is not positive.
    """
    df = _positive(df)
    return np.asarray(special.gammaincc(df / 2, np.asarray(statistic, dtype=np.float64) / 2))


def t_two_sided(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """Probability that a t variable is further from zero than `statistic`.

    As R's ``2 * pt(-abs(t), df)``; `df` may be fractional, as in Welch's test.
    """
    df = _positive(df)
    square = np.square(np.asarray(statistic, dtype=np.float64))
    return np.asarray(special.betainc(df / 2, 0.5, df / (df + square)))


def t_lower(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """Probability that a t variable is below `statistic`; R's ``pt(t, df)``."""
    return np.asarray(special.stdtr(_positive(df), np.asarray(statistic, dtype=np.float64)))


def f_upper(statistic: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> FloatArray:
    """Probability that an F variable exceeds `statistic`; R's ``pf(lower.tail = FALSE)``."""
    df1, df2 = _positive(df1), _positive(df2)
    multiple = df1 * np.asarray(statistic, dtype=np.float64)
    share = multiple / (df2 + multiple)
    # Of the two equal forms, the one whose argument has not lost its digits next to 1.
    near = special.betaincc(df1 / 2, df2 / 2, share)
    far = special.betainc(df2 / 2, df1 / 2, df2 / (df2 + multiple))
    return np.asarray(np.where(share < 0.5, near, far))


def normal_upper(z: ArrayLike) -> FloatArray:
    """Probability that a standard normal variable exceeds `z`."""
    return np.asarray(special.ndtr(-np.asarray(z, dtype=np.float64)))


def normal_two_sided(z: ArrayLike) -> FloatArray:
    """Probability that a standard normal variable is further from zero than `z`."""
    return np.asarray(2 * special.ndtr(-np.abs(np.asarray(z, dtype=np.float64))))


def normal_quantile(probability: ArrayLike) -> FloatArray:
    """The z below which a standard normal variable falls with the given probability."""
    return np.asarray(special.ndtri(np.asarray(probability, dtype=np.float64)))


def wilson_interval(
    count: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval of a proportion.

    Parameters
    ----------
    count, n : array
        Patients with the property, and patients in all; they broadcast.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    low, high : array
        Limits from 0 to 1; NaN where `n` is zero.

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953; as R's ``prop.test(correct = FALSE)``
    """
    count = np.asarray(count, dtype=np.float64)
    n = _positive(n)
    z = float(special.ndtri(0.5 + level / 2))
    centre = (count + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(count * (n - count) / n + z * z / 4)
    low = np.where(count == 0, 0.0, centre - half)
    high = np.where(count == n, 1.0, centre + half)
    missing = np.isnan(n)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def exact_interval(
    count: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Clopper and Pearson's interval of a proportion; arguments as `wilson_interval`.

    References
    ----------
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404; as R's ``binom.test``
    """
    count = np.asarray(count, dtype=np.float64)
    n = _positive(n)
    tail = (1.0 - level) / 2.0
    inside = np.maximum(count, 1.0), np.maximum(n - count, 1.0)
    low = np.where(count == 0, 0.0, special.betaincinv(inside[0], n - count + 1.0, tail))
    high = np.where(count == n, 1.0, special.betaincinv(count + 1.0, inside[1], 1.0 - tail))
    missing = np.isnan(n)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def t_quantile(probability: ArrayLike, df: ArrayLike) -> FloatArray:
    """The t below which a t variable of `df` degrees falls with this probability; R's ``qt``."""
    return np.asarray(special.stdtrit(_positive(df), np.asarray(probability, dtype=np.float64)))


def f_quantile(probability: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> FloatArray:
    """The F below which an F variable falls with this probability; R's ``qf``."""
    probability = np.asarray(probability, dtype=np.float64)
    return np.asarray(special.fdtri(_positive(df1), _positive(df2), probability))


@lru_cache(maxsize=256)
def _wilcoxon_lower(n1: int, n2: int) -> FloatArray:
    """P(W <= w) for w = 0 ... n1 n2, from the exact Gaussian binomial coefficients."""
    top = n1 * n2
    counts = [1] + [0] * top
    for i in range(1, n1 + 1):
        for w in range(top, n2 + i - 1, -1):
            counts[w] -= counts[w - n2 - i]
        for w in range(i, top + 1):
            counts[w] += counts[w - i]
    total = sum(counts)
    running, lower = 0, np.empty(top + 1)
    for w, count in enumerate(counts):
        running += count
        lower[w] = running / total
    lower.flags.writeable = False
    return lower


def wilcoxon_two_sided(statistic: ArrayLike, n1: int, n2: int) -> FloatArray:
    """Exact two-sided p value of the Mann-Whitney statistic without ties.

    Parameters
    ----------
    statistic : array
        W: rank sum of the first group less ``n1 (n1 + 1) / 2``, as R's ``wilcox.test``.
    n1, n2 : int
        Patients in the first and the second group.

    Returns
    -------
    array
        Twice the smaller tail, at most 1, as R's ``wilcox.test(exact = TRUE)``.

    References
    ----------
    Mann and Whitney 1947, doi:10.1214/aoms/1177730491
    """
    lower = _wilcoxon_lower(min(n1, n2), max(n1, n2))
    w = np.rint(np.asarray(statistic, dtype=np.float64)).astype(np.int64)
    tail = lower[np.minimum(w, n1 * n2 - w)]  # the distribution is symmetric
    return np.asarray(np.minimum(1.0, 2 * tail))


def _positive(values: ArrayLike) -> FloatArray:
    values = np.asarray(values, dtype=np.float64)
    return np.where(values > 0, values, np.nan)
