"""The first look at typed pieces: which type each column has as a whole, and its labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from vertebrisk.cohort.reading.notes import column_finding
from vertebrisk.cohort.scanning.stored import MOST_LABELS, WHOLE_LIMIT, StoredColumn
from vertebrisk.findings import Finding


@dataclass(slots=True)
class TypesAndLabels:
    """Takes the pieces of a table, and tells how its columns are stored."""

    file: str
    types: dict[str, pl.DataType] = field(default_factory=dict)
    texts: dict[str, set[str] | None] = field(default_factory=dict)
    too_long: set[str] = field(default_factory=set)
    differing: set[str] = field(default_factory=set)

    def take(self, pieces: Iterable[pl.DataFrame]) -> None:
        """Look at some more rows."""
        for piece in pieces:
            for column in piece.iter_columns():
                self._look(column)

    def _look(self, column: pl.Series) -> None:
        name, dtype = column.name, column.dtype
        known = self.types.setdefault(name, dtype)
        if known == pl.Null or (known == pl.Int64 and dtype == pl.Float64):
            self.types[name] = dtype
        elif isinstance(known, pl.Enum) and known != dtype:
            self.differing.add(name)
        if dtype == pl.Int64 and column.len() > column.null_count():
            largest = max(abs(int(column.min())), abs(int(column.max())))  # type: ignore[arg-type]
            if largest > WHOLE_LIMIT:
                self.too_long.add(name)
        if dtype == pl.String or isinstance(dtype, pl.Enum):
            self.texts[name] = _more(self.texts.get(name, set()), column)

    def stored(self) -> tuple[list[StoredColumn], list[Finding]]:
        """How the columns are stored, and which of them cannot be."""
        columns, findings = [], []
        for name, dtype in self.types.items():
            texts = self.texts.get(name, set())
            if dtype == pl.Int64 and name in self.too_long:
                findings.append(_not_kept(name, "whole numbers of more than 15 digits", self.file))
            elif texts is None:
                what = f"more than {MOST_LABELS} different texts"
                findings.append(_not_kept(name, what, self.file))
            else:
                columns.append(self._stored(name, dtype, sorted(texts)))
        return columns, findings

    def _stored(self, name: str, dtype: pl.DataType, texts: list[str]) -> StoredColumn:
        """Levels of a file that lists them are kept; others are those that occur."""
        if not isinstance(dtype, pl.Enum):
            return StoredColumn(name, dtype, tuple(texts))
        if name in self.differing:
            return StoredColumn(name, pl.Enum(texts), tuple(texts))
        return StoredColumn(name, dtype, tuple(dtype.categories))


def _more(known: set[str] | None, column: pl.Series) -> set[str] | None:
    """The texts that occurred, and those of some more rows; None where there are too many."""
    if known is None:
        return None
    known = known | set(column.drop_nulls().unique().cast(pl.String).to_list())
    return known if len(known) <= MOST_LABELS else None


def _not_kept(name: str, what: str, file: str) -> Finding:
    return column_finding(
        "column-not-kept",
        "note",
        f"'{name}' holds {what}, so it was left out: no variable of a study is like that.",
        name,
        file,
    )
