"""Scores over visits, as a table [[followup]] names them, from the study's file or their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import nearest
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.followed import Followed, FollowupScores, numbers_in
from vertebrisk.cohort.outcomes import truth_of
from vertebrisk.cohort.reading import read_file
from vertebrisk.cohort.readings import readings_of
from vertebrisk.design.design import level_text
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding, Severity
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.followup import Followup, LongFile
from vertebrisk.protocol.paths import inside
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted, in_rows


def missing_scores(followups: Sequence[Followup]) -> dict[str, tuple[str, ...]]:
    """Codes that stand for a missing score, by column of the study's file."""
    return {
        visit.column: _codes(each)
        for each in followups
        for visit in each.visits
        if visit.column is not None and each.missing
    }


def _codes(table: Followup) -> tuple[str, ...]:
    return tuple(level_text(code) for code in table.missing)


def followup_scores(protocol: Protocol, frame: pl.DataFrame, rows: IntArray, file: str) -> Followed:
    """Scores and readings of the eligible rows.

    Parameters
    ----------
    protocol : Protocol
    frame : DataFrame
        Eligible rows, described variables prepared, other columns as read.
    rows : int array
        Position of each in the file.
    file : str
        The file's name, for messages.

    Raises
    ------
    DataError
        A score is text, a patient is twice at a visit or has two scores there, or a long
        file cannot be read.
    ProtocolError
        A rule does not fit the columns that it names.
    """
    findings: list[Finding] = []
    read = [
        _Scores(protocol, table, file, findings).read(frame, rows) for table in protocol.followup
    ]
    readings = [
        readings_of(protocol, each, frame, rows, file, findings) for each in protocol.agreement
    ]
    return Followed(
        tuple(scores for scores in read if scores is not None), tuple(readings), findings
    )


