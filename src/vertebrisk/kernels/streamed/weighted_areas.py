"""The area under the ROC curve of weighted cases and others, run of rows by run of rows.

Rows come by ascending score. Neighbours no further apart than a tolerance are tied, across the
edges of runs too, so that the shares of runs add up to those of longer runs in any bracketing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray


@dataclass(frozen=True, slots=True)
class Tied:
    """Rows of one score: its lowest and its highest value, and weights."""

    low: float
    high: float
    cases: float
    others: float

    def with_rows(self, after: Tied) -> Tied:
        """The same with the rows that come next."""
        return Tied(self.low, after.high, self.cases + after.cases, self.others + after.others)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A run of rows.

    Attributes
    ----------
    first, last : Tied
        Its lowest score and its highest.
    single : bool
        True where these are one.
    cases, others : float
        Weights.
    won : float
        Pairs of a case and another in which the case has the higher score, half of the tied ones.
    """

    first: Tied
    last: Tied
    single: bool
    cases: float
    others: float
    won: float

    @property
    def area(self) -> float:
        """Share of the pairs that is won; NaN without pairs."""
        pairs = self.cases * self.others
        return self.won / pairs if pairs > 0.0 else float("nan")


def ranked(score: FloatArray, cases: FloatArray, others: FloatArray, same: float) -> Ranked | None:
    """Of rows by ascending score; those without weight are left out, None where no other is."""
    present = cases + others > 0.0
    score, cases, others = score[present], cases[present], others[present]
    if score.size == 0:
        return None
    starts = np.flatnonzero(np.append(True, np.diff(score) > same))
    ends = np.append(starts[1:], score.size) - 1
    case, other = np.add.reduceat(cases, starts), np.add.reduceat(others, starts)
    below = np.cumsum(other) - other

    def tied(place: int) -> Tied:
        edge = float(score[starts[place]]), float(score[ends[place]])
        return Tied(*edge, float(case[place]), float(other[place]))

    return Ranked(
        first=tied(0),
        last=tied(-1),
        single=starts.size == 1,
        cases=float(case.sum()),
        others=float(other.sum()),
        won=float(case @ (below + 0.5 * other)),
    )


def ranked_together(run: Ranked | None, after: Ranked | None, same: float) -> Ranked | None:
    """Of a run of rows and the one that comes next."""
    if run is None or after is None:
        return run or after
    first, last, won = run.first, after.last, run.won + after.won + run.others * after.cases
    joined = after.first.low - run.last.high <= same
    if joined:
        edge, next_edge = run.last, after.first
        won += 0.5 * (edge.cases * next_edge.others - edge.others * next_edge.cases)
        whole = edge.with_rows(next_edge)
        first = whole if run.single else first
        last = whole if after.single else last
    return Ranked(
        first=first,
        last=last,
        single=joined and run.single and after.single,
        cases=run.cases + after.cases,
        others=run.others + after.others,
        won=won,
    )
