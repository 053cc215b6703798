"""Matched sets laid out as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray


def informative_rows(case: BoolArray, sets: IntArray) -> BoolArray:
    """True for the rows of sets with a case and a control; `sets` are codes from 0."""
    size = int(sets.max(initial=-1)) + 1
    cases = np.bincount(sets, weights=case, minlength=size)
    count = np.bincount(sets, minlength=size)
    return np.asarray(((cases > 0) & (cases < count))[sets])


@dataclass(frozen=True, slots=True, eq=False)
class MatchedSets:
    """Members of each set, laid out as a table.

    Attributes
    ----------
    rows : int array, shape (sets, size)
        Positions of the members, the cases first; the places that a smaller set leaves
        empty repeat its first member.
    filled : bool array, shape (sets, size)
    cases : int array, shape (sets,)
    """

    rows: IntArray
    filled: BoolArray
    cases: IntArray

    @classmethod
    def of(cls, event: BoolArray, sets: IntArray) -> MatchedSets:
        """Sets with a case and a control; others say nothing. `sets` are codes, shape (n,)."""
        order = np.lexsort((~event, sets))
        codes, first, count = np.unique(sets[order], return_index=True, return_counts=True)
        cases = np.bincount(np.searchsorted(codes, sets), weights=event, minlength=codes.size)
        told = (cases > 0) & (cases < count)
        first, count = first[told], count[told]
        place = np.arange(int(count.max(initial=0)))
        filled = place < count[:, None]
        rows = order[first[:, None] + np.where(filled, place, 0)]
        return cls(rows, filled, cases[told].astype(np.int64))

    @property
    def leading(self) -> BoolArray:
        """Places of the cases, shape (sets, size)."""
        return np.asarray(np.arange(self.rows.shape[1]) < self.cases[:, None])

    def drawn(self, weights: FloatArray) -> FloatArray:
        """How often each set was drawn, from how often its rows were."""
        return np.asarray(weights[:, self.rows[:, 0]])

    def only(self, chosen: BoolArray) -> MatchedSets:
        """Some of the sets, without places that none of them fills."""
        size = int(self.filled[chosen].sum(axis=1).max(initial=0))
        return MatchedSets(self.rows[chosen, :size], self.filled[chosen, :size], self.cases[chosen])


def ranked_inside(linear: FloatArray, sets: MatchedSets, same: float) -> tuple[FloatArray, ...]:
    """Pairs of a case and a control of one set: how many are ranked right, and how many there are.

    Parameters
    ----------
    linear : array, shape (replicates, n)
    sets : MatchedSets
    same : float
        Difference of two linear predictors up to which they are tied; ties count by half.

    Returns
    -------
    right : array, shape (replicates, sets)
    pairs : array, shape (sets,)
    """
    values = linear[:, sets.rows]
    controls = sets.filled & ~sets.leading
    right = np.zeros(values.shape[:2])
    pairs = np.zeros(sets.cases.size)
    for place in range(int(sets.cases.max(initial=0))):
        compared = controls & (place < sets.cases)[:, None]
        above = values[:, :, place, None] - values
        won = (above > same).sum(axis=2, where=compared)
        tied = (np.abs(above) <= same).sum(axis=2, where=compared)
        right += won + 0.5 * tied
        pairs += compared.sum(axis=1)
    return right, pairs
