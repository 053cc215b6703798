"""The first look at typed pieces: which type each column has as a whole, and its labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from vertebrisk.cohort.reading.notes import column_finding
from vertebrisk.cohort.scanning.stored import MOST_LABELS, StoredColumn, is_beyond_floats
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say


@dataclass(slots=True)
class TypesAndLabels:
    """Takes the pieces of a table, and tells how its columns are stored."""

    file: str
    types: dict[str, pl.DataType] = field(default_factory=dict)
    texts: dict[str, frozenset[str] | None] = field(default_factory=dict)
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
        if dtype == pl.Int64 and is_beyond_floats(column):
            self.too_long.add(name)
        if dtype == pl.String or isinstance(dtype, pl.Enum):
            self.texts[name] = more_texts(self.texts.get(name, frozenset()), column)

    def stored(self) -> tuple[list[StoredColumn], list[Finding]]:
        """How the columns are stored, and which of them cannot be."""
        columns, findings = [], []
        for name, dtype in self.types.items():
            texts = self.texts.get(name, frozenset())
            if dtype == pl.Int64 and name in self.too_long:
                findings.append(
                    not_kept(name, say("whole numbers of more than 15 digits"), self.file)
                )
            elif texts is None:
                findings.append(not_kept(name, too_many_texts(), self.file))
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


def more_texts(known: frozenset[str] | None, column: pl.Series) -> frozenset[str] | None:
    """The texts that occurred, and those of some more rows; None where there are too many."""
    if known is None:
        return None
    known |= set(column.drop_nulls().unique().cast(pl.String).to_list())
    return known if len(known) <= MOST_LABELS else None


def too_many_texts() -> str:
    """What a column holds of which the texts are not kept."""
    return say("more than {most} different texts", most=MOST_LABELS)


def not_kept(name: str, what: str, file: str) -> Finding:
    """Finding on a column that is left out."""
    return column_finding(
        "column-not-kept",
        "note",
        say(
            "'{name}' holds {what}, so it was left out: no variable of a study is like that.",
            name=name,
            what=what,
        ),
        name,
        file,
    )
