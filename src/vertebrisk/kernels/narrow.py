"""Replicates in which a column varies far less than in all of them together.

Columns are scaled once for all replicates. One value far off, such as a code of 1e9 among ages,
makes that scale, and resamples without its row would see the others as one number.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray

NARROW = 1e-6  # share of the variance in all replicates below which digits are lost


def fitted_apart(
    columns: FloatArray, scaled: FloatArray, weights: FloatArray, use: BoolArray
) -> list[IntArray]:
    """Groups of replicates that need a scale of their own.

    Each has, among the rows that it holds, a column in use that varies, if only by far less than
    in all replicates. A column of a single value there is constant in any scale.

    Parameters
    ----------
    columns : array, shape (m, p)
    scaled : array, shape (p, m)
        The same, centred and scaled over all replicates together.
    weights : array, shape (replicates, m)
    use : bool array, shape (replicates, p)
        Columns in use.
    """
    replicates = weights.shape[0]
    if replicates == 1:
        return []
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    mean = weights @ scaled.T / total
    narrow = use & (weights @ (scaled**2).T / total - mean**2 < NARROW)
    for column in np.flatnonzero(narrow.any(axis=0)):
        rows = np.flatnonzero(narrow[:, column])
        narrow[rows, column] = _varies(columns[:, column], weights[rows] > 0)
    odd = np.flatnonzero(narrow.any(axis=1))
    if odd.size < replicates:
        return [odd] if odd.size else []
    return [odd[[place]] for place in range(replicates)]


def _varies(column: FloatArray, present: BoolArray) -> BoolArray:
    """Whether a column, shape (m,), has two values or more among rows (replicates, m)."""
    lowest = np.where(present, column, np.inf).min(axis=1, initial=np.inf)
    return np.asarray(lowest < np.where(present, column, -np.inf).max(axis=1, initial=-np.inf))
