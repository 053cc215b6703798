"""Sums over intervals of event times without any subtraction.

A patient who entered late is at risk in an interval of the event times. A running sum less
another would lose all digits where hazards differ by orders of magnitude, so an interval is
put together from the nodes of a binary tree over the event times, at most two a level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Intervals of event times, one a row.

    Attributes
    ----------
    width : int
        Leaves of the tree: a power of two, at least the number of event times. Node 1 is
        the root, the children of node i are 2 i and 2 i + 1.
    rows : int array
        Row of every piece, ordered by node.
    nodes, node_starts : int arrays
        Nodes that are a piece of any interval, and where each begins in `rows`.
    pieces : int array
        Nodes of every row, ordered by row.
    row_starts : int array, shape (rows,)
        Where each row begins in `pieces`.
    """

    width: int
    rows: IntArray
    nodes: IntArray
    node_starts: IntArray
    pieces: IntArray
    row_starts: IntArray

    @classmethod
    def of(cls, first: IntArray, last: IntArray, count: int) -> Intervals:
        """Intervals from `first` to `last`, both included, of `count` event times."""
        width = 1 << max(count - 1, 0).bit_length()
        low, high = first + width, last + width + 1
        rows, pieces = [], []
        while (low < high).any():
            for odd in (True, False):
                side = low if odd else high
                own = np.flatnonzero((low < high) & (side & 1 == 1))
                if not odd:
                    high[own] -= 1
                rows.append(own)
                pieces.append(side[own].copy())
                if odd:
                    low[own] += 1
            low, high = low >> 1, high >> 1
        row, piece = np.concatenate(rows), np.concatenate(pieces)
        by_node = np.argsort(piece, kind="stable")
        nodes, starts = np.unique(piece[by_node], return_index=True)
        by_row = np.argsort(row, kind="stable")
        return cls(
            width,
            row[by_node],
            nodes,
            starts,
            piece[by_row],
            np.searchsorted(row[by_row], np.arange(first.size)),
        )

    def covering(self, values: FloatArray, count: int) -> FloatArray:
        """Sum of the rows whose interval holds each event time: (..., rows) to (..., count)."""
        tree = np.zeros((*values.shape[:-1], 2 * self.width))
        tree[..., self.nodes] = np.add.reduceat(values[..., self.rows], self.node_starts, axis=-1)
        level = 1
        while level < self.width:
            parents = tree[..., level : 2 * level]
            tree[..., 2 * level : 4 * level] += np.repeat(parents, 2, axis=-1)
            level *= 2
        return np.asarray(tree[..., self.width : self.width + count])

    def within(self, increments: FloatArray) -> FloatArray:
        """Sum over each row's event times: (..., event times) to (..., rows)."""
        tree = np.zeros((*increments.shape[:-1], 2 * self.width))
        tree[..., self.width : self.width + increments.shape[-1]] = increments
        level = self.width
        while level > 1:
            children = tree[..., level : 2 * level]
            tree[..., level // 2 : level] = children[..., ::2] + children[..., 1::2]
            level //= 2
        return np.asarray(np.add.reduceat(tree[..., self.pieces], self.row_starts, axis=-1))
