"""Sorted columns in which times that differ by rounding alone are equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.kernels.streamed.levelling import (
    Chained,
    Distinct,
    chained,
    distinct_times,
    distinct_together,
    last_levels,
    levelled,
)

STEP = "times"


@dataclass(frozen=True, slots=True, eq=False)
class LevelledColumns:
    """Columns from the latest time to the earliest, times levelled when they are read.

    Attributes
    ----------
    columns : Columns
    time : str
    gap : float
        The widest gap that is rounding.
    last : tuple of float
        Lowest time of the last chain of each chunk.
    chunk : int
        Rows of a chunk.
    """

    columns: Columns
    time: str
    gap: float
    last: tuple[float, ...]
    chunk: int

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.columns.size

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.columns.names

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns."""
        low, high, _ = rows.indices(self.size)
        found = self.columns.read(slice(low, high), [name for name in names if name != self.time])
        if self.time in names:
            found[self.time] = self._times(low, high)
        return {name: found[name] for name in names}

    def _times(self, low: int, high: int) -> Values:
        parts = [np.empty(0)]
        for place in range(low // self.chunk, -(-high // self.chunk)):
            start, stop = place * self.chunk, min((place + 1) * self.chunk, self.size)
            times = self.columns.read(slice(start, stop), (self.time,))[self.time]
            level = levelled(times, self.gap, self.last[place])
            parts.append(level[max(low - start, 0) : high - start])
        return np.concatenate(parts)


def without_rounding(columns: Columns, time: str, engine: Engine) -> tuple[Columns, int]:
    """Columns from the latest time to the earliest, and how many times were made equal.

    As `kernels.survival.times.without_rounding`; two passes over the times, and a third where
    any is moved.
    """
    if columns.size == 0:
        return columns, 0
    seen = engine.reduce(columns, (time,), partial(_distinct, time), distinct_together, STEP)
    runs = engine.collect(columns, (time,), partial(_chained, time, seen.gap), STEP)
    last = last_levels(runs, seen.gap)
    if not any(run.moved or level != run.last for run, level in zip(runs, last, strict=True)):
        return columns, 0
    level = LevelledColumns(columns, time, seen.gap, tuple(last), engines.CHUNK)
    moved = engine.collect(columns, (time,), partial(_moved, level), STEP)
    return level, sum(moved)


def _distinct(time: str, chunk: Chunk) -> Distinct:
    return distinct_times(chunk.values[time])


def _chained(time: str, gap: float, chunk: Chunk) -> Chained:
    return chained(chunk.values[time], gap)


def _moved(columns: LevelledColumns, chunk: Chunk) -> int:
    times = chunk.values[columns.time]
    last = columns.last[chunk.first // columns.chunk]
    return int((levelled(times, columns.gap, last) != times).sum())
