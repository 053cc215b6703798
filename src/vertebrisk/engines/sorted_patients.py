"""Patients in the order of their times, and what is carried from chunk to chunk of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, pairwise
from typing import Generic, Protocol, TypeVar

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.stretches import Stretches
from vertebrisk.kernels.streamed.at_risk import StratumRun, stratum_runs, stretches
from vertebrisk.kernels.streamed.centring import Centring
from vertebrisk.kernels.streamed.sorted_rows import Moment, Rows, Scaling

STEP = "Who is at risk?"


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
    spread : Centring or None
        Where the covariates are about their centre and in their spreads already: these.
    """

    columns: Columns
    names: tuple[str, ...]
    matrix: Callable[[dict[str, Values]], FloatArray]
    time: str = "time"
    event: str = "event"
    stratum: str | None = None
    weights: str | None = None
    offset: str | None = None
    spread: Centring | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """Columns that are read beside the covariates."""
        own = (self.time, self.event, self.stratum, self.weights, self.offset)
        return tuple(name for name in own if name is not None)

    @property
    def read(self) -> tuple[str, ...]:
        """Columns that a pass reads."""
        return tuple(dict.fromkeys([*self.names, *self.own]))

    def without_covariates(self) -> SortedPatients:
        """The same patients, of whom only times are read."""
        return replace(self, names=(), matrix=_never)

    def at_risk(self, engine: Engine) -> SortedPatients:
        """Those at risk at any event, found by a pass over their times; all where none has one."""
        alone = self.without_covariates()
        chunks = engine.collect(self.columns, alone.read, partial(_runs, alone), STEP)
        parts = stretches(chain.from_iterable(chunks))
        if not parts or parts == [slice(0, self.columns.size)]:
            return self
        return replace(self, columns=Stretches(self.columns, tuple(parts)))

    def rows(self, chunk: Chunk, scaling: Scaling | None = None) -> Rows:
        """The rows of a chunk."""
        values = chunk.values

        def of(name: str | None) -> Values | None:
            return None if name is None else values[name]

        weights, event = of(self.weights), values[self.event].astype(np.bool_, copy=False)
        columns = np.empty((chunk.size, 0))
        if self.names:
            columns = np.ascontiguousarray(self.matrix({each: values[each] for each in self.names}))
        return Rows(
            columns,
            values[self.time],
            event if weights is None else event & (weights > 0),
            of(self.stratum),
            weights,
            of(self.offset),
            scaling,
        )


def _runs(patients: SortedPatients, chunk: Chunk) -> list[StratumRun]:
    return stratum_runs(patients.rows(chunk))


def _never(values: dict[str, Values]) -> FloatArray:
    raise AssertionError("there are no covariates to be read")


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
