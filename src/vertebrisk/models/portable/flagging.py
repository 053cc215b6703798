"""Remarks on rows of a table, kept as one text for all rows that share them."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray

MISSING, AVERAGED = "missing: ", "averaged over: "  # before the name of an input


class Flags:
    """Remarks on every row, in the order in which they were made.

    Rows with the same remarks share a text, so that a million rows take no list each.
    """

    __slots__ = ("_of", "_texts")

    def __init__(self, size: int) -> None:
        self._of = np.zeros(size, dtype=np.intp)
        self._texts = [""]

    def mark(self, where: BoolArray, text: str) -> None:
        """Add a remark to some rows."""
        marked = self._of[where]
        if not marked.size:
            return
        place = np.arange(len(self._texts))
        for before in np.flatnonzero(np.bincount(marked)):
            place[before] = len(self._texts)
            said = self._texts[before]
            self._texts.append(f"{said}; {text}" if said else text)
        self._of[where] = place[marked]

    @property
    def none(self) -> BoolArray:
        """Rows without a remark."""
        return np.asarray(self._of == 0)

    def column(self) -> pl.Series:
        """The remarks of every row, joined by "; "."""
        return pl.Series(self._texts, dtype=pl.String).gather(self._of)
