"""Tests of no difference between groups, one table or many resamples at once.

A test of one sample is the case of one row of weights: `run_test` calls the same code as
`batch_p_values` with every weight one. Weights are frequencies, so that whole-number
weights give what repeated rows would give; groups and levels that are empty in a
resample fall away there. A test that cannot be computed has the p value NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, TestName
from vertebrisk.kernels.distributions import (
    chi2_upper,
    f_upper,
    normal_two_sided,
    t_two_sided,
    wilcoxon_two_sided,
)
from vertebrisk.kernels.fisher import fisher_p_value

NUMERIC_TESTS: frozenset[TestName] = frozenset(
    ("student", "welch", "anova", "mannwhitney", "kruskal")
)
TWO_GROUP_TESTS: frozenset[TestName] = frozenset(("student", "welch", "mannwhitney"))
RANK_TESTS: frozenset[TestName] = frozenset(("mannwhitney", "kruskal"))
EXACT_BELOW = 50  # wilcox.test is exact when both groups are smaller than this, without ties
_CONSTANT = 10 * float(np.finfo(np.float64).eps)  # t.test's bound for "essentially constant"
_ROUNDING = 1e-13  # what a difference of two sums of squares leaves of values all equal


@dataclass(frozen=True, slots=True, eq=False)
class BatchTest:
    """A test on every replicate: arrays of shape (R,), NaN where it cannot be computed.

    `statistic` is t, F, W, H or chi-square (all NaN for Fisher), `df` its degrees of
    freedom and `df2` those of the denominator of F.
    """

    statistic: FloatArray
    df: FloatArray
    df2: FloatArray
    p_value: FloatArray


def batch_test(
    test: TestName, x: FloatArray | IntArray, groups: IntArray, W: FloatArray
) -> BatchTest:
    """Compare groups in every replicate of a weight matrix.

    Parameters
    ----------
    test : TestName
        ``student``, ``welch``, ``mannwhitney`` (two groups), ``anova``, ``kruskal``
        (two or more) take a numeric `x`; ``pearson``, ``yates``, ``fisher``, ``trend``
        codes of levels.
    x : array, shape (n,)
        Finite values, or codes 0, 1, ... of levels. No missing values: leave those
        patients out of `x`, `groups` and the columns of `W`.
    groups : int array, shape (n,)
        Codes 0, 1, ... of the groups. Where a test has a direction, it is the first
        group less the second.
    W : array, shape (R, n)
        Frequencies: how often each patient occurs in each replicate.

    Returns
    -------
    BatchTest
        Statistic, degrees of freedom and p value of every replicate.

    Notes
    -----
    Reference implementations in R: ``t.test``, ``aov``, ``wilcox.test``,
    ``kruskal.test``, ``chisq.test``, ``fisher.test`` and ``prop.trend.test``. The trend
    is that of a proportion over ordered levels, whose scores are their codes; one of
    the two variables must have two levels. Yates's correction is for 2 x 2 tables alone,
    as in R. Where a table is too large for Fisher's test the p value is Pearson's, and so
    are all of a batch if that of the sample itself is. Mann-Whitney is exact, as in R, when
    both groups are below 50 and free of ties, and else normal with corrections for ties
    and continuity.

    References
    ----------
    Welch 1947, doi:10.1093/biomet/34.1-2.28; Mann and Whitney 1947,
    doi:10.1214/aoms/1177730491; Kruskal and Wallis 1952,
    doi:10.1080/01621459.1952.10483441; Pearson 1900, doi:10.1080/14786440009463897;
    Yates 1934, doi:10.2307/2983604; Armitage 1955, doi:10.2307/3001775
    """
    groups = np.asarray(groups, dtype=np.int64)
    W = np.atleast_2d(np.asarray(W, dtype=np.float64))
    if x.shape[0] == 0 or (test in TWO_GROUP_TESTS and groups.max() != 1):
        return _unavailable(W.shape[0])
    if test in _BY_MOMENTS:
        with np.errstate(divide="ignore", invalid="ignore"):
            moments = _moments(np.asarray(x, dtype=np.float64), groups, W)
        return moments_test(test, moments)
    if test in RANK_TESTS:
        return ranks_test(test, _rank_sums(np.asarray(x, dtype=np.float64), groups, W))
    codes = np.asarray(x, dtype=np.int64)
    tables = level_tables(codes, groups, W)
    if test == "fisher" and len(tables) > 1:
        sample = level_tables(codes, groups, np.ones((1, codes.size)))[0]
        test = "pearson" if fisher_p_value(sample) is None else test
    return tables_test(test, tables)


def moments_test(test: TestName, moments: Moments) -> BatchTest:
    """``student``, ``welch`` (two groups) or ``anova`` of the moments of every replicate."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _BY_MOMENTS[test](moments)


