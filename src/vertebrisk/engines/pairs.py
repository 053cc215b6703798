"""Harrell's concordance of any number of patients: sorted by time, then parted by score.

Rows in the order of time are parted into cells of the score. One pass counts the pairs between
cells and hands the rows on to a file for each interval of the score; an interval that fits into
memory is counted there, and a larger one is parted again. A score that many patients share is a
cell of its own, so every interval is smaller than what it was parted from. All counts are
whole numbers and exact: neither the cells nor the chunks change a bit of the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines import sorting
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.kernels import compiled
from vertebrisk.kernels.streamed.pairs import (
    PairSums,
    TimedRows,
    cells_of,
    census,
    count_chunk,
    count_held,
    equal_pairs,
    influence_sums,
    surroundings,
)
from vertebrisk.kernels.survival.concordance import SECONDS
from vertebrisk.kernels.survival.times import ROUNDING

TIME, EVENT, SCORE = "time", "event", "score"
HELD = 2**19  # rows that are counted in memory
PARTS = 256  # intervals at most, each with a file that is open
SAMPLE = 2**16  # scores that the cuts are taken from
_RECORD = np.dtype(
    [("moment", "<i8"), ("event", "?"), ("score", "<f8"), ("net", "<i8"), ("pairs", "<i8")]
)
_ROW = 2 * (8 + 1 + 8) + _RECORD.itemsize  # bytes of a row on disk


@dataclass(frozen=True, slots=True)
class PairTotals:
    """Pairs of patients, and what the variance of their concordance is made of.

    Attributes
    ----------
    sums : PairSums
    tied_time : int
        Pairs of events at one time, those of equal scores too.
    """

    sums: PairSums
    tied_time: int

    @property
    def std_error(self) -> float:
        """Of the concordance, by the infinitesimal jackknife; there must be pairs."""
        sums = self.sums
        net = sums.concordant - sums.discordant
        # sum of (net_i - d pairs_i)^2 with d = net / pairs, over (2 pairs)^2
        spread = (
            sums.net_squares * sums.pairs**2
            - 2 * net * sums.products * sums.pairs
            + net**2 * sums.pair_squares
        )
        return float((spread / (4 * sums.pairs**4)) ** 0.5)


def count_pairs(columns: Columns, watch: Watch | None = None) -> PairTotals:
    """Pairs of patients with columns `time`, `event` (0 or 1) and `score`, none missing.

    Times that differ by rounding alone are equal, as `level_times` has it.

    Raises
    ------
    DataError
        Where the disk has no room for the sorted rows.
    """
    compiled.usable("pairs", SECONDS * columns.size)
    with ScratchFolder(needed=_ROW * columns.size) as scratch:
        folder = scratch.path / "sorted"
        ordered = sorting.sorted_columns(
            columns, (TIME, EVENT, SCORE), (TIME,), folder, memory=sorting.MEMORY, watch=watch
        )
        source = _Timed.of(ordered)
        parting = _Parting(scratch.path, watch or unwatched, total=source.size)
        found = parting.counted(source, counted=False)
        return PairTotals(found, _tied_in_time(source))


class _Source(Protocol):
    """Rows in the order of time, a chunk at a time."""

    @property
    def size(self) -> int: ...

    def rows(self, part: slice) -> TimedRows: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Timed:
    """Sorted columns; of every chunk the number of the moment before it, and its time."""

    columns: Columns
    least: float
    starts: tuple[tuple[int, float], ...]

    @classmethod
    def of(cls, columns: Columns) -> _Timed:
        total, number, last = 0.0, 0, -np.inf
        for times in _times(columns):
            distinct = times[_new(times, last, 0.0)]
            total += float(np.abs(distinct).sum())
            number += distinct.size
            last = float(times[-1])
        least = ROUNDING * max(1.0, total / max(number, 1))
        starts, moment, last = [], -1, -np.inf
        for times in _times(columns):
            starts.append((moment, last))
            moment += int(_new(times, last, least).sum())
            last = float(times[-1])
        return cls(columns, least, tuple(starts))

    @property
    def size(self) -> int:
        return self.columns.size

    def rows(self, part: slice) -> TimedRows:
        values = self.columns.read(part, (TIME, EVENT, SCORE))
        moment, last = self.starts[part.start // engines.CHUNK]
        nothing = np.zeros(values[TIME].size, dtype=np.int64)
        return TimedRows(
            moment + np.cumsum(_new(values[TIME], last, self.least)),
            values[EVENT] == 1,
            values[SCORE],
            nothing,
            nothing,
        )


def _times(columns: Columns) -> Iterator[FloatArray]:
    for part in engines.spans(columns.size):
        yield columns.read(part, (TIME,))[TIME]


def _new(times: FloatArray, last: float, least: float) -> Values:
    """Where a time is later than the one before it by more than rounding."""
    return np.diff(times, prepend=last) > least


def _tied_in_time(source: _Timed) -> int:
    """Pairs of events at one moment."""
    found, moment, count = 0, -1, 0
    for part in engines.spans(source.size):
        rows = source.rows(part)
        moments, counts = np.unique(rows.moment[rows.event], return_counts=True)
        found += int((counts * (counts - 1) // 2).sum())
        if moments.size == 0:
            continue
        going_on = count if moments[0] == moment else 0
        found += going_on * int(counts[0])
        moment = int(moments[-1])
        count = int(counts[-1]) + (going_on if moments.size == 1 else 0)
    return found


@dataclass(frozen=True, slots=True)
class _Recorded:
    """Rows of one interval, in a file of records."""

    path: Path
    size: int

    def rows(self, part: slice) -> TimedRows:
        first, last, _ = part.indices(self.size)
        found = np.fromfile(self.path, _RECORD, count=last - first, offset=first * _RECORD.itemsize)
        return TimedRows(*(np.ascontiguousarray(found[name]) for name in _RECORD.names or ()))


@dataclass(slots=True, eq=False)
class _Parting:
    """Counts the pairs of rows, part by part."""

    folder: Path
    watch: Watch
    made: int = 0
    done: int = 0
    total: int = 0

    def counted(self, source: _Source, *, counted: bool) -> PairSums:
        """All pairs of some rows."""
        if source.size <= HELD:
            self._step(source.size)
            return count_held(source.rows(slice(0, source.size)), counted=counted)
        cuts = _cuts(source)
        self.total += source.size
        found, parts = self._between(source, cuts, counted=counted)
        for part in parts:
            found += self.counted(part, counted=True)
            part.path.unlink()
        return found

    def _between(
        self, source: _Source, cuts: FloatArray, *, counted: bool
    ) -> tuple[PairSums, list[_Recorded]]:
        """Pairs of rows in different cells, and the rows of each interval."""
        spans, count = engines.spans(source.size), 2 * cuts.size + 1
        censuses, ties = [], _CellTies(count)
        for part in spans:
            rows = source.rows(part)
            cells = cells_of(rows.score, cuts)
            censuses.append(census(rows, cells, count))
            ties.add(rows, cells)
        found = PairSums(tied_both=ties.total())
        self.made += 1
        with ExitStack() as stack:
            files = _Files(self.folder, self.made, stack)
            for part, around in zip(spans, surroundings(censuses), strict=True):
                rows = source.rows(part)
                cells = cells_of(rows.score, cuts)
                rows, sums = count_chunk(rows, cells, around, counted=counted)
                alone = cells % 2 == 1
                found += sums + influence_sums(rows.take(alone))
                files.add(rows.take(~alone), cells[~alone])
                self._step(cells.size + int(alone.sum()))
        return found, files.parts()

    def _step(self, rows: int) -> None:
        self.done += rows
        self.watch("pairs", self.done, self.total)


def _cuts(source: _Source) -> FloatArray:
    """Scores at which rows are parted, about equally many between them."""
    step = max(1, source.size // SAMPLE)
    # copies: a view would keep the whole column
    sampled = [source.rows(part).score[::step].copy() for part in engines.spans(source.size)]
    sample = np.sort(np.concatenate(sampled))
    parts = min(PARTS, -(-2 * source.size // HELD))
    places = np.arange(1, parts) * sample.size // parts
    return np.unique(sample[places])


class _Files:
    """One file of records for each interval that has rows."""

    def __init__(self, folder: Path, number: int, stack: ExitStack) -> None:
        self._folder, self._number, self._stack = folder, number, stack
        self._open: dict[int, BinaryIO] = {}
        self._sizes: dict[int, int] = {}

    def add(self, rows: TimedRows, cells: IntArray) -> None:
        """Append rows to the files of their cells, in their order."""
        order = np.argsort(cells, kind="stable")
        records = np.empty(cells.size, dtype=_RECORD)
        for name in _RECORD.names or ():
            records[name] = getattr(rows, name)[order]
        present, sizes = np.unique(cells, return_counts=True)
        stops = np.cumsum(sizes)
        for cell, size, stop in zip(present.tolist(), sizes, stops, strict=True):
            if cell not in self._open:
                self._open[cell] = self._stack.enter_context(self._path(cell).open("wb"))
            records[stop - size : stop].tofile(self._open[cell])
            self._sizes[cell] = self._sizes.get(cell, 0) + int(size)

    def parts(self) -> list[_Recorded]:
        """What was written, once the files are closed."""
        return [_Recorded(self._path(cell), size) for cell, size in self._sizes.items()]

    def _path(self, cell: int) -> Path:
        return self._folder / f"part-{self._number}-{cell}.bin"


class _CellTies:
    """Pairs of events at one moment that share a score with a cell of its own."""

    def __init__(self, count: int) -> None:
        self._found, self._moment = 0, -1
        self._going_on = np.zeros(count, dtype=np.int64)

    def add(self, rows: TimedRows, cells: IntArray) -> None:
        """Take the events of the chunk that comes next."""
        some = rows.event & (cells % 2 == 1)
        before = some & (rows.moment == self._moment)
        self._going_on += np.bincount(cells[before], minlength=self._going_on.size)
        last = int(rows.moment[-1])
        if last == self._moment:
            return
        self._close()
        inside = some & (rows.moment != self._moment) & (rows.moment != last)
        self._found += equal_pairs(rows.moment[inside], cells[inside])
        self._moment = last
        now = some & (rows.moment == last)
        self._going_on = np.bincount(cells[now], minlength=self._going_on.size)

    def _close(self) -> None:
        self._found += int((self._going_on * (self._going_on - 1) // 2).sum())
        self._going_on[:] = 0

    def total(self) -> int:
        """Of all chunks."""
        self._close()
        return self._found
