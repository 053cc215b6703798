"""The cohort: eligible patients with labelled variables and a known outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk._types import BoolArray, DataKind, IntArray
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.cohort.idle_sets import broken_sets, idle_step
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.kernels.conditional.sets import informative_rows
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

if TYPE_CHECKING:
    from vertebrisk.cohort.followed import FollowupScores, Readings
    from vertebrisk.cohort.survival import SurvivalOutcome
    from vertebrisk.cohort.variables import CohortVariable

_COMPLETE = say(
    "Complete the data from the records, or leave out candidates that are often missing."
)
_OR_IMPUTE = say(
    "Complete the data from the records, leave out candidates that are often "
    'missing, or impute: write method = "imputation" in [missing].'
)

STRATUM = say("stratum")
CANDIDATE = say("candidate predictor")
_STRATUM = say(
    "Complete it from the records, or make it a candidate: a stratum is not "
    "imputed, since a patient has the baseline hazard of one stratum."
)


def read_only_events(values: BoolArray) -> BoolArray:
    """A copy that cannot be written to."""
    copy = np.array(values, dtype=np.bool_)
    copy.setflags(write=False)
    return copy


def read_only_positions(values: IntArray) -> IntArray:
    """A copy that cannot be written to."""
    copy = np.array(values, dtype=np.int64)
    copy.setflags(write=False)
    return copy


def dense_codes(values: IntArray) -> IntArray:
    """Codes 0, 1, ... in the order of first appearance."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.empty(first.size, dtype=np.int64)
    order[np.argsort(first)] = np.arange(first.size)
    return read_only_positions(order[inverse])


def constant_names(frame: pl.DataFrame, names: Sequence[str]) -> tuple[str, ...]:
    """Variables of which at most one value occurs."""
    return tuple(name for name in dict.fromkeys(names) if frame[name].drop_nulls().n_unique() <= 1)