def ranks_test(test: TestName, ranks: Ranks) -> BatchTest:
    """``mannwhitney`` (two groups) or ``kruskal`` of the rank sums of every replicate."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _BY_RANKS[test](ranks)


def tables_test(test: TestName, tables: FloatArray) -> BatchTest:
    """``pearson``, ``yates``, ``fisher`` or ``trend`` of tables (R, levels, groups)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _CATEGORICAL[test](tables)


def run_test(test: TestName, x: FloatArray | IntArray, groups: IntArray) -> BatchTest:
    """Compare groups once; `batch_test` with every weight one, arrays of shape (1,)."""
    return batch_test(test, x, groups, np.ones((1, len(x))))


def batch_p_values(
    test: TestName, x: FloatArray | IntArray, groups: IntArray, W: FloatArray
) -> FloatArray:
    """P value of every replicate, shape (R,); parameters as `batch_test`."""
    return batch_test(test, x, groups, W).p_value


def level_tables(x: IntArray, groups: IntArray, W: FloatArray) -> FloatArray:
    """Cross tables of levels by groups, shape (R, levels, groups), by one matrix product."""
    n_levels, n_groups = int(x.max()) + 1, int(groups.max()) + 1
    one_hot = np.zeros((x.size, n_levels * n_groups))
    one_hot[np.arange(x.size), x * n_groups + groups] = 1.0
    return cast(FloatArray, (W @ one_hot).reshape(-1, n_levels, n_groups))


def expected_counts(table: FloatArray) -> FloatArray:
    """Counts expected without association, of one table (L, G) or a batch (R, L, G)."""
    rows = table.sum(axis=-1, keepdims=True)
    columns = table.sum(axis=-2, keepdims=True)
    total = table.sum(axis=(-2, -1), keepdims=True)
    return np.asarray(rows * columns / np.where(total > 0, total, np.nan))


def _unavailable(n: int) -> BatchTest:
    nothing = np.full(n, np.nan)
    return BatchTest(nothing, nothing, nothing, nothing)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Size, mean and sum of squares about the mean, each of shape (R, G)."""

    n: FloatArray
    mean: FloatArray
    squares: FloatArray


def _moments(x: FloatArray, groups: IntArray, W: FloatArray) -> Moments:
    """Sums about each group's own mean in the whole sample, so that no digits are lost."""
    n_groups = int(groups.max()) + 1
    one_hot = np.zeros((x.size, n_groups))
    one_hot[np.arange(x.size), groups] = 1.0
    sizes = one_hot.sum(axis=0)
    centre = x @ one_hot / np.maximum(sizes, 1.0)
    deviation = (x - centre[groups])[:, None] * one_hot
    sums = W @ np.hstack([one_hot, deviation, deviation**2])
    n, first, second = np.split(sums, 3, axis=1)
    squares = second - first**2 / n
    varies = (n > 1) & (squares > _ROUNDING * second)
    return Moments(n, centre + first / n, np.where(varies, squares, 0.0))


def _t_test(
    difference: FloatArray, error: FloatArray, df: FloatArray, usable: BoolArray
) -> BatchTest:
    statistic = np.where(usable, difference / error, np.nan)
    df = np.where(usable, df, np.nan)
    return BatchTest(statistic, df, np.full_like(df, np.nan), t_two_sided(statistic, df))


