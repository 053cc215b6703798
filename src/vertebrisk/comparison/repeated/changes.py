"""Change from visit to visit: paired tests, sizes of the effect, and who responded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.comparison.repeated.results import (
    Change,
    Effect,
    GroupDifference,
    PairedTest,
    Responders,
    Visit,
    VisitSummary,
)
from vertebrisk.comparison.summaries import numeric_summary
from vertebrisk.kernels.distributions import t_quantile, t_two_sided, wilson_interval
from vertebrisk.kernels.paired import holm, noncentral_t_limits, signed_rank

ROUNDING = 1e-9  # of the least important difference: 6.3 - 4.3 reaches 2
NO_EFFECT = Effect(None, None, None)


def visit_summary(visit: Visit, group: str, values: FloatArray, level: float) -> VisitSummary:
    """Describe one visit's scores, shape (n,), NaN where missing."""
    summary = numeric_summary(values)
    low, high = _mean_limits(summary.mean, summary.sd, summary.n, level)
    return VisitSummary(visit.name, group, summary, low, high)


def _mean_limits(
    mean: float | None, sd: float | None, n: int, level: float
) -> tuple[float | None, float | None]:
    if mean is None or sd is None:
        return None, None
    half = float(t_quantile(0.5 + level / 2, n - 1)) * sd / math.sqrt(n)
    return mean - half, mean + half


def changes_of(
    matrix: FloatArray,
    visits: Sequence[Visit],
    pairs: Sequence[tuple[int, int]],
    group: str,
    level: float,
) -> tuple[Change, ...]:
    """Every pair of visits, with Holm's p over these pairs."""
    found = [
        _change(visits[i], visits[j], group, matrix[:, i], matrix[:, j], level) for i, j in pairs
    ]
    t_holm = _adjusted([each.t_test for each in found])
    w_holm = _adjusted([each.wilcoxon for each in found])
    return tuple(
        replace(each, t_test=t_test, wilcoxon=wilcoxon)
        for each, t_test, wilcoxon in zip(found, t_holm, w_holm, strict=True)
    )


def _adjusted(tests: Sequence[PairedTest]) -> list[PairedTest]:
    raw = [np.nan if test.p_value is None else test.p_value for test in tests]
    return [
        replace(test, p_holm=number(p)) for test, p in zip(tests, holm(np.array(raw)), strict=True)
    ]


def _change(
    earlier: Visit, later: Visit, group: str, first: FloatArray, second: FloatArray, level: float
) -> Change:
    both = ~(np.isnan(first) | np.isnan(second))
    a, b = first[both], second[both]
    difference = b - a
    summary = numeric_summary(difference)
    low, high = _mean_limits(summary.mean, summary.sd, summary.n, level)
    wilcoxon, biserial = _wilcoxon(difference)
    t_test, dz = _t_test(difference, level)
    return Change(
        earlier.name, later.name, group, summary.n, summary.mean, summary.sd, low, high,
        t_test, wilcoxon, dz, _d_av(a, b, dz), biserial,
    )  # fmt: skip


def varies(values: FloatArray) -> bool:
    """True where values differ by more than the rounding of their arithmetic."""
    return values.size > 1 and float(np.ptp(values)) > 1e-12 * max(1.0, float(np.abs(values).max()))


def _t_test(difference: FloatArray, level: float) -> tuple[PairedTest, Effect]:
    n = difference.size
    if n < 2:
        return PairedTest(None, None, None, None, note="fewer than two patients"), NO_EFFECT
    if not varies(difference):
        return PairedTest(None, None, None, None, note="every change is the same"), NO_EFFECT
    size = float(difference.mean() / difference.std(ddof=1))
    t, df = size * math.sqrt(n), float(n - 1)
    low, high = noncentral_t_limits(t, df, level)
    effect = Effect(size, low / math.sqrt(n), high / math.sqrt(n))
    return PairedTest(t, df, float(t_two_sided(t, df)), None), effect


def _wilcoxon(difference: FloatArray) -> tuple[PairedTest, float | None]:
    if difference.size == 0:
        return PairedTest(None, None, None, None, note="no patient has both scores"), None
    found = signed_rank(difference)
    if found.n == 0:
        return PairedTest(None, None, None, None, note="no score changed"), None
    test = PairedTest(found.statistic, None, found.p_value, None, exact=found.exact)
    return test, found.rank_biserial


def _d_av(first: FloatArray, second: FloatArray, dz: Effect) -> Effect:
    """Change over the mean spread; the limits are those of dz on the other scale.

    References
    ----------
    Algina and Keselman 2003, Educational and Psychological Measurement 63:537-553.
    """
    if dz.estimate is None or dz.conf_low is None or dz.conf_high is None:
        return NO_EFFECT
    spread = math.sqrt(float(first.var(ddof=1) + second.var(ddof=1)) / 2)
    scale = float((second - first).std(ddof=1)) / spread
    return Effect(dz.estimate * scale, dz.conf_low * scale, dz.conf_high * scale)


def responders_at(
    visit: Visit,
    group: str,
    change: FloatArray,
    mcid: float,
    higher_is_worse: bool,
    level: float,
) -> Responders:
    """Who improved by `mcid` or more; `change` since the first visit, NaN where not known."""
    known = change[~np.isnan(change)]
    gain = -known if higher_is_worse else known
    count, n = int((gain >= mcid * (1 - ROUNDING)).sum()), int(known.size)
    if n == 0:
        return Responders(visit.name, group, 0, 0, None, None, None)
    low, high = wilson_interval(count, n, level)
    return Responders(visit.name, group, count, n, count / n, float(low), float(high))


def group_difference(
    visit: Visit, first: FloatArray, second: FloatArray, level: float
) -> GroupDifference:
    """Welch's comparison of two groups' changes, NaN where not known."""
    a, b = first[~np.isnan(first)], second[~np.isnan(second)]
    sizes = (int(a.size), int(b.size))
    if min(sizes) < 2:
        return GroupDifference(visit.name, sizes, None, None, None, None, None)
    difference = float(b.mean() - a.mean())
    parts = a.var(ddof=1) / a.size, b.var(ddof=1) / b.size
    variance = float(sum(parts))
    if not (varies(a) or varies(b)):
        return GroupDifference(visit.name, sizes, difference, None, None, None, None)
    df = variance**2 / float(parts[0] ** 2 / (a.size - 1) + parts[1] ** 2 / (b.size - 1))
    half = float(t_quantile(0.5 + level / 2, df)) * math.sqrt(variance)
    p = float(t_two_sided(difference / math.sqrt(variance), df))
    return GroupDifference(
        visit.name, sizes, difference, difference - half, difference + half, df, p
    )


def number(value: float) -> float | None:
    """None for what is not finite."""
    return float(value) if math.isfinite(value) else None