@dataclass(frozen=True, slots=True)
class DataSource:
    """How a data file was read.

    `encoding` and `separator` are those of a text file, None otherwise; `kinds` says of
    each column whether it held numbers, dates or levels.
    """

    encoding: str | None
    separator: str | None
    kinds: Mapping[str, Literal["number", "level", "date"]]


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Eligible patients whose outcome is known, and the flow that led here.

    Attributes
    ----------
    frame : DataFrame, n rows
        The described variables only: Enum (reference first) or Float64, null where missing.
        No identifier and no column that the codebook does not describe.
    event : bool array, shape (n,)
        True where the outcome happened; with a competing event, where it came first.
    event_name : str
        Name of the outcome.
    flow : Flow
        Who left at which step.
    findings : tuple of Finding
        What was noticed on the way, about the data and the protocol.
    variables : tuple of CohortVariable
        What the codebook says, in the order of the frame's columns.
    rows : int array, shape (n,)
        Position of each patient in the file, counted from 1 below the header.
    clusters : int array, shape (n,), or None
        Code of the patient, from 0, where the rows are vertebrae; else None.
    analysed : tuple of str
        Compared variables and candidates.
    constant : tuple of str
        Those of `analysed` that have one value only; they cannot be predictors.
    data_sha256, data_name, data_kind : str
        The file's hash and name, and what its rows are.
    source : DataSource
        How the file was read, for whoever reads it again.
    survival : SurvivalOutcome or None
        Time, status and entry of each row where the outcome is followed up.
    sets : int array, shape (n,), or None
        Code of the matched set, from 0; None without matched sets. Each has a case and a
        control.
    population : SourcePopulation or None
        Where controls were sampled, the population that they came from, if it is known.
    followups, readings : tuple of FollowupScores, of Readings
        Scores over visits and readings of two readers, of every eligible patient.
    """

    frame: pl.DataFrame
    event: BoolArray
    event_name: str
    flow: Flow
    findings: tuple[Finding, ...]
    variables: tuple[CohortVariable, ...]
    rows: IntArray
    clusters: IntArray | None
    analysed: tuple[str, ...]
    constant: tuple[str, ...]
    data_sha256: str
    data_name: str
    data_kind: DataKind
    source: DataSource
    survival: SurvivalOutcome | None = None
    population: SourcePopulation | None = None
    sets: IntArray | None = None
    followups: tuple[FollowupScores, ...] = ()
    readings: tuple[Readings, ...] = ()

    @property
    def n(self) -> int:
        """Number of rows analysed."""
        return int(self.event.size)

    @property
    def n_events(self) -> int:
        """Number of rows with the event."""
        return int(self.event.sum())

    def variable(self, name: str) -> CohortVariable:
        """The description of one variable."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        known = [variable.name for variable in self.variables]
        raise DataError(f"The cohort has no variable '{name}'.{nearest(name, known)}")

    def complete(self, names: Sequence[str], what: str = CANDIDATE) -> Cohort:
        """The cohort without the rows in which any of these variables, each a `what`, is missing.

        Who leaves is a step of the flow and a finding ``complete-case-loss``; matched sets
        that are then without a case or a control leave in the step after it. Raises
        DataError if one class of the outcome is left.
        """
        for name in names:
            self.variable(name)
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return self
        keep = self.frame.select(pl.all_horizontal(pl.col(wanted).is_not_null()).alias("keep"))[
            "keep"
        ].to_numpy()
        if keep.all():
            return self
        lost, events_lost = int((~keep).sum()), int((~keep & self.event).sum())
        missing = {name: self.frame[name].null_count() for name in wanted}
        if not (keep & self.event).any() or not (keep & ~self.event).any():
            raise no_class_left(lost, int(keep.sum()), missing)
        step = FlowStep("predictor-missing", say("{what} missing", what=what), "", lost, 0)
        loss = complete_case_loss(
            lost=lost,
            n=self.n,
            events_lost=events_lost,
            n_events=self.n_events,
            missing=missing,
            what=what,
            imputable=self.sets is None,
            file=self.data_name,
        )
        left = self._kept(keep, loss, step)
        return left if left.sets is None else left._in_sets(left.sets)

    def _in_sets(self, sets: IntArray) -> Cohort:
        keep = informative_rows(self.event, sets)
        if keep.all():
            return self
        if not keep.any():
            raise DataError(
                "Without the rows in which a predictor is missing no matched set has a case and a "
                "control. Leave out the candidates with most missing values."
            )
        return self._kept(keep, broken_sets(sets, keep, self.data_name), idle_step(keep))

    def _kept(self, keep: BoolArray, finding: Finding, step: FlowStep) -> Cohort:
        frame = self.frame.filter(pl.Series(keep))
        event = read_only_events(self.event[keep])
        clusters = None if self.clusters is None else dense_codes(self.clusters[keep])
        survival = None if self.survival is None else self.survival.kept(keep)
        flow = replace(
            self.flow,
            steps=(*self.flow.steps, replace(step, remaining=int(event.size))),
            n=int(event.size),
            n_events=int(event.sum()),
            n_patients=int(event.size) if clusters is None else int(clusters.max()) + 1,
            follow_up=None if survival is None else survival.follow_up(),
        )
        return replace(
            self,
            frame=frame,
            event=event,
            flow=flow,
            findings=(*self.findings, finding),
            rows=read_only_positions(self.rows[keep]),
            clusters=clusters,
            constant=constant_names(frame, self.analysed),
            survival=survival,
            sets=None if self.sets is None else dense_codes(self.sets[keep]),
        )


def no_class_left(lost: int, left: int, missing: Mapping[str, int]) -> DataError:
    """What is said where complete rows are of one class of the outcome."""
    return DataError(
        f"Without the {counted(lost, 'row')} in which a predictor is missing, "
        f"{counted(left, 'row')} would be left and both outcomes do not "
        "occur among them. Leave out the candidates with "
        f"most missing values: {listed(_most_missing(missing), 3)}."
    )


def complete_case_loss(
    *,
    lost: int,
    n: int,
    events_lost: int,
    n_events: int,
    missing: Mapping[str, int],
    what: str,
    imputable: bool,
    file: str,
) -> Finding:
    """Finding on the rows, and the events, that leave because a variable is missing."""
    return Finding(
        "complete-case-loss",
        "warning",
        say(
            "{lost} of {n} rows ({share:.1%}), with {events_lost} of {n_events} events "
            "({share_of_events:.1%}), {leaves} because a {what} is missing; most often "
            "{most_missing}.",
            lost=lost,
            n=n,
            share=lost / n,
            events_lost=events_lost,
            n_events=n_events,
            share_of_events=events_lost / n_events,
            leaves=agreeing(lost, "leaves", "leave"),
            what=what,
            most_missing=listed(_most_missing(missing), 3),
        ),
        _STRATUM if what == STRATUM else _OR_IMPUTE if imputable else _COMPLETE,
        say(
            "Patients with complete records may differ from the others, so that "
            "estimates and performance are biased unless values are missing at random "
            "(Sterne 2009, doi:10.1136/bmj.b2393)."
        ),
        file=file,
    )


def _most_missing(counts: Mapping[str, int]) -> list[str]:
    often = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])
    return [f"'{name}' ({counts[name]})" for name in often]
