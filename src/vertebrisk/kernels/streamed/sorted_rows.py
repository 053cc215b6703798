"""Rows by stratum and from the latest time to the earliest, and what runs of them carry on.

Those at risk at a moment are the rows of its stratum that came before its end, so all that a
run of rows needs to know of those before it is a few sums (`Carried`), and these add up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray

FLOOR = -300.0  # lowest linear predictor below the highest; exp of it can still be squared
CELLS = 65_536  # covariates of rows that are worked on at once: their arrays stay in the cache
SHORTEST = 256  # of such rows, however many the covariates


class Moment(NamedTuple):
    """A time of a stratum."""

    stratum: float
    time: float


class Scaling(NamedTuple):
    """Centre and scale of each covariate, shape (p,)."""

    centre: FloatArray
    scale: FloatArray

    def of(self, columns: FloatArray) -> FloatArray:
        """Covariates about the centre, in their scales."""
        found = columns - self.centre
        found *= 1.0 / self.scale
        return found


def pieces(start: int, stop: int, covariates: int) -> list[slice]:
    """Ranges of rows with so many covariates, which fit in the cache."""
    step = max(SHORTEST, CELLS // max(1, covariates))
    return [slice(low, min(low + step, stop)) for low in range(start, stop, step)]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows in their order.

    Attributes
    ----------
    columns : array, shape (m, p)
    time : array, shape (m,)
    event : bool array, shape (m,)
        True for events of a weight above 0.
    stratum : array, shape (m,), or None
    weights : array, shape (m,), or None
        Case weights as those of ``coxph``: events of one moment stay as many as they are. A
        weight below 0 takes a patient away from those at risk at and before a time: who came
        under observation late has a second row, at the time of entry and without event.
    offset : array, shape (m,), or None
    scaling : Scaling or None
        What is done to the covariates of a block before they are used.
    """

    columns: FloatArray
    time: FloatArray
    event: BoolArray
    stratum: IntArray | None = None
    weights: FloatArray | None = None
    offset: FloatArray | None = None
    scaling: Scaling | None = None

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self.time.size)

    def moment(self, row: int) -> Moment:
        """Stratum and time of one row."""
        stratum = 0.0 if self.stratum is None else float(self.stratum[row])
        return Moment(stratum, float(self.time[row]))

    def scaled(self) -> Rows:
        """The same rows with what is to be done to their covariates done."""
        if self.scaling is None:
            return self
        return replace(self, columns=self.scaling.of(self.columns), scaling=None)

    def linear(self, beta: FloatArray) -> FloatArray:
        """Linear predictors."""
        found = self.columns @ beta
        return np.asarray(found if self.offset is None else found + self.offset)

    def without_covariates(self) -> Rows:
        """The same rows, of shape (m, 0)."""
        return replace(self, columns=self.columns[:, :0])

    def hazard(self, eta: FloatArray) -> FloatArray:
        """Relative hazards of bounded linear predictors, weighted."""
        found = np.exp(eta)
        return np.asarray(found if self.weights is None else self.weights * found)

    def highest(self, eta: FloatArray) -> float:
        """The highest linear predictor of a row that has any weight."""
        if self.weights is not None:
            eta = np.where(self.weights != 0, eta, -np.inf)
        return float(eta.max(initial=-1e300))

    def starts(self) -> IntArray:
        """First row of each moment."""
        change = self.time[1:] != self.time[:-1]
        if self.stratum is not None:
            change |= self.stratum[1:] != self.stratum[:-1]
        return np.concatenate([[0], np.flatnonzero(change) + 1])

    def strata(self) -> tuple[slice, ...]:
        """Rows of each stratum."""
        if self.stratum is None:
            return (slice(0, self.size),)
        change = np.flatnonzero(self.stratum[1:] != self.stratum[:-1]) + 1
        return tuple(slice(*pair) for pair in pairwise([0, *change.tolist(), self.size]))

    def last_stratum(self) -> int:
        """First row of the last stratum."""
        return 0 if self.stratum is None else _last_run(self.stratum)

    def last_moment(self) -> int:
        """First row of the last moment."""
        start = self.last_stratum()
        return start + _last_run(self.time[start:])


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What moments still to come need to know of a run of rows.

    Attributes
    ----------
    first, last : Moment
        Of its first and its last row.
    top : float
        Linear predictor at which a relative hazard is 1.
    at_risk : array, shape (1 + p,)
        Hazard, and covariates by hazard, of the rows of its last stratum.
    dying : array, shape (1 + p,)
        The same of the events at its last moment.
    events : array, shape (2,)
        Number and weight of these.
    """

    first: Moment
    last: Moment
    top: float
    at_risk: FloatArray
    dying: FloatArray
    events: FloatArray

    @classmethod
    def of(cls, rows: Rows, hazard: FloatArray, top: float) -> Carried:
        """Of rows whose hazards are relative to `top`."""
        risk, tail = rows.last_stratum(), rows.last_moment()
        died = tail + np.flatnonzero(rows.event[tail:])
        weight = died.size if rows.weights is None else rows.weights[died].sum()
        return cls(
            rows.moment(0),
            rows.moment(-1),
            top,
            _with_products(hazard[risk:], rows.columns[risk:]),
            _with_products(hazard[died], rows.columns[died]),
            np.array([died.size, weight], dtype=np.float64),
        )

    def at(self, top: float) -> Carried:
        """The same with hazards relative to another linear predictor."""
        factor = float(np.exp(max(self.top - top, -700.0)))
        return Carried(
            self.first, self.last, top, factor * self.at_risk, factor * self.dying, self.events
        )


def carried(rows: Rows, beta: FloatArray, bare: bool = False) -> Carried:
    """What later moments need of these rows, at coefficients `beta`.

    Where it is `bare` no covariates are summed.
    """
    rows = rows.scaled()
    eta = rows.linear(beta)
    top = rows.highest(eta)
    hazard = rows.hazard(np.clip(eta - top, FLOOR, 0.0))
    return Carried.of(rows.without_covariates() if bare else rows, hazard, top)


def continued(run: Carried, after: Carried) -> Carried:
    """Of a run of rows and the one that comes next."""
    top = max(run.top, after.top)
    one, other = run.at(top), after.at(top)
    at_risk, dying, events = other.at_risk, other.dying, other.events
    if run.last.stratum == after.first.stratum == after.last.stratum:
        at_risk = one.at_risk + at_risk
    if run.last == after.first == after.last:
        dying, events = one.dying + dying, one.events + events
    return Carried(run.first, after.last, top, at_risk, dying, events)


def _with_products(hazard: FloatArray, columns: FloatArray) -> FloatArray:
    return np.concatenate([[hazard.sum()], hazard @ columns])


def _last_run(values: FloatArray | IntArray) -> int:
    """First place of the last run of equal values."""
    if values.size > 1 and values[-2] != values[-1]:
        return int(values.size - 1)
    return int(values.size - np.argmax(np.append(values[::-1] != values[-1], True)))
