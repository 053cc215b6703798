"""Local regressions of replicates side by side, compiled: as in `loess` and `lowess`.

Neighbourhoods of few scores are too short for a processor that adds up several numbers at once;
so it takes one score of several replicates instead. What a replicate gives does not depend on
those beside it.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import loess, lowess
from vertebrisk.kernels.compiled.elementary import LANES
from vertebrisk.kernels.compiled.jit import jit

NEAR_SINGULAR, SINGULAR = loess.NEAR_SINGULAR, loess.SINGULAR
NEAR, FAR = lowess.NEAR, lowess.FAR
APART = 1e300  # what a distance is multiplied by where none but the centre itself has weight


@jit(
    "void(float64[::1], float64[::1], int64, int64[::1], int64, float64, int64, float64[:, ::1],"
    " int64[:, ::1])"
)
def windows(
    scores: FloatArray,
    ends: FloatArray,
    size: int,
    places: IntArray,
    visited: int,
    neighbours: float,
    lane: int,
    around: FloatArray,
    reached: IntArray,
) -> None:
    """Centre and 1 / reach of the window around each place of one replicate.

    A window slides right while its first patient is further away than the next on the right, so
    nobody whom it leaves out is nearer than its reach. `ends` are numbers of patients up to each
    score, `places` those visited, of which the last stands for further steps. `reached`, shape
    (2, steps), widens to the scores within reach.
    """
    last = ends[size - 1] - neighbours
    start = 0.0
    left = right = closing = 0
    while right < size - 1 and ends[right] <= neighbours:
        right += 1
    for step in range(around.shape[0]):
        centre = scores[places[min(step, visited - 1)]]
        while start < last and centre - scores[left] > scores[right] - centre:
            start = min(min(ends[left], ends[right] - neighbours), last)
            while ends[left] <= start:
                left += 1
            while right < size - 1 and ends[right] <= start + neighbours:
                right += 1
        before = right > 0 and ends[right - 1] >= start + neighbours
        reach = max(centre - scores[left], scores[right - 1 if before else right] - centre)
        while closing < size and scores[closing] <= centre + reach:
            closing += 1
        around[step, lane] = centre
        around[step, LANES + lane] = 1.0 / reach if reach > 0 else APART
        reached[0, step] = min(reached[0, step], left)
        reached[1, step] = max(reached[1, step], closing)


@jit("float64(float64)")
def _tricube(share: float) -> float:
    rest = max(1.0 - share * share * share, 0.0)
    return rest * rest * rest


@jit("float64(float64, float64, float64, float64, float64, float64, float64, float64)")
def _least_norm(
    s0: float, s1: float, s2: float, s3: float, s4: float, m0: float, m1: float, m2: float
) -> float:
    """Value at the centre by the Moore-Penrose inverse of the moments, scaled."""
    sums, moments = (s0, s1, s2, s3, s4), (m0, m1, m2)
    scale, matrix = np.empty(3), np.empty((3, 3))
    for i in range(3):
        scale[i] = math.sqrt(sums[2 * i]) if sums[2 * i] > 0 else 1.0
    for i in range(3):
        for j in range(3):
            matrix[i, j] = sums[i + j] / (scale[i] * scale[j])
    values, vectors = np.linalg.eigh(matrix)
    total = 0.0
    for k in range(3):
        if values[k] > SINGULAR * values[2]:
            along = 0.0
            for i in range(3):
                along += vectors[i, k] * moments[i] / scale[i]
            total += vectors[0, k] / values[k] * along
    return float(total / scale[0])


@jit("void(float64[:, ::1], int64, int64, float64[::1], float64[::1])", fused=True)
def _moments(
    rows: FloatArray, opening: int, closing: int, around: FloatArray, sums: FloatArray
) -> None:
    """Weights times powers 0 to 4 of the distance, and times powers 0 to 2 of it and the share."""
    sums[:] = 0.0
    for i in range(opening, closing):
        at = rows[i]
        for k in range(LANES):
            x = (at[k] - around[k]) * around[LANES + k]
            weight = at[LANES + k] * _tricube(abs(x))
            share = at[2 * LANES + k]
            first = weight * x
            second = first * x
            third = second * x
            sums[k] += weight
            sums[LANES + k] += first
            sums[2 * LANES + k] += second
            sums[3 * LANES + k] += third
            sums[4 * LANES + k] += third * x
            sums[5 * LANES + k] += weight * share
            sums[6 * LANES + k] += first * share
            sums[7 * LANES + k] += second * share


@jit(
    "void(float64[:, ::1], float64[:, ::1], int64[:, ::1], int64, float64[:, ::1])",
    fused=True,
)
def parabolas(
    rows: FloatArray, around: FloatArray, reached: IntArray, steps: int, fitted: FloatArray
) -> None:
    """Values at the centres of local parabolas, by cofactors of their moments.

    Parameters
    ----------
    rows : array, shape (scores, 3 * LANES)
        Scores, counts and shares of events, each of all replicates.
    around, reached : array
        See `windows`.
    fitted : array, shape (steps, LANES)
    """
    sums, margin = np.empty(8 * LANES), np.empty(LANES)
    for step in range(steps):
        _moments(rows, reached[0, step], reached[1, step], around[step], sums)
        own = fitted[step]
        for k in range(LANES):
            s0, s1, s2 = sums[k], sums[LANES + k], sums[2 * LANES + k]
            s3, s4 = sums[3 * LANES + k], sums[4 * LANES + k]
            c0, c1, c2 = s2 * s4 - s3 * s3, s2 * s3 - s1 * s4, s1 * s3 - s2 * s2
            determinant = s0 * c0 + s1 * c1 + s2 * c2
            margin[k] = determinant - NEAR_SINGULAR * s0 * s2 * s4
            value = c0 * sums[5 * LANES + k] + c1 * sums[6 * LANES + k] + c2 * sums[7 * LANES + k]
            own[k] = value / determinant
        for k in range(LANES):
            if not margin[k] > 0.0:
                s = sums[k::LANES]
                own[k] = _least_norm(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7])


@jit(
    "void(float64[:, ::1], int64, int64, float64[::1], float64[:, ::1], float64[::1])",
    fused=True,
)
def _line_sums(
    rows: FloatArray,
    opening: int,
    closing: int,
    around: FloatArray,
    weights: FloatArray,
    sums: FloatArray,
) -> None:
    """Weight and mean score; spread, sum of shares, and of shares times distances from the mean."""
    sums[:] = 0.0
    for i in range(opening, closing):
        at, own = rows[i], weights[i]
        for k in range(LANES):
            share = abs(at[k] - around[k]) * around[LANES + k]
            weight = _tricube(share) if share > NEAR else 1.0
            weight = 0.0 if share > FAR else weight * at[LANES + k]
            own[k] = weight
            sums[k] += weight
            sums[LANES + k] += weight * at[k]
    for k in range(LANES):
        sums[LANES + k] /= sums[k]
    for i in range(opening, closing):
        at, own = rows[i], weights[i]
        for k in range(LANES):
            weight = own[k]
            offset = at[k] - sums[LANES + k]
            weighted = weight * at[2 * LANES + k]
            sums[2 * LANES + k] += weight * offset * offset
            sums[3 * LANES + k] += weighted
            sums[4 * LANES + k] += offset * weighted


@jit(
    "void(float64[:, ::1], float64[:, ::1], int64[:, ::1], int64, float64[::1], float64[:, ::1])",
    fused=True,
)
def lines(
    rows: FloatArray,
    around: FloatArray,
    reached: IntArray,
    steps: int,
    ranges: FloatArray,
    fitted: FloatArray,
) -> None:
    """Values at the centres of local lines; `ranges`, shape (LANES,), are those of all scores.

    The other arguments are those of `parabolas`.
    """
    sums, weights = np.empty(5 * LANES), np.empty((rows.shape[0], LANES))
    for step in range(steps):
        _line_sums(rows, reached[0, step], reached[1, step], around[step], weights, sums)
        for k in range(LANES):
            total, spread = sums[k], sums[2 * LANES + k]
            level = sums[3 * LANES + k] / total
            along = (around[step, k] - sums[LANES + k]) / spread * sums[4 * LANES + k]
            sloped = math.sqrt(spread / total) > 0.001 * ranges[k]
            sloped &= around[step, LANES + k] < APART
            fitted[step, k] = level + along if sloped else level
