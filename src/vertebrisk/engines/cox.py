"""Cox regression of patients that come sorted, in two passes a step.

The first pass finds what every chunk carries on to later ones, the second each chunk's share of
the derivatives for what is carried into it. Both are sums of chunks, so memory, disk, threads
and workers give the same bits. Newton's method is that of a model in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Generic, Protocol, Self, TypeVar

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import Columns, HeldColumns, Values
from vertebrisk.engines.engine import Chunk, Engine, LocalEngine
from vertebrisk.kernels.streamed.centring import Centring, centring, pooled
from vertebrisk.kernels.streamed.cox import Part, part, together
from vertebrisk.kernels.streamed.monotone import Reach, further, reach, shortfall
from vertebrisk.kernels.streamed.sorted_rows import Carried, Moment, Rows, carried, continued
from vertebrisk.kernels.survival.cox import (
    SAME,
    SEPARATING_STEP,
    CoxFits,
    gathered,
    without_events,
)
from vertebrisk.kernels.survival.maximum import maximised

PART = 65_536  # patients on whom the search begins where there are many more
MANY = 4  # times as many patients, from which on it does
DERIVATIVES = "Cox regression"
MONOTONE = "Does the likelihood have a maximum?"


@dataclass(frozen=True, slots=True, eq=False)
class SortedPatients:
    """Patients by stratum, and within it from the latest time to the earliest.

    Attributes
    ----------
    columns : Columns
    names : tuple of str
        Columns that `matrix` reads.
    matrix : callable
        Covariates of a chunk, shape (m, p), from these.
    time, event : str
        Columns of the time, and of the event: true, or not 0.
    stratum, weights, offset : str or None
        Columns of the stratum, of case weights as those of ``coxph``, and of what is added to
        the linear predictor.
    """

    columns: Columns
    names: tuple[str, ...]
    matrix: Callable[[dict[str, Values]], FloatArray]
    time: str = "time"
    event: str = "event"
    stratum: str | None = None
    weights: str | None = None
    offset: str | None = None

    @property
    def read(self) -> tuple[str, ...]:
        """Columns that a pass reads."""
        own = (self.time, self.event, self.stratum, self.weights, self.offset)
        return tuple(dict.fromkeys([*self.names, *(name for name in own if name is not None)]))

    def rows(self, chunk: Chunk, scaling: Centring | None = None) -> Rows:
        """The rows of a chunk, covariates about their centre where that is known."""
        values = chunk.values

        def of(name: str | None) -> Values | None:
            return None if name is None else values[name]

        weights, event = of(self.weights), values[self.event].astype(np.bool_)
        columns = self.matrix({name: values[name] for name in self.names})
        return Rows(
            columns if scaling is None else scaling.scaled(columns),
            values[self.time],
            event if weights is None else event & (weights > 0),
            of(self.stratum),
            weights,
            of(self.offset),
        )


def fit_cox_sorted(
    patients: SortedPatients, engine: Engine, *, ties: Ties = "efron", begin: bool = True
) -> CoxFits:
    """Fit a Cox model to patients in order; one replicate, as `fit_cox_batch`.

    Where there are many, the search begins at the estimate of some of them, unless `begin` is
    False; the estimate does not depend on that.
    """
    problem = CoxPasses.of(patients, engine, ties)
    size = problem.scaling.scale.size
    mask = np.ones((1, size), dtype=np.bool_)
    if problem.scaling.events == 0:
        return without_events(1, size, mask)
    start = _beginning(patients, engine, ties) if begin else None
    scale = problem.scaling.scale
    state = maximised(problem, None if start is None else start * scale)
    return gathered(state, problem, scale)


def _beginning(patients: SortedPatients, engine: Engine, ties: Ties) -> FloatArray | None:
    """Coefficients of a part of the patients, where there are many; None where they tell none."""
    step = patients.columns.size // PART
    if step < MANY:
        return None
    work = partial(_thinned, step=step)
    found = engine.collect(patients.columns, patients.read, work, DERIVATIVES)
    held = HeldColumns({name: np.concatenate([each[name] for each in found]) for name in found[0]})
    some = replace(patients, columns=held)
    fits = fit_cox_sorted(some, LocalEngine(), ties=ties, begin=False)
    known = bool(fits.converged[0] and not fits.deficient[0])
    return fits.beta if known else None


def _thinned(chunk: Chunk, step: int) -> dict[str, Values]:
    rows = slice(-chunk.first % step, None, step)
    return {name: np.array(values[rows]) for name, values in chunk.values.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The likelihood at some coefficients."""

    beta: FloatArray
    log_likelihood: float
    gradient: FloatArray
    information: FloatArray
    squares: FloatArray


