"""Every test that may have been made of a table of counts, with its statistic and its P."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.distributions import chi2_upper, normal_two_sided
from vertebrisk.kernels.fisher import fisher_p_value
from vertebrisk.kernels.grouptests import expected_counts
from vertebrisk.text.messages import say

# Fisher's test of larger tables takes seconds.
MOST_CELLS = 12
LABELS = {
    "pearson": say("Pearson's chi-square"),
    "yates": say("chi-square with Yates's correction"),
    "likelihood-ratio": say("the likelihood-ratio chi-square"),
    "trend": say("the chi-square for trend"),
    "mannwhitney": say("the Mann-Whitney test of the ordered levels"),
    "kruskal": say("the Kruskal-Wallis test of the ordered levels"),
    "wald": say("Wald's test of a logistic regression on this variable alone"),
    "fisher": say("Fisher's exact test"),
    "fisher-doubled": say("Fisher's exact test, one tail doubled"),
    "fisher-mid": say("Fisher's exact test with mid-P"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """A test: what it may print as its statistic (any one of these, of either sign), and P."""

    test: str
    statistics: tuple[float, ...]
    p_value: float

    @property
    def label(self) -> str:
        """Name in a sentence."""
        return LABELS[self.test]


def asymptotic_tests(counts: IntArray) -> Iterator[Result]:
    """Tests by a limiting distribution of a table of levels by groups.

    Pearson, Yates (2 x 2), likelihood ratio, linear trend (Cochran-Armitage, and
    linear-by-linear with n - 1), Mann-Whitney or Kruskal-Wallis on the levels in their
    order, and the joint Wald test of a logistic regression (two groups). A test on one
    degree of freedom may be printed as its root. Empty levels fall away, but a trend may
    keep their codes; nothing where fewer than two levels or two groups are left.

    References
    ----------
    Pearson 1900, doi:10.1080/14786440009463897; Yates 1934, doi:10.2307/2983604;
    Armitage 1955, doi:10.2307/3001775
    """
    table = occupied(counts)
    if min(table.shape) < 2:
        return
    n = table.sum()
    expected = expected_counts(table)
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    pearson = float(((table - expected) ** 2 / expected).sum())
    yield _chi_square("pearson", pearson, df)
    if df == 1:
        apart = np.abs(table - expected)
        clamped = apart - np.minimum(0.5, apart)
        yield _chi_square("yates", float((clamped**2 / expected).sum()), 1)
        yield _chi_square("yates", float(((apart - 0.5) ** 2 / expected).sum()), 1)
    yield _chi_square(
        "likelihood-ratio", max(2 * float(xlogy(table, table / expected).sum()), 0.0), df
    )
    for squared in {_linear(table), _linear(np.asarray(counts, dtype=np.float64))}:
        yield _chi_square("trend", (n - 1) * squared, 1)
        if df > 1 and 2 in table.shape:
            yield _chi_square("trend", n * squared, 1)
    yield from _rank_tests(table)
    wald = _wald(table)
    if wald is not None:
        yield _chi_square("wald", wald, max(table.shape) - 1)


def exact_tests(counts: IntArray) -> Iterator[Result]:
    """Fisher's exact test; of 2 x 2 tables also with one tail doubled, and mid-P.

    Nothing where the table is too large.
    """
    table = occupied(counts)
    if min(table.shape) < 2 or (table.size > MOST_CELLS and 2 not in table.shape):
        return
    p_value = fisher_p_value(table)
    if p_value is None:
        return
    yield Result("fisher", (), min(p_value, 1.0))
    if table.shape == (2, 2):
        lower, upper, mid = _tails(table)
        yield Result("fisher-doubled", (), min(1.0, 2 * min(lower, upper)))
        yield Result("fisher-mid", (), min(1.0, 2 * min(lower - mid, upper - mid)))
        yield Result("fisher-mid", (), max(p_value - mid, 0.0))


def one_tail(counts: IntArray) -> float | None:
    """The smaller tail of Fisher's exact test of a 2 x 2 table."""
    table = occupied(counts)
    return min(_tails(table)[:2]) if table.shape == (2, 2) else None


def occupied(counts: IntArray) -> FloatArray:
    """The table without empty rows and columns."""
    table = np.asarray(counts, dtype=np.float64)
    table = table[table.sum(axis=1) > 0]
    return np.asarray(table[:, table.sum(axis=0) > 0])


def least_expected(counts: IntArray) -> float:
    """The smallest expected count, on which the choice of a test is made."""
    table = occupied(counts)
    return float(expected_counts(table).min()) if table.size else 0.0


def _chi_square(test: str, statistic: float, df: int) -> Result:
    shown = (statistic, statistic**0.5) if df == 1 else (statistic,)
    return Result(test, shown, float(chi2_upper(statistic, df)))


def _linear(table: FloatArray) -> float:
    """Squared correlation of the codes of levels and groups; empty levels may keep theirs."""
    n = table.sum()
    level, group = (np.arange(size, dtype=np.float64) for size in table.shape)
    level = level - table.sum(axis=1) @ level / n
    group = group - table.sum(axis=0) @ group / n
    spread = (table.sum(axis=1) @ level**2 / n) * (table.sum(axis=0) @ group**2 / n)
    return float((level @ table @ group / n) ** 2 / spread)


def _rank_tests(table: FloatArray) -> Iterator[Result]:
    n = table.sum()
    of_levels = table.sum(axis=1)
    ranks = np.cumsum(of_levels) - (of_levels - 1) / 2
    sums, sizes = ranks @ table, table.sum(axis=0)
    ties = float((of_levels**3 - of_levels).sum())
    shrunk = 1 - ties / (n**3 - n)
    if shrunk <= 0:
        return
    h = float((sizes * (sums / sizes - (n + 1) / 2) ** 2).sum()) / (n * (n + 1) / 12 * shrunk)
    if table.shape[1] > 2:
        yield Result("kruskal", (h,), float(chi2_upper(h, table.shape[1] - 1)))
        return
    u = sums - sizes * (sizes + 1) / 2
    sigma = float(np.sqrt(sizes.prod() * (n + 1) / 12 * shrunk))
    shown = (*(float(each) for each in (*u, *sums)), h)
    shift = abs(float(u[0] - u[1])) / 2
    for z in (shift / sigma, max(shift - 0.5, 0.0) / sigma):
        yield Result("mannwhitney", (z, *shown), float(normal_two_sided(z)))


def _wald(table: FloatArray) -> float | None:
    """Joint Wald statistic: how far the log odds of the levels lie apart."""
    if 2 not in table.shape or (table == 0).any():
        return None
    cells = table if table.shape[1] == 2 else table.T
    odds = np.log(cells[:, 0] / cells[:, 1])
    weight = 1 / (1 / cells).sum(axis=1)
    mean = weight @ odds / weight.sum()
    return float(weight @ (odds - mean) ** 2)


def _tails(table: FloatArray) -> tuple[float, float, float]:
    """Probabilities of at most, at least, and half of exactly the first cell."""
    (a, _), rows, columns = table[0], table.sum(axis=1), table.sum(axis=0)
    x = np.arange(max(0.0, columns[0] - rows[1]), min(rows[0], columns[0]) + 1)
    cells = (x, rows[0] - x, columns[0] - x, rows[1] - columns[0] + x)
    log_weight = -sum(gammaln(cell + 1.0) for cell in cells)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return (
        float(weight[x <= a].sum()),
        float(weight[x >= a].sum()),
        float(weight[x == a].sum() / 2),
    )
