"""Findings on single columns, worded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

import polars as pl

from vertebrisk._checks import listed
from vertebrisk.findings import Finding, Severity
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import Wording

_COMPARED = 50


def cell_finding(
    code: str,
    severity: Severity,
    wording: Wording,
    cells: pl.Series,
    where: pl.Series,
    file: str,
    *,
    remedy: str = "",
    explanation: str = "",
    besides: int = 0,
) -> Finding:
    """Finding on the cells where `where` is true; `{n}` becomes "2 cells", `{column}` its name."""
    at = where.fill_null(False).arg_true()
    wording = replace(
        wording,
        other="empty cell",
        besides=besides,
        values=(("column", cells.name), *wording.values),
    )
    rows = tuple(int(row) + 1 for row in at)
    return Finding(
        code=code,
        severity=severity,
        message=wording.of(rows),
        remedy=remedy,
        explanation=explanation,
        file=file,
        column=cells.name,
        rows=rows,
        cells=tuple(str(cell) for cell in cells.gather(at)),
        wording=wording,
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
        Wording(
            "'{column}' has {n} with none of its levels ({levels}), now missing.",
            values=(("levels", joined([f"'{level}'" for level in levels])),),
        ),
        cells,
        unknown,
        file,
        remedy=unknown_level_remedy(cells.filter(unknown.fill_null(False)), levels),
    )


def unknown_level_remedy(cells: pl.Series, levels: Sequence[str]) -> str:
    """What to do about cells that hold none of the levels."""
    return say(
        "Correct the cells, or add the level to the protocol.{meant}",
        meant=near_levels(cells, levels),
    )


def near_levels(cells: pl.Series, levels: Sequence[str]) -> str:
    """A clause that names the levels which the cells come close to, such as other capitals."""
    plain = {_plain(level): level for level in reversed(levels)}
    found: dict[str, None] = {}
    for cell in cells.drop_nulls().unique(maintain_order=True).head(_COMPARED).to_list():
        close = get_close_matches(_plain(cell), plain, n=1)
        found.update({plain[each]: None for each in close})
    if not found:
        return ""
    return say(" Did you mean {names}?", names=listed([repr(level) for level in found]))


def _plain(text: str) -> str:
    """Without spaces and capitals."""
    return "".join(text.split()).casefold()


def excel_errors(file: str, column: str, cells: Sequence[tuple[int, str]]) -> Finding:
    """Finding on cells that hold an Excel error such as ``#N/A``; they are missing."""
    wording = Wording(
        "'{column}' has {n} with an Excel error, now missing.", values=(("column", column),)
    )
    rows = tuple(row for row, _ in cells)
    return Finding(
        code="excel-error",
        severity="warning",
        message=wording.of(rows),
        remedy=say("Correct the formulas, or enter the values."),
        file=file,
        column=column,
        rows=rows,
        cells=tuple(text for _, text in cells),
        wording=wording,
    )
