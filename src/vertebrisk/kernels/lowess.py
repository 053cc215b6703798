"""R's ``lowess`` without robustness iterations, for many replicates at once.

References
----------
Cleveland WS 1979, doi:10.1080/01621459.1979.10481038. The jumps over points closer
than `delta` and the interpolation between them follow R's clowess, so that the
curves of ``rms::calibrate`` are met to the last digits.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.tied import TiedScores, repeat_rows
from vertebrisk.kernels.windows import tricube, window_reach, window_starts

SPAN = 2 / 3
DELTA_SHARE = 0.01
NEAR, FAR = 0.001, 0.999  # shares of the reach with weight 1 and 0, as in clowess
BLOCK = 40_000  # local weights held at once, so that they stay in the processor's cache


def lowess_batch(tied: TiedScores) -> FloatArray:
    """Smoothed share of events at each distinct score, shape (replicates, m).

    Span 2/3, no robustness iterations, delta a hundredth of the range: R's defaults
    with ``iter = 0``. Every replicate must hold the same number of rows.
    """
    points = _visited(tied)
    centres, first, reach = _windows(tied, points)
    ends, shares = np.cumsum(tied.counts, axis=1), tied.shares
    fitted = np.empty(points.shape)
    block = max(1, BLOCK // (points.shape[1] * tied.scores.shape[1]))
    for start in range(0, points.shape[0], block):
        part = slice(start, start + block)
        weights = _local_lines(
            tied.scores[part],
            tied.counts[part],
            ends[part],
            centres[part],
            first[part],
            reach[part],
        )
        fitted[part] = np.einsum("rem,rm->re", weights, shares[part])
    return _between(tied, points, fitted)


def lowess_operator(tied: TiedScores) -> tuple[FloatArray, FloatArray]:
    """Scores at which lines are fitted to one replicate, and the weights of the shares there.

    Returns arrays of shape (e,) and (e, m): the smooth at those scores is the second times
    the shares of events, which makes its variance known.
    """
    points = _visited(tied)
    ends = np.cumsum(tied.counts, axis=1)
    weights = _local_lines(tied.scores, tied.counts, ends, *_windows(tied, points))
    return tied.scores[0, points[0]], weights[0]


def _visited(tied: TiedScores) -> IntArray:
    """Positions at which a line is fitted, the last repeated as padding."""
    scores, final = tied.scores, tied.sizes - 1
    every = np.arange(scores.shape[0])
    delta = DELTA_SHARE * (scores[every, final] - scores[:, 0])
    inside = np.arange(scores.shape[1]) < tied.sizes[:, None]
    current = np.zeros(scores.shape[0], dtype=np.int64)
    sequence = [current]
    while (current < final).any():
        cut = scores[every, current] + delta
        within = np.sum((scores <= cut[:, None]) & inside, axis=1)
        current = np.minimum(np.maximum(current + 1, within - 1), final)
        sequence.append(current)
    return np.stack(sequence, axis=1)


def _windows(tied: TiedScores, points: IntArray) -> tuple[FloatArray, IntArray, FloatArray]:
    """Centre, first row and reach of the window of each visited point."""
    rows = repeat_rows(tied, tied.scores)
    total = rows.shape[1]
    width = min(total, max(2, int(SPAN * total + 1e-7)))
    centres = np.take_along_axis(tied.scores, points, axis=1)
    first = window_starts(rows, centres, width)
    return centres, first, window_reach(rows, centres, first, width)


def _local_lines(
    scores: FloatArray,
    counts: FloatArray,
    ends: FloatArray,
    centres: FloatArray,
    first: IntArray,
    reach: FloatArray,
) -> FloatArray:
    """Weight of each score's share of events in the line at each point, (replicates, e, m)."""
    share = scores[:, None, :] - centres[:, :, None]
    np.abs(share, out=share)
    share *= (1.0 / np.where(reach > 0, reach, 1.0))[:, :, None]
    weight = tricube(share)
    weight[share <= NEAR] = 1.0
    weight[share > FAR] = 0.0
    if not (reach > 0).all():
        flat = (reach <= 0)[:, :, None]
        weight = np.where(flat, share == 0.0, weight)
    # rows before the window's first are not used, even where they are within reach
    within = ends[:, None, :] - first[:, :, None]
    np.maximum(within, 0.0, out=within)
    np.minimum(within, counts[:, None, :], out=within)
    weight *= within
    weight *= (1.0 / weight.sum(axis=2))[:, :, None]
    mean = np.einsum("rem,rm->re", weight, scores)
    offset = scores[:, None, :] - mean[:, :, None]
    sloping = weight * offset
    spread = np.einsum("rem,rem->re", sloping, offset)
    span = (scores[:, -1] - scores[:, 0])[:, None]
    sloped = (np.sqrt(spread) > 0.001 * span) & (reach > 0)
    slope = np.where(sloped, (centres - mean) / np.where(sloped, spread, 1.0), 0.0)
    sloping *= slope[:, :, None]
    weight += sloping
    return weight


def _between(tied: TiedScores, points: IntArray, fitted: FloatArray) -> FloatArray:
    """Values at every score, on straight lines between the visited ones."""
    if points.shape[1] == 1:
        return np.repeat(fitted, tied.scores.shape[1], axis=1)
    # the visited positions at or below each score, of which the last opens its segment
    passed = np.sum(points[:, :-1, None] <= np.arange(tied.scores.shape[1]), axis=1)
    opening = np.clip(passed - 1, 0, points.shape[1] - 2)
    x = np.take_along_axis(tied.scores, points, axis=1)
    return _on_lines(x, fitted, opening, tied.scores)


def _on_lines(x: FloatArray, y: FloatArray, opening: IntArray, at: FloatArray) -> FloatArray:
    """Values at `at` on the segments that begin at the positions `opening`."""
    begin = opening + x.shape[1] * np.arange(x.shape[0])[:, None]
    flat_x, flat_y = x.ravel(), y.ravel()
    x0, x1, y0, y1 = flat_x[begin], flat_x[begin + 1], flat_y[begin], flat_y[begin + 1]
    width = x1 - x0
    share = np.where(width > 0, (at - x0) / np.where(width > 0, width, 1.0), 0.0)
    return np.asarray(np.where(share >= 1.0, y1, y0 + share * (y1 - y0)))


def interpolate_batch(tied: TiedScores, values: FloatArray, at: FloatArray) -> FloatArray:
    """Curves read off at common positions, NaN outside each replicate's range.

    Parameters
    ----------
    values : array, shape (replicates, m)
        Curve at the scores of `tied`.
    at : array, shape (k,)

    Returns
    -------
    array, shape (replicates, k)
    """
    scores = tied.scores
    low, high = scores[:, :1], scores[:, -1:]
    outside = (at < low) | (at > high)
    if scores.shape[1] == 1:
        return np.where(outside, np.nan, values)
    passed = np.zeros((scores.shape[0], at.size), dtype=np.int64)
    for column in range(scores.shape[1]):
        passed += (scores[:, column : column + 1] <= at) & (column < tied.sizes[:, None])
    opening = np.clip(passed - 1, 0, np.maximum(tied.sizes - 2, 0)[:, None])
    read = _on_lines(scores, values, opening, np.broadcast_to(at, passed.shape))
    read[outside] = np.nan
    return read
