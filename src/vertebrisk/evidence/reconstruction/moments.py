"""Measurements with a printed mean and standard deviation, at a recorded precision.

Recorded values are whole multiples of a step (0.1 mm, one point of a VAS), so a mean and
an SD are a whole sum and a whole sum of squares. Those are chosen first, inside the
rounding of the print and, where the paper prints a t test, inside the rounding of its
statistic and P; values with exactly that sum and sum of squares are made afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtr

from vertebrisk._types import FloatArray
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.reconstruction.whole_values import can_be_made

TestKind = Literal["student", "welch"]
_TRIED = 13


@dataclass(frozen=True, slots=True)
class GroupMoments:
    """Mean and SD of one group as printed, and how many patients it has."""

    n: int
    mean: Printed
    sd: Printed


@dataclass(frozen=True, slots=True)
class PrintedTest:
    """A two-sample t test as printed; statistic or P may be absent.

    A statistic is met with either sign: papers subtract in either order.
    """

    kind: TestKind
    statistic: Printed | None
    p_value: Printed | None


@dataclass(frozen=True, slots=True)
class Sums:
    """Whole sum and sum of squares of n values counted in steps."""

    n: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        """Mean, in steps."""
        return self.total / self.n

    @property
    def variance(self) -> float:
        """Variance with n - 1, in squared steps; zero for a single value."""
        return (self.squares - self.total**2 / self.n) / max(self.n - 1, 1)


def t_test(
    mean: tuple[FloatArray, FloatArray],
    variance: tuple[FloatArray, FloatArray],
    n: tuple[int, int],
    kind: TestKind,
) -> tuple[FloatArray, FloatArray]:
    """Statistic and two-sided P of t tests from means and variances, elementwise."""
    a, b = variance[0] / n[0], variance[1] / n[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "student":
            df = np.asarray(n[0] + n[1] - 2.0)
            pooled = ((n[0] - 1) * variance[0] + (n[1] - 1) * variance[1]) / df
            error = np.sqrt(pooled * (1 / n[0] + 1 / n[1]))
        else:
            df = (a + b) ** 2 / (a**2 / max(n[0] - 1, 1) + b**2 / max(n[1] - 1, 1))
            error = np.sqrt(a + b)
        statistic = (mean[0] - mean[1]) / error
    return np.asarray(statistic), np.asarray(2 * stdtr(df, -np.abs(statistic)))


def choose_sums(
    groups: Sequence[GroupMoments],
    step: float,
    limits: tuple[int, int],
    test: PrintedTest | None = None,
) -> tuple[Sums, ...] | None:
    """Whole sums whose mean, SD and t test all round to what is printed.

    Of the possible ones, those whose means and SDs lie nearest to the printed values are
    taken first; each is known to have values inside the limits.

    Parameters
    ----------
    groups : sequence of GroupMoments
        The groups, in the order of the print.
    step : float
        Recorded precision, in the unit of the mean.
    limits : (int, int)
        Least and greatest value allowed, in steps.
    test : PrintedTest, optional
        A t test of two groups to meet as well.

    Returns
    -------
    tuple of Sums, or None if no values at this precision have the printed numbers.
    """
    possible = [_possible_sums(group, step, limits) for group in groups]
    if not all(possible):
        return None
    if test is None or len(groups) != 2:
        return tuple(sums[0][1] for sums in possible)
    (first, second), n = possible, (groups[0].n, groups[1].n)
    mean = np.array([s.mean for _, s in first])[:, None], np.array([s.mean for _, s in second])
    spread = (
        np.array([s.variance for _, s in first])[:, None],
        np.array([s.variance for _, s in second]),
    )
    statistic, p_value = t_test(mean, spread, n, test.kind)
    distance = np.add.outer([d for d, _ in first], [d for d, _ in second])
    for place in np.argsort(distance, axis=None, kind="stable"):
        i, j = divmod(int(place), len(second))
        if meets(test, float(statistic[i, j]), float(p_value[i, j])):
            return first[i][1], second[j][1]
    return None


def meets(test: PrintedTest, statistic: float, p_value: float) -> bool:
    """True if a statistic (of either sign) and its P are printed as in `test`."""
    if test.statistic is not None and not (
        test.statistic.covers(statistic) or test.statistic.covers(-statistic)
    ):
        return False
    return test.p_value is None or test.p_value.covers(p_value)


def possible_p(groups: tuple[GroupMoments, GroupMoments], kind: TestKind) -> tuple[float, float]:
    """Least and greatest P of a t test over all that rounds to the printed means and SDs."""
    corners: list[float] = []
    for ends in product((-1, 1), repeat=4):
        one, other = groups
        mean = [g.mean.value + end * g.mean.half for g, end in zip(groups, ends[:2], strict=True)]
        sd = [
            max(g.sd.value + end * g.sd.half, 0.0) for g, end in zip(groups, ends[2:], strict=True)
        ]
        _, p = t_test(
            (np.array(mean[0]), np.array(mean[1])),
            (np.array(sd[0] ** 2), np.array(sd[1] ** 2)),
            (one.n, other.n),
            kind,
        )
        corners.append(float(p))
    gap = abs(groups[0].mean.value - groups[1].mean.value)
    highest = 1.0 if gap <= groups[0].mean.half + groups[1].mean.half else max(corners)
    return min(corners), highest


def _possible_sums(
    group: GroupMoments, step: float, limits: tuple[int, int]
) -> list[tuple[float, Sums]]:
    """Sums inside the rounding with their distance from the printed mean and SD, nearest first."""
    n, mean, sd = group.n, group.mean, group.sd
    low = int(np.ceil((mean.value - mean.half) * n / step))
    high = int(np.floor((mean.value + mean.half) * n / step))
    found = []
    for total in _thinned(max(low, n * limits[0]), min(high, n * limits[1]), 1):
        centre = total**2 / n
        least = int(np.ceil(centre + (n - 1) * (max(sd.value - sd.half, 0.0) / step) ** 2))
        most = int(np.floor(centre + (n - 1) * ((sd.value + sd.half) / step) ** 2))
        # A number and its square are even or odd together, and so are their sums.
        for squares in _thinned(least + (least - total) % 2, most, 2):
            sums = Sums(n, total, squares)
            off_mean = abs(sums.mean * step - mean.value) / mean.half
            off_sd = abs(np.sqrt(max(sums.variance, 0.0)) * step - sd.value) / sd.half
            inside = off_mean < 1 - 1e-9 and (off_sd < 1 - 1e-9 or n == 1)
            if inside and can_be_made(n, total, squares, limits):
                found.append((float(max(off_mean, off_sd)), sums))
    return sorted(found, key=lambda pair: pair[0])


def _thinned(low: int, high: int, stride: int) -> list[int]:
    """Whole numbers from low to high, evenly spread, at most some 26 of them."""
    values = range(low, high + 1, stride)
    return list(values[:: max(1, len(values) // _TRIED)])


def reorder_by_rank(
    leader: FloatArray, follower: FloatArray, correlation: float, rng: np.random.Generator
) -> FloatArray:
    """The values of `follower`, reordered to go with the ranks of `leader`.

    `correlation` is that of the normal scores of the two; moments do not change.
    """
    n = len(leader)
    ranks = np.empty(n, dtype=np.float64)
    ranks[np.lexsort((rng.random(n), leader))] = np.arange(n)
    scores: FloatArray = ndtri((ranks + 0.5) / n)
    noisy = correlation * scores + np.sqrt(1 - correlation**2) * rng.standard_normal(n)
    paired = np.empty_like(follower)
    paired[np.argsort(noisy, kind="stable")] = np.sort(follower)
    return paired
