"""The outcome regressed on the scores of each replicate, compiled: as `measures.recalibrate`.

Replicates go side by side, as in `abreast`; each has scores of its own.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.elementary import LANES, exponential, log_of_one_and
from vertebrisk.kernels.compiled.jit import jit

TINY = float(np.finfo(float).tiny)
PATIENCE = 30  # iterations after which a recalibration goes back to NumPy
HALVINGS = 12


@jit("float64(float64, float64)")
def null(events: float, size: float) -> float:
    """Log-likelihood of the mean risk."""
    if events <= 0 or events >= size:
        return 0.0
    return events * math.log(events / size) + (size - events) * math.log1p(-events / size)


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[::1], int64, float64[:, ::1],"
    " float64[::1], float64[::1])"
)
def _enter(
    scores: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    sizes: IntArray,
    first: int,
    rows: FloatArray,
    mean: FloatArray,
    spread: FloatArray,
) -> None:
    """Scores centred and scaled, counts and events of replicates side by side."""
    for k in range(LANES):
        r = min(first + k, sizes.size - 1)
        total = mean[k] = variance = 0.0
        for i in range(sizes[r]):
            total += counts[r, i]
            mean[k] += counts[r, i] * scores[r, i]
        mean[k] /= total
        for i in range(sizes[r]):
            variance += counts[r, i] * (scores[r, i] - mean[k]) ** 2
        spread[k] = math.sqrt(variance / total) if sizes[r] > 1 else 1.0
        for i in range(rows.shape[0]):
            inside = i < sizes[r]
            rows[i, k] = (scores[r, i] - mean[k]) / spread[k] if inside else 0.0
            rows[i, LANES + k] = counts[r, i] if inside else 0.0
            rows[i, 2 * LANES + k] = events[r, i] if inside else 0.0


@jit("void(float64[:, ::1], float64[::1], float64[::1])", fused=True)
def _sums(rows: FloatArray, line: FloatArray, sums: FloatArray) -> None:
    """Log-likelihood, gradient and information of lines in the scores."""
    sums[:] = 0.0
    for i in range(rows.shape[0]):
        at = rows[i]
        for k in range(LANES):
            x, count, events = at[k], at[LANES + k], at[2 * LANES + k]
            eta = line[k] + line[LANES + k] * x
            small = exponential(-abs(eta))
            risk = (1.0 if eta >= 0 else small) / (1.0 + small)
            residual = events - count * risk
            weight = count * risk * (1.0 - risk)
            sums[k] += events * eta - count * (max(eta, 0.0) + log_of_one_and(small))
            sums[LANES + k] += residual
            sums[2 * LANES + k] += residual * x
            sums[3 * LANES + k] += weight
            sums[4 * LANES + k] += weight * x
            sums[5 * LANES + k] += weight * x * x


@jit("void(float64[::1], boolean[::1], float64[::1], float64[::1])")
def _steps(sums: FloatArray, going: BoolArray, step: FloatArray, decrement: FloatArray) -> None:
    """Newton's steps, zero for those that stay, and their squared decrements."""
    for k in range(LANES):
        first, second = sums[LANES + k], sums[2 * LANES + k]
        a, b, c = sums[3 * LANES + k], sums[4 * LANES + k], sums[5 * LANES + k]
        determinant = max(a * c - b * b, TINY)
        step[k] = (c * first - b * second) / determinant if going[k] else 0.0
        step[LANES + k] = (a * second - b * first) / determinant if going[k] else 0.0
        decrement[k] = first * step[k] + second * step[LANES + k]


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[::1], float64[:, ::1],"
    " boolean[::1])"
)
def recalibrated(
    scores: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    sizes: IntArray,
    answers: FloatArray,
    regular: BoolArray,
) -> None:
    """Intercept, slope and log-likelihood into `answers`; `regular` are those soon found.

    A single score has no slope: its intercept is the log-odds, beside a slope of 1.
    """
    rows = np.empty((sizes.max(), 3 * LANES))
    mean, spread, decrement = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    line, step, trial = np.empty(2 * LANES), np.empty(2 * LANES), np.empty(2 * LANES)
    sums, current, factor = np.empty(6 * LANES), np.empty(LANES), np.empty(LANES)
    going = np.empty(LANES, dtype=np.bool_)
    for first in range(0, sizes.size, LANES):
        _enter(scores, counts, events, sizes, first, rows, mean, spread)
        line[:] = 0.0
        going[:] = True
        _sums(rows, line, sums)
        for _ in range(PATIENCE):
            current[:] = sums[:LANES]
            _steps(sums, going, step, decrement)
            factor[:] = 1.0
            for _ in range(HALVINGS):
                for k in range(LANES):
                    trial[k] = line[k] + factor[k] * step[k]
                    trial[LANES + k] = line[LANES + k] + factor[k] * step[LANES + k]
                _sums(rows, trial, sums)
                falls = False
                for k in range(LANES):
                    if not sums[k] >= current[k] - 1e-9 * (1.0 + abs(current[k])):
                        factor[k] *= 0.5
                        falls = True
                if not falls:
                    break
            line[:] = trial
            for k in range(LANES):
                going[k] &= not decrement[k] < 1e-14 * (1.0 + abs(sums[k]))
            if not going.any():
                break
        for k in range(min(LANES, sizes.size - first)):
            r, slope = first + k, line[LANES + k] / spread[k]
            answers[r, 0], answers[r, 1] = line[k] - slope * mean[k], slope
            answers[r, 2] = sums[k]
            regular[r] &= not going[k]
            if sizes[r] < 2:
                answers[r, 0] = math.log(events[r, 0]) - math.log(counts[r, 0] - events[r, 0])
                answers[r, 1], answers[r, 2] = 1.0, null(events[r, 0], counts[r, 0])
