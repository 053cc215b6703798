"""The local smoothers and what is read from them, compiled: as `loess` and `lowess`."""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import loess, lowess
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.tied import TiedScores

LOESS_SPAN, LOWESS_SPAN = loess.SPAN, lowess.SPAN
NEAR_SINGULAR, SINGULAR = loess.NEAR_SINGULAR, loess.SINGULAR
DELTA_SHARE, NEAR, FAR = lowess.DELTA_SHARE, lowess.NEAR, lowess.FAR
EPS = float(np.finfo(float).eps)
APART = 1e300  # what a distance is multiplied by where none but the centre itself has weight
FEW = 64  # gaps that are sorted by insertion


@jit("int64(float64[::1], float64[::1], int64, float64[::1])")
def _repeat(scores: FloatArray, counts: FloatArray, size: int, rows: FloatArray) -> int:
    """Scores repeated by their counts; returns how many there are."""
    end = 0
    for i in range(size):
        for _ in range(int(counts[i] + 0.5)):
            rows[end] = scores[i]
            end += 1
    return end


@jit("int64(float64[::1], int64, float64, int64, int64)")
def _window(rows: FloatArray, total: int, centre: float, width: int, start: int) -> int:
    """First row of the window; `start` is that of a centre further left."""
    while start < total - width and centre - rows[start] > rows[start + width] - centre:
        start += 1
    return start


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


@jit("float64(float64[::1], float64[::1], float64[::1], int64, int64, float64, float64)", sums=True)
def _parabola(
    scores: FloatArray,
    counts: FloatArray,
    shares: FloatArray,
    opening: int,
    closing: int,
    centre: float,
    per: float,
) -> float:
    """Value at the centre of a local parabola, by cofactors of its moments.

    Of the scores from `opening` to `closing`; those further off than 1 / `per` have no weight.
    """
    s0 = s1 = s2 = s3 = s4 = m0 = m1 = m2 = 0.0
    for i in range(opening, closing):
        x = (scores[i] - centre) * per
        weight = counts[i] * _tricube(abs(x))
        first = weight * x
        second = first * x
        third = second * x
        s0 += weight
        s1 += first
        s2 += second
        s3 += third
        s4 += third * x
        m0 += weight * shares[i]
        m1 += first * shares[i]
        m2 += second * shares[i]
    c0, c1, c2 = s2 * s4 - s3 * s3, s2 * s3 - s1 * s4, s1 * s3 - s2 * s2
    determinant = s0 * c0 + s1 * c1 + s2 * c2
    if determinant > NEAR_SINGULAR * s0 * s2 * s4:
        return (c0 * m0 + c1 * m1 + c2 * m2) / determinant
    return _least_norm(s0, s1, s2, s3, s4, m0, m1, m2)


@jit("void(float64[::1], float64[::1], float64[::1], int64, float64[::1], int64, float64[::1])")
def _loess(
    scores: FloatArray,
    counts: FloatArray,
    shares: FloatArray,
    size: int,
    rows: FloatArray,
    total: int,
    fitted: FloatArray,
) -> None:
    """Local parabolas at all scores."""
    width = max(1, min(total, int(total * LOESS_SPAN + 1e-5)))
    start = opening = closing = 0
    for e in range(size):
        centre = scores[e]
        start = _window(rows, total, centre, width, start)
        reach = max(centre - rows[start], rows[start + width - 1] - centre)
        while scores[opening] < rows[start]:
            opening += 1
        while closing < size and scores[closing] <= centre + reach:
            closing += 1
        per = 1.0 / reach if reach > 0 else APART
        fitted[e] = _parabola(scores, counts, shares, opening, closing, centre, per)


