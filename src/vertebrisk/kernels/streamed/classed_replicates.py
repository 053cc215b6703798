"""How the models of many bootstrap replicates rank and foretell, from one pass over sorted rows.

Rows are counted by class of their linear predictor, see `classes`. Counts by class and time add
up over runs of rows in any bracketing, since of two runs only those tied in time at the seam need
to be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.streamed.classes import CLASSES, TOGETHER, ByClass, class_of
from vertebrisk.kernels.streamed.followed_replicates import Followed, eta_of

CELLS = 1 << 18  # times by classes that are counted at once


class AtHorizons(NamedTuple):
    """What is known at some horizons.

    Attributes
    ----------
    log_hazards : array, shape (r, h)
        Each model's cumulative hazard by then, for a linear predictor of 0.
    own : array, shape (r, h, 2 times)
        What a patient stands for who left at a time without the event, or with it, in turn.
    everyone : array, shape (1, h, 2 times)
        The same where every patient counts once.
    cases : bool array, shape (h, 2 times)
        Who has the event by then.
    """

    log_hazards: FloatArray
    own: FloatArray
    everyone: FloatArray
    cases: BoolArray


class Edge(NamedTuple):
    """Rows at one time: events and others by class, shape (2, r, classes) each."""

    events: FloatArray
    others: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over rows, of each replicate's own draws and of all patients, shape (2, r, ...).

    Attributes
    ----------
    rows : ByClass
    cases, others : array, shape (2, r, h, classes)
        What those with and those without the event by each horizon stand for.
    loss, risk : array, shape (2, r, h)
        Squared errors of the risks by what patients stand for, and the risks.
    concordant, tied, pairs : array, shape (2, r)
        Pairs of rows of whom one has the event first.
    """

    rows: ByClass
    cases: FloatArray
    others: FloatArray
    loss: FloatArray
    risk: FloatArray
    concordant: FloatArray
    tied: FloatArray
    pairs: FloatArray

    @classmethod
    def nothing(cls, replicates: int, horizons: int) -> Sums:
        """Of no rows."""
        at = (2, replicates, horizons)
        shapes = [(*at, CLASSES)] * 2 + [at] * 2 + [at[:2]] * 3
        return cls(ByClass.nothing(replicates), *(np.zeros(shape) for shape in shapes))

    def __add__(self, other: Sums) -> Sums:
        names = [each.name for each in fields(Sums)]
        return Sums(*(getattr(self, name) + getattr(other, name) for name in names))


@dataclass(frozen=True, slots=True, eq=False)
class Classed:
    """A run of rows from the latest time to the earliest.

    Attributes
    ----------
    first, last : int
        Numbers of the times of its first and its last row.
    opening, closing : Edge
        Its rows at these.
    sums : Sums
    """

    first: int
    last: int
    opening: Edge
    closing: Edge
    sums: Sums


def classed_together(run: Classed, after: Classed) -> Classed:
    """Of a run of rows and the one that comes next."""
    sums = run.sums + after.sums
    _add_pairs(sums, after.sums.rows.events, run.sums.rows.patients, 1.0)
    opening, closing = run.opening, after.closing
    if run.last == after.first:
        _add_pairs(sums, after.opening.events, run.closing.events, -1.0)
        _add_pairs(sums, run.closing.events, after.opening.others, 1.0)
        if run.first == run.last:
            opening = _joined(opening, after.opening)
        if after.first == after.last:
            closing = _joined(run.closing, closing)
    return Classed(run.first, after.last, opening, closing, sums)


def _joined(one: Edge, other: Edge) -> Edge:
    return Edge(one.events + other.events, one.others + other.others)


def _add_pairs(sums: Sums, events: FloatArray, longer: FloatArray, sign: float) -> None:
    """Pairs of events and of who is followed for longer, by class."""
    below = np.cumsum(longer, axis=-1) - longer
    sums.concordant[...] += sign * np.sum(events * below, axis=-1)
    sums.tied[...] += sign * np.sum(events * longer, axis=-1)
    sums.pairs[...] += sign * events.sum(axis=-1) * longer.sum(axis=-1)


