"""Findings on single columns, worded once."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from vertebrisk.findings import Finding, Severity


def counted(n: int, noun: str) -> str:
    """A number with its noun: 1 cell, 2 cells."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def cell_finding(
    code: str,
    severity: Severity,
    message: str,
    cells: pl.Series,
    where: pl.Series,
    file: str,
    *,
    remedy: str = "",
    explanation: str = "",
) -> Finding:
    """Finding on the cells where `where` is true; `{n}` becomes "2 cells"."""
    at = where.fill_null(False).arg_true()
    return Finding(
        code=code,
        severity=severity,
        message=message.format(n=counted(len(at), "cell"), column=cells.name),
        remedy=remedy,
        explanation=explanation,
        file=file,
        column=cells.name,
        rows=tuple(int(row) + 1 for row in at),
        cells=tuple(str(cell) for cell in cells.gather(at)),
    )


def column_finding(
    code: str, severity: Severity, message: str, column: str, file: str, remedy: str = ""
) -> Finding:
    """Finding on a column as a whole."""
    return Finding(
        code=code, severity=severity, message=message, remedy=remedy, file=file, column=column
    )


def unknown_levels(
    cells: pl.Series, unknown: pl.Series, levels: Sequence[str], file: str
) -> Finding:
    """Finding on cells that hold none of the levels that the protocol lists."""
    return cell_finding(
        "unknown-level",
        "warning",
        "'{column}' has {n} with none of its levels (" + _braced(levels) + "), now missing.",
        cells,
        unknown,
        file,
        remedy="Correct the cells, or add the level to the protocol.",
    )


def _braced(levels: Sequence[str]) -> str:
    return ", ".join(f"'{level}'" for level in levels).replace("{", "{{").replace("}", "}}")


def excel_errors(file: str, column: str, cells: Sequence[tuple[int, str]]) -> Finding:
    """Finding on cells that hold an Excel error such as ``#N/A``; they are missing."""
    return Finding(
        code="excel-error",
        severity="warning",
        message=f"'{column}' has {counted(len(cells), 'cell')} with an Excel error, now missing.",
        remedy="Correct the formulas, or enter the values.",
        file=file,
        column=column,
        rows=tuple(row for row, _ in cells),
        cells=tuple(text for _, text in cells),
    )
