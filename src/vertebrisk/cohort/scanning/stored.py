"""A column as plain numbers, and back to the column that it was.

Numbers, dates and spans are floats with NaN where missing; texts and levels are codes of
their labels and truths are 0 or 1, with -1 where missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk.engines.columns import Values
from vertebrisk.errors import DataError

MOST_LABELS = 32_767
WHOLE_LIMIT = 2**53  # whole numbers beyond it are not floats


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """How one column of a table lies in `Columns`.

    Attributes
    ----------
    name : str
    dtype : polars type
        Of the column as `read_table` gives it.
    labels : tuple of str
        Of the codes 0, 1, ...; empty for anything but texts and levels.
    """

    name: str
    dtype: pl.DataType
    labels: tuple[str, ...] = ()

    @property
    def coded(self) -> bool:
        """True where the numbers are codes, with -1 for missing."""
        return self.dtype in (pl.String, pl.Boolean) or isinstance(self.dtype, pl.Enum)

    @property
    def kind(self) -> np.dtype[np.generic]:
        """Type of the numbers."""
        if not self.coded:
            return np.dtype(np.float64)
        return np.dtype(np.int8 if len(self.labels) <= 127 else np.int16)

    def numbers(self, series: pl.Series) -> Values:
        """The plain numbers of some rows of this column."""
        if self.dtype == pl.Boolean:
            return series.cast(pl.Int8).fill_null(-1).to_numpy()
        if self.coded:
            if series.dtype != self.dtype:
                series = series.cast(pl.String)
            codes = series.cast(pl.Enum(self.labels)).to_physical().cast(pl.Int32)
            return codes.fill_null(-1).to_numpy().astype(self.kind)
        if self.dtype in (pl.Date, pl.Datetime):
            series = series.cast(pl.Datetime("us"))
        if self.dtype.is_temporal():
            series = series.to_physical()
        elif series.dtype == pl.Int64:
            self._check_exact(series)
        return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()

    def series(self, numbers: Values) -> pl.Series:
        """The column that these numbers stand for; missing values are null."""
        if self.coded:
            codes = pl.Series(self.name, numbers.astype(np.int32))
            codes = codes.set(codes < 0, None)
            if self.dtype == pl.Boolean:
                return codes.cast(pl.Boolean)
            return pl.Series(self.name, self.labels, dtype=self.dtype).gather(codes)
        values = pl.Series(self.name, numbers).fill_nan(None)
        if self.dtype.is_temporal():
            whole = values.cast(pl.Int64)
            return (
                whole.cast(pl.Datetime("us")).cast(self.dtype)
                if self.dtype == pl.Date
                else (whole.cast(self.dtype))
            )
        return values.cast(self.dtype)

    def _check_exact(self, whole: pl.Series) -> None:
        if is_beyond_floats(whole):
            raise DataError(
                f"Column '{self.name}' holds whole numbers of more than 15 digits. Keep them as "
                "text in the file, or leave the column out."
            )


def is_beyond_floats(whole: pl.Series) -> bool:
    """Whether a column holds whole numbers that a float does not."""
    numbers = whole.drop_nulls().to_numpy()
    if numbers.size == 0:
        return False
    return max(abs(int(numbers.min())), abs(int(numbers.max()))) > WHOLE_LIMIT


def texts_of(column: pl.Series) -> tuple[str, ...]:
    """The texts that occur in a column, in alphabetical order."""
    return tuple(column.drop_nulls().unique().sort().to_list())


def stored_column(column: pl.Series) -> StoredColumn:
    """How a whole column in memory is to be stored."""
    dtype = column.dtype
    if isinstance(dtype, pl.Enum):
        return StoredColumn(column.name, dtype, tuple(dtype.categories))
    return StoredColumn(column.name, dtype, texts_of(column) if dtype == pl.String else ())
