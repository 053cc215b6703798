"""A table before anything in it is understood: texts in rows and columns, title and notes apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table as texts.

    `number` is the line of the file. `indent` is how far the first cell is set in. `loose`
    says that empty cells left no trace, so that the cells after the first have yet to be
    given their columns.
    """

    number: int
    cells: tuple[str, ...]
    indent: int = 0
    loose: bool = False

    @property
    def label(self) -> str:
        """The first cell."""
        return self.cells[0] if self.cells else ""

    @property
    def filled(self) -> int:
        """Number of cells that hold something."""
        return sum(bool(cell) for cell in self.cells)

    @property
    def text(self) -> str:
        """All cells in one text."""
        return " ".join(cell for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class Grid:
    """One table: what stands above it, its heading lines, its rows, and what stands below."""

    title: str
    heads: tuple[Line, ...]
    body: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Columns of the widest line."""
        placed = [line for line in self.body if not line.loose]
        return max(len(line.cells) for line in (*self.heads, *placed))
