"""The local smoothers and what is read from them, compiled: as `loess` and `lowess`."""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import loess, lowess
from vertebrisk.kernels.compiled.elementary import LANES
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.compiled.local import lines, parabolas, windows
from vertebrisk.kernels.tied import TiedScores

LOESS_SPAN, LOWESS_SPAN, DELTA_SHARE = loess.SPAN, lowess.SPAN, lowess.DELTA_SHARE
EPS = float(np.finfo(float).eps)
FEW = 64  # gaps that are sorted by insertion


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64, int64, int64,"
    " float64[:, ::1], float64[::1])"
)
def _enter(
    risks: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    replicate: int,
    size: int,
    lane: int,
    rows: FloatArray,
    ends: FloatArray,
) -> None:
    """Put a replicate beside others, in the form that `local.parabolas` asks for."""
    end = 0.0
    for i in range(size):
        count = counts[replicate, i]
        end += count
        ends[i] = end
        rows[i, lane] = risks[replicate, i]
        rows[i, LANES + lane] = count
        rows[i, 2 * LANES + lane] = events[replicate, i] / count
    for i in range(size, rows.shape[0]):
        rows[i, lane] = risks[replicate, size - 1]
        rows[i, LANES + lane] = rows[i, 2 * LANES + lane] = 0.0


@jit("int64(float64[::1], int64, int64[::1])")
def _visited(scores: FloatArray, size: int, places: IntArray) -> int:
    """Places of the scores at which lowess fits a line, and how many they are."""
    delta = DELTA_SHARE * (scores[size - 1] - scores[0])
    count = current = 0
    places[0] = 0
    while current < size - 1:
        within = current + 1
        while within < size and scores[within] <= scores[current] + delta:
            within += 1
        current = min(max(current + 1, within - 1), size - 1)
        count += 1
        places[count] = current
    return count + 1


@jit("float64(float64, float64, float64, float64, float64)")
def _on_line(x0: float, x1: float, y0: float, y1: float, at: float) -> float:
    width = x1 - x0
    share = (at - x0) / width if width > 0 else 0.0
    return y1 if share >= 1.0 else y0 + share * (y1 - y0)


@jit("void(float64[::1], int64[::1], int64, float64[::1])")
def _fill(scores: FloatArray, places: IntArray, visited: int, fitted: FloatArray) -> None:
    """Straight lines between the visited scores."""
    for step in range(1, visited):
        a, b = places[step - 1], places[step]
        for i in range(a + 1, b):
            fitted[i] = _on_line(scores[a], scores[b], fitted[a], fitted[b], scores[i])


@jit("void(float64[::1], float64[::1], int64, float64[::1], float64[::1])")
def _read_off(
    scores: FloatArray, fitted: FloatArray, size: int, grid: FloatArray, read: FloatArray
) -> None:
    opening = 0
    for k in range(grid.size):
        at = grid[k]
        if at < scores[0] or at > scores[size - 1]:
            read[k] = math.nan
        elif size == 1:
            read[k] = fitted[0]
        else:
            while opening < size - 2 and scores[opening + 1] <= at:
                opening += 1
            read[k] = _on_line(
                scores[opening], scores[opening + 1], fitted[opening], fitted[opening + 1], at
            )


@jit("void(float64[::1], int64, int64[::1])")
def _sort(values: FloatArray, size: int, order: IntArray) -> None:
    if size > FEW:
        order[:size] = np.argsort(values[:size], kind="mergesort")
        return
    for i in range(size):
        j = i
        while j > 0 and values[order[j - 1]] > values[i]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = i


@jit("float64(float64[::1], float64[::1], int64[::1], int64, float64, float64)")
def _quantile(
    values: FloatArray,
    counts: FloatArray,
    order: IntArray,
    size: int,
    total: float,
    probability: float,
) -> float:
    position = (total - 1.0) * probability
    low = math.floor(position + 4 * EPS)
    share = position - low
    if share < 1e-12:
        share = 0.0
    end = 0.0
    first: float = values[order[size - 1]]
    second = first
    found = False
    for k in range(size):
        end += counts[order[k]]
        if not found and end > low:
            first = values[order[k]]
            found = True
        if end > min(low + 1.0, total - 1.0):
            second = values[order[k]]
            break
    return first + share * (second - first)


