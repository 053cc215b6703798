"""Whether a printed statistic and a printed P can be what a test gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk.evidence.audit.subject import Row, Subject
from vertebrisk.evidence.printed import Printed
from vertebrisk.kernels.distributions import chi2_upper, f_upper, normal_two_sided, t_two_sided
from vertebrisk.text.messages import say

Range = tuple[float, float]
Rounding = Literal["rounded", "cut off"]
SIGNIFICANT = 0.05
_NOISE = 1e-9
_RELATIVE = 1e-7
_RANKED = 100.0
_LOST = 0.15
# Names of tests in rows and methods, in the words of the audit.
_NAMES = {
    "t": {"student", "welch"},
    "chi-square": {"pearson", "yates", "likelihood-ratio"},
    "fisher": {"fisher", "fisher-doubled", "fisher-mid"},
    "anova": {"anova", "welch-anova", "student", "welch"},
}
NUMBERS = frozenset(("student", "welch", "anova", "welch-anova"))
RANKS = frozenset(("mannwhitney", "kruskal"))


@dataclass(frozen=True, slots=True)
class Named:
    """The tests that a row or the methods name; empty where they name none."""

    tests: frozenset[str]
    by: str

    def allows(self, tests: set[str]) -> bool:
        """True if one of these is named, or nothing is."""
        return not self.tests or bool(self.tests & tests)


def named_tests(subject: Subject, row: Row, *, numbers: bool) -> Named:
    """What the row itself names, or else the methods."""
    if row.test:
        return Named(_meant((row.test.lower(),)), say("the table"))
    methods = subject.study.methods if subject.study is not None else None
    if methods is None:
        return Named(frozenset(), "")
    told = methods.test_numbers if numbers else methods.test_categories
    return Named(_meant(told.value) if told is not None else frozenset(), say("the methods"))


def _meant(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(test for name in names for test in _NAMES.get(name, {name}))


def meets(printed: Printed | None, made: Range, rounding: Rounding) -> bool:
    """True if something in a range is printed like this; always where nothing is printed."""
    if printed is None:
        return True
    low, high = printed.interval if rounding == "rounded" else printed.cut_off
    slack = _NOISE + _RELATIVE * abs(printed.value)
    return low - slack <= made[1] and made[0] <= high + slack


def meets_unsigned(printed: Printed | None, made: Range, rounding: Rounding) -> bool:
    """The same of a statistic whose sign may go either way."""
    return meets(printed, made, rounding) or meets(printed, (-made[1], -made[0]), rounding)


def of_statistic(statistic: Printed, p_value: Printed, df: Range, most: int) -> bool:
    """True if P goes with the statistic as t, F, z or chi-square on up to `most` degrees.

    `df` are the degrees of freedom that t, or the denominator of F, may have.
    """
    low, high = sorted(abs(end) for end in statistic.cut_off)
    if statistic.cut_off[0] <= 0 <= statistic.cut_off[1]:
        low = 0.0
    if high > _RANKED:
        return True  # a rank sum, most likely
    made = [[float(normal_two_sided(end)) for end in (high, low)]]
    made += [[float(t_two_sided(end, each)) for end in (high, low)] for each in df]
    for k in range(1, most + 1):
        made.append([float(chi2_upper(end, k)) for end in (high, low)])
        made += [[float(f_upper(end, k, each)) for end in (high, low)] for each in df]
    return any(
        meets(p_value, (float(np.nanmin(each)), float(np.nanmax(each))), "cut off") for each in made
    )


def least_known(size: int) -> int:
    """So few of a group may have a value, where the print is silent about missing ones.

    A variable that lacks more than 15 % of its values is told of, but for chance in a
    small group.
    """
    lost = _LOST * size + 4 * math.sqrt(_LOST * (1 - _LOST) * size)
    return max(2, math.floor(size - lost))


def crosses(p_value: Printed, made: list[float]) -> bool:
    """True if P as printed and every P that is possible lie on different sides of 0.05."""
    low, high = p_value.interval
    if high <= SIGNIFICANT:
        return all(p >= SIGNIFICANT for p in made)
    return low >= SIGNIFICANT and all(p < SIGNIFICANT for p in made)
