"""The outcome of the eligible rows: who has it, when, and who leaves because it is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.cohort.cohort import read_only_events
from vertebrisk.cohort.flow import FlowStep, StepKind
from vertebrisk.cohort.reading.cells import absurd_values
from vertebrisk.cohort.survival import (
    CENSORED,
    COMPETING,
    EVENT,
    SurvivalOutcome,
    TimesTally,
    survival_findings,
)
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError, ExpressionError, ProtocolError
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol, TimeToEventOutcome
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording, counted, in_rows


@dataclass(frozen=True, slots=True, eq=False)
class KnownOutcome:
    """The rows whose outcome is known, in the order of the file.

    `steps` are those in which the others left; `survival` is None for a binary outcome.
    """

    frame: pl.DataFrame
    rows: IntArray
    event: BoolArray
    steps: tuple[FlowStep, ...] = ()
    survival: SurvivalOutcome | None = None
    findings: list[Finding] = field(default_factory=list)

    def leaving(self, keep: BoolArray, kind: StepKind, reason: str, rule: str) -> KnownOutcome:
        """The rows to `keep`, the others gone in a step of their own."""
        step = FlowStep(kind, reason, rule, int((~keep).sum()), int(keep.sum()))
        return replace(
            self,
            frame=self.frame.filter(pl.Series(keep)),
            rows=self.rows[keep],
            event=read_only_events(self.event[keep]),
            steps=(*self.steps, step),
        )

    def noted(self, findings: Iterable[Finding]) -> KnownOutcome:
        """The same rows with more findings."""
        return replace(self, findings=[*self.findings, *findings])


def truth_of(source: str, frame: pl.DataFrame, where: str) -> pl.Series:
    """A rule on each row; ProtocolError, naming `where` it stands, if it does not fit."""
    try:
        return Expression.parse(source).rule(frame)
    except ExpressionError as error:
        raise ProtocolError(f"The rule in {where}: {error}") from None
    except pl.exceptions.PolarsError:
        raise ProtocolError(
            f"The rule in {where} does not fit the columns that it names."
        ) from None


def with_outcome(
    protocol: Protocol, frame: pl.DataFrame, rows: IntArray, file: str
) -> KnownOutcome:
    """The outcome of the eligible rows.

    Parameters
    ----------
    protocol : Protocol
    frame : DataFrame
        The eligible rows, described variables prepared.
    rows : int array
        Position of each in the file.
    file : str
        The file's name, for messages.

    Raises
    ------
    DataError
        Both classes of the outcome do not occur, or times and events contradict each other.
    ProtocolError
        A rule does not fit the columns that it names.
    """
    known = outcome_of(protocol, frame, rows, file)
    check_classes(protocol, int(known.event.sum()), known.event.size)
    survival = known.survival
    if survival is not None:
        times = TimesTally.of(survival, known.rows)
        check_horizons(survival, times.longest, file)
        known = known.noted(survival_findings(survival, times, protocol.outcome.name))
    return replace(known, steps=tuple(step for step in known.steps if step.removed))


def outcome_of(protocol: Protocol, frame: pl.DataFrame, rows: IntArray, file: str) -> KnownOutcome:
    """The outcome of some eligible rows, of a file or of a piece of one.

    Every reason to leave is a step, those for which nobody left too.
    """
    outcome = protocol.outcome
    truth = truth_of(outcome.event, frame, "'event' of [outcome]")
    if isinstance(outcome, TimeToEventOutcome):
        return _followed(outcome, frame, rows, truth, file)
    event = truth.fill_null(value=False).to_numpy().astype(np.bool_)
    step = _Step(say("outcome not known"), outcome.event, truth.is_not_null().to_numpy())
    return _leaving(KnownOutcome(frame, rows, event), [step])


def check_classes(protocol: Protocol, n_events: int, n: int) -> None:
    """Raise DataError unless rows with and without the event occur."""
    if not 0 < n_events < n:
        raise DataError(
            f"The outcome '{protocol.outcome.name}' has {counted(n_events, 'event')} among "
            f"{counted(n, 'eligible row')}; both classes must occur. "
            "Check 'event' in [outcome] and its threshold."
        )


def check_horizons(survival: SurvivalOutcome, longest: float, file: str) -> None:
    """Raise DataError where a horizon lies beyond the longest follow-up."""
    beyond = [horizon for horizon in survival.horizons if horizon > longest]
    if beyond:
        raise DataError(
            f"The horizon {beyond[0]:g} in [outcome] lies beyond the longest follow-up in '{file}' "
            f"({longest:g} {survival.unit}). Choose a horizon inside follow-up, and check "
            "the unit of the times."
        )


@dataclass(frozen=True, slots=True)
class _Step:
    """Why rows leave: those where `known` is false."""

    reason: str
    rule: str
    known: BoolArray


def _leaving(known: KnownOutcome, steps: list[_Step]) -> KnownOutcome:
    """Without the rows of which something is not known; one step of the flow a reason."""
    keep = np.ones(known.rows.size, dtype=np.bool_)
    made = []
    for step in steps:
        removed = int((keep & ~step.known).sum())
        keep &= step.known
        made.append(FlowStep("outcome-missing", step.reason, step.rule, removed, int(keep.sum())))
    if keep.all():
        return replace(known, event=read_only_events(known.event), steps=tuple(made))
    return replace(
        known,
        frame=known.frame.filter(pl.Series(keep)),
        rows=known.rows[keep],
        event=read_only_events(known.event[keep]),
        survival=None if known.survival is None else known.survival.kept(keep),
        steps=tuple(made),
    )


def _followed(
    outcome: TimeToEventOutcome, frame: pl.DataFrame, rows: IntArray, truth: pl.Series, file: str
) -> KnownOutcome:
    competing = (
        pl.Series([False] * frame.height, dtype=pl.Boolean)
        if outcome.competing is None
        else truth_of(outcome.competing, frame, "'competing' of [outcome]")
    )
    time, absurd = _times(outcome.time, "time", outcome, frame, rows, file)
    entry, entry_known = None, np.ones(frame.height, dtype=np.bool_)
    steps = [
        _Step(say("outcome not known"), outcome.event, truth.is_not_null().to_numpy()),
        _Step(
            say("competing event not known"), outcome.competing or "", _decided(truth, competing)
        ),
        _Step(say("time not known"), outcome.time, np.isfinite(time)),
    ]
    if outcome.entry is not None:
        entry, found = _times(outcome.entry, "entry", outcome, frame, rows, file)
        absurd += found
        entry_known = np.isfinite(entry)
        steps.append(_Step(say("time of entry not known"), outcome.entry, entry_known))
    event = truth.fill_null(value=False).to_numpy().astype(np.bool_)
    other = competing.fill_null(value=False).to_numpy().astype(np.bool_)
    _refuse_rows(
        event & other, rows, file,
        "'event' and 'competing' of [outcome] are both true", "a competing event coded like the "
        "event. Only what came first can be true; change one of the two rules.",
    )  # fmt: skip
    status = np.where(event, EVENT, np.where(other, COMPETING, CENSORED)).astype(np.int64)
    survival = SurvivalOutcome(
        time, status, entry, outcome.time_unit, outcome.horizons, outcome.competing is not None
    )
    known = _leaving(KnownOutcome(frame, rows, event, survival=survival), steps)
    assert known.survival is not None  # it was given above
    _check_times(known.survival, known.rows, file)
    return replace(known, findings=absurd)


def _decided(truth: pl.Series, competing: pl.Series) -> BoolArray:
    """Where the competing event is known, or does not matter since the event happened."""
    return (competing.is_not_null() | truth.fill_null(value=False)).to_numpy()


def _times(
    source: str,
    key: str,
    outcome: TimeToEventOutcome,
    frame: pl.DataFrame,
    rows: IntArray,
    file: str,
) -> tuple[FloatArray, list[Finding]]:
    """Numbers, not finite where they are not known."""
    where = say("'{key}' of [outcome]", key=key)
    try:
        expression = Expression.parse(source)
        if expression.is_duration(frame) and outcome.time_unit != "days":
            raise ProtocolError(
                f"{where} is a span between two dates, which counts days, but time_unit is "
                f'"{outcome.time_unit}". Write time_unit = "days" and the horizons in days.'
            )
        values = expression.values(frame)
    except ExpressionError as error:
        empty = [name for name in _named(source, frame) if frame[name].null_count() == len(rows)]
        if empty:
            raise DataError(
                f"{where} reads column '{empty[0]}' of '{file}', which holds no value. Name the "
                "column that holds it."
            ) from None
        raise ProtocolError(f"{where}: {error}") from None
    except pl.exceptions.PolarsError:
        raise ProtocolError(f"{where} does not fit the columns that it names.") from None
    absurd = absurd_values(values).fill_null(value=False)
    bad = tuple(int(row) for row in rows[absurd.to_numpy()])
    wording = Wording(
        "{where} gives no believable number in {n} ({rows}), now missing.",
        "row",
        values=(("where", where),),
    )
    found = [
        Finding(
            "time-not-finite",
            "warning",
            wording.of(bad),
            say("Look for zeros in a denominator, or for logarithms of zero."),
            file=file,
            rows=bad,
            wording=wording,
        )
    ]
    numbers = values.set(absurd, None).fill_null(float("nan")).to_numpy().astype(np.float64)
    return numbers, found if bad else []


def _named(source: str, frame: pl.DataFrame) -> list[str]:
    """Columns of the frame that a derivation reads; none where it cannot be read."""
    try:
        return [name for name in Expression.parse(source).names if name in frame.columns]
    except ExpressionError:
        return []


def _check_times(survival: SurvivalOutcome, rows: IntArray, file: str) -> None:
    time, entry = survival.time, survival.entry
    _refuse_rows(
        time < 0, rows, file, "'time' of [outcome] is negative",
        "times run from the beginning of follow-up, 0 or more. Correct the cells.",
    )  # fmt: skip
    if entry is not None:
        _refuse_rows(
            entry >= time, rows, file, "'entry' of [outcome] is not before 'time'",
            "a patient is watched from entry to time. Correct the cells, or exclude the rows.",
        )  # fmt: skip
        _refuse_rows(
            entry < 0, rows, file, "'entry' of [outcome] is negative",
            "times run from the beginning, 0 or more. Correct the cells.",
        )  # fmt: skip


def _refuse_rows(bad: BoolArray, rows: IntArray, file: str, what: str, rule: str) -> None:
    if bad.any():
        positions = tuple(int(row) for row in rows[bad])
        raise DataError(
            f"{what} in {counted(len(positions), 'row')} of '{file}' ({in_rows(positions)}): {rule}"
        )
