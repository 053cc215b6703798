"""Centres or dates of the rows that a fit used: given as values, or by the name of a column."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import nearest
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError
from vertebrisk.models.development import Development
from vertebrisk.models.fitted import UsedRows
from vertebrisk.text.plurals import agreeing


class OfRows(Protocol):
    """What is asked of a fit."""

    @property
    def n(self) -> int:
        """Rows that were used."""
        ...

    @property
    def event(self) -> BoolArray:
        """Their outcome."""
        ...

    @property
    def development(self) -> Development:
        """Candidates."""
        ...

    @property
    def rows(self) -> UsedRows | None:
        """Where the rows stand in the table that the fit was made from."""
        ...


def column_of_rows(
    fit: OfRows, given: ArrayLike | str, data: object | None, argument: str, what: str
) -> tuple[pl.Series, str]:
    """One value for each row that a fit used, none missing, and the name of its column.

    Parameters
    ----------
    given : array-like or str
        Values, one for each row that was used, or for each row of the table that the fit was
        made from; or the name of a column of `data`.
    data : frame or None
        That table, its rows in the same order.
    argument, what : str
        What the values are called in messages: ``groups`` and ``the centre``.
    """
    if isinstance(given, str):
        column, name = _named(fit, given, data, argument), given
    else:
        if data is not None:
            raise ArgumentError(
                f"data is given, and {argument} holds values; name a column of data, or leave data "
                "out."
            )
        column, name = as_series(given, argument), ""
        if fit.rows is not None and column.len() == fit.rows.height:
            column = column[fit.rows.positions]
        if column.len() != fit.n:
            raise ArgumentError(_wrong_length(fit, column.len(), argument))
    missing = int(column.null_count())
    if column.dtype.is_float():
        missing += int(column.is_nan().sum())
    if missing:
        raise ArgumentError(
            f"{f'{name!r}' if name else argument} has {missing} missing "
            f"{agreeing(missing, 'value', 'values')} among the {fit.n} rows that were used; give "
            f"{what} of every row, or leave those rows out before fitting."
        )
    return column, name


def as_series(given: ArrayLike, argument: str) -> pl.Series:
    """Values of rows as a series."""
    if isinstance(given, pl.Series):
        return given
    values = np.asarray(given)
    if values.ndim != 1:
        raise ArgumentError(
            f"{argument} has {values.ndim} dimensions; one value a row is needed, or the name of a "
            "column of data."
        )
    if values.dtype.kind == "M":  # as a list these would be counts of nanoseconds
        return pl.Series(values.astype("datetime64[us]"))
    return pl.Series(values.tolist(), strict=False)


def _wrong_length(fit: OfRows, size: int, argument: str) -> str:
    of_table = "" if fit.rows is None else f", or for each of the {fit.rows.height} of its table,"
    return (
        f"{argument} has {size} values; one for each of the {fit.n} rows that were used{of_table} "
        "is needed (rows with missing values are left out of a fit)."
    )


def _named(fit: OfRows, name: str, data: object | None, argument: str) -> pl.Series:
    """The column of the table that the fit was made from, in the rows that were used."""
    if data is None:
        raise ArgumentError(
            f"{argument} names the column '{name}', and a fit keeps no columns but its "
            "predictors; give the table that it was made from as data=."
        )
    frame = as_polars(data)
    if name not in frame.columns:
        raise ArgumentError(
            f"data has no column '{name}', which {argument} names.{nearest(name, frame.columns)}"
        )
    _check_no_predictor(fit.development.design, name, argument)
    if fit.rows is None:
        raise ArgumentError(
            f"The fit does not know which rows of a table it used; give {argument} as values, one "
            f"for each of the {fit.n} rows."
        )
    if frame.height != fit.rows.height or not _same_outcome(fit, fit.rows, frame):
        raise ArgumentError(
            f"data is not the table that the fit was made from, which had {fit.rows.height} rows: "
            f"it has {frame.height}, or other outcomes in them. Give that table, its rows in the "
            "same order."
        )
    return frame[name][fit.rows.positions]


def _check_no_predictor(design: Design, name: str, argument: str) -> None:
    if name in design.variables:
        raise ArgumentError(
            f"'{name}', which {argument} names, is a predictor of the model; a model of other "
            "centres or dates knows no value of it for those left out. Fit without it."
        )


def _same_outcome(fit: OfRows, rows: UsedRows, frame: pl.DataFrame) -> bool:
    """Whether the outcome of the rows is that of the fit: a sorted table is another one."""
    if any(name not in frame.columns for name in rows.outcome.names):
        return False
    event = rows.outcome.rule(frame)[rows.positions]
    same = event.fill_null(value=False).to_numpy().astype(np.bool_)
    return bool(np.array_equal(same, fit.event))
