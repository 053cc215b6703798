"""Levels whose patients have one outcome alone: their coefficients run away.

Such patients add nothing to a likelihood at its limit, so that a model is fitted to the others,
and without the level's column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Levels of the terms that are coded by columns of 0 and 1, the reference among them.

    Attributes
    ----------
    rows : array, shape (n, levels)
        1 where a row has the level.
    term : int array, shape (levels,)
    column : int array, shape (levels,)
        -1 for a reference.
    """

    rows: FloatArray
    term: IntArray
    column: IntArray

    @classmethod
    def of(cls, raw: FloatArray, parts: Sequence[IntArray]) -> Levels:
        """Those of the columns `raw`, shape (n, p), of each term."""
        rows, terms, columns = [], [], []
        for term, part in enumerate(parts):
            own = raw[:, part]
            rest = 1.0 - own.sum(axis=1)
            if ((own == 0.0) | (own == 1.0)).all() and (rest >= 0.0).all():
                rows.extend([*own.T, rest])
                terms.extend([term] * (part.size + 1))
                columns.extend([*part.tolist(), -1])
        return cls(
            np.array(rows).reshape(-1, raw.shape[0]).T,
            np.array(terms, dtype=np.int64),
            np.array(columns, dtype=np.int64),
        )

    def pure(self, target: FloatArray, weights: FloatArray) -> BoolArray:
        """Levels whose rows have one outcome alone, shape (replicates, levels)."""
        total, events = weights @ self.rows, (weights * target) @ self.rows
        return np.asarray((total > 0.0) & ((events <= 0.0) | (events >= total)))

    def aside(self, lost: BoolArray) -> BoolArray:
        """Rows with a lost level, shape (replicates, n)."""
        return np.asarray(lost.astype(np.float64) @ self.rows.T > 0.5)

    def unused(self, lost: BoolArray, size: int) -> BoolArray:
        """Columns, of so many, that the rows without lost levels do without.

        That of the level; where the reference is lost, the first that is left of the term takes
        its place.
        """
        found = np.zeros((lost.shape[0], size), dtype=np.bool_)
        coded = self.column >= 0
        found[:, self.column[coded]] = lost[:, coded]
        for place in np.flatnonzero(~coded & lost.any(axis=0)).tolist():
            own = self._columns(place)
            rows = np.flatnonzero(lost[:, place])
            found[rows, own[found[np.ix_(rows, own)].argmin(axis=1)]] = True
        return found

    def without(self, lost: BoolArray, beta: FloatArray) -> FloatArray:
        """Coefficients that score rows without lost levels alike, zero in unused columns.

        `beta` has shape (replicates, p), the intercept first.
        """
        moved = beta.copy()
        unused = self.unused(lost, beta.shape[1])
        for place in np.flatnonzero(self.column < 0).tolist():
            own = self._columns(place)
            rows = np.flatnonzero(lost[:, place])
            taken = unused[np.ix_(rows, own)] & ~lost[rows][:, np.isin(self.column, own)]
            first = own[taken.argmax(axis=1)]
            change = beta[rows, first]
            moved[rows, 0] += change
            moved[np.ix_(rows, own)] -= change[:, None]
        moved[unused] = 0.0
        return moved

    def _columns(self, reference: int) -> IntArray:
        """Columns of the term of a reference."""
        own = (self.term == self.term[reference]) & (self.column >= 0)
        return np.asarray(self.column[own])
