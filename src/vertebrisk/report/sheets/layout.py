"""Where the numbers of a table stand on its sheet: a column of the table may take up to three.

A cell of mean and SD needs two columns, an estimate with its limits three. The numbers of a
column stand below each other by what they are: the middle of a summary first, then its SD, its
percentage or its lower limit, then its upper limit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vertebrisk._types import Language
from vertebrisk.report.tables.parts import ROLES, Role
from vertebrisk.report.tables.table import Column, TableSpec
from vertebrisk.report.words import Words

SLOTS: Final[Mapping[Role, int]] = {
    "value": 0,
    "mean": 0,
    "median": 0,
    "count": 0,
    "estimate": 0,
    "first": 0,
    "sd": 1,
    "percent": 1,
    "low": 1,
    "q1": 1,
    "second": 1,
    "high": 2,
    "q3": 2,
}
LONGEST_NAME = 31
# Beyond the signs that Excel refuses, letters that it counts as two.
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Lane:
    """The columns of the sheet that one column of the table takes.

    `slots` are those of its numbers that any cell has, `names` what stands above each, empty
    for a lane of one column; `start` is its first column on the sheet.
    """

    column: Column
    start: int
    slots: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """Columns of the sheet."""
        return len(self.slots)

    def place(self, role: Role) -> int:
        """The column of the sheet for a number of this role."""
        return self.start + self.slots.index(SLOTS[role])


def lanes_of(table: TableSpec, words: Words) -> tuple[Lane, ...]:
    """The lanes of a table's columns, from left to right."""
    lanes: list[Lane] = []
    for place, column in enumerate(table.columns):
        roles = [role for row in table.rows for role in ROLES[row.cells[place].format]]
        slots = tuple(sorted({SLOTS[role] for role in roles})) or (0,)
        names = _names(column, slots, roles, words) if len(slots) > 1 else ()
        start = lanes[-1].start + lanes[-1].width if lanes else 0
        lanes.append(Lane(column, start, slots, names))
    return tuple(lanes)


def _names(
    column: Column, slots: Sequence[int], roles: Sequence[Role], words: Words
) -> tuple[str, ...]:
    """What stands above each column of a lane; all that it is where rows differ."""
    if set(roles) == {"first", "second"}:
        first, slash, second = column.label.partition("/")
        if slash:
            return first.strip(), second.strip()
    names = []
    for slot in slots:
        own = [role for role in dict.fromkeys(roles) if SLOTS[role] == slot]
        telling = [role for role in own if role != "value"] or own
        names.append(" / ".join(words(f"part.{role}") for role in telling))
    return tuple(names)


def sheet_names(
    tables: Sequence[TableSpec], language: Language = "en", taken: Sequence[str] = ()
) -> tuple[str, ...]:
    """A name for each table's sheet that Excel takes: short, unlike any other, without its signs.

    In English the table's key, which never changes, in Chinese the beginning of its caption;
    `taken` are the names of other sheets.
    """
    seen = {name.casefold() for name in taken}
    names = []
    for place, table in enumerate(tables, start=1):
        name = table.caption if language == "zh" else table.key
        plain = _FORBIDDEN.sub("_", f"{table.number or place} {name}").strip("' ")
        name, again = plain[:LONGEST_NAME].rstrip("' "), 1
        while name.casefold() in seen:
            again += 1
            end = f"~{again}"
            name = plain[: LONGEST_NAME - len(end)] + end
        seen.add(name.casefold())
        names.append(name)
    return tuple(names)
