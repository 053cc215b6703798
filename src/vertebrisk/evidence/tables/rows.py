"""The rows of a table with their cells by column: what is a heading, what stands below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.tables.cells import is_empty
from vertebrisk.evidence.tables.grids import Grid, Line
from vertebrisk.evidence.tables.headings import Heading
from vertebrisk.evidence.tables.remarks import unreadable
from vertebrisk.findings import Finding


@dataclass(slots=True)
class Sheet:
    """One table with the meaning of its columns; findings gather here while it is read."""

    place: str
    grid: Grid
    headings: tuple[Heading, ...]
    findings: list[Finding] = field(default_factory=list)

    def cell(self, line: Line, heading: Heading) -> str:
        """What stands there; empty where nothing does, or a dash."""
        cell = line.cells[heading.place] if heading.place < len(line.cells) else ""
        return "" if is_empty(cell) else cell

    def level(self, line: Line) -> str:
        """What the column of levels holds, if there is one."""
        found = [each for each in self.headings if each.role == "level"]
        return self.cell(line, found[0]) if found else ""

    def read(
        self, line: Line, heading: Heading, reader: Callable[[str], Printed | None]
    ) -> Printed | None:
        """The number of one cell; a finding where there is a text and no number."""
        cell = self.cell(line, heading)
        value = reader(cell) if cell else None
        if cell and value is None:
            self.unreadable(line, heading)
        return value

    def unreadable(self, line: Line, heading: Heading) -> None:
        """Say that a cell could not be read."""
        cell = line.cells[heading.place]
        name = heading.text or heading.over
        self.findings.append(unreadable(self.place, line.number, line.label, name, cell))

    @property
    def indented(self) -> bool:
        """True if some rows are set in."""
        return len({line.indent for line in self.grid.body if line.label}) > 1


def filled(sheet: Sheet, line: Line, headings: Sequence[Heading]) -> bool:
    """True if any of these columns holds something in the line."""
    return any(sheet.cell(line, heading) for heading in headings)
