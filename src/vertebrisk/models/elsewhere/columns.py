"""What a chain of scikit-learn transformers makes of columns, as long as it stays linear.

Each column that reaches the estimator is a number of a patient, scaled and shifted, or an
indicator of a level, scaled and shifted; anything else has no portable model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.design.design import level_text
from vertebrisk.errors import ModelError


@dataclass(frozen=True, slots=True)
class LinearColumn:
    """``scale * x + shift``, where x is a variable or the indicator of one of its levels."""

    variable: str
    level: str | None = None
    scale: float = 1.0
    shift: float = 0.0

    def moved(self, centre: float, spread: float) -> LinearColumn:
        """The column less `centre`, over `spread`."""
        return replace(self, scale=self.scale / spread, shift=(self.shift - centre) / spread)


@dataclass(frozen=True, slots=True)
class Transformed:
    """Columns after a transformer, and the levels of every variable that has been encoded."""

    columns: tuple[LinearColumn, ...]
    levels: dict[str, tuple[str, ...]]


def through(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    """What a fitted transformer makes of columns.

    Raises
    ------
    ModelError
        For a transformer that is not known here, or not linear.
    """
    if transformer is None or transformer == "passthrough":
        return Transformed(tuple(columns), {})
    name = type(transformer).__name__
    known = _KNOWN.get(name)
    if known is None:
        raise ModelError(f"The step {name} has no portable form; known are {', '.join(_KNOWN)}.")
    return known(transformer, columns)


def _pipeline(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    levels: dict[str, tuple[str, ...]] = {}
    for _, step in transformer.steps:
        made = through(step, columns)
        columns, levels = made.columns, {**levels, **made.levels}
    return Transformed(tuple(columns), levels)


def _column_transformer(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    made: list[LinearColumn] = []
    levels: dict[str, tuple[str, ...]] = {}
    for _, step, chosen in transformer.transformers_:
        own = [columns[place] for place in _places(chosen, columns)]
        if isinstance(step, str) and step == "drop":
            continue
        part = through(step, own)
        made += part.columns
        levels |= part.levels
    return Transformed(tuple(made), levels)


def _places(chosen: Any, columns: Sequence[LinearColumn]) -> list[int]:
    """Positions of the columns that a part of a ColumnTransformer takes."""
    if callable(chosen):
        raise ModelError("A ColumnTransformer with a callable selector must be fitted before.")
    if isinstance(chosen, slice):
        if isinstance(chosen.start, str) or isinstance(chosen.stop, str):
            raise ModelError(
                "A ColumnTransformer that takes slices of names is not read; list them."
            )
        return list(range(len(columns)))[chosen]
    picked = [chosen] if isinstance(chosen, str | int) else list(chosen)
    if picked and all(isinstance(each, bool | np.bool_) for each in picked):
        return [place for place, taken in enumerate(picked) if taken]
    names = [each.variable for each in columns]
    return [names.index(each) if isinstance(each, str) else int(each) for each in picked]


def _standard(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    size = len(columns)
    centre = transformer.mean_ if transformer.with_mean else np.zeros(size)
    spread = transformer.scale_ if transformer.with_std else np.ones(size)
    return _moved(columns, centre, spread)


def _min_max(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    if transformer.clip:
        raise ModelError("A MinMaxScaler with clip=True is not linear, so it has no portable form.")
    return _moved(columns, -transformer.min_ / transformer.scale_, 1.0 / transformer.scale_)


def _max_abs(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    return _moved(columns, np.zeros(len(columns)), transformer.scale_)


def _robust(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    size = len(columns)
    centre = transformer.center_ if transformer.with_centering else np.zeros(size)
    spread = transformer.scale_ if transformer.with_scaling else np.ones(size)
    return _moved(columns, centre, spread)


def _moved(columns: Sequence[LinearColumn], centre: FloatArray, spread: FloatArray) -> Transformed:
    moved = (
        column.moved(float(a), float(b))
        for column, a, b in zip(columns, centre, spread, strict=True)
    )
    return Transformed(tuple(moved), {})


def _imputer(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    """The model asks for what is missing; nothing is filled in behind a patient's back."""
    if transformer.add_indicator:
        raise ModelError(
            "A SimpleImputer with add_indicator=True makes a predictor of a value's absence, "
            "which a portable model does not have."
        )
    if any(isinstance(each, float) and np.isnan(each) for each in transformer.statistics_):
        raise ModelError("A SimpleImputer dropped a column that had no values; leave it out.")
    return Transformed(tuple(columns), {})


def _function(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    if transformer.func is not None:
        raise ModelError(
            "A FunctionTransformer applies code of its own, which a portable model does not hold; "
            "derive the column beforehand."
        )
    return Transformed(tuple(columns), {})


def _one_hot(transformer: Any, columns: Sequence[LinearColumn]) -> Transformed:
    if getattr(transformer, "_infrequent_enabled", False):
        raise ModelError("A OneHotEncoder that groups rare levels is not read; group them before.")
    made: list[LinearColumn] = []
    levels: dict[str, tuple[str, ...]] = {}
    dropped = transformer.drop_idx_
    for place, column in enumerate(columns):
        if column.level is not None or (column.scale, column.shift) != (1.0, 0.0):
            raise ModelError(f"'{column.variable}' was transformed before it was one-hot encoded.")
        texts = tuple(level_text(each) for each in transformer.categories_[place])
        levels[column.variable] = texts
        made += [
            LinearColumn(column.variable, text)
            for position, text in enumerate(texts)
            if dropped is None or dropped[place] is None or position != dropped[place]
        ]
    return Transformed(tuple(made), levels)


_KNOWN: dict[str, Callable[[Any, Sequence[LinearColumn]], Transformed]] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "MaxAbsScaler": _max_abs,
    "RobustScaler": _robust,
    "SimpleImputer": _imputer,
    "FunctionTransformer": _function,
    "OneHotEncoder": _one_hot,
}
