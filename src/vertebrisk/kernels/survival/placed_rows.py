"""Risk sets of many rows in the order they come in: nothing is sorted but the times.

Each row knows the last event time at which it is at risk, and sums over risk sets are sums
by that time, added up from the latest time backwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.ordering import SHORT, short_numbers
from vertebrisk.kernels.survival.risk_sets import blocks_of
from vertebrisk.kernels.survival.times import SurvivalTimes


@dataclass(frozen=True, slots=True, eq=False)
class PlacedRows:
    """Event times, and where each row is at risk for the last time.

    Attributes
    ----------
    last : int array, shape (m,)
        Event time at which each row is at risk for the last time; `count` where there is none.
    deaths : int array
        Rows with the event.
    own : int array
        Event time of each of these.
    blocks : tuple of slices
        Event times of each stratum.
    count : int
        Number of event times, ascending within each stratum.
    """

    last: IntArray
    deaths: IntArray
    own: IntArray
    blocks: tuple[slice, ...]
    count: int

    @classmethod
    def of(cls, times: SurvivalTimes, event: BoolArray) -> PlacedRows:
        """Of patients without late entry; `event` is true for the events that count."""
        code, stratum = _moments(times)
        deaths = np.flatnonzero(event)
        met = np.bincount(code[deaths], minlength=stratum.size) > 0
        owner = stratum[met]
        moment = np.cumsum(met) - 1
        before = moment < np.searchsorted(owner, stratum)
        last = np.where(before, owner.size, moment)[code]
        return cls(last, deaths, last[deaths], blocks_of(owner), owner.size)

    @property
    def present(self) -> BoolArray:
        """True for the rows that are at risk at any event time."""
        return np.asarray(self.last < self.count)

    def at_risk(self, values: FloatArray) -> FloatArray:
        """Sums over the risk sets, (k, m) to (k, g)."""
        total = np.empty((values.shape[0], self.count))
        for found, each in zip(total, values, strict=True):
            leaving = np.bincount(self.last, each, minlength=self.count + 1)
            for block in self.blocks:
                np.cumsum(leaving[block][::-1], out=found[block][::-1])
        return total

    def dying(self, values: FloatArray) -> FloatArray:
        """Sums over the events of each event time, (k, deaths) to (k, g)."""
        return np.array([np.bincount(self.own, each, minlength=self.count) for each in values])

    def lived(self, increments: FloatArray) -> FloatArray:
        """What each row accumulated while at risk, (k, g) to (k, m)."""
        total = np.zeros((increments.shape[0], self.count + 1))
        for block in self.blocks:
            np.cumsum(increments[:, block], axis=1, out=total[:, block])
        return np.take(total, self.last, axis=1, mode="clip")

    def highest(self, values: FloatArray) -> FloatArray:
        """Largest value in each risk set, (k, m) to (k, g)."""
        top = np.full((values.shape[0], self.count + 1), -np.inf)
        for found, each in zip(top, values, strict=True):
            np.maximum.at(found, self.last, each)
            for block in self.blocks:
                np.maximum.accumulate(found[block][::-1], out=found[block][::-1])
        return top[:, : self.count]


def _moments(times: SurvivalTimes) -> tuple[IntArray, IntArray]:
    """Code of stratum and time of each row, ascending, and the stratum of each code."""
    code, span = _coded(times.exit)
    if times.strata is None:
        return code, np.zeros(span, dtype=np.int64)
    code = times.strata * span + code
    count = span * (int(times.strata.max(initial=0)) + 1)
    if count <= SHORT + times.size:
        return code, np.arange(count) // span
    found, code = np.unique(code, return_inverse=True)
    return code, found // span


def _coded(exit_times: FloatArray) -> tuple[IntArray, int]:
    """Whole numbers in the order of the times, and how many there may be."""
    if short_numbers(exit_times):
        return exit_times.astype(np.int64), int(exit_times.max(initial=0.0)) + 1
    order = np.argsort(exit_times)
    ordered = exit_times[order]
    rank = np.zeros(order.size, dtype=np.int64)
    np.cumsum(ordered[1:] != ordered[:-1], out=rank[1:])
    code = np.empty_like(rank)
    code[order] = rank
    return code, int(rank[-1]) + 1
