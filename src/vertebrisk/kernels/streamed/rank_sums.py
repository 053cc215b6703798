"""Rank sums of groups from sorted values, a chunk at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.streamed.describing import Codes


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Equal values next to each other: the value, and how many of each group, shape (groups,)."""

    value: float
    counts: FloatArray

    @property
    def size(self) -> float:
        """How many there are."""
        return float(self.counts.sum())

    def joined(self, other: Run) -> Run:
        """Two runs of one value."""
        return Run(self.value, self.counts + other.counts)


@dataclass(frozen=True, slots=True, eq=False)
class RankSums:
    """Ranks within consecutive sorted values, ties sharing their mean rank.

    Attributes
    ----------
    n, sums : array, shape (groups,)
        Values of each group, and the sum of their ranks from 1.
    ties : float
        Sum of t^3 - t over runs of t equal values.
    first, last : Run
        At the ends; they are one where all values are equal.
    """

    n: FloatArray
    sums: FloatArray
    ties: float
    first: Run
    last: Run

    @property
    def size(self) -> float:
        """How many values there are."""
        return float(self.n.sum())

    @property
    def constant(self) -> bool:
        """True where all values are equal."""
        return self.first.size == self.size


def rank_sums(values: FloatArray, members: Codes, groups: int) -> RankSums:
    """Rank sums of values, shape (n,), in ascending order, by the codes of their groups."""
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    run = np.repeat(np.arange(starts.size), np.diff(np.append(starts, values.size)))
    cells = run * groups + members.astype(np.int64)
    counts = np.bincount(cells, minlength=starts.size * groups).reshape(-1, groups)
    counts = counts.astype(np.float64)
    tied = counts.sum(axis=1)
    midrank = starts + (tied + 1.0) / 2.0
    return RankSums(
        n=counts.sum(axis=0),
        sums=midrank @ counts,
        ties=float((tied**3 - tied).sum()),
        first=Run(float(values[0]), counts[0]),
        last=Run(float(values[-1]), counts[-1]),
    )


def added_ranks(one: RankSums, other: RankSums) -> RankSums:
    """Rank sums of values and of those that follow them, none of which is smaller."""
    sums = one.sums + other.sums + one.size * other.n
    ties = one.ties + other.ties
    first, last = one.first, other.last
    if one.last.value == other.first.value:
        a, b = one.last.size, other.first.size
        # the mean rank of the joined run is b / 2 above that of its beginning, a / 2 below the end
        sums = sums + one.last.counts * (b / 2.0) - other.first.counts * (a / 2.0)
        ties += 3.0 * a * b * (a + b)
        joined = one.last.joined(other.first)
        first = joined if one.constant else first
        last = joined if other.constant else last
    return RankSums(one.n + other.n, sums, ties, first, last)