@jit(
    "float64(float64[::1], float64[::1], float64[::1], float64[::1], int64, float64, int64,"
    " int64, int64, float64, float64[::1])",
    sums=True,
)
def _local_line(
    scores: FloatArray,
    counts: FloatArray,
    shares: FloatArray,
    ends: FloatArray,
    size: int,
    centre: float,
    start: int,
    opening: int,
    closing: int,
    reach: float,
    weights: FloatArray,
) -> float:
    """Value at the centre of a line through the scores within reach, of those in between."""
    per = 1.0 / reach if reach > 0 else APART
    total = mean = 0.0
    for i in range(opening, closing):
        share = abs(scores[i] - centre) * per
        weight = _tricube(share) if share > NEAR else 1.0
        weight = 0.0 if share > FAR else weight * min(ends[i] - start, counts[i])
        weights[i] = weight
        total += weight
        mean += weight * scores[i]
    mean /= total
    spread = level = along = 0.0
    for i in range(opening, closing):
        offset = scores[i] - mean
        spread += weights[i] * offset * offset
        level += weights[i] * shares[i]
        along += weights[i] * offset * shares[i]
    sloped = math.sqrt(spread / total) > 0.001 * (scores[size - 1] - scores[0]) and reach > 0
    return level / total + (centre - mean) / spread * along if sloped else level / total


@jit("float64(float64, float64, float64, float64, float64)")
def _on_line(x0: float, x1: float, y0: float, y1: float, at: float) -> float:
    width = x1 - x0
    share = (at - x0) / width if width > 0 else 0.0
    return y1 if share >= 1.0 else y0 + share * (y1 - y0)


@jit(
    "void(float64[::1], float64[::1], float64[::1], float64[::1], int64, float64[::1], int64,"
    " float64[::1], float64[::1])"
)
def _lowess(
    scores: FloatArray,
    counts: FloatArray,
    shares: FloatArray,
    ends: FloatArray,
    size: int,
    rows: FloatArray,
    total: int,
    weights: FloatArray,
    fitted: FloatArray,
) -> None:
    """Smooth at every score: lines at some of them, straight between."""
    width = max(2, min(total, int(LOWESS_SPAN * total + 1e-7)))
    delta = DELTA_SHARE * (scores[size - 1] - scores[0])
    start = opening = closing = visited = current = 0
    while True:
        centre = scores[current]
        start = _window(rows, total, centre, width, start)
        reach = max(centre - rows[start], rows[start + width - 1] - centre)
        while ends[opening] <= start:
            opening += 1
        while closing < size and scores[closing] <= centre + reach:
            closing += 1
        fitted[current] = _local_line(
            scores, counts, shares, ends, size, centre, start, opening, closing, reach, weights
        )
        for i in range(visited + 1, current):
            fitted[i] = _on_line(
                scores[visited], centre, fitted[visited], fitted[current], scores[i]
            )
        if current == size - 1:
            break
        visited = current
        within = current + 1
        while within < size and scores[within] <= centre + delta:
            within += 1
        current = min(max(current + 1, within - 1), size - 1)


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
        order[:size] = np.argsort(values[:size])
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


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[::1], int64, float64[::1],"
    " float64[:, ::1], float64[:, ::1], boolean)"
)
def _smooth(
    risks: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    sizes: IntArray,
    most: int,
    grid: FloatArray,
    errors: FloatArray,
    curves: FloatArray,
    judged: bool,
) -> None:
    replicates, width = risks.shape
    rows, shares, ends = np.empty(most), np.empty(width), np.empty(width)
    fitted, spare = np.empty(width), np.empty(width)
    order = np.empty(width, dtype=np.int64)
    for r in range(replicates):
        size = sizes[r]
        end = 0.0
        for i in range(size):
            shares[i] = events[r, i] / counts[r, i]
            end += counts[r, i]
            ends[i] = end
        total = _repeat(risks[r], counts[r], size, rows)
        if judged:
            _loess(risks[r], counts[r], shares, size, rows, total, fitted)
            mean = largest = 0.0
            for i in range(size):
                gap = abs(fitted[i] - risks[r, i])
                fitted[i] = gap
                mean += counts[r, i] * gap
                largest = max(largest, gap)
            _sort(fitted, size, order)
            errors[r, 0] = mean / end
            errors[r, 1] = _quantile(fitted, counts[r], order, size, end, 0.5)
            errors[r, 2] = _quantile(fitted, counts[r], order, size, end, 0.9)
            errors[r, 3] = largest
        _lowess(risks[r], counts[r], shares, ends, size, rows, total, spare, fitted)
        _read_off(risks[r], fitted, size, grid, curves[r])


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
    most = int(tied.totals.max().round())
    _smooth(
        risks,
        tied.counts,
        tied.events,
        tied.sizes,
        most,
        plain(grid),
        errors,
        curves,
        judged,
    )
    return errors, curves
