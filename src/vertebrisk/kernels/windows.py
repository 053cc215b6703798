"""Neighbourhoods on a sorted line with repeated points, for the local smoothers."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray


def window_starts(rows: FloatArray, centres: FloatArray, width: int) -> IntArray:
    """First row of the window of `width` rows nearest to each centre.

    The window slides right while its far left row is farther from the centre than the
    next row on the right (the rule of R's lowess; for loess it gives the nearest rows).

    Parameters
    ----------
    rows : array, shape (replicates, n)
        Sorted, with repeats.
    centres : array, shape (replicates, m)
    width : int
        Rows in a window, at most n.

    Returns
    -------
    int array, shape (replicates, m)
    """
    size = rows.shape[1]
    flat = rows.ravel()
    begin = size * np.arange(rows.shape[0])[:, None]
    low = np.zeros(centres.shape, dtype=np.int64)
    high = np.full(centres.shape, size - width, dtype=np.int64)
    for _ in range(int(size - width).bit_length()):
        middle = (low + high) // 2
        left = centres - flat[begin + middle]
        right = flat[begin + np.minimum(middle + width, size - 1)] - centres
        stays = (left <= right) | (low >= high)
        high = np.where(stays, middle, high)
        low = np.where(stays, low, middle + 1)
    return low


def window_reach(rows: FloatArray, centres: FloatArray, first: IntArray, width: int) -> FloatArray:
    """Distance from each centre to the farther end of its window."""
    flat = rows.ravel()
    start = first + rows.shape[1] * np.arange(rows.shape[0])[:, None]
    return np.asarray(np.maximum(centres - flat[start], flat[start + width - 1] - centres))


def tricube(share: FloatArray) -> FloatArray:
    """Tricube weight of a distance given as a share of the reach; 0 from the reach on."""
    near = np.minimum(share, 1.0)  # a huge share would overflow
    rest = near * near
    rest *= near
    np.subtract(1.0, rest, out=rest)
    cubed = rest * rest
    cubed *= rest
    return np.asarray(cubed)
