"""Measurements with a printed mean and standard deviation, at a recorded precision.

Recorded values are whole multiples of a step (0.1 mm, one point of a VAS), so a mean and
an SD are a whole sum and a whole sum of squares. Those are chosen first, inside the
rounding of the print and, where the paper prints a t test, inside the rounding of its
statistic and P; values with exactly that sum and sum of squares are made afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from scipy.special import betaincinv, ndtri, stdtr

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import FitError

_MAX_REPAIRS = 100_000
_TRIED = 7


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed number with half a unit of its last digit: it stands for value +- half."""

    value: float
    half: float

    @classmethod
    def parse(cls, text: str) -> Printed:
        """Read a number as printed, such as ``"0.780"``, keeping its trailing zeros."""
        decimals = len(text.partition(".")[2])
        return cls(float(text), 0.5 * 10.0**-decimals)

    def covers(self, value: float) -> bool:
        """True if `value` rounds to the printed digits (limits themselves excluded)."""
        return abs(value - self.value) < self.half * (1 - 1e-9)


@dataclass(frozen=True, slots=True)
class GroupMoments:
    """Mean and SD of one group as printed, and how many patients it has."""

    n: int
    mean: Printed
    sd: Printed


@dataclass(frozen=True, slots=True)
class PrintedTest:
    """A two-sample t test as printed: first group less the second."""

    kind: Literal["student", "welch"]
    statistic: Printed
    p_value: Printed


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
        """Variance with n - 1, in squared steps."""
        return (self.squares - self.total**2 / self.n) / (self.n - 1)


def t_test(first: Sums, second: Sums, kind: Literal["student", "welch"]) -> tuple[float, float]:
    """Statistic and two-sided P of a t test from sums, free of the step."""
    a, b = first.variance / first.n, second.variance / second.n
    if kind == "student":
        df = float(first.n + second.n - 2)
        pooled = ((first.n - 1) * first.variance + (second.n - 1) * second.variance) / df
        error = np.sqrt(pooled * (1 / first.n + 1 / second.n))
    else:
        df = (a + b) ** 2 / (a**2 / (first.n - 1) + b**2 / (second.n - 1))
        error = np.sqrt(a + b)
    statistic = (first.mean - second.mean) / error
    return float(statistic), float(2 * stdtr(df, -abs(statistic)))


def choose_sums(
    groups: tuple[GroupMoments, GroupMoments], step: float, test: PrintedTest | None
) -> tuple[Sums, Sums]:
    """Whole sums whose mean, SD and t test all round to what is printed.

    Of the possible ones, those whose means and SDs lie nearest to the printed values are
    taken first.

    Parameters
    ----------
    groups : pair of GroupMoments
        The two groups, in the order in which the test subtracts them.
    step : float
        Recorded precision, in the unit of the mean.
    test : PrintedTest or None
        Statistic and P to meet as well, if any.

    Returns
    -------
    pair of Sums

    Raises
    ------
    FitError
        If no whole sums at this precision round to the printed numbers.
    """
    first, second = (list(_possible_sums(group, step)) for group in groups)
    pairs = sorted(product(first, second), key=lambda pair: pair[0][0] + pair[1][0])
    for (_, one), (_, other) in pairs:
        if test is None:
            return one, other
        statistic, p_value = t_test(one, other, test.kind)
        if test.statistic.covers(statistic) and test.p_value.covers(p_value):
            return one, other
    raise FitError(
        f"No values recorded in steps of {step:g} have these means, SDs and this test. "
        "Choose a finer step, or leave the test out."
    )


