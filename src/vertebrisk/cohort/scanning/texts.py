"""Columns of a text table, typed in pieces as `type_frame` types them whole.

A first look counts over all cells, which tells the form of each column; a second reads the
cells in that form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from vertebrisk.cohort.reading.cells import as_levels, column_notes, read_as
from vertebrisk.cohort.reading.forms import Form, Tally, Traits, narrowed, plain_cells
from vertebrisk.cohort.reading.missing import has_signs, without_missing
from vertebrisk.cohort.reading.table_file import Code, Declared
from vertebrisk.cohort.scanning.delimited import TextPieces
from vertebrisk.cohort.scanning.merging import Findings
from vertebrisk.cohort.scanning.patient_scan import told_of
from vertebrisk.cohort.scanning.profile import more_texts, not_kept, too_many_texts
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.findings import Finding

LOOKING = "looking through the file"
_TYPES: dict[str, pl.DataType] = {
    "empty": pl.String(),
    "text": pl.String(),
    "truth": pl.Boolean(),
    "date": pl.Datetime("us"),
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the first look tells of one column; `texts` is None where there are too many."""

    signs: bool = False
    traits: Traits = field(default_factory=Traits)
    tally: Tally = field(default_factory=Tally)
    texts: frozenset[str] | None = frozenset()

    def with_cells(self, cells: pl.Series, assumed: _Seen, *, decimal_comma: bool) -> _Seen:
        """With some more cells, counted as if the column had the traits of `assumed`."""
        narrow = narrowed(cells, assumed.traits.wide)
        traits = self.traits | Traits.of(cells, decimal_comma=False)
        if decimal_comma:
            traits |= Traits.of_points(narrow)
        plain = plain_cells(cells, assumed.traits, decimal_comma=decimal_comma)
        return _Seen(
            self.signs or has_signs(cells),
            traits,
            self.tally + Tally.of(cells, plain),
            more_texts(self.texts, cells),
        )

    def same_traits(self, other: _Seen) -> bool:
        """Whether cells are read the same way."""
        return (self.signs, self.traits) == (other.signs, other.traits)


@dataclass(slots=True)
class TypedTexts:
    """A text table whose columns have their types; made by `of`.

    `found` and `codes` fill while `pieces` is run through.
    """

    source: TextPieces
    declared: Declared
    seen: dict[str, _Seen]
    forms: dict[str, Form]
    found: Findings
    codes: dict[Code, None] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    clocks: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, source: TextPieces, declared: Declared, watch: Watch = unwatched) -> TypedTexts:
        """Look at all cells, once more where what occurs in a column changes how it is read."""
        assumed = {name: _Seen() for name in source.names}
        while True:
            pieces = told_of(source.pieces(), watch, LOOKING, source.size)
            seen = _look(pieces, source, declared, assumed)
            if all(seen[name].same_traits(assumed[name]) for name in seen):
                break
            assumed = seen
        forms = {
            name: each.tally.form() for name, each in seen.items() if name not in declared.levels
        }
        return cls(source, declared, seen, forms, Findings(source.names))

    def stored(self) -> tuple[list[StoredColumn], list[Finding]]:
        """How the columns are stored, and which of them cannot be."""
        columns, findings = [], []
        for name in self.source.names:
            texts = self.seen[name].texts
            levels = self.declared.levels.get(name)
            if levels is not None:
                labels = tuple(dict.fromkeys(levels))
                columns.append(StoredColumn(name, pl.Enum(labels), labels))
            elif self.forms[name].kind != "text":
                columns.append(StoredColumn(name, self._type(name)))
            elif texts is None:
                findings.append(not_kept(name, too_many_texts(), self.source.path.name))
            else:
                columns.append(StoredColumn(name, pl.String(), tuple(sorted(texts))))
        return columns, findings

    def _type(self, name: str) -> pl.DataType:
        form = self.forms[name]
        if form.kind == "number":
            return pl.Int64() if form.whole else pl.Float64()
        return _TYPES[form.kind]

    def dated(self, column: StoredColumn) -> StoredColumn:
        """A column of dates without any time of day holds days."""
        if column.dtype != pl.Datetime or column.name in self.clocks:
            return column
        return replace(column, dtype=pl.Date())

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The rows in order, typed."""
        first = 0
        for piece in self.source.pieces():
            yield pl.DataFrame([self._typed(column, first) for column in piece.iter_columns()])
            first += piece.height

    def _typed(self, cells: pl.Series, first: int) -> pl.Series:
        name, file = cells.name, self.source.path.name
        levels = list(self.declared.levels.get(name, ()))
        seen = self.seen[name]
        cells, findings, codes = without_missing(
            cells, self.declared, levels, file, signs=seen.signs
        )
        self.found.add(findings, first)
        self.codes.update(dict.fromkeys(codes))
        self.missing[name] = self.missing.get(name, 0) + cells.null_count()
        if levels:
            typed = as_levels(cells, levels, file)
            self.found.add(typed.findings, first)
            return typed.values
        comma = self.source.decimal_comma
        plain = plain_cells(cells, seen.traits, decimal_comma=comma)
        points = comma and seen.traits.points_only
        typed = read_as(self.forms[name], cells, plain, file, points=points)
        self.found.add(typed.findings, first)
        if typed.values.dtype == pl.Datetime:
            self.clocks.add(name)
        return typed.values.cast(self._type(name))

    def findings(self) -> list[Finding]:
        """What was found on the cells, once all pieces were run through."""
        file = self.source.path.name
        notes = Findings(self.source.names)
        for finding in self._with_empty_cells():
            notes.take(finding)
        for name, form in self.forms.items():
            for note in column_notes(name, form, self.seen[name].tally, file):
                notes.take(note)
        return notes.all()

    def _with_empty_cells(self) -> list[Finding]:
        """Marks for missing are told beside all empty cells, not those of some pieces."""
        told = self.found.remedied(self.declared.levels)
        errors = {each.column: _n(each) for each in told if each.code == "excel-error"}
        return [
            each
            if each.code != "missing-marker" or each.wording is None
            else replace(
                each,
                wording=replace(
                    each.wording,
                    besides=self.missing[each.column] - _n(each) - errors.get(each.column, 0),
                ),
            )
            for each in told
        ]


def _n(finding: Finding) -> int:
    return len(finding.rows) + finding.unlisted


def _look(
    pieces: Iterable[pl.DataFrame],
    source: TextPieces,
    declared: Declared,
    assumed: dict[str, _Seen],
) -> dict[str, _Seen]:
    file = source.path.name
    seen = {name: _Seen() for name in source.names}
    for piece in pieces:
        for cells in piece.iter_columns():
            name = cells.name
            if name in declared.levels:
                levels = list(declared.levels[name])
                cells, _, _ = without_missing(cells, declared, levels, file)
                seen[name] = replace(seen[name], signs=seen[name].signs or has_signs(cells))
                continue
            cells, _, _ = without_missing(cells, declared, [], file, signs=assumed[name].signs)
            seen[name] = seen[name].with_cells(
                cells, assumed[name], decimal_comma=source.decimal_comma
            )
    return seen
