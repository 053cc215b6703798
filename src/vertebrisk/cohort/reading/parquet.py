"""Parquet files: types are those of the file, brought to the few that vertebrisk uses."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from vertebrisk._frames import plain_column
from vertebrisk.cohort.reading.headers import clean_headers
from vertebrisk.cohort.reading.notes import column_finding
from vertebrisk.cohort.reading.table_file import RawTable
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say

LEFT_OUT = (pl.List, pl.Array, pl.Struct, pl.Binary, pl.Object)


def read_parquet(path: Path, content: bytes) -> RawTable:
    """Read a Parquet file; columns of lists, structures and bytes are left out and named."""
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except BaseException as error:
        # A panic of the parser derives from BaseException directly.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise DataError(
            f"'{path.name}' is a damaged Parquet file. Write it again and retry."
        ) from None
    names, header_findings = clean_headers(frame.columns, path.name)
    frame = frame.rename(dict(zip(frame.columns, names, strict=True)))
    findings: list[Finding] = list(header_findings)
    columns = []
    for column in frame.iter_columns():
        if isinstance(column.dtype, LEFT_OUT):
            findings.append(left_out(column.name, column.dtype, path.name))
        else:
            columns.append(plain_column(column))
    if not columns or not frame.height:
        raise DataError(f"'{path.name}' holds no rows of data.")
    return RawTable(frame=pl.DataFrame(columns), findings=tuple(findings))


def left_out(name: str, dtype: pl.DataType, file: str) -> Finding:
    """Finding on a column that holds no plain values."""
    return column_finding(
        "unsupported-type",
        "warning",
        say(
            "'{name}' holds values of type {dtype}, not one number or text a row; it was left out.",
            name=name,
            dtype=dtype,
        ),
        name,
        file,
        say("Spread it over columns of plain values if the study needs it."),
    )
