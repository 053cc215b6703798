"""What the checks of a cohort need to know of its variables, counted piece by piece."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class VariableTally:
    """Counts of one variable over some rows; those of pieces add up.

    Attributes
    ----------
    dtype : polars type
        Enum or Float64.
    rows, missing : int
    counts : int array
        Rows of each level; empty for numbers.
    mean, squares, low, high : float
        Of numbers: their mean, the sum of squared distances from it, and their range.
    """

    dtype: pl.DataType
    rows: int
    missing: int
    counts: IntArray
    mean: float = 0.0
    squares: float = 0.0
    low: float = np.inf
    high: float = -np.inf

    @classmethod
    def of(cls, column: pl.Series) -> VariableTally:
        """Those of a prepared column."""
        values = column.drop_nulls()
        missing = len(column) - len(values)
        if isinstance(column.dtype, pl.Enum):
            codes = values.to_physical().to_numpy()
            counts = np.bincount(codes, minlength=len(column.dtype.categories)).astype(np.int64)
            return cls(column.dtype, len(column), missing, counts)
        numbers = values.to_numpy()
        none = np.zeros(0, dtype=np.int64)
        if not numbers.size:
            return cls(column.dtype, len(column), missing, none)
        mean = float(numbers.mean())
        return cls(
            dtype=column.dtype,
            rows=len(column),
            missing=missing,
            counts=none,
            mean=mean,
            squares=float(np.square(numbers - mean).sum()),
            low=float(numbers.min()),
            high=float(numbers.max()),
        )

    def __add__(self, other: VariableTally) -> VariableTally:
        if not self.present or not other.present:
            full = self if self.present else other
            return _with_rows(full, self.rows + other.rows, self.missing + other.missing)
        apart = other.mean - self.mean
        share = other.present / (self.present + other.present)
        return VariableTally(
            dtype=self.dtype,
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            counts=self.counts + other.counts,
            mean=self.mean + apart * share,
            squares=self.squares + other.squares + apart * apart * share * self.present,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
        )

    @property
    def present(self) -> int:
        """Rows in which it is known."""
        return self.rows - self.missing

    @property
    def constant(self) -> bool:
        """Whether at most one value occurs."""
        if self.counts.size:
            return int((self.counts > 0).sum()) <= 1
        return not self.present or self.low == self.high

    @property
    def spread(self) -> float | None:
        """Standard deviation of numbers; None where there are not two."""
        if self.counts.size or self.present < 2:
            return None
        return float(np.sqrt(self.squares / (self.present - 1)))

    def examples(self) -> list[str | float]:
        """Every value of a variable with levels that occurs, twice if it repeats; a range."""
        if isinstance(self.dtype, pl.Enum):
            levels = zip(self.dtype.categories, self.counts, strict=True)
            return [level for level, count in levels for _ in range(min(int(count), 2))]
        return [] if not self.present else list(dict.fromkeys([self.low, self.high]))


def _with_rows(tally: VariableTally, rows: int, missing: int) -> VariableTally:
    return VariableTally(
        tally.dtype,
        rows,
        missing,
        tally.counts,
        tally.mean,
        tally.squares,
        tally.low,
        tally.high,
    )


@dataclass(slots=True)
class Tallies:
    """Takes the prepared rows of a cohort piece by piece."""

    variables: dict[str, VariableTally]

    @classmethod
    def none(cls) -> Tallies:
        """Before any row."""
        return cls({})

    def take(self, frame: pl.DataFrame) -> None:
        """Count some more rows."""
        for column in frame.iter_columns():
            tally = VariableTally.of(column)
            known = self.variables.get(column.name)
            self.variables[column.name] = tally if known is None else known + tally

    @property
    def missing(self) -> dict[str, int]:
        """Missing values of each variable."""
        return {name: each.missing for name, each in self.variables.items()}

    def constant(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Variables of which at most one value occurs."""
        return tuple(name for name in dict.fromkeys(names) if self.variables[name].constant)

    def spreads(self, names: tuple[str, ...]) -> dict[str, float]:
        """Standard deviations of the numbers among these."""
        known = {name: self.variables[name].spread for name in names}
        return {name: spread for name, spread in known.items() if spread is not None}

    def condensed(self) -> pl.DataFrame:
        """A few rows with the levels that occur, those of one row once, and ranges of numbers."""
        examples = {name: each.examples() for name, each in self.variables.items()}
        height = max([1, *(len(each) for each in examples.values())])
        return pl.DataFrame(
            [
                pl.Series(
                    name,
                    [*examples[name], *[None] * (height - len(examples[name]))],
                    dtype=each.dtype,
                )
                for name, each in self.variables.items()
            ]
        )
