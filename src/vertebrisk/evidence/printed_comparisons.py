"""Comparisons beside the main one: training and validation sets, totals, cells left empty.

The groups of the main comparison are the patients with and without the event, every cell
filled; it is what cohorts are made from. Any other table that compares groups is one of
these, for the audit: an empty text stands for an empty cell.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import Printed, count_and_percent, mean_and_sd, plain
from vertebrisk.evidence.printed_tables import Place
from vertebrisk.protocol.fields import FilledText, Table

_EMPTY = ("", "-", "/", "NA")


def _cell(value: Any) -> Any:
    return None if isinstance(value, str) and plain(value) in _EMPTY else value


Cell = Annotated[Printed | None, BeforeValidator(_cell)]
Cells = tuple[Cell, ...]
LISTS = (
    "mean", "sd", "median", "lower_quartile", "upper_quartile", "minimum", "maximum", "missing",
    "sizes",
)  # fmt: skip


def _pairs(cells: tuple[str, ...], reader: Any) -> list[tuple[Printed | None, Printed | None]]:
    """Cells that hold two numbers, taken apart."""
    found: list[tuple[Printed | None, Printed | None]] = []
    for cell in cells:
        if _cell(cell) is None:
            found.append((None, None))
            continue
        try:
            found.append(reader(cell))
        except DataError as error:
            raise ValueError(str(error).rstrip(".")) from None
    return found


class ComparedGroup(Table):
    """One column. `event` is left out where groups are not by the outcome."""

    name: FilledText
    n: Cell = None
    event: bool | None = None
    total: bool = False


class ComparedLevel(Table):
    """Counts and percentages of one level, one a group; ``["46(19.9%)", ""]`` is taken apart."""

    count: Cells = ()
    percent: Cells = ()

    @model_validator(mode="before")
    @classmethod
    def _from_cells(cls, value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        if not all(isinstance(cell, str) for cell in value):
            raise ValueError('cells as printed are needed, such as ["46(19.9%)", "7(18.9%)"]')
        pairs = _pairs(value, count_and_percent)
        percents = tuple(percent for _, percent in pairs)
        return {
            "count": tuple(count for count, _ in pairs),
            "percent": percents if any(each is not None for each in percents) else (),
        }


class ComparedRow(Table):
    """One variable; lists have one cell a group.

    `spread` says whether `sd` was headed as a standard deviation or a standard error.
    `missing` are printed numbers of missing values, `sizes` of patients with a value.
    """

    variable: FilledText
    levels: dict[str, ComparedLevel] = Field(default_factory=dict)
    mean: Cells = ()
    sd: Cells = ()
    spread: Literal["sd", "se"] = "sd"
    median: Cells = ()
    lower_quartile: Cells = ()
    upper_quartile: Cells = ()
    minimum: Cells = ()
    maximum: Cells = ()
    missing: Cells = ()
    sizes: Cells = ()
    test: FilledText | None = None
    statistic: Cell = None
    p_value: Cell = None

    @model_validator(mode="before")
    @classmethod
    def _from_cells(cls, value: Any) -> Any:
        cells = value.get("mean_sd") if isinstance(value, dict) else None
        if not isinstance(cells, tuple) or not all(isinstance(each, str) for each in cells):
            return value
        pairs = _pairs(cells, mean_and_sd)
        rest = {key: each for key, each in value.items() if key != "mean_sd"}
        return rest | {
            "mean": tuple(mean for mean, _ in pairs),
            "sd": tuple(sd for _, sd in pairs),
        }

    @property
    def lists(self) -> dict[str, Cells]:
        """Every list with one cell a group, by its name in the file."""
        found = {name: getattr(self, name) for name in LISTS}
        for level, cells in self.levels.items():
            found |= {
                f"levels.{level}.count": cells.count,
                f"levels.{level}.percent": cells.percent,
            }
        return {name: cells for name, cells in found.items() if cells}


class ComparisonTable(Table):
    """A table that compares groups, beside the main one.

    `missing_told`: the print says that values are missing, without numbers.
    """

    id: FilledText
    place: Place
    groups: tuple[ComparedGroup, ...]
    row: tuple[ComparedRow, ...] = ()
    missing_told: bool = False