@dataclass(slots=True, eq=False)
class CoxPasses:
    """The partial likelihood as Newton's method asks for it; a question costs two passes.

    What stands for the linear predictors of a point is the point itself, and the last points
    are remembered.
    """

    patients: SortedPatients
    engine: Engine
    ties: Ties
    scaling: Centring
    weights: FloatArray
    mask: BoolArray
    known: list[Point] = field(default_factory=list)

    @classmethod
    def of(cls, patients: SortedPatients, engine: Engine, ties: Ties) -> CoxPasses:
        """After a pass for centre and spread of the covariates."""
        work = partial(_centring, patients)
        scaling = engine.reduce(patients.columns, patients.read, work, pooled, "Covariates")
        mask = np.ones((1, scaling.scale.size), dtype=np.bool_)
        return cls(patients, engine, ties, scaling, np.ones((1, 1)), mask)

    def take(self, active: IntArray) -> Self:
        """There is one replicate."""
        return self

    def eta(self, beta: FloatArray) -> FloatArray:
        """The point itself."""
        return beta

    def likelihood(self, eta: FloatArray) -> FloatArray:
        """See `maximum.Likelihood`."""
        return np.array([self._at(eta).log_likelihood])

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `maximum.Likelihood`."""
        point = self._at(eta)
        return point.gradient[None].copy(), point.information[None].copy()

    def squares(self, eta: FloatArray) -> FloatArray:
        """See `maximum.Likelihood`."""
        return self._at(eta).squares[None]

    def runs_away(self, step: FloatArray) -> BoolArray:
        """See `maximum.Likelihood`."""
        patients, engine, direction = self.patients, self.engine, step[0]
        work = partial(_reach, patients, self.scaling, direction)
        found = engine.collect(patients.columns, patients.read, work, MONOTONE)
        carries = Carries.of(found, further)
        lack = partial(_shortfall, patients, self.scaling, direction, carries)
        worst, widest = engine.reduce(patients.columns, patients.read, lack, _larger, MONOTONE)
        return np.array([widest > SEPARATING_STEP and worst <= SAME * widest])

    def _at(self, eta: FloatArray) -> Point:
        beta = eta[0]
        for point in self.known:
            if np.array_equal(point.beta, beta):
                return point
        found = self._passed(beta)
        self.known = [*self.known[-1:], found]
        return found

    def _passed(self, beta: FloatArray) -> Point:
        patients, engine = self.patients, self.engine
        work = partial(_carried, patients, self.scaling, beta)
        found = engine.collect(patients.columns, patients.read, work, DERIVATIVES)
        top = max(each.top for each in found)
        carries = Carries.of([each.at(top) for each in found], continued)
        share = partial(_part, patients, self.scaling, beta, top, carries, self.ties)
        whole = engine.reduce(patients.columns, patients.read, share, together, DERIVATIVES)
        return Point(
            beta.copy(),
            whole.log_likelihood,
            whole.gradient,
            whole.spread - whole.means,
            np.diag(whole.spread).copy(),
        )


class Run(Protocol):
    """What is carried on from a run of rows."""

    @property
    def first(self) -> Moment:
        """Of its first row."""
        ...

    @property
    def last(self) -> Moment:
        """Of its last row."""
        ...


R = TypeVar("R", bound=Run)


@dataclass(frozen=True, slots=True, eq=False)
class Carries(Generic[R]):
    """What is carried into every chunk.

    Attributes
    ----------
    before : tuple
        Of all rows before each chunk; None for the first.
    closed : tuple of bool
        True where no row of the next chunk belongs to the last moment of a chunk.
    """

    before: tuple[R | None, ...]
    closed: tuple[bool, ...]

    @classmethod
    def of(cls, runs: Sequence[R], follow: Callable[[R, R], R]) -> Carries[R]:
        """From what every chunk carries on, and how two runs follow each other."""
        before: list[R | None] = [None]
        for each in runs[:-1]:
            run = before[-1]
            before.append(each if run is None else follow(run, each))
        closed = [one.last != after.first for one, after in pairwise(runs)]
        return cls(tuple(before), (*closed, True))

    def into(self, chunk: Chunk) -> tuple[R | None, bool]:
        """Of one chunk."""
        place = chunk.first // engines.CHUNK
        return self.before[place], self.closed[place]


def _centring(patients: SortedPatients, chunk: Chunk) -> Centring:
    return centring(patients.rows(chunk))


def _carried(
    patients: SortedPatients, scaling: Centring, beta: FloatArray, chunk: Chunk
) -> Carried:
    return carried(patients.rows(chunk, scaling), beta)


def _part(
    patients: SortedPatients,
    scaling: Centring,
    beta: FloatArray,
    top: float,
    carries: Carries[Carried],
    ties: Ties,
    chunk: Chunk,
) -> Part:
    before, closed = carries.into(chunk)
    return part(patients.rows(chunk, scaling), beta, top, before, closed, ties)


def _reach(
    patients: SortedPatients, scaling: Centring, direction: FloatArray, chunk: Chunk
) -> Reach:
    return reach(patients.rows(chunk, scaling), direction)


def _shortfall(
    patients: SortedPatients,
    scaling: Centring,
    direction: FloatArray,
    carries: Carries[Reach],
    chunk: Chunk,
) -> tuple[float, float]:
    before, closed = carries.into(chunk)
    return shortfall(patients.rows(chunk, scaling), direction, before, closed)


def _larger(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return max(one[0], other[0]), max(one[1], other[1])
