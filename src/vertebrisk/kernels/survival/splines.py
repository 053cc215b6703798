"""Restricted cubic splines whose knots are each replicate's own."""

from __future__ import annotations

from typing import Final

import numpy as np

from vertebrisk._types import FloatArray

APART: Final = 1e-9  # knots closer than this are one


def spline_rows(values: FloatArray, knots: FloatArray) -> FloatArray:
    """Columns of `design.splines.basis`, with knots of each replicate's own.

    Parameters
    ----------
    values : array, shape (replicates, n)
    knots : array, shape (replicates, k)
        Ascending; where two meet, all but the first column are zero.

    Returns
    -------
    array, shape (replicates, n, k - 1)
    """
    width = knots[:, -1] - knots[:, 0]
    distinct = np.diff(knots, axis=1).min(axis=1) > APART
    scale = np.where(distinct, width, 1.0)[:, None] ** (2 / 3)
    last, before = knots[:, -1:], knots[:, -2:-1]

    def cube(knot: FloatArray) -> FloatArray:
        beyond = np.maximum((values - knot) / scale, 0.0)
        return np.asarray(beyond * beyond * beyond)

    columns = [values]
    gap = np.where(distinct[:, None], last - before, 1.0)
    for place in range(knots.shape[1] - 2):
        knot = knots[:, place : place + 1]
        tail = (before - knot) * cube(last) - (last - knot) * cube(before)
        columns.append(np.where(distinct[:, None], cube(knot) + tail / gap, 0.0))
    return np.stack(columns, axis=1).transpose(0, 2, 1)  # each column in a piece