def classed(followed: Followed, beta: FloatArray, spread: float, at: AtHorizons) -> Classed:
    """Of the rows of a chunk.

    Parameters
    ----------
    followed : Followed
    beta : array, shape (r, p)
    spread : float
        Of the linear predictors, about.
    at : AtHorizons
    """
    place, count = followed.place, followed.replicates.size
    sums = Sums.nothing(count, at.cases.shape[0])
    edges = np.zeros((4, 2, count, CLASSES))
    moment = np.concatenate([[0], np.cumsum(np.diff(place) != 0)])
    ends = np.flatnonzero(moment == 0)[-1] + 1, np.flatnonzero(moment == moment[-1])[0]
    for start in range(0, count, TOGETHER):
        some = np.arange(start, min(start + TOGETHER, count))
        linear = eta_of(followed.columns, beta[some])
        own = followed.weights(0, place.size, followed.replicates[some])
        for at_place, replicate in enumerate(some.tolist()):
            eta = linear[at_place]
            one = _Scored(class_of(eta, spread), eta, moment, followed)
            sums.rows.count(replicate, one.cell, eta, followed.event, own[at_place])
            for kind, weights in enumerate((own[at_place], np.ones(place.size))):
                mine = kind, replicate
                one.pair(sums, mine, weights)
                one.measure(sums, mine, weights, at)
                for edge, rows in enumerate((slice(0, ends[0]), slice(ends[1], None))):
                    edges[(2 * edge, *mine)] = one.by_class(weights * followed.event, rows)
                    edges[(2 * edge + 1, *mine)] = one.by_class(weights * ~followed.event, rows)
    opening, closing = Edge(*edges[:2]), Edge(*edges[2:])
    return Classed(int(place[0]), int(place[-1]), opening, closing, sums)


@dataclass(frozen=True, slots=True, eq=False)
class _Scored:
    """Rows with their class and linear predictor; `moment` counts their times from 0."""

    cell: IntArray
    eta: FloatArray
    moment: IntArray
    followed: Followed

    def by_class(self, amount: FloatArray, rows: slice = slice(None)) -> FloatArray:
        found = np.bincount(self.cell[rows], amount[rows], minlength=CLASSES)
        return found.astype(np.float64, copy=False)

    def pair(self, sums: Sums, mine: tuple[int, int], weights: FloatArray) -> None:
        """Pairs among the rows."""
        events = weights * self.followed.event
        step = CELLS // CLASSES
        longer = np.zeros(CLASSES)
        for first in range(0, int(self.moment[-1]) + 1, step):
            low, high = np.searchsorted(self.moment, [first, first + step]).tolist()
            size = int(self.moment[high - 1]) - first + 1
            cells = (self.moment[low:high] - first) * CLASSES + self.cell[low:high]
            patients, died = (
                np.bincount(cells, each[low:high], minlength=size * CLASSES).reshape(size, -1)
                for each in (weights, events)
            )
            followed = longer + np.cumsum(patients, axis=0)
            longer = followed[-1]
            followed = followed - died
            below = np.cumsum(followed, axis=1) - followed
            sums.concordant[mine] += np.einsum("tk,tk->", died, below)
            sums.tied[mine] += np.einsum("tk,tk->", died, followed)
            sums.pairs[mine] += died.sum(axis=1) @ followed.sum(axis=1)

    def measure(
        self, sums: Sums, mine: tuple[int, int], weights: FloatArray, at: AtHorizons
    ) -> None:
        """Risks by each horizon, and what those with and without the event stand for."""
        kind, replicate = mine
        cell = 2 * self.followed.place + self.followed.event
        factors = at.everyone[0] if kind else at.own[replicate]
        for horizon, factor in enumerate(factors):
            risk = -np.expm1(-np.exp(self.eta + at.log_hazards[replicate, horizon]))
            mass, case = weights * factor[cell], at.cases[horizon][cell]
            here = (*mine, horizon)
            sums.cases[here] = self.by_class(mass * case)
            sums.others[here] = self.by_class(mass * ~case)
            sums.loss[here] = mass @ np.where(case, (1.0 - risk) ** 2, risk**2)
            sums.risk[here] = weights @ risk
