"""Who is at risk at each event time: sums over risk sets as cumulative sums.

Rows are sorted by stratum and exit. A row is at risk at the event times after the one
it entered at, up to its last; so a sum over the risk sets is a sum from the latest event
time backwards, less those who had not yet entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.intervals import Intervals
from vertebrisk.kernels.survival.times import SurvivalTimes


@dataclass(frozen=True, slots=True, eq=False)
class LateEntry:
    """Rows that were not at risk at the first event times of their stratum.

    Attributes
    ----------
    rows : int array
        Their positions among the sorted rows.
    entered : int array
        Last event time, counted over all strata, at or before their entry.
    intervals : Intervals
        Event times at which they were at risk.
    """

    rows: IntArray
    entered: IntArray
    intervals: Intervals


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Event times and the rows at risk at each.

    Attributes
    ----------
    rows : int array, shape (m,)
        Positions of the rows that are at risk at some event time, by stratum and exit.
    last : int array, shape (m,)
        Event time at which each of these is at risk for the last time.
    starts : int array, shape (g,)
        First row of each event time.
    deaths : int array
        Positions, among the sorted rows, of those with the event.
    death_starts : int array, shape (g,)
        First death of each event time.
    times : array, shape (g,)
        Event times, ascending within each stratum.
    stratum : int array, shape (g,)
        Stratum of each event time.
    blocks : tuple of slices
        Event times of each stratum.
    late : LateEntry or None
    """

    rows: IntArray
    last: IntArray
    starts: IntArray
    deaths: IntArray
    death_starts: IntArray
    times: FloatArray
    stratum: IntArray
    blocks: tuple[slice, ...]
    late: LateEntry | None

    @classmethod
    def of(cls, times: SurvivalTimes) -> RiskSets:
        """Risk sets of all event times."""
        group = times.groups
        order = np.lexsort((times.exit, group))
        leaving, event, stratum = times.exit[order], times.event[order], group[order]
        change = np.ones(int(event.sum()), dtype=np.bool_)
        died, where = leaving[event], stratum[event]
        change[1:] = (died[1:] != died[:-1]) | (where[1:] != where[:-1])
        moments, owner = died[change], where[change]
        last, first = _positions(leaving, stratum, moments, owner)
        entered = first - 1
        if times.entry is not None:
            entered = np.maximum(
                _positions(times.entry[order], stratum, moments, owner)[0], entered
            )
        kept = last > entered
        last, entered, first = last[kept], entered[kept], first[kept]
        deaths = np.flatnonzero(event[kept])
        return cls(
            rows=order[kept].astype(np.int64),
            last=last,
            starts=np.searchsorted(last, np.arange(moments.size)),
            deaths=deaths,
            death_starts=np.flatnonzero(change),
            times=moments,
            stratum=owner,
            blocks=blocks_of(owner),
            late=_late(entered, first, last, moments.size),
        )

    @property
    def count(self) -> int:
        """Number of event times."""
        return int(self.times.size)

    def at_risk(self, values: FloatArray) -> FloatArray:
        """Sums over the risk sets, along the last axis: (..., m) to (..., g)."""
        prompt = values
        if self.late is not None:
            prompt = values.copy()
            prompt[..., self.late.rows] = 0.0
        leaving = np.add.reduceat(prompt, self.starts, axis=-1)
        total = np.empty_like(leaving)
        for block in self.blocks:
            np.cumsum(leaving[..., block][..., ::-1], axis=-1, out=total[..., block][..., ::-1])
        if self.late is not None:
            total += self.late.intervals.covering(values[..., self.late.rows], self.count)
        return total

    def dying(self, values: FloatArray) -> FloatArray:
        """Sums over the events of each event time: (..., deaths) to (..., g)."""
        return np.add.reduceat(values, self.death_starts, axis=-1)

    def accumulated(self, increments: FloatArray) -> FloatArray:
        """Running sum over the event times of each stratum, along the last axis."""
        total = np.empty_like(increments)
        for block in self.blocks:
            np.cumsum(increments[..., block], axis=-1, out=total[..., block])
        return total

    def lived(self, increments: FloatArray) -> FloatArray:
        """What each row accumulated while at risk: (..., g) to (..., m)."""
        total = self.accumulated(increments)
        own = np.take(total, self.last, axis=-1)
        if self.late is not None:
            own[..., self.late.rows] = self.late.intervals.within(increments)
        return np.asarray(own)

    def highest(self, values: FloatArray) -> FloatArray:
        """Largest value in each risk set: (replicates, m) to (replicates, g)."""
        if self.late is None:
            leaving = np.maximum.reduceat(values, self.starts, axis=-1)
            top = np.empty_like(leaving)
            for block in self.blocks:
                np.maximum.accumulate(
                    leaving[:, block][:, ::-1], axis=-1, out=top[:, block][:, ::-1]
                )
            return top
        entered = self.entered()
        top = np.empty((values.shape[0], self.count))
        for moment in range(self.count):
            top[:, moment] = values[:, (entered < moment) & (self.last >= moment)].max(axis=1)
        return top

    def entered(self) -> IntArray:
        """Last event time before each sorted row came under observation, shape (m,)."""
        first = np.zeros(self.last.size, dtype=np.int64)
        for block in self.blocks:
            first[(self.last >= block.start) & (self.last < block.stop)] = block.start
        entered = first - 1
        if self.late is not None:
            entered[self.late.rows] = self.late.entered
        return entered


def _positions(
    leaving: FloatArray, stratum: IntArray, moments: FloatArray, owner: IntArray
) -> tuple[IntArray, IntArray]:
    """Last event time of its stratum at or before each time, and the stratum's first."""
    first = np.searchsorted(owner, stratum)
    if moments.size == 0:
        return first - 1, first
    distinct, code = np.unique(np.concatenate([moments, leaving]), return_inverse=True)
    span = distinct.size + 1
    keys = owner * span + code[: moments.size]
    wanted = stratum * span + code[moments.size :]
    return np.searchsorted(keys, wanted, side="right") - 1, first


def blocks_of(owner: IntArray) -> tuple[slice, ...]:
    """Event times of each stratum, from the stratum of each event time."""
    edges = np.flatnonzero(np.diff(owner)) + 1
    bounds = [0, *(int(edge) for edge in edges), owner.size]
    return tuple(slice(low, high) for low, high in pairwise(bounds))


def _late(entered: IntArray, first: IntArray, last: IntArray, count: int) -> LateEntry | None:
    rows = np.flatnonzero(entered >= first)
    if rows.size == 0:
        return None
    intervals = Intervals.of(entered[rows] + 1, last[rows], count)
    return LateEntry(rows, entered[rows], intervals)
