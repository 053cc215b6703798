"""Patients in the order of their times, and what is carried from chunk to chunk of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.engine import Chunk
from vertebrisk.kernels.streamed.centring import Centring
from vertebrisk.kernels.streamed.sorted_rows import Moment, Rows, Scaling


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


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Consecutive rows of columns, as columns of their own."""

    columns: Columns
    first: int
    size: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.columns.names

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns."""
        low, high, _ = rows.indices(self.size)
        return self.columns.read(slice(self.first + low, self.first + high), names)
