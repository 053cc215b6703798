"""What reading a file gives: a typed table, its codebook, and what was noticed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from vertebrisk._files import FileFormat
from vertebrisk.findings import Finding

CODEBOOK_COLUMNS = ("column", "label", "code", "code_label", "missing_reason")
MAX_COLUMNS = 20_000


@dataclass(frozen=True, slots=True)
class TableFile:
    """A patient table read from a file.

    Attributes
    ----------
    path : Path
        The file.
    format : {"csv", "excel", "spss", "stata", "sas", "parquet"}
        Family of the file, judged by its contents.
    frame : polars.DataFrame
        Integers, floats, booleans, dates, texts, and Enums of labels in the order of
        their codes. Every missing value is null, never NaN.
    codebook : polars.DataFrame
        Texts: column, label, code, code_label, missing_reason. One row for each code
        of a column, one row with an empty code for a column without codes.
    findings : tuple of Finding
        Everything that a careful reader would want to know about the file.
    encoding : str or None
        Character encoding of a text file.
    separator : str or None
        What stands between the cells of a text file.
    sha256 : str
        Hash of the file's bytes.
    n_rows : int
        Rows of data.
    """

    path: Path
    format: FileFormat
    frame: pl.DataFrame
    codebook: pl.DataFrame
    findings: tuple[Finding, ...]
    encoding: str | None
    separator: str | None
    sha256: str
    n_rows: int


@dataclass(frozen=True, slots=True)
class Code:
    """One code of one column: what it stands for, and why it means missing if it does."""

    column: str
    code: str
    label: str
    missing_reason: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the protocol says about columns before they are read."""

    texts: Collection[str] = ()
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    levels: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as a format's reader hands it over; columns in `untyped` are still cells of text."""

    frame: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    untyped: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[Code, ...] = ()
    encoding: str | None = None
    separator: str | None = None
    decimal_comma: bool = False


def build_codebook(
    columns: Sequence[str], labels: Mapping[str, str], codes: Sequence[Code]
) -> pl.DataFrame:
    """Frame of the codebook, columns in file order, codes in the order given."""
    by_column: dict[str, dict[str, Code]] = {}
    for code in codes:
        by_column.setdefault(code.column, {}).setdefault(code.code, code)
    rows = [
        (name, labels.get(name, ""), code.code, code.label, code.missing_reason)
        for name in columns
        for code in by_column.get(name, {"": Code(name, "", "")}).values()
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(CODEBOOK_COLUMNS, pl.String), orient="row")
