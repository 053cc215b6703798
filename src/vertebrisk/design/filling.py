"""A design matrix filled with the columns of its terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from vertebrisk._types import FloatArray
from vertebrisk.engines.threads import side_by_side

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


def column_by_column(parts: Parts, whole: FloatArray) -> FloatArray:
    """Fill a matrix of which each column lies in one place, by several threads."""

    def fill(part: tuple[slice, Callable[[], FloatArray]]) -> None:
        place, make = part
        whole[:, place] = make()

    side_by_side(fill, parts)
    return whole
