"""Findings on pieces of a table become findings on the whole, with as many rows as are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from vertebrisk.cohort.reading.notes import unknown_level_remedy
from vertebrisk.findings import Finding

MOST_ROWS = 1_000  # listed of one finding; all are counted
# What is looked for in a column, in turn.
_TURNS = (
    "declared-missing", "missing-marker", "excel-error", "unknown-level", "decimal-point",
    "full-width-digits", "unreadable-cell", "date-forms", "absurd-value",
)  # fmt: skip


class Findings:
    """Takes the findings on pieces, and counts those of one kind together.

    Parameters
    ----------
    names : sequence of str
        Columns of the table, in order.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._kept: dict[tuple[Any, ...], Finding] = {}

    def add(self, findings: Iterable[Finding], first: int = 0) -> None:
        """Take the findings on rows of which the first has this number, from 0."""
        for finding in findings:
            placed = replace(finding, rows=tuple(row + first for row in finding.rows))
            self.take(placed)

    def take(self, finding: Finding) -> None:
        """Take a finding whose rows are those of the file."""
        key = _kind(finding)
        known = self._kept.get(key)
        self._kept[key] = _shortened(finding if known is None else _both(known, finding))

    def remedied(self, levels: Mapping[str, Sequence[str]]) -> list[Finding]:
        """The same, where what to do about a cell without a level depends on all such cells."""
        return [
            replace(
                each,
                remedy=unknown_level_remedy(pl.Series(each.cells), list(levels[each.column])),
            )
            if each.code == "unknown-level" and each.column in levels
            else each
            for each in self.all()
        ]

    def all(self) -> list[Finding]:
        """One finding of each kind, in the order in which a whole table is looked through."""
        places = {name: place for place, name in enumerate(self._names)}
        turns = {code: turn for turn, code in enumerate(_TURNS)}
        return sorted(
            self._kept.values(),
            key=lambda each: (places.get(each.column, -1), turns.get(each.code, len(turns))),
        )


def _kind(finding: Finding) -> tuple[Any, ...]:
    said = finding.message if finding.wording is None else finding.wording
    return finding.code, finding.severity, finding.column, said


def _both(one: Finding, other: Finding) -> Finding:
    rows = (*one.rows, *other.rows)
    unlisted = one.unlisted + other.unlisted
    if one.wording is None or other.wording is None:
        return one
    wording = replace(one.wording, besides=one.wording.besides + other.wording.besides)
    return replace(
        one,
        rows=rows,
        cells=(*one.cells, *other.cells),
        unlisted=unlisted,
        wording=wording,
        message=wording.of(rows, len(rows) + unlisted),
    )


def _shortened(finding: Finding) -> Finding:
    """With the first rows alone; the message says how many there are."""
    over = len(finding.rows) - MOST_ROWS
    message = (
        finding.message
        if finding.wording is None
        else finding.wording.of(finding.rows, len(finding.rows) + finding.unlisted)
    )
    if over <= 0:
        return replace(finding, message=message)
    return replace(
        finding,
        message=message,
        rows=finding.rows[:MOST_ROWS],
        cells=finding.cells[:MOST_ROWS],
        unlisted=finding.unlisted + over,
    )
