"""Sums over what comes later and ranks lower, by halving the ranks: for many patients.

Queries and items stand in one line, the latest first. Ranks are halved bit by bit: whatever
ranks in the upper half of its node has below it the items of the lower half that stand before
it, which a running sum tells; then both halves are nodes of their own, in the same order. With
n in line that is n log n simple operations in arrays. It is the wavelet tree of Grossi, Gupta
and Vitter 2003, walked once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Queries and items in nodes of like ranks, the latest first within each.

    Attributes
    ----------
    ranks : int array, shape (total,)
    places : int array, shape (total,)
        Where each stood at the beginning.
    mass : array, shape (replicates, total)
        Amounts of the items, zero of the queries.
    starts : int array, shape (nodes,)
        First of each node.
    """

    ranks: IntArray
    places: IntArray
    mass: FloatArray
    starts: IntArray

    @property
    def lengths(self) -> IntArray:
        """How many each node holds."""
        return np.diff(self.starts, append=self.ranks.size)

    def before(self, mass: FloatArray) -> FloatArray:
        """Running sums of some masses within each node, shape (replicates, total)."""
        running = np.cumsum(mass, axis=1)
        base = running[:, self.starts] - mass[:, self.starts]
        return np.asarray(running - np.repeat(base, self.lengths, axis=1))

    def halved(self, upper: BoolArray) -> _Line:
        """The lower half of each node before its upper one, each in its order."""
        node = np.repeat(np.arange(self.starts.size), self.lengths)
        high, low = np.flatnonzero(upper), np.flatnonzero(~upper)
        lower = np.bincount(node[low], minlength=self.starts.size)
        rest = self.lengths - lower
        order = np.empty(self.ranks.size, dtype=np.int64)
        order[(self.starts - _first(lower))[node[low]] + np.arange(low.size)] = low
        order[(self.starts + lower - _first(rest))[node[high]] + np.arange(high.size)] = high
        starts = np.concatenate([self.starts[lower > 0], (self.starts + lower)[rest > 0]])
        return _Line(self.ranks[order], self.places[order], self.mass[:, order], np.sort(starts))


def _first(counts: IntArray) -> IntArray:
    return np.asarray(np.cumsum(counts) - counts)


def later_sums_halved(
    queries: tuple[IntArray, IntArray], items: tuple[IntArray, IntArray], amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """See `later.later_sums`; ranks are the same in all replicates, shape (q,) and (m,)."""
    asked = queries[0].size
    # a query stands before the items of its own place, which are not later
    order = np.argsort(np.concatenate([-2 * queries[0], 1 - 2 * items[0]]), kind="stable")
    mass = np.concatenate([np.zeros((amount.shape[0], asked)), amount], axis=1)[:, order]
    every, below, equal = (np.zeros_like(mass) for _ in range(3))
    every[:, order] = np.cumsum(mass, axis=1)
    ranks = np.concatenate([queries[1], items[1]])[order]
    line = _Line(ranks, order, mass, np.zeros(1, dtype=np.int64))
    for bit in reversed(range(int(ranks.max(initial=0)).bit_length())):
        upper = (line.ranks >> bit & 1).astype(np.bool_)
        sums = line.before(np.where(upper, 0.0, line.mass))
        below[:, line.places[upper]] += sums[:, upper]
        line = line.halved(upper)
    equal[:, line.places] = line.before(line.mass)
    return below[:, :asked], equal[:, :asked], every[:, :asked]