@jit("void(float64[::1], float64[::1], float64[::1], int64, float64, int64[::1], float64[::1])")
def _judge(
    smooth: FloatArray,
    risks: FloatArray,
    counts: FloatArray,
    size: int,
    total: float,
    order: IntArray,
    errors: FloatArray,
) -> None:
    """ICI, E50, E90 and Emax; leaves the gaps in `smooth`."""
    mean = largest = 0.0
    for i in range(size):
        gap = abs(smooth[i] - risks[i])
        smooth[i] = gap
        mean += counts[i] * gap
        largest = max(largest, gap)
    _sort(smooth, size, order)
    errors[0] = mean / total
    errors[1] = _quantile(smooth, counts, order, size, total, 0.5)
    errors[2] = _quantile(smooth, counts, order, size, total, 0.9)
    errors[3] = largest


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[::1], float64[::1],"
    " float64[:, ::1], float64[:, ::1], boolean)"
)
def _smooth(
    risks: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    sizes: IntArray,
    grid: FloatArray,
    errors: FloatArray,
    curves: FloatArray,
    judged: bool,
) -> None:
    replicates, width = sizes.size, sizes.max()
    rows, ends = np.empty((width, 3 * LANES)), np.empty((LANES, width))
    around, reached = np.empty((width, 2 * LANES)), np.empty((2, width), dtype=np.int64)
    at_centres, fitted, ranges = np.empty((width, LANES)), np.empty(width), np.empty(LANES)
    every, order = np.arange(width), np.empty(width, dtype=np.int64)
    places, visited = np.empty((LANES, width), dtype=np.int64), np.empty(LANES, dtype=np.int64)
    for first in range(0, replicates, LANES):
        for k in range(LANES):
            r = min(first + k, replicates - 1)
            _enter(risks, counts, events, r, sizes[r], k, rows, ends[k])
            ranges[k] = risks[r, sizes[r] - 1] - risks[r, 0]
        if judged:
            reached[0], reached[1] = width, 0
            for k in range(LANES):
                r = min(first + k, replicates - 1)
                total = ends[k, sizes[r] - 1]
                near = max(1, min(int(total), int(total * LOESS_SPAN + 1e-5)))
                windows(risks[r], ends[k], sizes[r], every, sizes[r], near, k, around, reached)
            parabolas(rows, around, reached, width, at_centres)
            for k in range(min(LANES, replicates - first)):
                r = first + k
                size = sizes[r]
                for i in range(size):
                    fitted[i] = at_centres[i, k]
                _judge(fitted, risks[r], counts[r], size, ends[k, size - 1], order, errors[r])
        reached[0], reached[1] = width, 0
        for k in range(LANES):
            r = min(first + k, replicates - 1)
            total = ends[k, sizes[r] - 1]
            near = max(2, min(int(total), int(LOWESS_SPAN * total + 1e-7)))
            visited[k] = _visited(risks[r], sizes[r], places[k])
            windows(risks[r], ends[k], sizes[r], places[k], visited[k], near, k, around, reached)
        lines(rows, around, reached, visited.max(), ranges, at_centres)
        for k in range(min(LANES, replicates - first)):
            for step in range(visited[k]):
                fitted[places[k, step]] = at_centres[step, k]
            _fill(risks[first + k], places[k], visited[k], fitted)
            _read_off(risks[first + k], fitted, sizes[first + k], grid, curves[first + k])


def smooth_scores(
    tied: TiedScores, risks: FloatArray, grid: FloatArray, *, judged: bool = True
) -> tuple[FloatArray, FloatArray]:
    """ICI, E50, E90 and Emax by loess, and the lowess curve read off on a grid.

    Parameters
    ----------
    tied : TiedScores
        Whole counts; totals may differ between replicates.
    risks : array, shape (replicates, m)
        Risks of its scores.
    grid : array, shape (k,)
        Ascending.
    judged : bool
        False leaves out loess; ICI, E50, E90 and Emax are then NaN.

    Returns
    -------
    array, shape (replicates, 4), and array, shape (replicates, k)
    """
    replicates = tied.sizes.size
    errors, curves = np.full((replicates, 4), np.nan), np.empty((replicates, grid.size))
    _smooth(
        risks,
        tied.counts,
        tied.events,
        tied.sizes,
        plain(grid),
        errors,
        curves,
        judged,
    )
    return errors, curves
