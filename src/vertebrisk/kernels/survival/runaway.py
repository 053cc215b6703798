"""Does a Newton step prove that a partial likelihood has no maximum?

It does where it is a direction in which every event has the largest x'd of its risk set, and
somewhere another has less (Heinze and Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x). A
step is such a direction but for a little, see `leading`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.survival.leading import SAME, leads_on
from vertebrisk.kernels.survival.maximum import SEPARATING_STEP
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.subdistribution import SubdistributionSets

CLEAR = 100.0  # times what its imprecision may gain, that it is to gain


class _Sets(Protocol):
    """Risk sets, of either kind."""

    @property
    def last(self) -> IntArray: ...

    @property
    def blocks(self) -> tuple[slice, ...]: ...

    @property
    def count(self) -> int: ...

    def dying(self, values: FloatArray) -> FloatArray: ...

    def highest(self, values: FloatArray) -> FloatArray: ...


def proves_monotone(
    step: FloatArray,
    columns: FloatArray,
    gain: FloatArray,
    weights: FloatArray,
    sets: _Sets,
    deaths: IntArray,
    *,
    nearly: bool = False,
) -> BoolArray:
    """True where moving along Newton's step never stops raising the likelihood.

    Parameters
    ----------
    step : array, shape (replicates, p)
    columns : array, shape (p, m) or (replicates, p, m)
    gain : array, shape (replicates,)
        Slope of the log-likelihood along the step.
    weights : array, shape (replicates, m)
    sets : RiskSets, PlacedRows or SubdistributionSets
    deaths : int array
        Positions of the rows with the event.
    nearly : bool
        See `maximum.Likelihood`.
    """
    present = weights > 0
    shared = columns.ndim == 2
    movement = step @ columns if shared else np.einsum("rp,rpm->rm", step, columns)
    worst, largest = _shortfalls(movement, present, sets, deaths)
    found = (largest > SEPARATING_STEP) & (worst <= SAME * largest) & (gain > 0.0)
    for replicate in np.flatnonzero(found & (worst > 0.0) & (not nearly)):
        used = step[replicate] != 0.0
        own = (columns if shared else columns[replicate])[used]
        whose = sets.take(np.array([replicate])) if isinstance(sets, SubdistributionSets) else sets
        seen = _Seen(own, movement[replicate], present[replicate], whose, deaths)
        found[replicate] = leads_on(
            seen, step[replicate, used], worst[replicate], largest[replicate]
        )
    return found


def _shortfalls(
    movement: FloatArray, present: BoolArray, sets: _Sets, deaths: IntArray
) -> tuple[FloatArray, FloatArray]:
    """What an event lacks at most to the largest of its risk set, and the widest of these."""
    top = sets.highest(np.where(present, movement, -np.inf))
    gap = top[:, sets.last[deaths]] - movement[:, deaths]
    worst = np.where(present[:, deaths], gap, 0.0).max(axis=1)
    lowest = -sets.highest(np.where(present, -movement, -np.inf))
    died = sets.dying(present[:, deaths].astype(np.float64)) > 0
    return worst, np.where(died, top - lowest, 0.0).max(axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """One replicate along a step.

    Attributes
    ----------
    columns : array, shape (p, m)
        Those in use.
    movement : array, shape (m,)
    present : bool array, shape (m,)
    """

    columns: FloatArray
    movement: FloatArray
    present: BoolArray
    sets: _Sets
    deaths: IntArray

    def shortfall(self, direction: FloatArray) -> tuple[float, float]:
        """See `leading.Followed`."""
        moved = (direction @ self.columns)[None]
        lack, width = _shortfalls(moved, self.present[None], self.sets, self.deaths)
        return float(lack[0]), float(width[0])

    def ties(self, near: float) -> FloatArray:
        """Differences from events of those who stay near one.

        Rows are compared at the last event of their time at risk, and events with the next one
        where the highest of both is nearly the same: patients at risk at both then tie them.
        """
        sets, present = self.sets, self.present
        died = self.deaths[present[self.deaths]]
        event = np.full(sets.count, -1)
        event[sets.last[died]] = died
        stratum = np.repeat(np.arange(len(sets.blocks)), [b.stop - b.start for b in sets.blocks])
        top = sets.highest(np.where(present, self.movement, -np.inf)[None])[0]

        rows = np.flatnonzero(present & (sets.last >= 0) & (sets.last < sets.count))
        before = np.maximum.accumulate(np.where(event >= 0, np.arange(sets.count), -1))
        moment = before[sets.last[rows]]
        late = isinstance(sets, RiskSets) and sets.late is not None
        known = (moment == sets.last[rows]) if late else moment >= 0
        known &= stratum[moment] == stratum[sets.last[rows]]
        known &= top[moment] - self.movement[rows] <= near
        ties = [self.columns[:, rows[known]] - self.columns[:, event[moment[known]]]]

        if not late:
            live = np.flatnonzero(event >= 0)
            one, next_one = live[:-1], live[1:]
            tied = (stratum[one] == stratum[next_one]) & (top[one] - top[next_one] <= near)
            ends = event[one[tied]], event[next_one[tied]]
            ties.append(self.columns[:, ends[0]] - self.columns[:, ends[1]])
        return np.concatenate(ties, axis=1)


def runs(
    worst: FloatArray, largest: FloatArray, events: FloatArray, gain: FloatArray, same: float
) -> BoolArray:
    """Whether steps tell of a monotone likelihood, shape (replicates,).

    The slope along a Newton step equals its curvature, the variance of x'd summed over the risk
    sets. Rows that differ by no more than events lack give each event less than the square of
    that: a step that gains far more is one by which others fall behind.

    Parameters
    ----------
    worst, largest : array, shape (replicates,)
        What an event lacks at most to the largest x'd of its risk set, and the widest of these.
    events : array, shape (replicates,)
        Weight of the events.
    gain : array, shape (replicates,)
        Slope along d.
    same : float
        What an event may lack, relative to the widest.
    """
    told = (largest > SEPARATING_STEP) & (worst <= same * largest)
    return np.asarray(told & (gain > CLEAR * events * worst**2))
