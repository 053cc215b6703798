"""The times of a cohort that is followed up, and what they say against an analysis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import BoolArray, FloatArray, IntArray, TimeUnit
from vertebrisk.cohort.flow import FollowUp
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import time_unit
from vertebrisk.text.plurals import agreeing, counted, in_rows

FEW_AT_RISK = 10
MOST_POSITIONS = 1_000  # listed of a file that is read in pieces
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

    def at_risk(self, time: float, weights: FloatArray | None = None) -> int:
        """Rows under observation at a time: entered before it, not ended before it.

        `weights` are frequencies of the rows.
        """
        present = self.time >= time
        if self.entry is not None:
            present &= self.entry < time
        return int(present.sum() if weights is None else weights[present].sum())

    def follow_up(self) -> FollowUp:
        """Follow-up in numbers, for the flow."""
        begun = 0.0 if self.entry is None else float(self.entry.sum())
        return FollowUp(
            unit=self.unit,
            n_competing=int((self.status == COMPETING).sum()),
            n_censored=int((self.status == CENSORED).sum()),
            total=float(self.time.sum()) - begun,
            longest=float(self.time.max(initial=0.0)),
        )


@dataclass(frozen=True, slots=True)
class TimesTally:
    """Counts over times and events; those of pieces add up to those of the whole.

    Attributes
    ----------
    at_zero : tuple of int
        Positions of the rows with time 0, the first of them.
    n_at_zero, events_at_zero : int
        How many there are, and how many of them have the event.
    event_times : frozenset of float
        Two of the times of the events at most.
    events, competing, censored : int
    total, longest : float
        Time at risk of all rows together, and the longest follow-up.
    at_risk : tuple of int
        Rows under observation at each horizon.
    by_then : tuple of int
        Events by each horizon.
    """

    at_zero: tuple[int, ...]
    n_at_zero: int
    events_at_zero: int
    event_times: frozenset[float]
    events: int
    competing: int
    censored: int
    total: float
    longest: float
    at_risk: tuple[int, ...]
    by_then: tuple[int, ...]

    @classmethod
    def of(cls, survival: SurvivalOutcome, rows: IntArray) -> TimesTally:
        """Those of some rows at these positions of the file."""
        time, event = survival.time, survival.status == EVENT
        zero = time == 0
        follow_up = survival.follow_up()
        by_then = tuple(int((event & (time <= each)).sum()) for each in survival.horizons)
        return cls(
            at_zero=tuple(int(row) for row in rows[zero]),
            n_at_zero=int(zero.sum()),
            events_at_zero=int((event & zero).sum()),
            event_times=_two(np.unique(time[event]).tolist()),
            events=int(event.sum()),
            competing=follow_up.n_competing,
            censored=follow_up.n_censored,
            total=follow_up.total,
            longest=follow_up.longest,
            at_risk=tuple(survival.at_risk(each) for each in survival.horizons),
            by_then=by_then,
        )

    def __add__(self, other: TimesTally) -> TimesTally:
        return TimesTally(
            at_zero=(*self.at_zero, *other.at_zero)[:MOST_POSITIONS],
            n_at_zero=self.n_at_zero + other.n_at_zero,
            events_at_zero=self.events_at_zero + other.events_at_zero,
            event_times=_two([*self.event_times, *other.event_times]),
            events=self.events + other.events,
            competing=self.competing + other.competing,
            censored=self.censored + other.censored,
            total=self.total + other.total,
            longest=max(self.longest, other.longest),
            at_risk=tuple(map(sum, zip(self.at_risk, other.at_risk, strict=True))),
            by_then=tuple(map(sum, zip(self.by_then, other.by_then, strict=True))),
        )

    def follow_up(self, unit: TimeUnit) -> FollowUp:
        """Follow-up in numbers, for the flow."""
        return FollowUp(unit, self.competing, self.censored, self.total, self.longest)


def _two(times: Iterable[float]) -> frozenset[float]:
    return frozenset(sorted(set(times))[:2])


def survival_findings(survival: SurvivalOutcome, times: TimesTally, outcome: str) -> list[Finding]:
    """What is noticed of times and events that can be analysed.

    Parameters
    ----------
    survival : SurvivalOutcome
        Unit, horizons, and whether an event competes.
    times : TimesTally
    outcome : str
        Name of the outcome.
    """
    found = [
        *_at_zero(times),
        *_at_one_time(survival, times, outcome),
        *_no_competing(survival, times, outcome),
    ]
    counts = sorted(zip(survival.horizons, times.at_risk, times.by_then, strict=True))
    for horizon, left, events in counts:
        found += _at_horizon(survival, horizon, left, events, outcome)
    return found


def _at_zero(times: TimesTally) -> list[Finding]:
    n, events = times.n_at_zero, times.events_at_zero
    if not n:
        return []
    return [
        Finding(
            "time-zero",
            "warning" if events else "note",
            say(
                "{rows} {have} time 0, {events} of them with the event ({where}).",
                rows=counted(n, "row"),
                have=agreeing(n, "has", "have"),
                events=events,
                where=in_rows(times.at_zero, n),
            ),
            say(
                "Compare the times with the source. If the event happens at the beginning "
                "itself, such as leakage during the injection, it is a binary outcome: use "
                'kind = "binary", or add beside = "logistic".'
            ),
            say(
                "A Cox model keeps time 0: an event there counts among all who are at risk "
                "at the very beginning, and a patient censored there adds nothing."
            ),
            rows=times.at_zero,
            unlisted=n - len(times.at_zero),
        )
    ]


def _at_one_time(survival: SurvivalOutcome, times: TimesTally, outcome: str) -> list[Finding]:
    if len(times.event_times) != 1 or times.events == 1:
        return []
    (time,) = times.event_times
    return [
        Finding(
            "events-at-one-time",
            "warning",
            say(
                "Every event of '{outcome}' has the same time, {time:g} {unit}: when they "
                "happened says nothing, so this is a binary outcome.",
                outcome=outcome,
                time=time,
                unit=time_unit(survival.unit),
            ),
            say(
                'Use kind = "binary" and a logistic model, or add beside = "logistic" to '
                "[analysis]."
            ),
            say(
                "With all events tied, a hazard ratio depends on how ties are treated and "
                "lies between the risk ratio and the odds ratio."
            ),
        )
    ]


def _no_competing(survival: SurvivalOutcome, times: TimesTally, outcome: str) -> list[Finding]:
    if not survival.competes or times.competing:
        return []
    return [
        Finding(
            "no-competing-event",
            "warning",
            say("The competing event of '{outcome}' happened in no row.", outcome=outcome),
            say("Check 'competing' in [outcome] against the values in the file, or take it out."),
        )
    ]


def _at_horizon(
    survival: SurvivalOutcome, horizon: float, left: int, events: int, outcome: str
) -> list[Finding]:
    found = []
    if left < FEW_AT_RISK:
        found.append(
            Finding(
                "few-at-horizon",
                "warning",
                say(
                    "{rows} {are} still under observation at the horizon of {horizon:g} {unit}: "
                    "risks by then rest on {it}.",
                    rows=counted(left, "row"),
                    are=agreeing(left, "is", "are"),
                    horizon=horizon,
                    unit=time_unit(survival.unit),
                    it=agreeing(left, "it", "them"),
                ),
                say("Choose an earlier horizon, or follow the patients longer."),
            )
        )
    if not events:
        found.append(
            Finding(
                "no-event-by-horizon",
                "warning",
                say(
                    "No event of '{outcome}' happened by the horizon of {horizon:g} {unit}: "
                    "every risk by then is zero.",
                    outcome=outcome,
                    horizon=horizon,
                    unit=time_unit(survival.unit),
                ),
                say("Choose a later horizon, and check the unit of the times."),
            )
        )
    return found
