"""A cohort larger than memory: eligible patients as columns on disk, flow and findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from vertebrisk._checks import nearest
from vertebrisk._types import DataKind, TimeUnit
from vertebrisk.cohort.cohort import CANDIDATE, DataSource, complete_case_loss, no_class_left
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.cohort.scanning.keeping import KeptRows
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.tallies import Tallies
from vertebrisk.cohort.survival import SurvivalOutcome, TimesTally
from vertebrisk.cohort.variables import CohortVariable
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say


@dataclass(frozen=True, slots=True)
class FollowedColumns:
    """Which columns of the patients hold their follow-up.

    Attributes
    ----------
    time, status : str
        End of follow-up; 0 censored, 1 the event, 2 the competing event.
    entry : str or None
    unit : str
        Of all times.
    horizons : tuple of float
        Times by which risks are wanted, the principal one first.
    competes : bool
        True where the protocol names a competing event.
    """

    time: str
    status: str
    entry: str | None
    unit: TimeUnit
    horizons: tuple[float, ...]
    competes: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The columns: time, status, and entry where there is one."""
        return tuple(each for each in (self.time, self.status, self.entry) if each is not None)


@dataclass(frozen=True, slots=True, eq=False)
class ScannedCohort:
    """Eligible patients whose outcome is known, of a file of any length.

    What a `Cohort` holds, with its rows as columns on disk.

    Attributes
    ----------
    patients : PatientScan
        The described variables, typed as those of `Cohort.frame`, and the column
        `event_column`: true where the outcome happened. With follow-up, the columns of
        `followed` too.
    event_name, event_column : str
        Name of the outcome, and of its column: the same, unless a variable is called so.
    flow : Flow
    findings : tuple of Finding
    variables : tuple of CohortVariable
    analysed, constant : tuple of str
    data_sha256, data_name, data_kind : str
    source : DataSource
        `kinds` are those of the columns that the protocol uses.
    followed : FollowedColumns or None
    tallies : Tallies
        Counts of each variable.
    """

    patients: PatientScan
    event_name: str
    event_column: str
    flow: Flow
    findings: tuple[Finding, ...]
    variables: tuple[CohortVariable, ...]
    analysed: tuple[str, ...]
    constant: tuple[str, ...]
    data_sha256: str
    data_name: str
    data_kind: DataKind
    source: DataSource
    tallies: Tallies
    followed: FollowedColumns | None = None

    @property
    def n(self) -> int:
        """Number of rows analysed."""
        return self.flow.n

    @property
    def n_events(self) -> int:
        """Number of rows with the event."""
        return self.flow.n_events

    def variable(self, name: str) -> CohortVariable:
        """The description of one variable."""
        for variable in self.variables:
            if variable.name == name:
                return variable
        known = [variable.name for variable in self.variables]
        raise DataError(f"The cohort has no variable '{name}'.{nearest(name, known)}")

    def complete(
        self, names: Sequence[str], what: str = CANDIDATE, scratch: Path | None = None
    ) -> ScannedCohort:
        """The cohort without the rows in which any of these variables, each a `what`, is missing.

        As `Cohort.complete`: who leaves is a step of the flow and a finding. The patients are
        written anew, to a scratch folder of their own.
        """
        for name in names:
            self.variable(name)
        wanted = list(dict.fromkeys(names))
        missing = {name: self.tallies.variables[name].missing for name in wanted}
        if not any(missing.values()):
            return self
        tallies, times, events, n = Tallies.none(), None, 0, 0
        described = [variable.name for variable in self.variables]
        with KeptRows(self.patients.stored, ScratchFolder(scratch), self.n) as kept:
            for frame in self.patients.followed("complete patients"):
                rows = frame.drop_nulls(wanted)
                kept.append(rows)
                tallies.take(rows.select(described))
                n += rows.height
                events += int(rows[self.event_column].sum())
                if self.followed is not None:
                    tally = times_of(rows, self.followed)
                    times = tally if times is None else times + tally
            if not 0 < events < n:
                raise no_class_left(self.n - n, n, missing)
            patients = kept.patients(self.patients)
        step = FlowStep("predictor-missing", say("{what} missing", what=what), "", self.n - n, n)
        loss = complete_case_loss(
            lost=self.n - n,
            n=self.n,
            events_lost=self.n_events - events,
            n_events=self.n_events,
            missing=missing,
            what=what,
            imputable=True,
            file=self.data_name,
        )
        follow_up = self.flow.follow_up
        if times is not None and self.followed is not None:
            follow_up = times.follow_up(self.followed.unit)
        return replace(
            self,
            patients=patients,
            flow=replace(
                self.flow,
                steps=(*self.flow.steps, step),
                n=n,
                n_events=events,
                n_patients=n,
                follow_up=follow_up,
            ),
            findings=(*self.findings, loss),
            constant=tallies.constant(self.analysed),
            tallies=tallies,
        )


def times_of(frame: pl.DataFrame, followed: FollowedColumns) -> TimesTally:
    """Counts over the follow-up of some patients."""
    survival = SurvivalOutcome(
        time=frame[followed.time].to_numpy(),
        status=frame[followed.status].cast(pl.Int64).to_numpy(),
        entry=None if followed.entry is None else frame[followed.entry].to_numpy(),
        unit=followed.unit,
        horizons=followed.horizons,
        competes=followed.competes,
    )
    return TimesTally.of(survival, frame.select(pl.int_range(pl.len()))[:, 0].to_numpy())
