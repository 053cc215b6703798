"""Two measurements of the same patients: signed ranks, Holm's correction, the noncentral t."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import normal_two_sided
from vertebrisk.kernels.ranks import midranks

EXACT_BELOW = 50  # as wilcox.test
RANK_DIGITS = 10  # differences that agree to so many digits are ties


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Wilcoxon's signed rank test of one sample of differences.

    `statistic` is V, the rank sum of the positive differences; `n` counts the differences
    that are not zero; `rank_biserial` is (V+ - V-) / (V+ + V-). All but the counts are NaN
    where every difference is zero.
    """

    statistic: float
    p_value: float
    rank_biserial: float
    n: int
    zeros: int
    ties: bool
    exact: bool


def signed_rank(differences: FloatArray) -> SignedRank:
    """Wilcoxon's signed rank test, two-sided, as R's ``wilcox.test(paired = TRUE)``.

    Zero differences are left out. The p value is exact for fewer than 50 differences
    without zeros and ties; otherwise normal, corrected for ties and for continuity.
    Differences that agree to ten digits are ties (as ``digits.rank = 10``), so that
    6.3 - 4.3 and 5.1 - 3.1 are.

    Parameters
    ----------
    differences : array, shape (n,)
        Second measurement less first; none missing.

    References
    ----------
    Wilcoxon 1945, doi:10.2307/3001968
    """
    nonzero = differences[differences != 0]
    n, zeros = int(nonzero.size), int(differences.size - nonzero.size)
    if n == 0:
        return SignedRank(np.nan, np.nan, np.nan, 0, zeros, False, False)
    ranks = midranks(significant(np.abs(nonzero)))
    v = float(ranks[nonzero > 0].sum())
    total = n * (n + 1) / 2
    _, repeats = np.unique(ranks, return_counts=True)
    ties = bool((repeats > 1).any())
    exact = n < EXACT_BELOW and not ties and zeros == 0
    if exact:
        p = _exact_two_sided(round(v), n)
    else:
        away = v - total / 2
        variance = n * (n + 1) * (2 * n + 1) / 24 - float((repeats**3 - repeats).sum()) / 48
        z = (away - np.sign(away) * 0.5) / np.sqrt(variance)
        p = min(1.0, float(normal_two_sided(z)))
    return SignedRank(v, p, (2 * v - total) / total, n, zeros, ties, exact)


def significant(values: FloatArray, digits: int = RANK_DIGITS) -> FloatArray:
    """Positive values rounded to a number of significant digits."""
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(values)))
    return np.asarray(np.rint(values * scale) / scale)


@lru_cache(maxsize=64)
def _signed_rank_lower(n: int) -> FloatArray:
    """P(V <= v) for v = 0 ... n (n + 1) / 2; the counts are whole numbers below 2^49."""
    counts = np.zeros(n * (n + 1) // 2 + 1, dtype=np.int64)
    counts[0] = 1
    for rank in range(1, n + 1):
        counts[rank:] += counts[:-rank].copy()
    lower = np.cumsum(counts) / 2.0**n
    lower.flags.writeable = False
    return lower


def _exact_two_sided(v: int, n: int) -> float:
    tail = _signed_rank_lower(n)[min(v, n * (n + 1) // 2 - v)]  # symmetric
    return min(1.0, 2 * float(tail))


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's adjusted p values, as R's ``p.adjust``; NaN stays and is not counted.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6, 65-70 (no DOI)
    """
    adjusted = np.full(p_values.size, np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    steps = p_values[order] * np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted


def noncentral_t_limits(t: float, df: float, level: float) -> tuple[float, float]:
    """Noncentralities for which `t` is the upper and the lower tail point.

    The limits of a standardised mean difference are these over the root of the sample size.

    References
    ----------
    Steiger and Fouladi 1997, in Harlow et al. (eds), What if there were no significance
    tests? (no DOI)
    """
    tail = (1 - level) / 2
    from scipy.optimize import brentq

    scales, weights = _chi_quadrature(df)

    def solved(share: float) -> float:
        def excess(noncentrality: float) -> float:
            return float(weights @ special.ndtr(t * scales - noncentrality)) - share

        reach = 40.0 + 20.0 * abs(t)
        return float(brentq(excess, t - reach, t + reach, xtol=1e-12, rtol=1e-14))

    return solved(1 - tail), solved(tail)


def _chi_quadrature(df: float) -> tuple[FloatArray, FloatArray]:
    """Points and weights over the distribution of s / sigma on `df` degrees of freedom."""
    ends = np.sqrt(2 / df * special.gammainccinv(df / 2, np.array([1 - 1e-16, 1e-18])))
    points, weights = _legendre()
    half = (ends[1] - ends[0]) / 2
    scales = ends[0] + half * (points + 1)
    density = (
        np.log(2) + df / 2 * np.log(df / 2) - special.gammaln(df / 2)
        + (df - 1) * np.log(scales) - df * np.square(scales) / 2
    )  # fmt: skip
    return scales, half * weights * np.exp(density)


@lru_cache(maxsize=1)
def _legendre() -> tuple[FloatArray, FloatArray]:
    points, weights = np.polynomial.legendre.leggauss(600)
    return np.asarray(points), np.asarray(weights)
