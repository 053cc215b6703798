"""One neutral table: cells that keep their numbers, and what every renderer needs to draw them.

A `TableSpec` is made once and drawn many times (page, terminal, Word, spreadsheet, LaTeX).
Numbers stay numbers until `cell_text`, the only place where a cell
becomes text, which in turn leaves rounding to `vertebrisk.text.numbers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vertebrisk.errors import ArgumentError
from vertebrisk.text.numbers import MISSING, Numbers

Number: TypeAlias = float | int
CellFormat = Literal[
    "text",
    "integer",
    "estimate",
    "p_value",
    "risk",
    "percent",
    "mean_sd",
    "median_iqr",
    "count_percent",
    "interval",
    "risk_limits",
    "ratio_limits",
    "estimate_interval",
    "risk_interval",
    "ratio_interval",
    "counts",
]
Align = Literal["start", "end"]
TargetKind = Literal["section", "table", "figure", "finding", "file"]
BETWEEN_TARGETS = "; "
RowKind = Literal["body", "heading", "reference", "emphasis"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a cell refers to, by kind and key, and the text that says so, such as ``Table 3``.

    `number` is that of a table or figure.
    """

    kind: TargetKind
    key: str
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a text, or numbers with the format that prints them.

    `values` holds one number for most formats, two for `mean_sd`, `count_percent`,
    `interval`, `risk_limits`, `ratio_limits` and `counts`, three for `median_iqr` (median, q1,
    q3), `estimate_interval`, `risk_interval` and `ratio_interval` (estimate, low, high). A
    risk is a fraction, shown in percent; a `percent` is on the scale of 0 to 100.
    None stands for a number that does not exist. `decimals` is what the format is printed
    with; `mark` is a footnote sign. `targets` are what a text refers to: it is theirs, so that
    a renderer without links has it all.
    """

    format: CellFormat = "text"
    text: str = ""
    values: tuple[Number | None, ...] = ()
    decimals: int = 3
    mark: str = ""
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `key` is stable, `label` is in the language of the report."""

    key: str
    label: str
    align: Align = "end"


@dataclass(frozen=True, slots=True)
class Spanner:
    """A heading above the columns from `start` up to but not including `stop`."""

    label: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `indent` is the depth of its first cell below its heading row."""

    cells: tuple[Cell, ...]
    kind: RowKind = "body"
    indent: int = 0


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A whole table: caption, columns, spanners, rows and footnotes.

    `number` is its place among the tables of one report, 0 while it has none.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    spanners: tuple[Spanner, ...] = ()
    footnotes: tuple[str, ...] = ()
    number: int = field(default=0)

    def __post_init__(self) -> None:
        for position, row in enumerate(self.rows, start=1):
            if len(row.cells) != len(self.columns):
                raise ArgumentError(
                    f"Row {position} of table '{self.key}' has {len(row.cells)} cells; "
                    f"its {len(self.columns)} columns need one each."
                )

    def numbers(self) -> tuple[Number, ...]:
        """Every number that the table shows, row by row."""
        return tuple(
            value
            for row in self.rows
            for cell in row.cells
            for value in cell.values
            if value is not None
        )


def text(value: str, mark: str = "") -> Cell:
    """A cell of words."""
    return Cell("text", value, mark=mark)


def references(targets: Sequence[Target]) -> Cell:
    """A cell that refers to parts of the report."""
    return Cell("text", BETWEEN_TARGETS.join(each.text for each in targets), targets=tuple(targets))


def number(format: CellFormat, *values: Number | None, decimals: int = 3, mark: str = "") -> Cell:
    """A cell of numbers, printed in one of the formats."""
    return Cell(format, values=values, decimals=decimals, mark=mark)


EMPTY = Cell()


def _counts(values: Sequence[Number | None]) -> str:
    given = [value for value in values if value is not None]
    return "/".join(f"{value:.0f}" for value in given) if len(given) == len(values) else MISSING


def cell_text(cell: Cell, numbers: Numbers) -> str:
    """What a cell shows, without its footnote sign, in the style of `numbers`."""
    values, places = cell.values, cell.decimals
    match cell.format:
        case "text":
            return cell.text
        case "integer":
            return numbers.estimate(values[0], 0)
        case "estimate":
            return numbers.estimate(values[0], places)
        case "p_value":
            return numbers.p_value(values[0])
        case "risk":
            return numbers.risk(values[0], places)
        case "percent":
            return numbers.percent(values[0], places)
        case "mean_sd":
            return numbers.mean_sd(values[0], values[1], places)
        case "median_iqr":
            return numbers.median_iqr(values[0], values[1], values[2], places)
        case "count_percent":
            count = None if values[0] is None else int(values[0])
            return numbers.count_percent(count, values[1])
        case "interval":
            return numbers.interval(values[0], values[1], places)
        case "risk_limits":
            return numbers.risk_limits(values[0], values[1], places)
        case "ratio_limits":
            return numbers.ratio_limits(values[0], values[1], places)
        case "estimate_interval":
            return numbers.estimate_interval(values[0], values[1], values[2], places)
        case "risk_interval":
            return numbers.risk_interval(values[0], values[1], values[2], places)
        case "ratio_interval":
            return numbers.ratio_interval(values[0], values[1], values[2], places)
        case "counts":
            return _counts(values)
