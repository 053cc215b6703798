"""Times to an event as arrays: when patients came under observation, left it, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.ordering import short_numbers

ROUNDING = 1.4901161193847656e-08  # square root of the precision of a double


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalTimes:
    """Follow-up of each patient; a patient is at risk in (entry, exit].

    Attributes
    ----------
    exit : array, shape (n,)
        Time of the event or of censoring, 0 or more.
    event : bool array, shape (n,)
        True where the event occurred at `exit`, False where the patient was censored.
    entry : array, shape (n,), or None
        Time at which a patient came under observation (left truncation); None where all
        were observed from the start.
    strata : int array, shape (n,), or None
        Codes from 0 of groups with a baseline hazard each.
    """

    exit: FloatArray
    event: BoolArray
    entry: FloatArray | None = None
    strata: IntArray | None = None

    @property
    def size(self) -> int:
        """Number of patients."""
        return int(self.exit.size)

    @property
    def groups(self) -> IntArray:
        """Stratum of each patient, all 0 where there are none."""
        return np.zeros(self.size, dtype=np.int64) if self.strata is None else self.strata

    def take(self, positions: IntArray | BoolArray) -> SurvivalTimes:
        """The patients at some positions, which may repeat."""
        return SurvivalTimes(
            self.exit[positions],
            self.event[positions],
            None if self.entry is None else self.entry[positions],
            None if self.strata is None else self.strata[positions],
        )


def without_rounding(times: SurvivalTimes) -> tuple[SurvivalTimes, int]:
    """Times that differ by rounding alone made equal, and how many were changed.

    Differences below 1.5e-8, absolute or relative to the mean time, are noise of decimal
    fractions; left in, they would break ties. As ``aeqSurv`` of R's survival.
    """
    exit, entry = level_times(times.exit, times.entry)
    same = SurvivalTimes(exit, times.event, entry, times.strata)
    return same, int((same.exit != times.exit).sum())


def level_times(
    exit: FloatArray, entry: FloatArray | None = None
) -> tuple[FloatArray, FloatArray | None]:
    """The same of the arrays alone; an entry may then be at its exit."""
    every = exit if entry is None else np.concatenate([exit, entry])
    if short_numbers(every):  # no two of them differ by so little
        return exit, entry
    ordered = np.sort(every)
    new = np.append(True, ordered[1:] != ordered[:-1])
    distinct = ordered[new]
    gaps = np.diff(distinct)
    near = (gaps <= ROUNDING) | (gaps <= ROUNDING * np.abs(distinct).mean())
    if not near.any():
        return exit, entry
    order = np.argsort(every)
    kept = np.flatnonzero(np.concatenate([[True], ~near]))
    level = np.repeat(distinct[kept], np.diff(kept, append=distinct.size))
    moved = np.empty_like(every)
    moved[order] = level[np.cumsum(new) - 1]
    return moved[: exit.size], None if entry is None else moved[exit.size :]


def meeting(marks: FloatArray, times: FloatArray) -> BoolArray:
    """Which marks lie at one of some ascending times, but for rounding."""
    found = np.zeros(marks.size, dtype=np.bool_)
    if times.size:
        place = np.searchsorted(times, marks)
        for near in (place - 1, place):
            time = times[np.clip(near, 0, times.size - 1)]
            found |= np.isclose(marks, time, rtol=1e-9, atol=0.0)
    return found
