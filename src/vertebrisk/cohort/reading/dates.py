"""Dates in the forms in which they arrive: ISO, with slashes, Chinese, Excel's serial numbers."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

from vertebrisk.cohort.reading.notes import cell_finding, column_finding
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording

YEAR_FIRST = (
    r"^([12][0-9]{3})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?"
    r"(?:[T\s]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?Z?)?$"
)
YEAR_LAST = (
    r"^([0-9]{1,2})([-/.])([0-9]{1,2})[-/.]([12][0-9]{3})"
    r"(?:\s+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?$"
)
SERIAL = r"^[2-7][0-9]{4}(?:\.[0-9]+)?$"
_SERIAL_ORIGIN = dt.datetime(1899, 12, 30)


def as_dates(
    cells: pl.Series, file: str, *, day_first: bool, several: bool
) -> tuple[pl.Series, tuple[Finding, ...]]:
    """Dates, or date-times where one has a time of day, of a column of texts.

    Parameters
    ----------
    cells : Series
        Texts: dates, or serial numbers from 20000 to 79999 (years 1954 to 2119).
    file : str
        For messages.
    day_first, several : bool
        As of `Form`.
    """
    serial = cells.str.contains(SERIAL)
    parsed = {cell: _parsed(cell, day_first) for cell in cells.drop_nulls().unique()}
    moments = [None if cell is None else parsed[cell] for cell in cells]
    values = pl.Series(cells.name, moments, dtype=pl.Datetime("us"))
    if all(moment is None or moment.time() == dt.time() for moment in moments):
        values = values.cast(pl.Date)
    unread = cells.is_not_null() & values.is_null()
    return values, tuple(_findings(cells, unread, serial & values.is_not_null(), several, file))


def _parsed(cell: str, day_first: bool) -> dt.datetime | None:
    try:
        if match := re.match(YEAR_FIRST, cell):
            year, month, day, *clock = match.groups()
        elif match := re.match(YEAR_LAST, cell):
            one, _, two, year, *clock = match.groups()
            day, month = (one, two) if day_first else (two, one)
        elif re.match(SERIAL, cell):
            seconds = round(float(cell) * 86_400)
            return _SERIAL_ORIGIN + dt.timedelta(seconds=seconds)
        else:
            return None
        hour, minute, second = (int(part or 0) for part in clock)
        return dt.datetime(int(year), int(month), int(day), hour, minute, second)
    except ValueError:
        return None


def _findings(
    cells: pl.Series, unread: pl.Series, serial: pl.Series, several: bool, file: str
) -> list[Finding]:
    findings = []
    if unread.any():
        findings.append(
            cell_finding(
                "unreadable-cell",
                "warning",
                Wording("The date column '{column}' has {n} not readable as a date, now missing."),
                cells,
                unread,
                file,
                remedy=say("Write dates as year-month-day, such as 2024-03-05."),
            )
        )
    if several:
        findings.append(
            cell_finding(
                "date-forms",
                "note",
                Wording(
                    "'{column}' holds dates in several forms, {n} as Excel's serial numbers; "
                    "all were read as dates."
                ),
                cells,
                serial,
                file,
                remedy=say("Check a few of them against the records."),
            )
        )
    return findings


def ambiguous_dates(name: str, file: str) -> Finding:
    """Finding on dates that are kept as text."""
    return column_finding(
        "ambiguous-date",
        "warning",
        say(
            "'{name}' holds dates of which day and month cannot be told apart; it was "
            "kept as text.",
            name=name,
        ),
        name,
        file,
        say("Write dates as year-month-day, such as 2024-03-05."),
    )
