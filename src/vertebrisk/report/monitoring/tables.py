"""The tables of a model over calendar time."""

from __future__ import annotations

from datetime import date

from vertebrisk.models.monitoring.results import Monitoring
from vertebrisk.report.tables.table import Cell, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING


def monitoring_tables(found: Monitoring, words: Words) -> dict[str, TableSpec]:
    """Windows, and signals where there are any, by key."""
    made = [_windows(found, words)]
    return {
        each.key: each for each in (*made, *([_signals(found, words)] if found.signals else []))
    }


def month_text(day: date) -> str:
    """Year and month, which no line end tears apart."""
    return f"{day:%Y\u2011%m}"


def _windows(found: Monitoring, words: Words) -> TableSpec:
    columns = (
        Column("window", words("watch.column.window"), "start"),
        Column("n", words("watch.column.n")),
        Column("events", words("watch.column.events")),
        Column("expected", words("watch.column.expected")),
        Column("oe", words("watch.column.oe")),
        Column("slope", words("watch.column.slope")),
        Column("c_index", words("watch.column.c")),
    )
    rows = []
    for row in found.windows.iter_rows(named=True):
        first, last = month_text(row["start"]), month_text(row["end"])
        name = first if first == last else words("watch.span", first=first, last=last)
        name += "" if row["complete"] else words.bracketed(words("watch.not_full"))
        measured = [
            _limits(row[each], row[f"{each}_low"], row[f"{each}_high"])
            for each in ("observed_expected", "slope", "c_index")
        ]
        rows.append(
            Row(
                (
                    text(name),
                    number("integer", row["n"]),
                    number("integer", row["n_events"]),
                    number("estimate", row["expected"], decimals=1),
                    *measured,
                )
            )
        )
    return TableSpec("watch_windows", words("caption.watch_windows"), columns, tuple(rows))


def _limits(value: float | None, low: float | None, high: float | None) -> Cell:
    if value is None:
        return text(MISSING)
    if low is None or high is None:
        return number("estimate", value, decimals=2)
    return number("estimate_interval", value, low, high, decimals=2)


def _signals(found: Monitoring, words: Words) -> TableSpec:
    columns = (
        Column("when", words("watch.column.signal"), "start"),
        Column("direction", words("watch.column.direction"), "start"),
        Column("since", words("watch.column.since"), "start"),
        Column("patients", words("watch.column.patients")),
        Column("events", words("watch.column.events")),
        Column("expected", words("watch.column.expected")),
    )
    rows = tuple(
        Row(
            (
                text(month_text(each.when)),
                text(words(f"watch.{each.direction}")),
                text(month_text(each.since)),
                number("integer", each.patients),
                number("integer", each.n_events),
                number("estimate", each.expected, decimals=1),
            )
        )
        for each in found.signals
    )
    return TableSpec("watch_signals", words("caption.watch_signals"), columns, rows)
