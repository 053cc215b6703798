"""The numbers of a cell one by one, each with the text that the cell prints for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vertebrisk.report.tables.table import Cell, CellFormat, Number
from vertebrisk.text.numbers import Numbers

Role = Literal[
    "value", "mean", "sd", "median", "q1", "q3", "count", "percent", "estimate", "low", "high",
    "first", "second",
]  # fmt: skip

_INTERVAL: Final[tuple[Role, ...]] = ("estimate", "low", "high")
ROLES: Final[Mapping[CellFormat, tuple[Role, ...]]] = {
    "text": (),
    "integer": ("value",),
    "estimate": ("value",),
    "p_value": ("value",),
    "risk": ("value",),
    "percent": ("value",),
    "mean_sd": ("mean", "sd"),
    "median_iqr": ("median", "q1", "q3"),
    "count_percent": ("count", "percent"),
    "interval": ("low", "high"),
    "risk_limits": ("low", "high"),
    "ratio_limits": ("low", "high"),
    "estimate_interval": _INTERVAL,
    "risk_interval": _INTERVAL,
    "ratio_interval": _INTERVAL,
    "counts": ("first", "second"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a cell: what it is, and how it is printed."""

    role: Role
    value: Number | None
    text: str


def cell_parts(cell: Cell, numbers: Numbers) -> tuple[Part, ...]:
    """Every number of a cell with its text; none of a cell of words."""
    if cell.format == "text":
        return ()
    printed = _printer(cell, numbers)
    return tuple(
        Part(role, value, printed(place, value))
        for place, (role, value) in enumerate(zip(ROLES[cell.format], cell.values, strict=True))
    )


def _printer(cell: Cell, numbers: Numbers) -> Callable[[int, Number | None], str]:
    """How the number at a place of the cell is printed."""
    places = cell.decimals
    match cell.format:
        case "integer" | "counts":
            return lambda _, value: numbers.estimate(value, 0)
        case "p_value":
            return lambda _, value: numbers.p_value(value)
        case "percent":
            return lambda _, value: numbers.percent(value, places)
        case "risk" | "risk_limits" | "risk_interval":
            return lambda _, value: numbers.risk(value, places)
        case "ratio_limits" | "ratio_interval":
            return lambda _, value: numbers.ratio(value, places)
        case "count_percent":
            count = cell.values[0] or 0
            return lambda place, value: (
                numbers.percent_of(int(count), value) if place else numbers.estimate(value, 0)
            )
        case _:
            return lambda _, value: numbers.estimate(value, places)
