"""Typed pieces of a table become columns on disk, checked as `read_file` checks a whole table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from vertebrisk.cohort.reading.numbers import (
    CodesAndOthers,
    finite_numbers,
    suspected_codes,
    suspected_labels,
)
from vertebrisk.cohort.reading.table_file import Declared
from vertebrisk.cohort.scanning.merging import Findings
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.engines.columns import ColumnWriter, StoredColumns
from vertebrisk.engines.engine import spans
from vertebrisk.engines.scratch import ELSEWHERE, ScratchFolder, check_room
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding


@dataclass(slots=True)
class CheckedWriter:
    """Writes the columns of a table and checks their numbers on the way."""

    stored: Mapping[str, StoredColumn]
    declared: Declared
    file: str
    codes: dict[str, CodesAndOthers] = field(default_factory=dict)
    found: Findings = field(init=False)

    def __post_init__(self) -> None:
        self.found = Findings(list(self.stored))

    def write(
        self, pieces: Iterable[pl.DataFrame], folder: ScratchFolder, size: int
    ) -> StoredColumns:
        """Write all pieces, which have `size` rows together.

        Raises
        ------
        DataError
            The disk has no room for them.
        """
        kinds = {name: each.kind for name, each in self.stored.items()}
        check_room(folder.path, size * sum(kind.itemsize for kind in kinds.values()))
        writer = ColumnWriter(folder.path, kinds)
        try:
            for piece in pieces:
                checked = self._checked(piece, writer.size)
                writer.append({n: each.numbers(checked[n]) for n, each in self.stored.items()})
            return writer.finish()
        except OSError as error:
            raise DataError(
                f"The columns of '{self.file}' cannot be written to '{folder.path}' after "
                f"{writer.size} rows: {error.strerror or error}. {ELSEWHERE}"
            ) from None
        finally:
            writer.close()

    def _checked(self, piece: pl.DataFrame, first: int) -> pl.DataFrame:
        piece = piece.select(list(self.stored))
        piece, findings = finite_numbers(piece, self.file)
        self.found.add(findings, first)
        self.found.add(suspected_labels(piece, self.declared, self.file), first)
        for column in piece.iter_columns():
            if column.dtype.is_numeric():
                codes = CodesAndOthers.of(column)
                known = self.codes.get(column.name)
                self.codes[column.name] = codes if known is None else known + codes
        return piece

    def suspected(self, columns: StoredColumns) -> list[Finding]:
        """Findings on numbers that may be codes for missing, once all rows are written."""
        found = Findings(list(self.stored))
        for name, tally in self.codes.items():
            codes = tally.suspected()
            for rows in spans(columns.size) if codes else ():
                series = self.stored[name].series(columns.read(rows, (name,))[name])
                if series.cast(pl.Float64).is_in(codes).any():
                    found.add([suspected_codes(series, codes, self.file)], rows.start)
        return found.all()
