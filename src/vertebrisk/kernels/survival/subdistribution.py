"""Risk sets of the subdistribution: patients gone by the competing event stay, with less weight.

At an event time t the risk set holds those still under observation, each with weight 1, and
those who had the competing event before, at T < t, each with weight G(t-) / G(T-): the chance of
having stayed uncensored since, G being the Kaplan-Meier curve of the time to censoring. These
weights are a product of a row's part and a time's part, so a sum over the risk sets is two
cumulative sums, and no row is ever repeated.

Weight and conventions of ``cmprsk::crr``: G is a left limit, and those who fail at a time count
as at risk of being censored at it. (``survival::finegray`` takes them out first; the two agree
where no failure and censoring are tied.)

References
----------
Fine and Gray 1999, doi:10.1080/01621459.1999.10474144.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.cumulative_incidence import (
    COMPETING,
    EVENT,
    RiskTable,
    from_the_end,
    risk_table,
    with_zero,
)


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """Rows with the competing event, all of one censoring stratum, ordered by exit.

    Attributes
    ----------
    stratum : int
    rows : int array, shape (c,)
        Positions among the sorted rows.
    last : int array, shape (c,)
        Last event time at or before their exit, -1 for none.
    inverse : array, shape (replicates, c)
        1 / G just before their exit; 0 where the replicate holds nobody there.
    decay : array, shape (replicates, g)
        G just before each event time; 0 once nobody of the stratum is under observation.
    """

    stratum: int
    rows: IntArray
    last: IntArray
    inverse: FloatArray
    decay: FloatArray

    def take(self, active: IntArray | slice) -> Tail:
        """The same of some replicates."""
        return replace(self, inverse=self.inverse[active], decay=self.decay[active])

    def at_risk(self, values: FloatArray) -> FloatArray:
        """Sums over those gone before each event time: (replicates, ..., m) to (..., g)."""
        inverse, decay = _fit(self.inverse, values), _fit(self.decay, values)
        before = np.searchsorted(self.last, np.arange(self.decay.shape[1]))
        running = with_zero(np.cumsum(values[..., self.rows] * inverse, axis=-1))
        return np.asarray(decay * running[..., before])

    def lived(self, increments: FloatArray) -> FloatArray:
        """What each row accumulates after its exit: (replicates, ..., g) to (..., c)."""
        inverse, decay = _fit(self.inverse, increments), _fit(self.decay, increments)
        later = from_the_end(decay * increments)
        later = np.concatenate([later, np.zeros((*later.shape[:-1], 1))], axis=-1)
        return np.asarray(inverse * later[..., self.last + 1])


def _fit(factor: FloatArray, values: FloatArray) -> FloatArray:
    """A factor of (replicates, k) beside values of (replicates, ..., k)."""
    middle = (1,) * (values.ndim - 2)
    return factor.reshape(factor.shape[0], *middle, factor.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class SubdistributionSets:
    """Event times and the rows at risk at each, in the sense of the subdistribution.

    Attributes
    ----------
    order : int array, shape (n,)
        Positions of the sorted rows, by exit; all other arrays follow it.
    times : array, shape (g,)
        Distinct times of the event, ascending.
    last : int array, shape (n,)
        Last event time at or before each row's exit, -1 for none.
    starts : int array, shape (g,)
        First row of each event time.
    events, event_starts : int arrays
        Positions among the sorted rows of those with the event; first of each event time.
    tails : tuple of Tail
        One a censoring stratum in which the competing event occurred.
    """

    order: IntArray
    times: FloatArray
    last: IntArray
    starts: IntArray
    events: IntArray
    event_starts: IntArray
    tails: tuple[Tail, ...]

    @classmethod
    def of(
        cls,
        exit: FloatArray,
        status: IntArray,
        weights: FloatArray,
        censoring_strata: IntArray | None = None,
    ) -> SubdistributionSets:
        """Risk sets of all event times, the censoring curve estimated for each replicate."""
        order = np.argsort(exit, kind="stable")
        leaving, why = exit[order], status[order]
        times = np.unique(leaving[why == EVENT])
        last = np.searchsorted(times, leaving, side="right") - 1
        events = np.flatnonzero(why == EVENT)
        grid = np.arange(times.size)
        strata = np.zeros(exit.size, np.int64) if censoring_strata is None else censoring_strata
        tails = []
        for stratum in np.unique(strata[status == COMPETING]):
            inside = strata == stratum
            table = risk_table(exit[inside], status[inside] == 0, weights[:, inside])
            rows = np.flatnonzero(inside[order] & (why == COMPETING))
            own = uncensored_before(table, leaving[rows])
            inverse = np.where(own > 0.0, 1.0 / np.where(own > 0.0, own, 1.0), 0.0)
            decay = uncensored_before(table, times)
            tails.append(Tail(int(stratum), rows, last[rows], inverse, decay))
        return cls(
            order,
            times,
            last,
            np.searchsorted(last, grid),
            events,
            np.searchsorted(last[events], grid),
            tuple(tails),
        )

    @property
    def count(self) -> int:
        """Number of event times."""
        return int(self.times.size)

    @property
    def blocks(self) -> tuple[slice, ...]:
        """Event times of each stratum; there is one."""
        return (slice(0, self.count),)

    def take(self, active: IntArray | slice) -> SubdistributionSets:
        """The same of some replicates."""
        return replace(self, tails=tuple(tail.take(active) for tail in self.tails))

    def at_risk(self, values: FloatArray) -> FloatArray:
        """Sums over the risk sets: (replicates, ..., n) to (replicates, ..., g)."""
        total = from_the_end(np.add.reduceat(values, self.starts, axis=-1))
        for tail in self.tails:
            total += tail.at_risk(values)
        return total

    def dying(self, values: FloatArray) -> FloatArray:
        """Sums over the events of each event time: (..., events) to (..., g)."""
        return np.asarray(np.add.reduceat(values, self.event_starts, axis=-1))

    def lived(self, increments: FloatArray) -> FloatArray:
        """What each row accumulates: (replicates, ..., g) to (replicates, ..., n)."""
        own = with_zero(np.cumsum(increments, axis=-1))[..., self.last + 1]
        for tail in self.tails:
            own[..., tail.rows] += tail.lived(increments)
        return np.asarray(own)

    def highest(self, values: FloatArray) -> FloatArray:
        """Largest value in each risk set: (replicates, n) to (replicates, g)."""
        leaving = np.maximum.reduceat(values, self.starts, axis=-1)
        top = np.maximum.accumulate(leaving[:, ::-1], axis=1)[:, ::-1]
        for tail in self.tails:
            least = np.full((values.shape[0], 1), -np.inf)
            gone = np.concatenate([least, values[:, tail.rows]], axis=1)
            before = np.searchsorted(tail.last, np.arange(self.count))
            gone = np.maximum.accumulate(gone, axis=1)[:, before]
            top = np.maximum(top, np.where(tail.decay > 0.0, gone, -np.inf))
        return np.asarray(top)


def uncensored_before(table: RiskTable, times: FloatArray) -> FloatArray:
    """Kaplan-Meier of the time to censoring just before each time, (replicates, k).

    Of a risk table whose first cause is censoring; 0 where nobody is left at the time.
    """
    place = np.searchsorted(table.times, times)
    free = np.cumprod(1.0 - table.hazards[:, 0], axis=1)
    start = np.ones((free.shape[0], 1))
    left = np.concatenate([table.at_risk, 0.0 * start], axis=1)[:, place] > 0.0
    return np.asarray(np.where(left, np.concatenate([start, free], axis=1)[:, place], 0.0))
