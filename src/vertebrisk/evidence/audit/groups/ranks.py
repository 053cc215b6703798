"""How large P of a test of ranks, or of pairs, can be between groups of these means and SDs.

By Cantelli's inequality a difference of mean d and variance v is below zero in a share of
v / (v + d^2) at most. That bounds the Mann-Whitney statistic, and with the largest ranks
given to these pairs, Wilcoxon's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vertebrisk.evidence.audit.groups.fitting import least_known
from vertebrisk.evidence.audit.groups.possible_moments import Box

_FEWEST = 10


def greatest_p_value(groups: Sequence[Box]) -> float:
    """The greatest P for two groups, whatever their values; 1 where nothing bounds it."""
    if len(groups) != 2:
        return 1.0
    one, other = sorted(groups, key=lambda group: group.mean[0])
    apart = other.mean[0] - one.mean[1]
    sizes = least_known(one.n), least_known(other.n)
    if apart <= 0 or min(sizes) < _FEWEST:
        return 1.0
    share = _below(apart, one.sd[1] ** 2 + other.sd[1] ** 2)
    ranks = (0.5 - share) * math.sqrt(12 * sizes[0] * sizes[1] / (sum(sizes) + 1))
    least = ranks
    if one.n == other.n:  # they may be pairs; those that do not differ are left out
        paired = _below(apart, (one.sd[1] + other.sd[1]) ** 2)
        pairs = min(sizes) * (1 - paired)
        least = min(ranks, (0.5 - paired * (2 - paired)) * math.sqrt(3 * pairs))
    return math.erfc(max(least, 0.0) / math.sqrt(2))


def _below(mean: float, variance: float) -> float:
    return variance / (variance + mean * mean)
