"""The times of a cohort that is followed up, and what they say against an analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import BoolArray, FloatArray, IntArray, TimeUnit
from vertebrisk.cohort.flow import FollowUp
from vertebrisk.findings import Finding
from vertebrisk.text.plurals import agreeing, counted, in_rows

FEW_AT_RISK = 10
CENSORED, EVENT, COMPETING = 0, 1, 2


def _read_only(values: NDArray[Any]) -> NDArray[Any]:
    copy = values.copy()
    copy.setflags(write=False)
    return copy


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalOutcome:
    """When follow-up of each row ended, and how.

    Attributes
    ----------
    time : float array, shape (n,)
        End of follow-up, 0 or more, in `unit`.
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    entry : float array, shape (n,), or None
        When each row came under observation, less than `time`: at risk in (entry, time].
    unit : str
        Unit of all times.
    horizons : tuple of float
        Times by which risks are wanted, the principal one first.
    competes : bool
        True where the protocol names a competing event, even if none happened.
    """

    time: FloatArray
    status: IntArray
    entry: FloatArray | None
    unit: TimeUnit
    horizons: tuple[float, ...]
    competes: bool

    def kept(self, keep: BoolArray) -> SurvivalOutcome:
        """Those of the rows where `keep` is true."""
        return SurvivalOutcome(
            time=_read_only(self.time[keep]),
            status=_read_only(self.status[keep]),
            entry=None if self.entry is None else _read_only(self.entry[keep]),
            unit=self.unit,
            horizons=self.horizons,
            competes=self.competes,
        )

    def at_risk(self, time: float) -> int:
        """Rows under observation at a time: entered before it, not ended before it."""
        present = self.time >= time
        if self.entry is not None:
            present &= self.entry < time
        return int(present.sum())

    def follow_up(self) -> FollowUp:
        """Follow-up in numbers, for the flow."""
        begun = 0.0 if self.entry is None else float(self.entry.sum())
        return FollowUp(
            unit=self.unit,
            n_competing=int((self.status == COMPETING).sum()),
            n_censored=int((self.status == CENSORED).sum()),
            total=float(self.time.sum()) - begun,
            longest=float(self.time.max()),
        )


def survival_findings(survival: SurvivalOutcome, rows: IntArray, outcome: str) -> list[Finding]:
    """What is noticed of times and events that can be analysed.

    Parameters
    ----------
    survival : SurvivalOutcome
    rows : int array, shape (n,)
        Position of each row in the file.
    outcome : str
        Name of the outcome.
    """
    found = [
        *_at_zero(survival, rows),
        *_at_one_time(survival, outcome),
        *_no_competing(survival, outcome),
    ]
    for horizon in sorted(survival.horizons):
        found += _at_horizon(survival, horizon, outcome)
    return found


def _at_zero(survival: SurvivalOutcome, rows: IntArray) -> list[Finding]:
    zero = survival.time == 0
    if not zero.any():
        return []
    events = int((survival.status[zero] == EVENT).sum())
    positions = tuple(int(row) for row in rows[zero])
    return [
        Finding(
            "time-zero",
            "warning" if events else "note",
            f"{counted(len(positions), 'row')} {agreeing(len(positions), 'has', 'have')} time 0, "
            f"{events} of them with the event ({in_rows(positions)}).",
            "Compare the times with the source. If the event happens at the beginning itself, "
            "such as leakage during the injection, it is a binary outcome: use kind = "
            '"binary", or add beside = "logistic".',
            "A Cox model keeps time 0: an event there counts among all who are at risk at the "
            "very beginning, and a patient censored there adds nothing.",
            rows=positions,
        )
    ]


def _at_one_time(survival: SurvivalOutcome, outcome: str) -> list[Finding]:
    times = np.unique(survival.time[survival.status == EVENT])
    if times.size != 1 or (survival.status == EVENT).sum() == 1:
        return []
    return [
        Finding(
            "events-at-one-time",
            "warning",
            f"Every event of '{outcome}' has the same time, {times[0]:g} {survival.unit}: when "
            "they happened says nothing, so this is a binary outcome.",
            'Use kind = "binary" and a logistic model, or add beside = "logistic" to [analysis].',
            "With all events tied, a hazard ratio depends on how ties are treated and lies between "
            "the risk ratio and the odds ratio.",
        )
    ]


def _no_competing(survival: SurvivalOutcome, outcome: str) -> list[Finding]:
    if not survival.competes or (survival.status == COMPETING).any():
        return []
    return [
        Finding(
            "no-competing-event",
            "warning",
            f"The competing event of '{outcome}' happened in no row.",
            "Check 'competing' in [outcome] against the values in the file, or take it out.",
        )
    ]


def _at_horizon(survival: SurvivalOutcome, horizon: float, outcome: str) -> list[Finding]:
    found = []
    left = survival.at_risk(horizon)
    if left < FEW_AT_RISK:
        found.append(
            Finding(
                "few-at-horizon",
                "warning",
                f"{counted(left, 'row')} {agreeing(left, 'is', 'are')} still under observation at "
                f"the horizon of {horizon:g} {survival.unit}: risks by then rest on "
                f"{agreeing(left, 'it', 'them')}.",
                "Choose an earlier horizon, or follow the patients longer.",
            )
        )
    if not ((survival.status == EVENT) & (survival.time <= horizon)).any():
        found.append(
            Finding(
                "no-event-by-horizon",
                "warning",
                f"No event of '{outcome}' happened by the horizon of {horizon:g} {survival.unit}: "
                "every risk by then is zero.",
                "Choose a later horizon, and check the unit of the times.",
            )
        )
    return found
