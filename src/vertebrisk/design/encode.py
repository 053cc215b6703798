"""A table's columns as the numbers that a design works with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.design import Design, Predictor
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Codes of every predictor, and why some of them are not numbers.

    `codes` are NaN where the value is missing or not usable; `unusable` marks, by
    predictor, values that are there but are no level of it, or no number.
    """

    codes: dict[str, FloatArray]
    unusable: dict[str, BoolArray]


def encode(design: Design, frame: pl.DataFrame) -> Encoded:
    """Codes of a frame's rows.

    Raises
    ------
    DataError
        When a column that the design reads is not in the frame.
    """
    frame = _with_derived(design, frame)
    lacking = [name for name in design.variables if name not in frame.columns]
    if lacking:
        raise DataError(
            f"The model needs {listed(lacking)}, which the data do not have; their columns are "
            f"{listed(frame.columns)}.{nearest(lacking[0], frame.columns)}"
        )
    codes: dict[str, FloatArray] = {}
    unusable: dict[str, BoolArray] = {}
    for predictor in design.predictors:
        column = _without_missing(predictor, frame[predictor.name])
        values = _levels(predictor, column) if predictor.categorical else _numbers(column)
        codes[predictor.name] = values
        unusable[predictor.name] = np.isnan(values) & ~column.is_null().to_numpy()
    return Encoded(codes, unusable)


def _with_derived(design: Design, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with those derived predictors that it does not hold already."""
    for predictor in design.predictors:
        if predictor.derive and predictor.name not in frame.columns:
            values = Expression.parse(predictor.derive).values(frame)
            frame = frame.with_columns(values.alias(predictor.name))
    return frame


def _without_missing(predictor: Predictor, column: pl.Series) -> pl.Series:
    """The column with the codes that mean missing taken as such."""
    if not predictor.missing:
        return column
    texts = texts_of(column)
    return column.set(texts.is_in(list(predictor.missing)).fill_null(value=False), None)


def _numbers(column: pl.Series) -> FloatArray:
    dtype = column.dtype
    if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)):
        column = column.cast(pl.String) if not dtype.is_temporal() else column.clear(len(column))
    values = column.cast(pl.Float64, strict=False).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def texts_of(column: pl.Series) -> pl.Series:
    """Values as text; whole floats as whole numbers."""
    if not column.dtype.is_float():
        return column.cast(pl.String)
    whole = column.cast(pl.Int64, strict=False)
    return pl.select(
        pl.when(whole.cast(pl.Float64) == column)
        .then(whole.cast(pl.String))
        .otherwise(column.cast(pl.String))
    ).to_series()


def _levels(predictor: Predictor, column: pl.Series) -> FloatArray:
    texts = texts_of(column)
    position = {level: float(index) for index, level in enumerate(predictor.levels)}
    for code, level in predictor.codes:
        if level in position:
            position.setdefault(code, position[level])
    found = texts.replace_strict(position, default=None, return_dtype=pl.Float64)
    return found.to_numpy().astype(np.float64)
