"""The least and the greatest of every column of a long matrix."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray

FOLD = 1024  # rows that are folded onto one another, where rows lie together


def ranges(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of a matrix with rows, shape (p,) each; read once, in the order in which it lies."""
    if matrix.shape[0] < 2 * FOLD or matrix.flags.f_contiguous:
        return matrix.min(axis=0), matrix.max(axis=0)
    lowest, greatest = matrix[-FOLD:].copy(), matrix[-FOLD:].copy()
    for start in range(0, matrix.shape[0] - FOLD, FOLD):
        part = matrix[start : start + FOLD]
        np.minimum(lowest, part, out=lowest)
        np.maximum(greatest, part, out=greatest)
    return lowest.min(axis=0), greatest.max(axis=0)
