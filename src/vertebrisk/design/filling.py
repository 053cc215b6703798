"""A design matrix filled with the columns of its terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines.threads import side_by_side
from vertebrisk.kernels.ranges import ranges

BLOCK = 4096  # rows that stay in the cache until all columns are there
Parts: TypeAlias = Sequence[tuple[slice, Callable[[], FloatArray]]]  # where, and what makes it


def row_by_row(parts: Parts, whole: FloatArray) -> FloatArray:
    """Fill a matrix of which each row lies in one place."""
    made = [(place, make()) for place, make in parts]
    for low in range(0, whole.shape[0], BLOCK):
        rows = slice(low, low + BLOCK)
        for place, part in made:
            whole[rows, place] = part[rows]
    return whole


def column_by_column(parts: Parts, whole: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fill a matrix of which each column lies in one place, by several threads.

    Returns
    -------
    tuple of two arrays, shape (p,) each
        The least and the greatest value of each column, looked for while it is in the cache.
    """

    def fill(part: tuple[slice, Callable[[], FloatArray]]) -> tuple[FloatArray, FloatArray]:
        place, make = part
        whole[:, place] = make()
        return ranges(whole[:, place])

    lowest, greatest = zip(*side_by_side(fill, parts), strict=True)
    return np.concatenate(lowest), np.concatenate(greatest)
