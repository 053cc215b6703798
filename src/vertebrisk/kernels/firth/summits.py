"""The higher of several maxima of a penalised likelihood.

Jeffreys' penalty makes the estimate finite, but not the maximum single. A patient far out in a
number has most of the information about its slope while the risks are near a half, and the
penalty keeps the slope near zero for it; beyond that maximum there may be a higher one with a
steep slope, which the other patients ask for and which leaves him no information. A search from
zero, where he weighs most, ends at the lower. So where one has an extreme leverage there, it is
begun anew from where the far-out patients are drawn in, and from steeper slopes.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.firth.climbing import Climb, climb, inverses
from vertebrisk.kernels.firth.problem import Problem, both, quadratic

EXTREME = 0.5  # leverage of one patient while all risks are a half
FAR_OUT = 2.0  # distance from the median, in standard deviations by the median distance
NORMAL = 1.4826  # standard deviation of a normal distribution by its median distance
STEEPER = (1.0, 3.0)  # a second search begins at these times the slopes of the drawn-in patients
STEEP = 5.0  # and at this times those of the first maximum
HIGHER = 1e-8  # relative log-likelihood by which another maximum is a higher one
CELLS = 1_000_000  # leverages at once


def highest(problem: Problem, state: Climb, free: BoolArray) -> Climb:
    """Every replicate's climb, at a higher maximum where a second search found one.

    Parameters
    ----------
    problem : Problem
    state : Climb
        Where the search from zero ended.
    free : bool array, shape (replicates, p)
        Coefficients that are not held at zero.
    """
    rows = np.flatnonzero(_held_by_one(problem))
    if rows.size == 0:
        return state
    own = free[rows]
    inner = climb(_drawn_in(problem).take(rows), np.zeros(own.shape), own).beta
    starts = [*(inner * times for times in STEEPER), state.beta[rows] * STEEP]
    again = np.tile(rows, len(starts))
    found = climb(problem.take(again), np.concatenate(starts), free[again])
    values = np.where(found.converged, found.point.value, -np.inf).reshape(len(starts), -1)
    first = state.point.value[rows]
    higher = values.max(axis=0) > first + HIGHER * (1.0 + np.abs(first))
    best = values.argmax(axis=0) * rows.size + np.arange(rows.size)
    state.put(rows[higher], found, best[higher])
    return state


def _held_by_one(problem: Problem) -> BoolArray:
    """Replicates in which a patient far out in a number has an extreme leverage at zero."""
    extreme = _extreme(problem)
    if not extreme.any():
        return np.zeros(extreme.shape[0], dtype=np.bool_)
    return np.asarray((extreme & far_out(problem.design)).any(axis=1))


def far_out(design: FloatArray) -> BoolArray:
    """Rows with a value beyond the usual range of its column, shape (n,)."""
    low, high = _usual(design)
    return np.asarray(((design < low) | (design > high)).any(axis=1))


def _extreme(problem: Problem) -> BoolArray:
    """Rows in which one patient has an extreme leverage, shape (replicates, n)."""
    inverse = inverses(problem.at_half, problem.full) * both(problem.mask)
    replicates, rows = problem.weights.shape
    found = np.empty((replicates, rows), dtype=np.bool_)
    few = max(1, CELLS // rows)
    for first in range(0, replicates, few):
        part = slice(first, first + few)
        found[part] = 0.25 * quadratic(inverse[part], problem.products) > EXTREME
    found &= problem.weights > 0
    return found


def _usual(columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ends of each column's usual range; none of one in which most rows are the same."""
    middle = np.median(columns, axis=0)
    reach = FAR_OUT * NORMAL * np.median(np.abs(columns - middle), axis=0)
    reach = np.where(reach > 0.0, reach, np.inf)
    return middle - reach, middle + reach


def _drawn_in(problem: Problem) -> Problem:
    """The problem with values beyond the usual range moved to its ends."""
    return problem.of_columns(np.clip(problem.design, *_usual(problem.design)))
