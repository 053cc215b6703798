"""Identical rows collapse: fit, rank and score the patterns, with counts as weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels import compiled

MANY = 50_000  # rows from which on it is asked whether sorting them is worth it
LOOKED_AT = 2_000  # of them


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct rows of a matrix.

    Attributes
    ----------
    rows : array, shape (m, k)
        Distinct rows; or all rows, where they are many and few are repeated.
    of : int array, shape (n,)
        Pattern of each original row.
    """

    rows: FloatArray
    of: IntArray
    _order: IntArray
    _starts: IntArray

    def collapse(self, weights: FloatArray) -> FloatArray:
        """Weights summed over the rows of each pattern: (replicates, n) to (replicates, m)."""
        return np.add.reduceat(weights[:, self._order], self._starts, axis=1)

    def count(self, weights: FloatArray, event: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weights, and weights of the events, by pattern; `event` has shape (n,)."""
        if compiled.enabled():
            from vertebrisk.kernels.compiled.drawing import collapsed

            return collapsed(self.of, self.rows.shape[0], weights, event)
        return self.collapse(weights), self.collapse(weights * event)


def find_patterns(matrix: FloatArray) -> Patterns:
    """Distinct rows of `matrix`, shape (n, k), without missing values."""
    if matrix.shape[1] == 0:
        everyone = np.zeros(matrix.shape[0], dtype=np.int64)
        positions = np.arange(matrix.shape[0])
        return Patterns(matrix[:1], everyone, positions, np.zeros(1, dtype=np.int64))
    if matrix.shape[0] >= MANY and _mostly_distinct(matrix):
        everyone = np.arange(matrix.shape[0])
        return Patterns(matrix, everyone, everyone, everyone)
    first = np.ascontiguousarray(matrix[:, 0])
    order = np.argsort(first, kind="stable")
    sorted_first = first[order]
    of = np.empty(matrix.shape[0], dtype=np.int64)
    if (sorted_first[1:] != sorted_first[:-1]).all():
        each = np.arange(order.size)
        of[order] = each
        return Patterns(matrix[order], of, order, each)
    order = np.lexsort(matrix.T[::-1])  # the other columns decide
    ordered = matrix[order]
    changes = np.any(ordered[1:] != ordered[:-1], axis=1)
    of[order] = np.concatenate([[0], np.cumsum(changes)])
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    return Patterns(ordered[starts], of, order.astype(np.int64), starts.astype(np.int64))


def _mostly_distinct(matrix: FloatArray) -> bool:
    """True where the rows at regular places seldom have their like among each other.

    Equal rows that are many in all are many among these; a mistake costs time alone.
    """
    part = matrix[:: matrix.shape[0] // LOOKED_AT]
    return bool(np.unique(part, axis=0).shape[0] > 0.9 * part.shape[0])


def grouped(marks: BoolArray) -> list[tuple[BoolArray, IntArray]]:
    """Distinct rows of a boolean matrix, each with the positions where it stands."""
    subsets, inverse = np.unique(marks, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    return [(subset, np.flatnonzero(inverse == index)) for index, subset in enumerate(subsets)]
