"""Cells of a row that lacks some, given their columns by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vertebrisk.evidence.tables.cells import is_empty, numbers, p_value, reference
from vertebrisk.evidence.tables.grids import Grid, Line
from vertebrisk.evidence.tables.heading_words import Role
from vertebrisk.evidence.tables.headings import Heading

_WRONG = -8.0
_PAIRED = ("ratio_conf", "estimate_conf", "conf", "estimate_ci")


def placed(grid: Grid, headings: Sequence[Heading]) -> Grid:
    """The table with every loose row laid out under its headings."""
    return replace(
        grid,
        body=tuple(laid_out(line, headings) if line.loose else line for line in grid.body),
    )


def laid_out(line: Line, headings: Sequence[Heading]) -> Line:
    """A row with each cell under the heading that it suits.

    The order of the cells is kept. Numbers that suit no heading but stand first belong to
    the label, as in ``Grade 2``.
    """
    values, columns = line.cells[1:], headings[1:]
    least = 0 if line.label else 1
    ways = [
        (*_best(values[first:], columns), first)
        for first in range(min(least, len(values) - 1), len(values))
    ]
    _, places, first = max(ways, key=lambda way: (way[0], -way[2]))
    label = " ".join(filter(None, [line.label, *values[:first]]))
    cells = [""] * len(columns)
    for place, value in zip(places, values[first:], strict=False):
        cells[place] = value
    return replace(line, cells=(label, *cells), loose=False)


def suits(values: Sequence[str], headings: Sequence[Heading]) -> float:
    """How well values, in their order, suit the columns."""
    return _best(values, headings[1:])[0]


def _best(values: Sequence[str], columns: Sequence[Heading]) -> tuple[float, tuple[int, ...]]:
    """The best fit of values to columns, and the columns that they then stand in."""
    best: dict[tuple[int, int], tuple[float, tuple[int, ...]]] = {}

    def fit(value: int, column: int) -> tuple[float, tuple[int, ...]]:
        if value == len(values):
            return 0.0, ()
        if len(columns) - column < len(values) - value:
            return float("-inf"), ()
        if (value, column) not in best:
            later, places = fit(value + 1, column + 1)
            here = later + _fit(values[value], columns[column].role), (column, *places)
            best[value, column] = max(here, fit(value, column + 1), key=lambda each: each[0])
        return best[value, column]

    return fit(0, 0)


def _fit(cell: str, role: Role) -> float:
    """How well a cell suits a column."""
    if is_empty(cell):
        return 0.0
    if reference(cell) is not None:
        return 1.0 if role in ("ratio", "ratio_conf", "estimate", "p_value") else 0.0
    read = numbers(cell)
    if role == "p_value":
        p = p_value(cell)
        if p is None or not 0 <= p.value <= 1:
            return _WRONG
        return 2.0 if p.bound or p.decimals >= 2 else 0.3
    if read is None:
        return 1.0 if role in ("test", "level", "other") else -1.0
    if role in ("group", "total", "unknown"):
        return 2.0 if read.form != "number" else 1.0 if read.values[0].decimals == 0 else 0.5
    if role in _PAIRED:
        return 2.0 if "interval" in read.form or read.form == "bracket" else 0.4
    if read.form != "number":
        return _WRONG
    if role == "df":
        return 1.0 if read.values[0].decimals == 0 else _WRONG
    return 0.8 if role in ("statistic", "wald", "z", "t", "chi2") else 0.6
