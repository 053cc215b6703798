"""Tables of matched sets: how they are composed, and where their members differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.nomogram.results import Nomogram
from vertebrisk.report.tables.models import spaced_totals
from vertebrisk.report.tables.table import EMPTY, Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.matched import MatchedResult

_MOST = 10  # compositions that are listed one by one


def sets_table(matched: MatchedResult | None, words: Words) -> TableSpec | None:
    """Cases and controls of the sets; None without matched sets."""
    if matched is None:
        return None
    total = matched.n_sets
    shown = matched.sizes.head(_MOST)
    rows = [
        Row(
            (
                number("integer", line["cases"]),
                number("integer", line["controls"]),
                number("count_percent", line["sets"], 100.0 * line["sets"] / total),
            )
        )
        for line in shown.iter_rows(named=True)
    ]
    rest = total - int(shown["sets"].sum())
    if rest:
        other = number("count_percent", rest, 100.0 * rest / total)
        rows.append(Row((text(words("matched.other")), EMPTY, other)))
    columns = (
        Column("cases", words("matched.cases")),
        Column("controls", words("matched.controls")),
        Column("sets", words("matched.sets")),
    )
    return TableSpec("matched_sets", words("caption.matched_sets"), columns, tuple(rows))


def varying_table(matched: MatchedResult | None, words: Words) -> TableSpec | None:
    """Sets in which members differ, one row a candidate; None without any."""
    if matched is None or matched.varying.is_empty():
        return None
    rows = tuple(
        Row(
            (
                text(line["label"]),
                number("count_percent", line["sets"], 100.0 * line["sets"] / matched.n_sets),
            )
        )
        for line in matched.varying.iter_rows(named=True)
    )
    columns = (
        Column("variable", words("variable"), "start"),
        Column("sets", words("matched.differing")),
    )
    notes = (words("note.varying_sets"),)
    return TableSpec("varying_sets", words("caption.varying_sets"), columns, rows, (), notes)


def odds_table(nomogram: Nomogram, words: Words) -> TableSpec | None:
    """Odds ratio against the reference patient at evenly spaced totals; None without axes."""
    if not nomogram.axes:
        return None
    rows = tuple(
        Row(
            (
                number("estimate", line["total_points"], decimals=0),
                number("estimate", line["risk"], decimals=2),
            )
        )
        for line in spaced_totals(nomogram).iter_rows(named=True)
    )
    columns = (Column("total_points", words("total_points")), Column("odds_ratio", words("or")))
    return TableSpec("total", words("caption.total"), columns, rows)
