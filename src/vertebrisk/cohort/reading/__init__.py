"""Read patient tables so that nothing becomes missing in silence."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from vertebrisk._checks import listed
from vertebrisk._files import FileFormat, read_bytes, sha256
from vertebrisk.cohort.reading.bounds import Bounds, bounded_workbook
from vertebrisk.cohort.reading.cells import type_frame
from vertebrisk.cohort.reading.declared import declared_column
from vertebrisk.cohort.reading.delimited import read_delimited
from vertebrisk.cohort.reading.excel import read_excel
from vertebrisk.cohort.reading.labelled import read_labelled
from vertebrisk.cohort.reading.numbers import check_numbers
from vertebrisk.cohort.reading.parquet import read_parquet
from vertebrisk.cohort.reading.profile import ColumnKind, ColumnProfile, profile
from vertebrisk.cohort.reading.signature import check_kind
from vertebrisk.cohort.reading.table_file import (
    Code,
    Declared,
    RawTable,
    TableFile,
    build_codebook,
)
from vertebrisk.errors import VertebriskWarning
from vertebrisk.findings import Finding, by_severity, count_by_severity

__all__ = [
    "Bounds",
    "ColumnKind",
    "ColumnProfile",
    "FileFormat",
    "RawTable",
    "TableFile",
    "profile",
    "read_cells",
    "read_codebook",
    "read_content",
    "read_file",
    "read_table",
]


def read_file(
    path: Path,
    *,
    texts: Collection[str] = (),
    missing: Mapping[str, Sequence[str]] | None = None,
    levels: Mapping[str, Sequence[str]] | None = None,
) -> TableFile:
    """Read a patient table of any supported kind and type its columns.

    A column of texts is numeric when all its cells are numbers, or at least 80 % of them
    and at least three; the remaining cells become null, each named in a finding
    ``unreadable-cell``. Codes such as 999 are never taken for missing unless declared;
    they are pointed at.

    Parameters
    ----------
    path : Path
        .csv, .tsv, .txt (UTF-8, UTF-16, GB18030), .xlsx, .xlsm, .xls, .ods (first
        visible sheet, names in its first row), .sav, .zsav, .dta, .sas7bdat, .xpt, .parquet.
    texts : collection of str
        Columns to keep as text, such as patient numbers.
    missing : mapping of str to sequence of str
        For a column, the codes or labels that mean missing; the codebook keeps the reason.
    levels : mapping of str to sequence of str
        For a column, the levels that it must have; it becomes an Enum of them in that
        order, and any other cell is null and in a finding ``unknown-level``.

    Returns
    -------
    TableFile
        The typed table, its codebook and findings, the gravest first.

    Raises
    ------
    DataError
        When the file does not exist, holds no table, is damaged, protected or misnamed,
        or has two columns of one name.
    """
    path = Path(path)
    declared = Declared(texts, missing or {}, levels or {})
    content = read_bytes(path, "The data file")
    return _read(path, content, declared)[0]


def read_cells(path: Path) -> tuple[TableFile, RawTable]:
    """A patient table as of `read_file`, and its cells as they stand in the file."""
    path = Path(path)
    return _read(path, read_bytes(path, "The data file"), Declared())


def read_content(
    content: bytes, kind: Literal["csv", "xlsx"], bounds: Bounds
) -> tuple[TableFile, RawTable]:
    """Read a table that was sent, within bounds: nothing of it is written anywhere.

    Parameters
    ----------
    content : bytes
        CSV (UTF-8, UTF-16, GB18030) or an .xlsx workbook.
    kind : {"csv", "xlsx"}
        What it is said to be; contents of another kind are refused.
    bounds : Bounds
        How large it may be.

    Returns
    -------
    TableFile, RawTable
        As of `read_file`; and its cells as text, in the same rows.

    Raises
    ------
    DataError
        When it holds no table, is damaged, too large, of another kind, or has two columns
        of one name.
    """
    if kind == "xlsx" and content:
        content = bounded_workbook("table.xlsx", content, bounds)
    return _read(Path(f"table.{kind}"), content, Declared(), bounds)


def _read(
    path: Path, content: bytes, declared: Declared, bounds: Bounds | None = None
) -> tuple[TableFile, RawTable]:
    family, findings = check_kind(path, content)
    match family:
        case "csv":
            raw = read_delimited(path, content, bounds)
        case "excel":
            raw = read_excel(path, content)
        case "parquet":
            raw = read_parquet(path, content)
        case _:
            raw = read_labelled(path, declared)
    frame, made, codes = _typed(raw, declared, path.name)
    frame, doubts = check_numbers(frame, declared, path.name)
    table = TableFile(
        path=path,
        format=family,
        frame=frame,
        codebook=build_codebook(frame.columns, raw.labels, [*raw.codes, *codes]),
        findings=by_severity((*findings, *raw.findings, *made, *doubts)),
        encoding=raw.encoding,
        separator=raw.separator,
        sha256=sha256(content),
        n_rows=frame.height,
    )
    return table, raw


def _typed(
    raw: RawTable, declared: Declared, file: str
) -> tuple[pl.DataFrame, list[Finding], list[Code]]:
    texts = raw.frame.select(raw.untyped)
    typed, findings, codes = type_frame(texts, declared, file, decimal_comma=raw.decimal_comma)
    untyped = set(raw.untyped)
    already = [name for name in raw.frame.columns if name not in untyped]
    coded = {code.column for code in raw.codes}
    columns = {column.name: column for column in typed.iter_columns()}
    for name in already:
        column, found, known = declared_column(
            raw.frame[name], declared, file, missing_known=name in coded
        )
        findings += found
        codes += known
        columns[name] = column
    return pl.DataFrame([columns[name] for name in raw.frame.columns]), findings, codes


def read_table(path: str | Path) -> pl.DataFrame:
    """Read a patient table: see `read_file` for the kinds of file and the rules of typing.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    polars.DataFrame
        Typed columns; missing values are null. A labelled column becomes an Enum of its
        labels where all its codes have one.

    Warns
    -----
    VertebriskWarning
        Once, with the number of findings, when there are any; `vertebrisk check` lists them.
    """
    file = read_file(Path(path))
    if file.findings:
        warnings.warn(_summary(file), VertebriskWarning, stacklevel=2)
    return file.frame


def _summary(file: TableFile) -> str:
    n = count_by_severity(file.findings)
    kinds = Counter(finding.code for finding in file.findings)
    return (
        f"'{file.path.name}': {n['error']} errors, {n['warning']} warnings and {n['note']} notes "
        f"about the data ({listed([f'{kind} x {count}' for kind, count in kinds.items()])}). "
        "`vertebrisk check` lists them with their rows."
    )


def read_codebook(path: str | Path) -> pl.DataFrame:
    """Labels and codes of a patient table.

    Parameters
    ----------
    path : str or Path
        The file, as for `read_table`.

    Returns
    -------
    polars.DataFrame
        Texts ``column, label, code, code_label, missing_reason``; one row for each code
        of a column, one row with an empty code for a column without codes.
    """
    return read_file(Path(path)).codebook
