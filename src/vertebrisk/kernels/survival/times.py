"""Times to an event as arrays: when patients came under observation, left it, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray


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
