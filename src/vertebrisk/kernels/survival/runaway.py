"""Does a Newton step prove that a partial likelihood has no maximum?

It does where it is a direction in which every event has the largest x'd of its risk set, and
somewhere another has less (Heinze and Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x). A
step is such a direction but for a little. What an event lacks may be that little; or, beside a
row far off, it may be a step to a maximum among the others.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray

SEPARATING_STEP = 0.25  # a runaway fit moves its linear predictor by 1 each iteration
SAME = 1e-3  # a proof is a direction to about this precision
CLEAR = 100.0  # times what its imprecision may gain, that it is to gain


class _Sets(Protocol):
    """Risk sets, of either kind."""

    @property
    def last(self) -> IntArray: ...

    def dying(self, values: FloatArray) -> FloatArray: ...

    def highest(self, values: FloatArray) -> FloatArray: ...


def proves_monotone(
    movement: FloatArray,
    gain: FloatArray,
    weights: FloatArray,
    sets: _Sets,
    deaths: IntArray,
) -> BoolArray:
    """True where the linear predictors that Newton's step moves so never stop gaining by it.

    Parameters
    ----------
    movement : array, shape (replicates, m)
        x'd of each row.
    gain : array, shape (replicates,)
        Slope of the log-likelihood along d.
    weights : array, shape (replicates, m)
    sets : RiskSets or SubdistributionSets
    deaths : int array
        Positions of the rows with the event.
    """
    present = weights > 0
    top = sets.highest(np.where(present, movement, -np.inf))
    gap = top[:, sets.last[deaths]] - movement[:, deaths]
    worst = np.where(present[:, deaths], gap, 0.0).max(axis=1)
    lowest = -sets.highest(np.where(present, -movement, -np.inf))
    died = sets.dying(present[:, deaths].astype(np.float64)) > 0
    largest = np.where(died, top - lowest, 0.0).max(axis=1)
    return runs(worst, largest, weights[:, deaths].sum(axis=1), gain)


def runs(worst: FloatArray, largest: FloatArray, events: FloatArray, gain: FloatArray) -> BoolArray:
    """Whether steps prove a monotone likelihood, shape (replicates,).

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
    """
    proved = (largest > SEPARATING_STEP) & (worst <= SAME * largest)
    return np.asarray(proved & (gain > CLEAR * events * worst**2))
