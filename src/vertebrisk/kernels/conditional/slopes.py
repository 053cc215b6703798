"""The slope of each replicate's own linear predictor in a conditional model of the same sets.

The gradient of a conditional likelihood falls with the slope, so its root lies between two
slopes at which it has different signs; Newton's steps that leave them are replaced by halving.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.conditional.sets import MatchedSets

MAX_STEPS = 100
TOLERANCE = 1e-12  # step, relative to the slope, that is none
LARGEST = 1e8  # slope of a linear predictor in spreads, beyond which there is none
SAME = 1e-9  # difference of linear predictors, relative to their spread, that is none


def conditional_slopes(linear: FloatArray, sets: MatchedSets, weights: FloatArray) -> FloatArray:
    """Slope of each linear predictor, shape (replicates,); NaN where it is not finite.

    Parameters
    ----------
    linear : array, shape (replicates, n)
    sets : MatchedSets
    weights : array, shape (replicates, n) or (1, n)
        How often each set counts; those that do not count separate nothing.
    """
    values = linear[:, sets.rows]
    filled = sets.filled
    count = filled.sum(axis=1)
    centre = (values * filled).sum(axis=2) / count
    values = np.where(filled, values - centre[:, :, None], 0.0)
    spread = np.sqrt((values**2).sum(axis=(1, 2)) / max(1, int(count.sum())))
    found = np.full(linear.shape[0], np.nan)
    drawn = np.broadcast_to(sets.drawn(weights), (linear.shape[0], sets.cases.size))
    usable = (spread > 0) & ~_separated(values, sets, spread, drawn)
    if usable.any():
        scaled = values[usable] / spread[usable, None, None]
        found[usable] = _root(scaled, sets, drawn[usable]) / spread[usable]
    return found


def _separated(
    values: FloatArray, sets: MatchedSets, spread: FloatArray, drawn: FloatArray
) -> BoolArray:
    """True where in every set that counts no control lies above a case, or none below."""
    leading, controls = sets.leading, sets.filled & ~sets.leading
    slack = SAME * spread[:, None]
    above = values.min(axis=2, where=leading, initial=np.inf) >= (
        values.max(axis=2, where=controls, initial=-np.inf) - slack
    )
    below = values.max(axis=2, where=leading, initial=-np.inf) <= (
        values.min(axis=2, where=controls, initial=np.inf) + slack
    )
    silent = drawn == 0.0
    return np.asarray((above | silent).all(axis=1) | (below | silent).all(axis=1))


def _root(values: FloatArray, sets: MatchedSets, weights: FloatArray) -> FloatArray:
    """Where the gradient is zero."""
    slope = np.zeros(values.shape[0])
    low, high = np.full(slope.size, -np.inf), np.full(slope.size, np.inf)
    for _ in range(MAX_STEPS):
        gradient, information = _derivatives(values, slope, sets, weights)
        low, high = np.where(gradient >= 0, slope, low), np.where(gradient <= 0, slope, high)
        step = gradient / np.maximum(information, 1e-300)
        step = np.clip(step, -1.0 - np.abs(slope), 1.0 + np.abs(slope))
        moved = slope + step
        inside = (moved >= low) & (moved <= high)
        moved = np.where(inside, moved, 0.5 * (low + high))
        done = np.abs(moved - slope) <= TOLERANCE * (1.0 + np.abs(moved))
        slope = moved
        if (done | (np.abs(slope) > LARGEST)).all():
            break
    return np.where(np.abs(slope) > LARGEST, np.nan, slope)


def _derivatives(
    values: FloatArray, slope: FloatArray, sets: MatchedSets, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient and information of one column each."""
    eta = values * slope[:, None, None]
    top = eta.max(axis=2, where=sets.filled, initial=-np.inf)
    relative = np.where(sets.filled, np.exp(eta - top[:, :, None]), 0.0)
    observed = values.sum(axis=2, where=sets.leading)
    gradient, information = np.zeros(slope.size), np.zeros(slope.size)
    for chosen in (sets.cases == 1, sets.cases > 1):
        if not chosen.any():
            continue
        own = weights[:, chosen]
        x, share = values[:, chosen], relative[:, chosen]
        deepest = sets.cases[chosen]
        mean, square = _alone(x, share) if deepest[0] == 1 else _several(x, share, deepest)
        gradient += (own * (observed[:, chosen] - mean)).sum(axis=1)
        information += (own * (square - mean**2)).sum(axis=1)
    return gradient, information


def _alone(x: FloatArray, relative: FloatArray) -> tuple[FloatArray, FloatArray]:
    total = relative.sum(axis=2)
    return (relative * x).sum(axis=2) / total, (relative * x**2).sum(axis=2) / total


def _several(x: FloatArray, relative: FloatArray, cases: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean and mean square of the sums over subsets of as many members as there are cases."""
    deepest = int(cases.max())
    total, first, second = (np.zeros((*x.shape[:2], deepest + 1)) for _ in range(3))
    total[:, :, 0] = 1.0
    for member in range(x.shape[2]):
        top = min(member + 1, deepest)
        own, share = x[:, :, member, None], relative[:, :, member, None]
        below, slope = total[:, :, :top], first[:, :, :top]
        bent = second[:, :, :top] + 2.0 * own * slope + own**2 * below
        second[:, :, 1 : top + 1] += share * bent
        first[:, :, 1 : top + 1] += share * (slope + own * below)
        total[:, :, 1 : top + 1] += share * below
    place = np.arange(cases.size), cases
    whole = total[:, place[0], place[1]]
    return first[:, place[0], place[1]] / whole, second[:, place[0], place[1]] / whole