class _Scores:
    """Reads one table [[followup]] and gathers what it notices."""

    def __init__(
        self, protocol: Protocol, table: Followup, file: str, findings: list[Finding]
    ) -> None:
        self.protocol, self.table, self.file, self.findings = protocol, table, file, findings
        self.where = f"[[followup]] '{table.name}'"

    def read(self, frame: pl.DataFrame, rows: IntArray) -> FollowupScores | None:
        frame, rows = self.kept(frame, rows)
        if self.protocol.study.unit == "vertebra":
            frame, rows = self.one_row_a_patient(frame, rows)
        if frame.height == 0:
            self.note(
                "followup-empty",
                say("no eligible patient is left by its 'where'; it is left out."),
                say("Check the rule against the values in the file."),
            )
            return None
        own = self.table.file
        matrix = self.wide(frame, rows) if own is None else self.long(frame, own)
        if np.isnan(matrix).all():
            self.note(
                "followup-empty",
                say("no eligible patient has a score at any visit; it is left out."),
                say("Correct the columns, or take the table out."),
            )
            return None
        group = None if self.table.group is None else frame[self.table.group]
        return FollowupScores(self.table, matrix, group)

    def kept(self, frame: pl.DataFrame, rows: IntArray) -> tuple[pl.DataFrame, IntArray]:
        if self.table.where is None:
            return frame, rows
        truth = truth_of(self.table.where, frame, f"'where' of {self.where}")
        unknown = int(truth.null_count())
        if unknown:
            self.note(
                "followup-where-unknown",
                say(
                    "'where' is not known for {rows}, left out of these scores.",
                    rows=counted(unknown, "row"),
                ),
                say("Complete the columns that the rule names."),
            )
        keep = truth.fill_null(value=False)
        return frame.filter(keep), rows[keep.to_numpy()]

    def one_row_a_patient(
        self, frame: pl.DataFrame, rows: IntArray
    ) -> tuple[pl.DataFrame, IntArray]:
        """The first row of each patient, once all rows of one patient agree."""
        patient = str(self.protocol.study.patient)
        columns = [visit.column for visit in self.table.visits if visit.column is not None]
        kept = [patient, *columns, *(each for each in (self.table.group,) if each)]
        different = frame.select(kept).unique()
        torn = different.filter(pl.col(patient).is_duplicated())[patient].unique()
        if len(torn):
            places = rows[frame[patient].is_in(torn.implode()).to_numpy()]
            raise DataError(
                f"{self.where}: the rows of one patient differ in score or group "
                f"({in_rows(tuple(int(each) for each in places))} of '{self.file}'). Both belong "
                "to the patient: write them alike in all his rows."
            )
        first = frame[patient].is_first_distinct()
        return frame.filter(first), rows[first.to_numpy()]

    def wide(self, frame: pl.DataFrame, rows: IntArray) -> FloatArray:
        columns = [
            numbers_in(frame[str(visit.column)], rows, self.file, self.where)
            for visit in self.table.visits
        ]
        return self.within_scale(np.column_stack(columns), rows, self.file)

    def long(self, frame: pl.DataFrame, names: LongFile) -> FloatArray:
        """The long file as patients by visits, in the order of the study's patients."""
        path = inside(self.protocol.path.parent, names.path, "path", "[followup.file]")
        missing = {names.score: _codes(self.table)} if self.table.missing else {}
        read = read_file(path, missing=missing)
        self.findings += (each for each in read.findings if each.column in ("", names.score))
        for name in (names.patient, names.visit, names.score):
            if name not in read.frame.columns:
                raise DataError(
                    f"'{path.name}' has no column '{name}', which {self.where} names."
                    f"{nearest(name, read.frame.columns)}"
                )
        whole = pl.DataFrame(
            {
                "patient": _texts(read.frame[names.patient]),
                "visit": _texts(read.frame[names.visit]),
                "score": read.frame[names.score],
            }
        ).with_row_index("row", offset=1)
        listed = self.listed_visits(whole, path.name)
        doubled = listed.filter(pl.struct("patient", "visit").is_duplicated())
        if doubled.height:
            raise DataError(
                f"{self.where}: {doubled.height} rows of '{path.name}' share patient and visit "
                f"with another ({in_rows(doubled['row'].to_list())}). Keep one row for each "
                "patient at each visit."
            )
        places = listed["row"].to_numpy().astype(np.int64)
        values = numbers_in(listed["score"].alias(names.score), places, path.name, self.where)
        checked = self.within_scale(values[:, None], places, path.name)
        return self.spread(frame, listed, checked[:, 0], path.name)

    def listed_visits(self, whole: pl.DataFrame, file: str) -> pl.DataFrame:
        known = [visit.source for visit in self.table.visits]
        listed = whole.filter(pl.col("visit").is_in(known))
        other = whole.height - listed.height
        if other:
            self.note(
                "followup-other-visits",
                say(
                    "{rows} of '{file}' {belongs} to no visit that the protocol lists, and {are} "
                    "left out.",
                    rows=counted(other, "row"),
                    file=file,
                    belongs=agreeing(other, "belongs", "belong"),
                    are=agreeing(other, "is", "are"),
                ),
                say("List their visits if they belong to the analysis."),
                file,
            )
        return listed

    def spread(
        self, frame: pl.DataFrame, long: pl.DataFrame, values: FloatArray, file: str
    ) -> FloatArray:
        place: dict[str, int] = {}
        for at, name in enumerate(_texts(frame[str(self.protocol.study.patient)]).to_list()):
            place.setdefault(name, at)
        columns = {visit.source: at for at, visit in enumerate(self.table.visits)}
        matrix = np.full((frame.height, len(columns)), np.nan)
        for name, visit, value in zip(long["patient"], long["visit"], values, strict=True):
            if name in place:
                matrix[place[name], columns[visit]] = value
        self.strangers(long, place, file)
        without = len(set(place) - set(long["patient"].to_list()))
        if without:
            self.note(
                "followup-without-scores",
                say(
                    "{eligible_patients} {have} no row in '{file}'.",
                    eligible_patients=counted(without, "eligible patient"),
                    have=agreeing(without, "has", "have"),
                    file=file,
                ),
                say("Check that both files write the patient alike."),
                file,
            )
        return matrix

    def strangers(self, long: pl.DataFrame, place: Mapping[str, int], file: str) -> None:
        """Count rows of nobody, and rows of patients who are not among those analysed."""
        nobody = tuple(long.filter(pl.col("patient").is_null())["row"].to_list())
        if nobody:
            size = len(nobody)
            self.note(
                "followup-no-patient",
                say(
                    "{rows} of '{file}' {names} no patient, and {are} left out ({places}).",
                    rows=counted(size, "row"),
                    file=file,
                    names=agreeing(size, "names", "name"),
                    are=agreeing(size, "is", "are"),
                    places=in_rows(nobody),
                ),
                say("Complete the cells."),
                file,
            )
        others = set(long["patient"].drop_nulls().to_list()) - set(place)
        if others:
            size = len(others)
            self.note(
                "followup-other-patients",
                say(
                    "{patients} of '{file}' {are} not among the patients of these scores, and "
                    "left out.",
                    patients=counted(size, "patient"),
                    file=file,
                    are=agreeing(size, "is", "are"),
                ),
                say(
                    "Expected of patients who are not eligible; else check that both files write "
                    "the patient alike."
                ),
                file,
                severity="note",
            )

    def within_scale(self, matrix: FloatArray, rows: IntArray, file: str) -> FloatArray:
        """The scores with impossible ones missing, each counted in a finding."""
        limits = self.table.limits
        low, high = (-np.inf, np.inf) if limits is None else limits
        outside = np.isinf(matrix) | (matrix < low) | (matrix > high)
        if not outside.any():
            return matrix
        places = tuple(int(row) for row in rows[outside.any(axis=1)])
        count = int(outside.sum())
        scale = "" if limits is None else say(" {low:g} to {high:g}", low=low, high=high)
        self.findings.append(
            Finding(
                "score-beyond-scale",
                "error",
                say(
                    "{where}: {scores} {lies} beyond the scale{scale} ({rows} of '{file}'); "
                    "counted as missing.",
                    where=self.where,
                    scores=counted(count, "score"),
                    lies=agreeing(count, "lies", "lie"),
                    scale=scale,
                    rows=in_rows(places),
                    file=file,
                ),
                say("Compare the cells with the source."),
                file=file,
                rows=places,
                cells=tuple(f"{value:g}" for value in matrix[outside]),
            )
        )
        return np.where(outside, np.nan, matrix)

    def note(
        self,
        code: str,
        message: str,
        remedy: str,
        file: str = "",
        *,
        severity: Severity = "warning",
    ) -> None:
        self.findings.append(
            Finding(
                code,
                severity,
                say("{where}: {message}", where=self.where, message=message),
                remedy,
                file=file or self.file,
            )
        )


def _texts(column: pl.Series) -> pl.Series:
    """Identifiers and visits as text; 3 and 3.0 are one."""
    if column.dtype.is_float():
        texts = [None if value is None else level_text(value) for value in column.to_list()]
        return pl.Series(column.name, texts, dtype=pl.String)
    return column.cast(pl.String).str.strip_chars()
