"""Dates in the forms in which they arrive: ISO, with slashes, Chinese, Excel's serial numbers."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

from vertebrisk.cohort.reading.notes import cell_finding, column_finding
from vertebrisk.findings import Finding

_YEAR_FIRST = (
    r"^([12][0-9]{3})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?"
    r"(?:[T\s]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?Z?)?$"
)
_YEAR_LAST = (
    r"^([0-9]{1,2})([-/.])([0-9]{1,2})[-/.]([12][0-9]{3})"
    r"(?:\s+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?$"
)
_SERIAL = r"^[2-7][0-9]{4}(?:\.[0-9]+)?$"
_SERIAL_ORIGIN = dt.datetime(1899, 12, 30)
_MIN_DATES = 0.2


def as_dates(
    cells: pl.Series, file: str, share: float
) -> tuple[pl.Series, tuple[Finding, ...]] | None:
    """Dates (or date-times) of a column of texts, or None when it is not a column of dates.

    A column holds dates when at least `share` of its cells are dates or serial numbers
    from 20000 to 79999 (years 1954 to 2119), and at least a fifth are written as dates.
    """
    n = cells.len() - cells.null_count()
    first, last = cells.str.contains(_YEAR_FIRST), cells.str.contains(_YEAR_LAST)
    n_dates = int((first | last).sum())
    if not n_dates or n_dates < _MIN_DATES * n:
        return None
    serial = cells.str.contains(_SERIAL)
    if n_dates + int(serial.sum()) < share * n:
        return None
    day_first = _day_first(cells.filter(last.fill_null(False)))
    if day_first is None:
        return cells, (_ambiguous(cells.name, file),)
    parsed = {cell: _parsed(cell, day_first) for cell in cells.drop_nulls().unique()}
    moments = [None if cell is None else parsed[cell] for cell in cells]
    values = pl.Series(cells.name, moments, dtype=pl.Datetime("us"))
    if all(moment is None or moment.time() == dt.time() for moment in moments):
        values = values.cast(pl.Date)
    unread = cells.is_not_null() & values.is_null()
    return values, tuple(_findings(cells, unread, serial & values.is_not_null(), file))


def _day_first(cells: pl.Series) -> bool | None:
    """Whether 5/3/2024 is 5 March; None when the column does not tell, or contradicts itself."""
    day_first: bool | None = None
    for cell in cells.unique():
        match = re.match(_YEAR_LAST, cell)
        if match is None:
            continue
        one, two = int(match.group(1)), int(match.group(3))
        tells = True if one > 12 or match.group(2) == "." else False if two > 12 else None
        if tells is not None and day_first is not None and tells != day_first:
            return None
        day_first = tells if tells is not None else day_first
    return True if cells.is_empty() else day_first


def _parsed(cell: str, day_first: bool) -> dt.datetime | None:
    try:
        if match := re.match(_YEAR_FIRST, cell):
            year, month, day, *clock = match.groups()
        elif match := re.match(_YEAR_LAST, cell):
            one, _, two, year, *clock = match.groups()
            day, month = (one, two) if day_first else (two, one)
        elif re.match(_SERIAL, cell):
            seconds = round(float(cell) * 86_400)
            return _SERIAL_ORIGIN + dt.timedelta(seconds=seconds)
        else:
            return None
        hour, minute, second = (int(part or 0) for part in clock)
        return dt.datetime(int(year), int(month), int(day), hour, minute, second)
    except ValueError:
        return None


def _findings(cells: pl.Series, unread: pl.Series, serial: pl.Series, file: str) -> list[Finding]:
    findings = []
    if unread.any():
        findings.append(
            cell_finding(
                "unreadable-cell",
                "warning",
                "The date column '{column}' has {n} not readable as a date, now missing.",
                cells,
                unread,
                file,
                remedy="Write dates as year-month-day, such as 2024-03-05.",
            )
        )
    forms = cells.drop_nulls().str.replace_all("[0-9]+", "0").n_unique()
    if serial.any() or forms > 1:
        findings.append(
            cell_finding(
                "date-forms",
                "note",
                "'{column}' holds dates in several forms, {n} as Excel's serial numbers; all were "
                "read as dates.",
                cells,
                serial,
                file,
                remedy="Check a few of them against the records.",
            )
        )
    return findings


def _ambiguous(name: str, file: str) -> Finding:
    return column_finding(
        "ambiguous-date",
        "warning",
        f"'{name}' holds dates of which day and month cannot be told apart; it was kept as text.",
        name,
        file,
        "Write dates as year-month-day, such as 2024-03-05.",
    )
