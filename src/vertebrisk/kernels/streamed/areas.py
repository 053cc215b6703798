"""Area under the ROC curve and DeLong's variance from sorted scores, a chunk at a time.

Every sum is one of whole numbers and exact, whatever the number of patients: within a chunk
they fit into 64 bits, and where chunks are joined Python's own whole numbers take over. So
chunks may be joined in any tree, and the last division alone is rounded.

References
----------
DeLong ER et al. 1988, doi:10.2307/2531595.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Placements:
    """Where events stand among the others, and these among the events.

    Twice the number of others below an event, plus those of its own score, is its placement;
    and the same of the others among events.

    Attributes
    ----------
    events, others : int
    over, over_squares : int
        Sums of the placements of the events, and of their squares.
    under, under_squares : int
        The same of the others.
    """

    events: int = 0
    others: int = 0
    over: int = 0
    over_squares: int = 0
    under: int = 0
    under_squares: int = 0

    @classmethod
    def of_ties(cls, events: int, others: int) -> Placements:
        """Patients of one score."""
        product = events * others
        return cls(events, others, product, product * others, product, product * events)

    def then(self, higher: Placements) -> Placements:
        """With others whose scores are all higher."""
        more, fewer = 2 * self.others, 2 * self.events
        return Placements(
            self.events + higher.events,
            self.others + higher.others,
            self.over + higher.over + more * higher.events,
            self.over_squares
            + higher.over_squares
            + more * (2 * higher.over + more * higher.events),
            self.under + higher.under + fewer * higher.others,
            self.under_squares
            + higher.under_squares
            + fewer * (2 * higher.under + fewer * higher.others),
        )

    @property
    def area(self) -> float:
        """How often an event scores higher than another patient, ties by half."""
        return self.over / (2 * self.events * self.others)

    @property
    def variance(self) -> float:
        """DeLong's variance of the area; NaN with a single event or a single other."""
        m, n = self.events, self.others
        if min(m, n) < 2:
            return math.nan
        among_events = m * self.over_squares - self.over**2
        among_others = n * self.under_squares - self.under**2
        both = among_events * (n - 1) + among_others * (m - 1)
        return both / (4 * m * m * n * n * (m - 1) * (n - 1))


@dataclass(frozen=True, slots=True)
class Ties:
    """Patients of one score next to each other."""

    score: float
    events: int
    others: int

    @property
    def placements(self) -> Placements:
        """Among themselves."""
        return Placements.of_ties(self.events, self.others)


@dataclass(frozen=True, slots=True)
class OrderedScores:
    """Consecutive scores in ascending order.

    Attributes
    ----------
    first, last : Ties
        Those at the ends, which may go on beyond them; `last` is None where they are one.
    between : Placements
    """

    first: Ties
    between: Placements
    last: Ties | None

    @property
    def placements(self) -> Placements:
        """Of all of them, where nothing comes before or after."""
        found = self.first.placements.then(self.between)
        return found if self.last is None else found.then(self.last.placements)


def ordered_scores(scores: FloatArray, event: BoolArray) -> OrderedScores:
    """Of scores in ascending order, shape (n,), at most some hundred thousand."""
    starts = np.flatnonzero(np.append(True, scores[1:] != scores[:-1]))
    sizes = np.diff(starts, append=scores.size)
    events = np.add.reduceat(event, starts, dtype=np.int64)
    others = sizes - events
    first, last = (
        Ties(float(scores[starts[place]]), int(events[place]), int(others[place]))
        for place in (0, -1)
    )
    between = _between(events[1:-1], others[1:-1])
    return OrderedScores(first, between, None if starts.size == 1 else last)


def _between(events: IntArray, others: IntArray) -> Placements:
    over = 2 * np.cumsum(others) - others
    under = 2 * np.cumsum(events) - events
    sums = (
        events.sum(),
        others.sum(),
        events @ over,
        events @ over**2,
        others @ under,
        others @ under**2,
    )
    return Placements(*(int(value) for value in sums))


def joined_scores(one: OrderedScores, other: OrderedScores) -> OrderedScores:
    """Scores and those that follow them, none of which is smaller."""
    lower, higher = _pieces(one), _pieces(other)
    (end, between), (start, _) = lower[-1], higher[0]
    if end.score == start.score:
        both = Ties(end.score, end.events + start.events, end.others + start.others)
        pieces = [*lower[:-1], (both, between), *higher[1:]]
    else:
        pieces = [*lower, *higher]
    (first, _), *rest = pieces
    if not rest:
        return OrderedScores(first, Placements(), None)
    inside = Placements()
    for place, (ties, before) in enumerate(rest):
        inside = inside.then(before)
        if place < len(rest) - 1:
            inside = inside.then(ties.placements)
    return OrderedScores(first, inside, rest[-1][0])


def _pieces(scores: OrderedScores) -> list[tuple[Ties, Placements]]:
    """The ties at the ends, each after what lies between it and the one before."""
    ends = [(scores.first, Placements())]
    return ends if scores.last is None else [*ends, (scores.last, scores.between)]
