"""Tables of SPSS, whose first column numbers the steps of a selection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from vertebrisk.evidence.tables.grids import Grid, Line

_STEP = re.compile(r"(?:step|block|步骤|块)\s*\d+\s*[a-z]?", re.IGNORECASE)


def by_step(grid: Grid) -> Iterator[Grid]:
    """One table a step, without the column of steps; any other table as it is."""
    steps = [line for line in grid.body if _STEP.fullmatch(line.label)]
    named = [line for line in grid.body if line.label and line.filled > 1]
    if not steps or len(named) != len(steps):
        yield grid
        return
    heads = tuple(_without_first(line) for line in grid.heads)
    starts = [grid.body.index(line) for line in steps]
    for start, stop in zip(starts, [*starts[1:], len(grid.body)], strict=True):
        body = tuple(_without_first(line) for line in grid.body[start:stop])
        title = grid.title if len(starts) == 1 else f"{grid.title} {grid.body[start].label}".strip()
        yield replace(grid, title=title, heads=heads, body=body)


def _without_first(line: Line) -> Line:
    return replace(line, cells=line.cells[1:] or ("",))
