"""Rows of a scan as a regression reads them: outcome, codes of the predictors, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.design.design import Design, Predictor, level_text
from vertebrisk.design.rules import Expression
from vertebrisk.engines.columns import Columns
from vertebrisk.engines.engine import Chunk, Engine, Sums, added
from vertebrisk.errors import DataError
from vertebrisk.kernels.streamed.rows import Rows


@dataclass(frozen=True, slots=True, eq=False)
class ScannedOutcome:
    """The outcome of the rows of a chunk.

    Attributes
    ----------
    rule : Expression
        True for the event.
    stored : mapping of str to StoredColumn
        The columns that it reads.
    """

    rule: Expression
    stored: Mapping[str, StoredColumn]

    @classmethod
    def of(cls, scan: PatientScan, rule: Expression) -> ScannedOutcome:
        """Of a scan, whose columns must be there."""
        scan.check_names(rule.names)
        return cls(rule, {name: scan.stored[name] for name in rule.names})

    def of_chunk(self, chunk: Chunk) -> FloatArray:
        """1 for the event, 0 for none, NaN where it is not known."""
        frame = pl.DataFrame(
            [each.series(chunk.values[name]) for name, each in self.stored.items()]
        )
        return self.rule.rule(frame).cast(pl.Float64).fill_null(float("nan")).to_numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """How the stored numbers of a column become those of a predictor.

    Attributes
    ----------
    name : str
    codes : array or None
        Of a column of codes: the number of each code, and NaN for a missing one.
    values : array or None
        Of a column of numbers that are levels: these in ascending order; `codes` has theirs.
    """

    name: str
    codes: FloatArray | None = None
    values: FloatArray | None = None

    @classmethod
    def of(cls, stored: StoredColumn, predictor: Predictor) -> Coded:
        """Of a predictor's column."""
        if not predictor.categorical:
            return cls(stored.name)
        place = {level: float(each) for each, level in enumerate(predictor.levels)}
        if stored.coded:
            own = [place.get(text, np.nan) for text in texts_of_codes(stored)]
            return cls(stored.name, np.array([*own, np.nan]))
        values = np.sort(np.array([float(level) for level in predictor.levels]))
        own = [place[level_text(float(value))] for value in values]
        return cls(stored.name, np.array([*own, np.nan]), values)

    def of_chunk(self, chunk: Chunk) -> FloatArray:
        """The predictor's numbers; NaN where missing."""
        numbers = chunk.values[self.name]
        if self.codes is None:
            return np.asarray(numbers, dtype=np.float64)
        if self.values is None:
            return self.codes[numbers]
        at = np.minimum(np.searchsorted(self.values, numbers), self.values.size - 1)
        return self.codes[np.where(self.values[at] == numbers, at, self.values.size)]


def texts_of_codes(stored: StoredColumn) -> tuple[str, ...]:
    """The level of each code of a stored column."""
    return ("false", "true") if stored.dtype == pl.Boolean else stored.labels


@dataclass(frozen=True, slots=True, eq=False)
class ScannedRows:
    """The rows of a chunk for a regression; see `Rows`.

    Attributes
    ----------
    design : Design
    coded : tuple of Coded
    outcome : ScannedOutcome
    """

    design: Design
    coded: tuple[Coded, ...]
    outcome: ScannedOutcome

    @classmethod
    def of(cls, scan: PatientScan, design: Design, outcome: ScannedOutcome) -> ScannedRows:
        """Of a scan."""
        coded = tuple(Coded.of(scan.stored[each.name], each) for each in design.predictors)
        return cls(design, coded, outcome)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that are read."""
        return tuple(dict.fromkeys([*self.outcome.stored, *(each.name for each in self.coded)]))

    def __call__(self, chunk: Chunk) -> Rows:
        """The rows of a chunk."""
        codes = {each.name: each.of_chunk(chunk) for each in self.coded}
        columns = [column for term in self.design.terms for column in term.columns(codes).T]
        return Rows(tuple(columns), self.outcome.of_chunk(chunk))


@dataclass(frozen=True, slots=True, eq=False)
class Complete:
    """Which rows of a chunk have the outcome and all of some columns.

    Attributes
    ----------
    outcome : ScannedOutcome
    stored : mapping of str to StoredColumn
        Columns without which a row is left out.
    """

    outcome: ScannedOutcome
    stored: Mapping[str, StoredColumn]

    @classmethod
    def of(cls, scan: PatientScan, outcome: ScannedOutcome, names: Sequence[str]) -> Complete:
        """Of a scan, whose columns must be there and hold no dates."""
        scan.check_names(names)
        for name in names:
            if scan.stored[name].dtype.is_temporal():
                raise DataError(
                    f"'{name}' holds dates or times; derive a number from it, such as the days "
                    "between two dates."
                )
        return cls(outcome, {name: scan.stored[name] for name in names})

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that are read."""
        return tuple(dict.fromkeys([*self.outcome.stored, *self.stored]))

    def of_chunk(self, chunk: Chunk) -> BoolArray:
        """True where the row is used."""
        known = ~np.isnan(self.outcome.of_chunk(chunk))
        for name, each in self.stored.items():
            numbers = chunk.values[name]
            known &= numbers >= 0 if each.coded else ~np.isnan(numbers)
        return np.asarray(known)

    def counted(self, engine: Engine, columns: Columns) -> tuple[int, int]:
        """One pass: how many rows are used, and how many of them have the event."""
        if columns.size == 0:
            return 0, 0
        size, events = engine.reduce(columns, self.names, self._counted, added, "patients")
        return int(size), round(float(events))

    def _counted(self, chunk: Chunk) -> Sums:
        used = self.of_chunk(chunk)
        return np.asarray(used.sum()), np.asarray(self.outcome.of_chunk(chunk)[used].sum())
