"""Some stretches of the rows of columns, as columns of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from vertebrisk._types import IntArray
from vertebrisk.engines.columns import Columns, Values

SKIPPED = 256  # rows that are sooner read than passed over


@dataclass(frozen=True, eq=False)
class Stretches:
    """Rows of columns without those between some stretches.

    Attributes
    ----------
    columns : Columns
    parts : tuple of slice
        Rows that are kept, each from a start to a stop; ascending, none of them empty.
    """

    columns: Columns
    parts: tuple[slice, ...]

    @cached_property
    def _ends(self) -> IntArray:
        """How many rows each stretch and those before it hold."""
        return np.cumsum([part.stop - part.start for part in self.parts], dtype=np.int64)

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._ends[-1]) if self.parts else 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.columns.names

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns."""
        low, high, _ = rows.indices(self.size)
        read = [self._together(parts, names) for parts in _near(self._between(low, high))]
        if len(read) == 1:
            return read[0]
        return {name: np.concatenate([each[name] for each in read]) for name in names}

    def _between(self, low: int, high: int) -> list[slice]:
        """What the stretches have of some rows, where these lie in the columns."""
        first = int(np.searchsorted(self._ends, low, side="right"))
        last = int(np.searchsorted(self._ends, high, side="left"))
        found = []
        for place in range(first, min(last + 1, len(self.parts))):
            part, end = self.parts[place], int(self._ends[place])
            start = part.stop - min(end - low, part.stop - part.start)
            found.append(slice(start, part.stop - max(end - high, 0)))
        return found or [slice(0, 0)]

    def _together(self, parts: Sequence[slice], names: Sequence[str]) -> dict[str, Values]:
        """Rows of stretches that lie near each other, read at once."""
        first = parts[0].start
        values = self.columns.read(slice(first, parts[-1].stop), names)
        if len(parts) == 1:
            return values
        kept = np.concatenate([np.arange(part.start, part.stop) for part in parts]) - first
        return {name: each[kept] for name, each in values.items()}


def _near(parts: Sequence[slice]) -> list[list[slice]]:
    """Stretches in groups, between which more rows lie than are worth reading."""
    found = [[parts[0]]]
    for before, part in pairwise(parts):
        if part.start - before.stop <= SKIPPED + before.stop - before.start:
            found[-1].append(part)
        else:
            found.append([part])
    return found
