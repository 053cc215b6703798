"""Columns that are made from others whenever they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vertebrisk.engines.columns import Columns, Values


@dataclass(frozen=True, slots=True)
class Made:
    """How a column is made.

    Attributes
    ----------
    sources : tuple of str
        Columns that are read for it.
    make : callable
        From these, by name, the column; row by row.
    """

    sources: tuple[str, ...]
    make: Callable[[Mapping[str, Values]], Values]


@dataclass(frozen=True, slots=True, eq=False)
class DerivedColumns:
    """Columns, and others made from them; a made one hides another of its name.

    Attributes
    ----------
    columns : Columns
    made : mapping of str to Made
    """

    columns: Columns
    made: Mapping[str, Made]

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.columns.size

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(dict.fromkeys([*self.columns.names, *self.made]))

    def read(self, rows: slice, names: Sequence[str]) -> dict[str, Values]:
        """The rows from `rows.start` to `rows.stop` of the named columns; a source is read once."""
        needed = [
            source
            for name in names
            for source in (self.made[name].sources if name in self.made else (name,))
        ]
        values = self.columns.read(rows, list(dict.fromkeys(needed)))
        return {
            name: self.made[name].make(values) if name in self.made else values[name]
            for name in names
        }
