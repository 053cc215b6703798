"""Parquet files in pieces: a range of rows is decoded at a time, whatever the row groups are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from vertebrisk._frames import plain_column
from vertebrisk.cohort.reading.headers import clean_headers
from vertebrisk.cohort.reading.parquet import LEFT_OUT, left_out
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding

_CELLS = 2_000_000  # of a piece


@dataclass(frozen=True, slots=True)
class ParquetPieces:
    """A Parquet file, some rows after the other.

    Attributes
    ----------
    path : Path
    size : int
        Rows of the file.
    names : tuple of str
        Columns of plain values, named without white space around the names.
    within : tuple of str
        Their names in the file.
    in_file : tuple of str
        Names of all columns.
    findings : tuple of Finding
        On the names, and on the columns that are left out.
    """

    path: Path
    size: int
    names: tuple[str, ...]
    within: tuple[str, ...]
    in_file: tuple[str, ...]
    findings: tuple[Finding, ...]

    @classmethod
    def open(cls, path: Path) -> ParquetPieces:
        """Names and length of a file.

        Raises
        ------
        DataError
            The file is damaged, has no rows, or no column of plain values.
        """
        with readable(path):
            scan = pl.scan_parquet(path, glob=False)
            schema = scan.collect_schema()
            size = int(scan.select(pl.len()).collect().item())
        names, header_findings = clean_headers(list(schema), path.name)
        findings = list(header_findings)
        kept: list[tuple[str, str]] = []
        for name, (within, dtype) in zip(names, schema.items(), strict=True):
            if isinstance(dtype, LEFT_OUT):
                findings.append(left_out(name, dtype, path.name))
            else:
                kept.append((name, within))
        if not kept or not size:
            raise DataError(f"'{path.name}' holds no rows of data.")
        return cls(
            path=path,
            size=size,
            names=tuple(name for name, _ in kept),
            within=tuple(within for _, within in kept),
            in_file=tuple(names),
            findings=tuple(findings),
        )

    def only(self, names: Sequence[str]) -> ParquetPieces:
        """The same file, of which these columns alone are read."""
        places = dict(zip(self.names, self.within, strict=True))
        within = tuple(places[name] for name in names)
        return replace(self, names=tuple(names), within=within)

    def pieces(self) -> Iterator[pl.DataFrame]:
        """The rows in order, in the few types that vertebrisk uses."""
        step = max(_CELLS // max(len(self.names), 1), 1)
        scan = pl.scan_parquet(self.path, glob=False).select(self.within)
        for first in range(0, self.size, step):
            with readable(self.path):
                piece = scan.slice(first, step).collect()
            columns = zip(self.names, piece.iter_columns(), strict=True)
            yield pl.DataFrame([plain_column(column.alias(name)) for name, column in columns])


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """One clear error where polars cannot make sense of a file."""
    try:
        yield
    except BaseException as error:
        # A panic of the parser derives from BaseException directly.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise DataError(
            f"'{path.name}' is a damaged Parquet file. Write it again and retry."
        ) from None
