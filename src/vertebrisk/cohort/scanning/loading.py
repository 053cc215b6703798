"""A protocol and a file of any length make a cohort, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from vertebrisk._types import IntArray
from vertebrisk.cohort.assembly import (
    analysed_names,
    column_kinds,
    declared_of,
    eligible,
    judged,
    nobody_left,
    outcome_left_out,
)
from vertebrisk.cohort.candidates import check_shapes, collinear, too_many, used_names
from vertebrisk.cohort.cohort import DataSource
from vertebrisk.cohort.consistency import inconsistent_rows
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.cohort.labelling import unknown_value_remedy
from vertebrisk.cohort.outcomes import KnownOutcome, check_classes, check_horizons, outcome_of
from vertebrisk.cohort.preparing import (
    check_columns,
    columns_in_use,
    columns_of_values,
    described_variables,
    prepare,
)
from vertebrisk.cohort.quality import (
    added_strata,
    check_strata,
    constants,
    counted_gaps,
    empty_strata,
    extreme_spreads,
    few_in_class,
    lonely_levels,
    strata_counts,
    unused_levels,
)
from vertebrisk.cohort.scanning.cohort import FollowedColumns, ScannedCohort
from vertebrisk.cohort.scanning.describing import (
    check_held,
    guessed,
    levels_from_all,
    not_compared,
    types_of_all,
)
from vertebrisk.cohort.scanning.keeping import KeptRows
from vertebrisk.cohort.scanning.merging import Findings
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.refusing import check_in_pieces
from vertebrisk.cohort.scanning.scanning import scanned
from vertebrisk.cohort.scanning.stored import StoredColumn, stored_column
from vertebrisk.cohort.scanning.tallies import Tallies
from vertebrisk.cohort.survival import SurvivalOutcome, TimesTally, survival_findings
from vertebrisk.cohort.variables import CohortVariable
from vertebrisk.engines.engine import Engine
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol


def load_scanned_cohort(
    protocol: Protocol,
    data: Path | None = None,
    engine: Engine | None = None,
    scratch: Path | None = None,
) -> ScannedCohort:
    """The cohort of a protocol and a Parquet or text file of any length.

    Patients, flow and findings are those of `load_cohort`; rows of the file that repeat
    another one, and patients who occur twice, are not looked for, which a finding says.

    Parameters
    ----------
    protocol : Protocol
        From `load_protocol`.
    data : Path, optional
        A file to be used instead of the protocol's own.
    engine : Engine, optional
        Where sums over the patients will run; threads of this process by default.
    scratch : Path, optional
        Folder in which the scratch folders are made; the system's by default.

    Raises
    ------
    DataError
        The file cannot be read or cannot be used as the protocol says, or the disk has no room.
    ProtocolError
        A rule does not fit the columns that it names, or something is asked for that needs all
        patients at once.
    """
    check_in_pieces(protocol)
    path = data if data is not None else protocol.data_path
    with scanned(
        path,
        declared=declared_of(protocol),
        columns=columns_in_use(protocol),
        engine=engine,
        scratch=scratch,
    ) as scan:
        check_columns(protocol, scan.in_file, scan.name)
        check_held(scan, columns_of_values(protocol))
        made = _Assembly(protocol, scan, types_of_all(protocol, scan))
        with KeptRows(made.stored, ScratchFolder(scratch), scan.n_rows) as kept:
            for first, frame in made.pieces():
                kept.append(made.taken(frame, first))
            return made.cohort(kept.patients(scan))


@dataclass(slots=True)
class _Assembly:
    """Takes the rows of the file piece by piece, and counts what `assemble` counts."""

    protocol: Protocol
    scan: PatientScan
    whole: dict[str, pl.DataType]
    variables: tuple[CohortVariable, ...] = ()
    stored: dict[str, StoredColumn] = field(default_factory=dict)
    event: str = ""
    followed: FollowedColumns | None = None
    survival: SurvivalOutcome | None = None
    steps: list[FlowStep] = field(default_factory=list)
    n_criteria: int = 0
    n: int = 0
    n_events: int = 0
    n_complete: int = 0
    times: TimesTally | None = None
    tallies: Tallies = field(default_factory=Tallies.none)
    present: dict[str, int] = field(default_factory=dict)
    labelled: dict[str, int] = field(default_factory=dict)
    strata: pl.DataFrame | None = None
    related: list[Finding] | None = None  # found in every piece that can tell
    guessed: list[Finding] = field(init=False)
    prepared: Findings = field(init=False)
    broken: Findings = field(init=False)
    outcome: Findings = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(self.protocol.variables)
        self.prepared, self.broken, self.outcome = Findings(names), Findings(()), Findings(())
        empty = self.scan.frame_of_no_rows()
        frame, _ = prepare(self.protocol, empty, self.file, self.whole)
        known = outcome_of(self.protocol, frame, np.zeros(0, dtype=np.int64), self.file)
        self.guessed = list(guessed(self.protocol, self.scan))
        self._plan(frame, known)

    @property
    def file(self) -> str:
        """The file's name."""
        return self.scan.name

    def _plan(self, frame: pl.DataFrame, known: KnownOutcome) -> None:
        """What the columns of the patients will be."""
        self.variables = described_variables(self.protocol, frame)
        columns = [stored_column(frame[variable.name]) for variable in self.variables]
        taken = {each.name for each in columns}

        def free(name: str) -> str:
            while name in taken:
                name += "_"
            taken.add(name)
            return name

        name = self.protocol.outcome.name
        self.event = free(name)
        columns.append(StoredColumn(self.event, pl.Boolean()))
        if (survival := known.survival) is not None:
            self.survival = survival
            self.followed = FollowedColumns(
                time=free(f"{name}_time"),
                status=free(f"{name}_status"),
                entry=None if survival.entry is None else free(f"{name}_entry"),
                unit=survival.unit,
                horizons=survival.horizons,
                competes=survival.competes,
            )
            columns += [StoredColumn(each, pl.Float64()) for each in self.followed.names]
        self.stored = {each.name: each for each in columns}

    def pieces(self) -> Iterator[tuple[int, pl.DataFrame]]:
        """The rows of the file, and how many were before."""
        first = 0
        for frame in self.scan.followed("eligible patients"):
            yield first, levels_from_all(frame, self.whole)
            first += frame.height

    def taken(self, table: pl.DataFrame, first: int) -> pl.DataFrame:
        """The patients among some rows of the file, with their outcome."""
        protocol, file = self.protocol, self.file
        _count(self.present, table)
        frame, found = prepare(protocol, table, file, self.whole)
        _count(self.labelled, frame)
        self.prepared.add(found, first)
        self.broken.add(inconsistent_rows(protocol.consistency, frame, file), first)
        rows: IntArray = np.arange(first + 1, first + frame.height + 1, dtype=np.int64)
        frame, rows, criteria = eligible(protocol, frame, rows)
        known = outcome_of(protocol, frame, rows, file)
        self.outcome.add(known.findings)
        self.n_criteria = len(criteria)
        self._count_steps([*criteria, *known.steps])
        kept = known.frame.select([variable.name for variable in self.variables])
        self._count_patients(kept, known)
        return kept.with_columns(self._outcome_columns(known))

    def _count_steps(self, steps: list[FlowStep]) -> None:
        before = self.steps or [replace(step, removed=0, remaining=0) for step in steps]
        self.steps = [
            replace(
                one,
                removed=one.removed + other.removed,
                remaining=one.remaining + other.remaining,
            )
            for one, other in zip(before, steps, strict=True)
        ]

    def _count_patients(self, kept: pl.DataFrame, known: KnownOutcome) -> None:
        self.n += kept.height
        self.n_events += int(known.event.sum())
        self.tallies.take(kept)
        if known.survival is not None:
            times = TimesTally.of(known.survival, known.rows)
            self.times = times if self.times is None else self.times + times
        if strata := self.protocol.analysis.strata:
            counts = strata_counts(kept, strata, known.event)
            self.strata = counts if self.strata is None else added_strata(self.strata, counts)
        used = used_names(self.protocol.model_terms)
        complete = kept.select(used).drop_nulls()
        self.n_complete += complete.height
        if complete.height > len(used) + 1 and self.related != []:
            now = collinear(self.protocol.model_terms, complete, self.file)
            self.related = [each for each in now if self.related is None or each in self.related]

    def _outcome_columns(self, known: KnownOutcome) -> list[pl.Series]:
        columns = [pl.Series(self.event, known.event)]
        if self.followed is None or known.survival is None:
            return columns
        survival = known.survival
        values = [survival.time, survival.status, survival.entry]
        there = [each.astype(np.float64) for each in values if each is not None]
        named = zip(self.followed.names, there, strict=True)
        return [*columns, *(pl.Series(name, each) for name, each in named)]

    def cohort(self, patients: PatientScan) -> ScannedCohort:
        """The cohort, once all rows were taken."""
        protocol, file = self.protocol, self.file
        for step in self.steps[: self.n_criteria]:
            if step.remaining == 0 and step.kind != "undetermined":
                raise nobody_left(step)
        check_classes(protocol, self.n_events, self.n)
        if self.survival is not None and self.times is not None:
            check_horizons(self.survival, self.times.longest, file)
        analysed = analysed_names(protocol)
        findings = (*self._of_the_file(), *self._of_the_patients(analysed))
        steps = tuple(
            step
            for step in self.steps
            if step.removed or step.kind not in ("undetermined", "outcome-missing")
        )
        return ScannedCohort(
            patients=patients,
            event_name=protocol.outcome.name,
            event_column=self.event,
            flow=Flow(
                unit=protocol.study.unit,
                n_read=self.scan.n_rows,
                steps=steps,
                n=self.n,
                n_events=self.n_events,
                n_patients=self.n,
                follow_up=None
                if self.times is None or self.followed is None
                else self.times.follow_up(self.followed.unit),
            ),
            findings=findings,
            variables=self.variables,
            analysed=analysed,
            constant=self.tallies.constant(analysed),
            data_sha256=self.scan.sha256,
            data_name=file,
            data_kind=protocol.study.data_kind,
            source=DataSource(
                self.scan.encoding, self.scan.separator, column_kinds(self.scan.schema)
            ),
            tallies=self.tallies,
            followed=self.followed,
        )

    def _of_the_file(self) -> list[Finding]:
        protocol, used = self.protocol, columns_in_use(self.protocol)
        return [
            *(
                judged(each, used, empty=self.present.get(each.column) == 0)
                for each in self.scan.findings
            ),
            *check_columns(protocol, self.scan.in_file, self.file),
            not_compared(self.file),
            *self.guessed,
            *(self._remedied(each) for each in self.prepared.all()),
            *self.broken.all(),
            *outcome_left_out(protocol),
            *self.outcome.all(),
        ]

    def _remedied(self, finding: Finding) -> Finding:
        """What to do about values without a level depends on all of them."""
        if finding.code != "unknown-level":
            return finding
        name = finding.column
        levels = self.variables[[each.name for each in self.variables].index(name)].levels
        empty = not self.labelled[name]
        return replace(
            finding, remedy=unknown_value_remedy(name, finding.cells, levels, empty=empty)
        )

    def _of_the_patients(self, analysed: tuple[str, ...]) -> list[Finding]:
        protocol, file, tallies = self.protocol, self.file, self.tallies
        candidates, strata = protocol.candidate_names, protocol.analysis.strata
        condensed = tallies.condensed()
        check_shapes(protocol.model_terms, condensed)
        found: list[Finding] = []
        if self.survival is not None and self.times is not None:
            found += survival_findings(self.survival, self.times, protocol.outcome.name)
        found += few_in_class(self.n_events, self.n, protocol.outcome.name)
        found += counted_gaps(tallies.missing, self.n, analysed, candidates, file)
        found += unused_levels(condensed, analysed, file)
        found += lonely_levels(condensed, candidates, file)
        found += extreme_spreads(tallies.spreads(candidates), file)
        found += constants(condensed, tallies.constant(analysed), file)
        found += too_many(protocol.model_terms, condensed, self.n_complete, file)
        found += self.related or []
        if strata and self.strata is not None:
            check_strata(condensed, strata)
            found += empty_strata(self.strata, strata, file)
        return found


def _count(present: dict[str, int], frame: pl.DataFrame) -> None:
    for column in frame.iter_columns():
        known = len(column) - column.null_count()
        present[column.name] = present.get(column.name, 0) + known
