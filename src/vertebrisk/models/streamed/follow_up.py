"""Patients of a scan put into the order of their times, as a Cox regression reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import SurvivalFormula
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.levelled import without_rounding
from vertebrisk.engines.logistic import first_look
from vertebrisk.engines.logistic_passes import Regression
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.engines.sorting import sorted_columns
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.kernels.streamed.rows import Look, Rows
from vertebrisk.models.streamed.patients import Coded, Complete, ScannedOutcome
from vertebrisk.models.survival.reading import (
    at_zero,
    numbers_of_times,
    refuse_infinite_times,
    refuse_negative_times,
    rounded,
    stratum_label,
)
from vertebrisk.text.plurals import counted

TIME, EVENT, STRATUM = "follow-up: time", "follow-up: event", "follow-up: stratum"
SHOWN = 20  # rows of a chunk that messages may name
STEP = "times"
NUMBER = 8  # bytes
COPIES = 3  # of the columns at once: sorted ones, their runs, and those by stratum


@dataclass(frozen=True, slots=True, eq=False)
class FollowUp:
    """Which rows of a scan are used, and when and how the follow-up of each ended.

    Attributes
    ----------
    scan : PatientScan
    time : str
    complete : Complete
        Rows with outcome, time, strata and predictors.
    strata : tuple of str
    groups : mapping of tuple to int
        Number of each stratum, by its values.
    counts : Counts
    """

    scan: PatientScan
    time: str
    complete: Complete
    strata: tuple[str, ...]
    groups: Mapping[tuple[object, ...], int]
    counts: Counts

    @classmethod
    def of(cls, scan: PatientScan, formula: SurvivalFormula) -> FollowUp:
        """A first pass.

        Raises
        ------
        DataError
            As `read_rows`; and for late entry.
        """
        if len(formula.times) > 1:
            raise DataError(
                f"Late entry ('{formula.entry}') is not taken with a scan; read the patients with "
                "read_table."
            )
        scan.check_names([*formula.times, *formula.event.names, *formula.variables])
        numbers_of_times(pl.Series(formula.time, [], dtype=scan.stored[formula.time].dtype))
        outcome = ScannedOutcome.of(scan, formula.event)
        names = [*formula.variables, *formula.strata]
        complete = Complete.of(scan, outcome, [formula.time, *names])
        work = partial(_counted, complete, formula.time, tuple(formula.strata))
        found = scan.engine.reduce(scan.columns, complete.names, work, _together, STEP)
        _check(found, formula.time, scan.n_rows)
        values = sorted(found.strata, key=lambda row: tuple((each is None, each) for each in row))
        groups = {row: place for place, row in enumerate(values)}
        return cls(scan, formula.time, complete, tuple(formula.strata), groups, found)

    @property
    def levels(self) -> tuple[str, ...]:
        """Name of each stratum, by its number; empty without strata."""
        return tuple(stratum_label(row) for row in self.groups) if self.strata else ()

    @property
    def findings(self) -> list[Finding]:
        """Patients with time 0."""
        counts = self.counts
        return at_zero(counts.zero, counts.zero_events, np.array(counts.zero_rows, np.int64))

    def columns(self) -> Columns:
        """The columns of the scan with time, event and stratum; NaN where a row is not used."""
        sources = self.complete.names
        made = {
            TIME: Made(sources, partial(_times, self.complete, self.time)),
            EVENT: Made(sources, partial(_events, self.complete)),
        }
        if self.strata:
            stored = tuple(self.scan.stored[name] for name in self.strata)
            groups = pl.DataFrame(
                [*self.groups], schema=[(each.name, each.dtype) for each in stored], orient="row"
            ).with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(STRATUM))
            made[STRATUM] = Made(self.strata, partial(_strata, stored, groups))
        return DerivedColumns(self.scan.columns, made)

    def needed(self, design: Design) -> int:
        """Bytes on a disk while the patients are put into order."""
        return COPIES * NUMBER * self.counts.used * (len(design.predictors) + 3)

    def in_order(self, design: Design, scratch: ScratchFolder) -> tuple[SortedPatients, int]:
        """The patients that are used, and how many of their times were made equal to others.

        Parameters
        ----------
        design : Design
        scratch : ScratchFolder
            Where the sorted columns are to lie.
        """
        coded = tuple(Coded.of(self.scan.stored[each.name], each) for each in design.predictors)
        names = tuple(dict.fromkeys(each.name for each in coded))
        engine, own = self.scan.engine, (STRATUM,) if self.strata else ()
        found: Columns = sorted_columns(
            self.columns(),
            (*names, TIME, EVENT, *own),
            (TIME,),
            scratch.path / "times",
            descending=True,
            leave_out=(TIME,),
        )
        found, moved = without_rounding(found, TIME, engine)
        if self.strata:
            found = sorted_columns(found, found.names, (STRATUM,), scratch.path / "strata")
        patients = SortedPatients(
            found,
            names,
            partial(_matrix, design, coded),
            TIME,
            EVENT,
            STRATUM if self.strata else None,
        )
        return patients, moved

    def rounded(self, moved: int) -> list[Finding]:
        """So many times were made equal to others."""
        return rounded(moved)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a first pass counts; `*_rows` are numbers from 1 of the first of such rows.

    Attributes
    ----------
    used, events : int
        Complete rows, and those with the event.
    without_time, without_outcome, without_predictor : int
    last : float
        Longest follow-up.
    negative, zero, zero_events : int
    negative_rows, endless_rows, zero_rows : tuple of int
    strata : frozenset of tuple
        Values of the strata in complete rows.
    """

    used: int
    events: int
    without_time: int
    without_outcome: int
    without_predictor: int
    last: float
    negative: int
    zero: int
    zero_events: int
    negative_rows: tuple[int, ...]
    endless_rows: tuple[int, ...]
    zero_rows: tuple[int, ...]
    strata: frozenset[tuple[object, ...]]

    @property
    def dropped(self) -> dict[str, int]:
        """Rows left out, by reason."""
        counts = {
            "time missing": self.without_time,
            "outcome missing": self.without_outcome,
            "predictor missing": self.without_predictor,
        }
        return {reason: count for reason, count in counts.items() if count}