def _student(moments: Moments) -> BatchTest:
    difference = moments.mean[:, 0] - moments.mean[:, 1]
    both = (moments.n > 0).all(axis=1)
    df = moments.n.sum(axis=1) - 2
    variance = moments.squares.sum(axis=1) / df
    error = np.sqrt(variance * (1 / moments.n).sum(axis=1))
    scale = np.abs(moments.mean).max(axis=1)
    return _t_test(difference, error, df, both & (df > 0) & (error > _CONSTANT * scale))


def _welch(moments: Moments) -> BatchTest:
    difference = moments.mean[:, 0] - moments.mean[:, 1]
    parts = moments.squares / (moments.n - 1) / moments.n
    error = np.sqrt(parts.sum(axis=1))
    df = parts.sum(axis=1) ** 2 / (parts**2 / (moments.n - 1)).sum(axis=1)
    scale = np.abs(moments.mean).max(axis=1)
    usable = (moments.n > 1).all(axis=1) & (error > _CONSTANT * scale)
    return _t_test(difference, error, df, usable)


def _anova(moments: Moments) -> BatchTest:
    present = moments.n > 0
    mean = np.where(present, moments.mean, 0.0)
    total = moments.n.sum(axis=1)
    grand = (moments.n * mean).sum(axis=1) / total
    between = (moments.n * np.where(present, mean - grand[:, None], 0.0) ** 2).sum(axis=1)
    k = present.sum(axis=1)
    df, df2 = (k - 1).astype(np.float64), total - k
    within = moments.squares.sum(axis=1) / df2
    varies = np.sqrt(within) > _CONSTANT * np.abs(mean).max(axis=1)
    usable = (df > 0) & (df2 > 0) & varies
    statistic = np.where(usable, between / df / within, np.nan)
    df, df2 = np.where(usable, df, np.nan), np.where(usable, df2, np.nan)
    return BatchTest(statistic, df, df2, f_upper(statistic, df, df2))


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Rank sums and sizes of the groups (R, G), and the sum of t^3 - t over ties (R,)."""

    sums: FloatArray
    n: FloatArray
    ties: FloatArray


def _rank_sums(x: FloatArray, groups: IntArray, W: FloatArray) -> Ranks:
    order = np.argsort(x, kind="stable")
    starts = np.flatnonzero(np.diff(x[order], prepend=-np.inf) > 0)
    sorted_weights, sorted_groups = W[:, order], groups[order]
    tied = np.add.reduceat(sorted_weights, starts, axis=1)  # (R, distinct values)
    midrank = np.cumsum(tied, axis=1) - (tied - 1) / 2
    value = np.repeat(np.arange(starts.size), np.diff(np.append(starts, x.size)))
    weighted = sorted_weights * midrank[:, value]
    one_hot = np.zeros((x.size, int(groups.max()) + 1))
    one_hot[np.arange(x.size), sorted_groups] = 1.0
    return Ranks(weighted @ one_hot, sorted_weights @ one_hot, (tied**3 - tied).sum(axis=1))


def _mann_whitney(ranks: Ranks) -> BatchTest:
    nothing = np.full(ranks.ties.size, np.nan)
    n1, n2 = ranks.n.T
    n = n1 + n2
    statistic = ranks.sums[:, 0] - n1 * (n1 + 1) / 2
    sigma = np.sqrt(n1 * n2 / 12 * (n + 1 - ranks.ties / (n * (n - 1))))
    shift = statistic - n1 * n2 / 2
    usable = (n1 > 0) & (n2 > 0)
    normal = normal_two_sided((np.abs(shift) - np.where(shift == 0, 0.0, 0.5)) / sigma)
    p = np.where(usable & (sigma > 0), np.minimum(normal, 1.0), np.nan)
    exact = usable & (ranks.ties == 0) & (n1 < EXACT_BELOW) & (n2 < EXACT_BELOW)
    for row in np.flatnonzero(exact):
        p[row] = wilcoxon_two_sided(statistic[row], int(n1[row]), int(n2[row]))
    return BatchTest(np.where(usable, statistic, np.nan), nothing, nothing, p)


def _kruskal(ranks: Ranks) -> BatchTest:
    present = ranks.n > 0
    n = ranks.n.sum(axis=1)
    centred = np.where(present, ranks.sums / ranks.n - (n[:, None] + 1) / 2, 0.0)
    spread = n * (n + 1) / 12 * (1 - ranks.ties / (n**3 - n))
    statistic = (ranks.n * centred**2).sum(axis=1) / spread
    df = present.sum(axis=1) - 1.0
    usable = (df > 0) & (spread > _CONSTANT * n**2)
    return _chi_square(statistic, df, usable)


def _chi_square(statistic: FloatArray, df: FloatArray, usable: BoolArray) -> BatchTest:
    statistic, df = np.where(usable, statistic, np.nan), np.where(usable, df, np.nan)
    return BatchTest(statistic, df, np.full_like(df, np.nan), chi2_upper(statistic, df))


def _table_df(tables: FloatArray) -> FloatArray:
    rows = (tables.sum(axis=2) > 0).sum(axis=1)
    columns = (tables.sum(axis=1) > 0).sum(axis=1)
    return np.asarray(np.maximum(rows - 1.0, 0.0) * np.maximum(columns - 1.0, 0.0))


def _pearson(tables: FloatArray, correct: bool = False) -> BatchTest:
    expected = expected_counts(tables)
    deviation = np.abs(tables - expected)
    df = _table_df(tables)
    if correct:
        occupied = np.where(expected > 0, deviation, np.inf).min(axis=(1, 2))
        correction = np.where(df == 1, np.minimum(0.5, occupied), 0.0)
        deviation = deviation - correction[:, None, None]
    terms = np.where(expected > 0, deviation**2 / expected, 0.0)
    return _chi_square(terms.sum(axis=(1, 2)), df, df > 0)


def _yates(tables: FloatArray) -> BatchTest:
    return _pearson(tables, correct=True)


def _trend(tables: FloatArray) -> BatchTest:
    if tables.shape[2] != 2:
        tables = np.swapaxes(tables, 1, 2)  # ordered groups, two levels
    if tables.shape[2] != 2:
        return _unavailable(tables.shape[0])
    n = tables.sum(axis=2)
    total = n.sum(axis=1)
    score = np.arange(tables.shape[1], dtype=np.float64)
    centred = score - (n @ score / total)[:, None]
    share = tables[:, :, 1].sum(axis=1) / total
    covariance = (centred * tables[:, :, 1]).sum(axis=1)
    variance = share * (1 - share) * (n * centred**2).sum(axis=1)
    return _chi_square(covariance**2 / variance, np.ones_like(total), variance > 0)


def _fisher(tables: FloatArray) -> BatchTest:
    distinct, where = np.unique(tables, axis=0, return_inverse=True)
    p = np.full(len(distinct), np.nan)
    for index in np.flatnonzero(_table_df(distinct) > 0):
        exact = fisher_p_value(distinct[index])
        p[index] = _pearson(distinct[index : index + 1]).p_value[0] if exact is None else exact
    nothing = np.full(len(tables), np.nan)
    return BatchTest(nothing, nothing, nothing, p[where.reshape(-1)])


_BY_MOMENTS: dict[TestName, Callable[[Moments], BatchTest]] = {
    "student": _student,
    "welch": _welch,
    "anova": _anova,
}
_BY_RANKS: dict[TestName, Callable[[Ranks], BatchTest]] = {
    "mannwhitney": _mann_whitney,
    "kruskal": _kruskal,
}
_CATEGORICAL: dict[TestName, Callable[[FloatArray], BatchTest]] = {
    "pearson": _pearson,
    "yates": _yates,
    "fisher": _fisher,
    "trend": _trend,
}
