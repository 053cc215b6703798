"""The least and the greatest of every column of a long matrix, by several threads."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines.threads import side_by_side
from vertebrisk.kernels.ranges import ranges

MANY = 50_000  # rows from which on threads take columns of their own


def extent(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Of a matrix with rows, shape (p,) each; where columns lie together, each by one thread."""
    if matrix.shape[0] < MANY or not matrix.flags.f_contiguous:
        return ranges(matrix)
    ends = side_by_side(lambda column: (column.min(), column.max()), list(matrix.T))
    lowest, greatest = np.array(ends).reshape(-1, 2).T
    return lowest, greatest