def _possible_sums(group: GroupMoments, step: float) -> Iterator[tuple[float, Sums]]:
    """Sums inside the rounding, each with its distance from the printed mean and SD."""
    n, mean, sd = group.n, group.mean, group.sd
    low = int(np.ceil((mean.value - mean.half) * n / step))
    high = int(np.floor((mean.value + mean.half) * n / step))
    for total in _thinned(low, high, 1):
        centre = total**2 / n
        least = int(np.ceil(centre + (n - 1) * ((sd.value - sd.half) / step) ** 2))
        most = int(np.floor(centre + (n - 1) * ((sd.value + sd.half) / step) ** 2))
        # A number and its square are even or odd together, and so are their sums.
        for squares in _thinned(least + (least - total) % 2, most, 2):
            sums = Sums(n, total, squares)
            off_mean = abs(sums.mean * step - mean.value) / mean.half
            off_sd = abs(np.sqrt(sums.variance) * step - sd.value) / sd.half
            if off_mean < 1 - 1e-9 and off_sd < 1 - 1e-9:
                yield float(max(off_mean, off_sd)), sums


def _thinned(low: int, high: int, stride: int) -> list[int]:
    """Whole numbers from low to high, evenly spread, fewer than 14 of them."""
    values = range(low, high + 1, stride)
    return list(values[:: max(1, len(values) // _TRIED)])


def make_values(sums: Sums, limits: tuple[int, int], rng: np.random.Generator) -> IntArray:
    """Values in steps with exactly the given sums, bell-shaped between limits.

    Starts from evenly spread quantiles of the beta distribution on the limits that has
    the wanted mean and SD, rounds them, and repairs the sums one step at a time.

    Parameters
    ----------
    sums : Sums
        What the values must add up to.
    limits : (int, int)
        Least and greatest value allowed, in steps.
    rng : numpy Generator
        Source of the values and of their order.

    Returns
    -------
    int array, shape (n,)

    Raises
    ------
    FitError
        If the sums cannot be reached inside the limits.
    """
    low, high = limits
    width = high - low
    centre, variance = (sums.mean - low) / width, sums.variance / width**2
    concentration = centre * (1 - centre) / variance - 1
    if not (0 < centre < 1 and concentration > 0):
        raise FitError(
            f"A mean of {sums.mean:.4g} steps with variance {sums.variance:.4g} does not fit "
            f"between {low} and {high} steps. Widen the limits."
        )
    quantile = (np.arange(sums.n) + rng.uniform(0.25, 0.75, sums.n)) / sums.n
    shape = betaincinv(centre * concentration, (1 - centre) * concentration, quantile)
    values = np.asarray(np.rint(low + width * shape), dtype=np.int64)
    rng.shuffle(values)
    _repair_total(values, sums.total, limits, rng)
    _repair_squares(values, sums.squares, limits, rng)
    return values


def _repair_total(
    values: IntArray, total: int, limits: tuple[int, int], rng: np.random.Generator
) -> None:
    for _ in range(_MAX_REPAIRS):
        missing = total - int(values.sum())
        if missing == 0:
            return
        direction = 1 if missing > 0 else -1
        edge = limits[1] if missing > 0 else limits[0]
        movable = np.flatnonzero(values != edge)
        chosen = rng.permutation(movable)[: min(abs(missing), 1 + len(values) // 10)]
        values[chosen] += direction
    raise FitError("The sum cannot be reached inside the limits. Widen them.")


def _repair_squares(
    values: IntArray, squares: int, limits: tuple[int, int], rng: np.random.Generator
) -> None:
    """Move one value up and another down by a step: the sum stays, the squares change.

    Each move takes a value at random and its best partner, even where the best is worse
    than standing still: few values have few differences, and a walk gets past them.
    """
    low, high = limits
    for _ in range(_MAX_REPAIRS):
        missing = squares - int((values**2).sum())
        if missing == 0:
            return
        up = int(rng.integers(len(values)))
        if values[up] == high:
            continue
        left_over = np.abs(missing - 2 * (values[up] - values + 1))
        movable = np.flatnonzero((values != low) & (np.arange(len(values)) != up))
        if len(movable) == 0:
            continue
        values[up] += 1
        values[movable[np.argmin(left_over[movable])]] -= 1
    raise FitError("The sum of squares cannot be reached inside the limits. Widen them.")


def reorder_by_rank(
    leader: IntArray, follower: IntArray, correlation: float, rng: np.random.Generator
) -> IntArray:
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
