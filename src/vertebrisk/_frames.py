"""Tables of any common library become polars frames with nulls for missing values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk.errors import ArgumentError, DataError

_ACCEPTED = "a polars, pandas or pyarrow table, or a dict of columns"


def as_polars(data: object) -> pl.DataFrame:
    """Polars frame of a table.

    Parameters
    ----------
    data : polars DataFrame or LazyFrame, pandas DataFrame, pyarrow Table, or dict
        A dict maps names to sequences of one length. The index of a pandas frame is
        not a column and is left behind.

    Returns
    -------
    polars.DataFrame
        Integers (Int64), floats (Float64), Boolean, String, Enum, Date, Datetime and
        Duration columns; every missing value, NaN included, is null. A column of Python
        objects of several types becomes a String column of their texts.

    Raises
    ------
    DataError
        When two columns have one name, or a column cannot be a column of such values.
    ArgumentError
        When `data` is nothing of the above.
    """
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        frame = data
    elif isinstance(data, Mapping):
        frame = _from_mapping(data)
    else:
        library = type(data).__module__.partition(".")[0]
        kind = type(data).__name__
        if library == "pandas" and kind == "DataFrame":
            frame = _from_pandas(data)
        elif library == "pyarrow" and kind == "Table":
            frame = _from_arrow(data)
        else:
            raise ArgumentError(f"The table is of type {kind}; {_ACCEPTED} is needed.")
    return pl.DataFrame([plain_column(column) for column in frame.iter_columns()])


def plain_column(column: pl.Series) -> pl.Series:
    """Column in one of the few types that the package uses, NaN as null."""
    dtype = column.dtype
    if dtype.is_float() or dtype.is_decimal():
        numbers = column.cast(pl.Float64)
        least = numbers.to_numpy().min(initial=0.0)  # NaN where any number is
        return numbers.fill_nan(None) if np.isnan(least) else numbers
    if dtype == pl.UInt64 and column.max() is not None and int(column.max()) > 2**63 - 1:  # type: ignore[arg-type]
        return column.cast(pl.Float64)
    if dtype.is_integer():
        return column.cast(pl.Int64)
    if isinstance(dtype, pl.Categorical):
        texts = column.cast(pl.String)
        return texts.cast(pl.Enum(texts.drop_nulls().unique().sort()))
    if isinstance(dtype, pl.Datetime):
        return column.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    if isinstance(dtype, pl.Duration):
        return column.cast(pl.Duration("us"))
    if dtype == pl.Time:
        return column.cast(pl.String)
    if dtype in (pl.Null, pl.Boolean, pl.Date, pl.String) or isinstance(dtype, pl.Enum):
        return column
    raise DataError(
        f"Column '{column.name}' holds values of type {dtype}; each cell must be one number, "
        "text, date, or true or false."
    )


def _check_names(names: list[Any]) -> list[str]:
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise DataError(
            f"Columns are named by something other than a text "
            f"({listed([repr(name) for name in wrong])}). Name columns by texts."
        )
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"More than one column is named {listed(repeated)}. Give each column its own name."
        )
    return names


def _from_mapping(data: Mapping[Any, Any]) -> pl.DataFrame:
    names = _check_names(list(data))
    columns = [_sequence(name, data[name]) for name in names]
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise DataError(
            f"The columns have different lengths ({listed(sorted(lengths))}); one value a row "
            "is needed in each."
        )
    return pl.DataFrame(columns)


def _sequence(name: str, values: Any) -> pl.Series:
    library = type(values).__module__.partition(".")[0]
    if library == "pandas" and hasattr(values, "dtype"):
        return _pandas_column(name, values)
    if isinstance(values, pl.Series):
        return values.alias(name)
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        raise ArgumentError(
            f"Column '{name}' is one {type(values).__name__}; a sequence of values is needed."
        )
    if isinstance(values, np.ndarray):
        if values.ndim != 1:
            raise ArgumentError(f"Column '{name}' has {values.ndim} dimensions; one is needed.")
        if values.dtype != object:
            return _series(name, values)
    return _objects(name, list(values))


def _series(name: str, values: Any, dtype: Any = None) -> pl.Series:
    try:
        return pl.Series(name, values, dtype=dtype)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        raise DataError(
            f"Column '{name}' mixes values of different types. Make them all numbers, all texts "
            "or all dates."
        ) from None


def _objects(name: str, values: list[Any]) -> pl.Series:
    """Python objects of one kind; None, NaN, NaT and pandas' NA are missing."""
    present = [None if _is_missing(value) else value for value in values]
    kinds = {type(value) for value in present if value is not None}
    if not kinds:
        return pl.Series(name, present, dtype=pl.Float64)
    if all(issubclass(kind, bool | np.bool_) for kind in kinds):
        return _series(name, [None if v is None else bool(v) for v in present], pl.Boolean)
    if all(
        issubclass(kind, int | float | np.number) and not issubclass(kind, bool) for kind in kinds
    ):
        whole = all(issubclass(kind, int | np.integer) for kind in kinds)
        number = int if whole else float
        dtype = pl.Int64 if whole else pl.Float64
        return _series(name, [None if v is None else number(v) for v in present], dtype)
    if all(issubclass(kind, str) for kind in kinds):
        return _series(name, [None if v is None else str(v) for v in present], pl.String)
    try:
        return _series(name, present)
    except DataError:
        texts = [None if value is None else str(value) for value in present]
        return pl.Series(name, texts, dtype=pl.String)


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _from_arrow(data: Any) -> pl.DataFrame:
    _check_names(list(data.column_names))
    frame = pl.from_arrow(data)
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


def _from_pandas(data: Any) -> pl.DataFrame:
    names = _check_names(list(data.columns))
    return pl.DataFrame([_pandas_column(name, data.iloc[:, at]) for at, name in enumerate(names)])


def _pandas_column(name: str, column: Any) -> pl.Series:
    """One pandas column, without pyarrow: polars' own conversion needs it, this does not."""
    dtype = column.dtype
    kind = getattr(dtype, "kind", "O")
    missing = np.asarray(column.isna(), dtype=bool)
    if type(dtype).__name__ == "CategoricalDtype":
        labels = [str(label) for label in dtype.categories]
        codes = np.asarray(column.cat.codes)
        texts = [None if code < 0 else labels[code] for code in codes]
        return _series(name, texts, pl.Enum(list(dict.fromkeys(labels))))
    if kind == "M":
        moments = column.dt.tz_localize(None) if getattr(dtype, "tz", None) else column
        return _series(name, moments.to_numpy().astype("datetime64[us]"))
    if kind == "m":
        return _series(name, column.to_numpy().astype("timedelta64[us]"))
    if kind == "b":
        values = column.to_numpy(dtype=bool, na_value=False) if missing.any() else column.to_numpy()
        return _with_missing(_series(name, np.asarray(values, dtype=bool)), missing)
    if kind in "iu":
        values = column.to_numpy(dtype=dtype.name.lower(), na_value=0) if missing.any() else column
        return _with_missing(_series(name, np.asarray(values, dtype=dtype.name.lower())), missing)
    if kind == "f":
        return _with_missing(
            _series(name, column.to_numpy(dtype=np.float64, na_value=np.nan)), missing
        )
    return _objects(name, list(column))


def _with_missing(values: pl.Series, missing: Any) -> pl.Series:
    return values.set(pl.Series(missing), None) if missing.any() else values