def _counted(complete: Complete, time: str, strata: tuple[str, ...], chunk: Chunk) -> Counts:
    times = np.asarray(chunk.values[time], dtype=np.float64)
    outcome = complete.outcome.of_chunk(chunk)
    used, timed, known = complete.of_chunk(chunk), ~np.isnan(times), ~np.isnan(outcome)
    rows = np.arange(chunk.first + 1, chunk.first + 1 + chunk.size)
    negative, endless, zero = (used & each for each in (times < 0, np.isinf(times), times == 0))
    groups: frozenset[tuple[object, ...]] = frozenset()
    if strata:
        columns = [complete.stored[name].series(chunk.values[name][used]) for name in strata]
        groups = frozenset(pl.DataFrame(columns).unique().iter_rows())

    def first(marked: Values) -> tuple[int, ...]:
        return tuple(rows[marked][:SHOWN].tolist())

    return Counts(
        used=int(used.sum()),
        events=int(outcome[used].sum()),
        without_time=int((~timed).sum()),
        without_outcome=int((timed & ~known).sum()),
        without_predictor=int((timed & known & ~used).sum()),
        last=float(times[used].max(initial=-np.inf)),
        negative=int(negative.sum()),
        zero=int(zero.sum()),
        zero_events=int(outcome[zero].sum()),
        negative_rows=first(negative),
        endless_rows=first(endless),
        zero_rows=first(zero),
        strata=groups,
    )


def _together(one: Counts, other: Counts) -> Counts:
    return Counts(
        used=one.used + other.used,
        events=one.events + other.events,
        without_time=one.without_time + other.without_time,
        without_outcome=one.without_outcome + other.without_outcome,
        without_predictor=one.without_predictor + other.without_predictor,
        last=max(one.last, other.last),
        negative=one.negative + other.negative,
        zero=one.zero + other.zero,
        zero_events=one.zero_events + other.zero_events,
        negative_rows=(*one.negative_rows, *other.negative_rows)[:SHOWN],
        endless_rows=(*one.endless_rows, *other.endless_rows)[:SHOWN],
        zero_rows=(*one.zero_rows, *other.zero_rows)[:SHOWN],
        strata=one.strata | other.strata,
    )


def _check(found: Counts, time: str, rows: int) -> None:
    if not found.used:
        raise DataError(
            f"None of {counted(rows, 'row')} has a time, an outcome and every predictor; "
            + ", ".join(f"{reason}: {count}" for reason, count in found.dropped.items())
            + "."
        )
    refuse_infinite_times(time, found.endless_rows)
    refuse_negative_times(time, found.negative, found.negative_rows)


def _times(complete: Complete, time: str, values: Mapping[str, Values]) -> FloatArray:
    used = complete.of_chunk(Chunk(0, values))
    return np.where(used, values[time], np.nan)


def _events(complete: Complete, values: Mapping[str, Values]) -> Values:
    return np.asarray(complete.outcome.of_chunk(Chunk(0, values)) == 1.0)


def _strata(
    stored: Sequence[StoredColumn], groups: pl.DataFrame, values: Mapping[str, Values]
) -> Values:
    """Number of each row's stratum; that of a row that is not used does not count."""
    frame = pl.DataFrame([each.series(values[each.name]) for each in stored])
    joined = frame.join(groups, on=frame.columns, how="left", maintain_order="left")
    return joined[STRATUM].fill_null(0).to_numpy().astype(np.int32)


def _matrix(design: Design, coded: tuple[Coded, ...], values: dict[str, Values]) -> FloatArray:
    chunk = Chunk(0, values)
    codes = {each.name: each.of_chunk(chunk) for each in coded}
    return np.column_stack([term.columns(codes) for term in design.terms])


@dataclass(frozen=True, slots=True, eq=False)
class _Regressed:
    """Sorted patients as the first pass of a regression reads them."""

    patients: SortedPatients

    def __call__(self, chunk: Chunk) -> Rows:
        rows = self.patients.rows(chunk)
        columns = tuple(np.ascontiguousarray(each) for each in rows.columns.T)
        return Rows(columns, rows.event.astype(np.float64), whole=True)


def looked_at(patients: SortedPatients, engine: Engine) -> Look:
    """What one pass learns of the covariates."""
    regressed = _Regressed(patients)
    return first_look(Regression(engine, patients.columns, patients.read, regressed))
