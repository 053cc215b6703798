"""The order of rows by one or several columns; equal rows keep the order they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import BoolArray, FloatArray, IntArray

SHORT = 65_535  # the greatest whole number that sorts by its digits


def short_numbers(values: FloatArray) -> bool:
    """True where all values are whole numbers from 0 to `SHORT`, such as days of follow-up."""
    inside = values.min(initial=0.0) >= 0.0 and values.max(initial=0.0) <= SHORT
    return bool(inside and (values == np.rint(values)).all())


def quick_order(values: FloatArray) -> IntArray:
    """Places of the values in ascending order, equal ones in any."""
    if short_numbers(values):
        return np.argsort(values.astype(np.uint16), kind="stable")
    return np.argsort(values)


def stable_order(keys: Sequence[NDArray[Any]]) -> IntArray:
    """Places of the rows in ascending order of the keys, the first of which counts most.

    NumPy's fastest sort is not stable: rows that it finds equal are put into order
    afterwards, by the other keys and then by their places. -0.0 and 0.0 are equal.
    """
    first, *others = keys
    if not others and short_numbers(first):
        return np.argsort(first.astype(np.uint16), kind="stable")
    order = np.asarray(np.argsort(first), dtype=np.int64)
    ordered = first[order]
    same = ordered[1:] == ordered[:-1]
    if not same.any():
        return order
    tied = np.flatnonzero(_touched(same))
    group = np.concatenate([[0], np.cumsum(~same)])[tied]
    rows = order[tied]
    if others:
        within = np.lexsort((rows, *(key[rows] for key in reversed(others)), group))
        order[tied] = rows[within]
    else:
        # both in one whole number: places are below the number of rows
        packed = group * first.shape[0] + rows
        packed.sort()
        order[tied] = packed - group * first.shape[0]
    return order


def _touched(same: BoolArray) -> BoolArray:
    """Rows equal to the one before them or the one after them."""
    touched = np.zeros(same.size + 1, dtype=np.bool_)
    touched[1:] = same
    touched[:-1] |= same
    return touched
