"""Patients counted by the time at which their follow-up ended, in one pass.

A registry that writes days has few different times, however many its patients are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.engines.columns import Columns
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.errors import DataError

MOST_TIMES = 100_000
STEP = "follow-up"

CodesOf = Callable[[Chunk], tuple[FloatArray, Sequence[IntArray]]]


@dataclass(frozen=True, slots=True, eq=False)
class TimedCounts:
    """Patients by time and by code.

    Attributes
    ----------
    times : array, shape (m,)
        Different times, ascending.
    counts : int array, shape (m, codes)
    """

    times: FloatArray
    counts: IntArray

    def __add__(self, other: TimedCounts) -> TimedCounts:
        if np.array_equal(self.times, other.times):
            return TimedCounts(self.times, self.counts + other.counts)
        times = np.union1d(self.times, other.times)
        _check(times)
        counts = np.zeros((times.size, self.counts.shape[1]), dtype=np.int64)
        for each in (self, other):
            counts[np.searchsorted(times, each.times)] += each.counts
        return TimedCounts(times, counts)

    def rows(self, codes: slice) -> tuple[FloatArray, IntArray, FloatArray]:
        """Some codes as rows, as far as they have patients: time, code from 0, how many."""
        counts = self.counts[:, codes]
        place, code = np.nonzero(counts)
        return self.times[place], code, counts[place, code].astype(np.float64)


def counted_by_time(
    engine: Engine, columns: Columns, names: Sequence[str], codes_of: CodesOf, size: int
) -> TimedCounts:
    """Count the patients of a scan.

    Parameters
    ----------
    engine : Engine
    columns : Columns
    names : sequence of str
        Columns that `codes_of` reads.
    codes_of : callable
        From a chunk the times of its patients, and their codes below `size`, as often as a patient
        is to be counted; a code below 0 counts nowhere.
    size : int
        Number of codes.

    Raises
    ------
    DataError
        For more than `MOST_TIMES` different times.
    """
    return engine.reduce(
        columns, names, partial(_counted, codes_of, size), TimedCounts.__add__, STEP
    )


def _counted(codes_of: CodesOf, size: int, chunk: Chunk) -> TimedCounts:
    time, codes = codes_of(chunk)
    times, place = np.unique(time, return_inverse=True)
    _check(times)
    counts = np.zeros(times.size * size, dtype=np.int64)
    for each in codes:
        known = each >= 0
        cell = place[known] * size + each[known]
        counts += np.bincount(cell, minlength=counts.size)
    return TimedCounts(times, counts.reshape(times.size, size))


def _check(times: FloatArray) -> None:
    if times.size > MOST_TIMES:
        raise DataError(
            f"Follow-up ends at more than {MOST_TIMES:,} different times, and patients who are "
            "read in pieces are counted by time. Round the times in the file, for instance to "
            "whole days."
        )
