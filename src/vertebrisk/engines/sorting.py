"""Columns of any length put into order on a disk, within a set amount of memory.

Runs of rows that fit into memory are sorted and written; then they are merged, a block of
each at a time. Rows with equal keys keep the order they stand in, so that the result depends
on the rows alone, not on the memory. Every row is read twice and written twice, and once more
each for every `FAN_IN`-fold number of runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vertebrisk._types import IntArray
from vertebrisk.engines.columns import Columns, ColumnWriter, StoredColumns, Values
from vertebrisk.engines.engine import Watch
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.kernels.ordering import stable_order

MEMORY = 128 * 2**20  # bytes held at once
FAN_IN = 128  # runs merged at once
LEAST = 256  # rows of a run or a block, however small the memory
SHOWN = 3  # rows that a message names
STEP = "sort"


def sorted_columns(
    columns: Columns,
    names: Sequence[str],
    by: Sequence[str],
    folder: Path,
    *,
    descending: bool = False,
    leave_out: Sequence[str] = (),
    memory: int = MEMORY,
    watch: Watch | None = None,
) -> StoredColumns:
    """The named columns in order, in a folder of their own.

    Parameters
    ----------
    columns : Columns
    names : sequence of str
        Columns to keep; others are not read.
    by : sequence of str
        Columns that give the order, the first of which counts most; they are among `names`.
        -0.0 and 0.0 are one value, and rows equal in all of them keep their order.
    folder : Path
        Made for the result; nothing else may lie in it. Besides the result, whose size it has,
        it holds runs of the same size while the work lasts. It is removed where that fails or
        is interrupted.
    descending : bool
        The greatest first; equal rows keep their order nonetheless.
    leave_out : sequence of str
        Rows with NaN in one of these columns are left out.
    memory : int
        Bytes held at once, about.
    watch : callable, optional
        Called with "sort", and how many rows are done and to be done.

    Returns
    -------
    StoredColumns

    Raises
    ------
    ArgumentError
        Where `by` is empty or not among `names`.
    DataError
        Where a column of `by` has a NaN that is not left out.
    """
    _check(names, by, leave_out)
    work = _Sort(columns, tuple(names), tuple(by), folder, descending, tuple(leave_out), memory)
    try:
        return work.merged(work.runs(watch), watch)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(work.scratch, ignore_errors=True)


def _check(names: Sequence[str], by: Sequence[str], leave_out: Sequence[str]) -> None:
    if not by:
        raise ArgumentError("Rows are put into the order of at least one column; found none.")
    for name in (*by, *leave_out):
        if name not in names:
            raise ArgumentError(
                f"Column '{name}' is not among the columns to be sorted: {', '.join(names)}."
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Sort:
    """What is sorted, how, and where."""

    columns: Columns
    names: tuple[str, ...]
    by: tuple[str, ...]
    folder: Path
    descending: bool
    leave_out: tuple[str, ...]
    memory: int

    @property
    def scratch(self) -> Path:
        return self.folder / "runs"

    @property
    def types(self) -> dict[str, np.dtype[np.generic]]:
        nothing = self.columns.read(slice(0, 0), self.names)
        return {name: nothing[name].dtype for name in self.names}

    @property
    def at_once(self) -> int:
        """Rows that may be held: the values twice, their keys, and places in order."""
        row = sum(kind.itemsize for kind in self.types.values())
        return max(LEAST, self.memory // (2 * row + 16 * len(self.by) + 48))

    def keys(self, values: dict[str, Values]) -> list[Values]:
        """Arrays whose ascending order is the one asked for."""
        return [_key(values[name], self.descending) for name in self.by]

    def runs(self, watch: Watch | None) -> list[StoredColumns]:
        """Sorted pieces of the columns, in the order of their rows."""
        found: list[StoredColumns] = []
        size, step = self.columns.size, self.at_once
        for low in range(0, max(size, 1), step):
            high = min(low + step, size)
            values = self.columns.read(slice(low, high), self.names)
            order = self._order(values, low)
            place = self.folder if size <= step else self.scratch / f"0-{len(found)}"
            writer = ColumnWriter(place, self.types)
            try:
                writer.append({name: values[name][order] for name in self.names})
                found.append(self._written(writer))
            finally:
                writer.close()
            if watch is not None:
                watch(STEP, high, 2 * size)
        return found

    def _order(self, values: dict[str, Values], first: int) -> IntArray:
        stay = np.ones(values[self.by[0]].shape[0], dtype=np.bool_)
        for name in self.leave_out:
            stay &= ~_missing(values[name])
        rows = np.flatnonzero(stay)
        for name in self.by:
            _refuse(name, rows[_missing(values[name][rows])] + first)
        keys = self.keys(values)
        if rows.size == stay.size:
            return stable_order(keys)
        return np.asarray(rows[stable_order([key[rows] for key in keys])], dtype=np.int64)

    def merged(self, runs: list[StoredColumns], watch: Watch | None) -> StoredColumns:
        """One sorted whole of sorted pieces."""
        level = 0
        while len(runs) > FAN_IN:
            level += 1
            groups = [runs[low : low + FAN_IN] for low in range(0, len(runs), FAN_IN)]
            runs = [
                self._merge(group, self.scratch / f"{level}-{place}", None)
                for place, group in enumerate(groups)
            ]
        return runs[0] if runs[0].folder == self.folder else self._merge(runs, self.folder, watch)

    def _merge(self, runs: list[StoredColumns], place: Path, watch: Watch | None) -> StoredColumns:
        size = sum(run.size for run in runs)
        # what is held: the blocks, and the rows that leave them, joined and put into order
        block = max(LEAST, self.at_once // (2 * len(runs)))
        fronts = [_Front(self, run, block) for run in runs]
        writer = ColumnWriter(place, self.types)
        try:
            for values in self._batches(fronts):
                writer.append(values)
                if watch is not None:
                    watch(STEP, size + writer.size, 2 * size)
            return self._written(writer)
        finally:
            writer.close()
            for run in runs:
                shutil.rmtree(run.folder, ignore_errors=True)

    def _written(self, writer: ColumnWriter) -> StoredColumns:
        """The result is finished for good; runs are read by this process only."""
        if writer.folder == self.folder:
            return writer.finish()
        writer.close()
        return StoredColumns(writer.folder, writer.size, writer.types)

    def _batches(self, fronts: list[_Front]) -> Iterator[dict[str, Values]]:
        """Rows in their order, until all fronts are empty."""
        while True:
            for front in fronts:
                front.fill()
            if all(front.empty for front in fronts):
                return
            bounds = [(front.last, place) for place, front in enumerate(fronts) if not front.whole]
            parts = [
                front.take(min(bounds) if bounds else None, place)
                for place, front in enumerate(fronts)
            ]
            values = {name: np.concatenate([part[name] for part in parts]) for name in self.names}
            order = stable_order(self.keys(values))
            yield {name: values[name][order] for name in self.names}


@dataclass(slots=True, eq=False)
class _Front:
    """The next rows of one run.

    What it gives is bounded by the last row that any run has read but not exhausted: nothing
    unread comes before that. Of equal rows those of an earlier run come first.
    """

    sort: _Sort
    run: StoredColumns
    block: int
    read: int = 0
    values: dict[str, Values] = field(default_factory=dict)
    keys: list[Values] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.keys or self.keys[0].size == 0

    @property
    def whole(self) -> bool:
        """True where no row is left unread."""
        return self.read == self.run.size

    @property
    def last(self) -> tuple[float, ...]:
        return tuple(key[-1].item() for key in self.keys)

    def fill(self) -> None:
        """Read the next block where nothing is left of the one before."""
        if self.keys and (self.whole or not self.empty):
            return
        stop = min(self.read + self.block, self.run.size)
        self.values = self.run.read(slice(self.read, stop), self.sort.names)
        self.keys = self.sort.keys(self.values)
        self.read = stop

    def take(self, bound: tuple[tuple[float, ...], int] | None, place: int) -> dict[str, Values]:
        """Rows up to a bound, or all of them."""
        stop = self.keys[0].size
        if bound is not None:
            below, upto = _reach(self.keys, bound[0])
            stop = upto if place <= bound[1] else below
        taken = {name: values[:stop] for name, values in self.values.items()}
        self.values = {name: values[stop:] for name, values in self.values.items()}
        self.keys = [key[stop:] for key in self.keys]
        return taken


def _reach(keys: Sequence[Values], bound: Sequence[float]) -> tuple[int, int]:
    """How many sorted rows come before a bound, and how many before it or equal to it."""
    low, high = 0, keys[0].size
    for key, value in zip(keys, bound, strict=True):
        part = key[low:high]
        asked = np.asarray(value, dtype=key.dtype)
        high = low + int(np.searchsorted(part, asked, side="right"))
        low += int(np.searchsorted(part, asked, side="left"))
    return low, high


def _key(values: Values, descending: bool) -> Values:
    if values.dtype.kind == "b":
        values = values.view(np.uint8)
    if not descending:
        return values
    return -values if values.dtype.kind == "f" else ~values


def _missing(values: Values) -> Values:
    if values.dtype.kind != "f":
        return np.zeros(values.shape[0], dtype=np.bool_)
    return np.isnan(values)


def _refuse(name: str, rows: Values) -> None:
    if rows.size:
        shown = ", ".join(str(row + 1) for row in rows[:SHOWN])
        more = ", ..." if rows.size > SHOWN else ""
        raise DataError(
            f"Column '{name}' cannot be put into order: missing values in "
            f"row{'s' if rows.size > 1 else ''} {shown}{more}. Leave such rows out first."
        )
