"""Columns as codes of levels: groups and categorical variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import IntArray
from vertebrisk.design.design import level_text
from vertebrisk.errors import ArgumentError, DataError

MAX_GROUPS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A categorical column: position of each value in `levels`, -1 where it is missing."""

    codes: IntArray
    levels: tuple[str, ...]


def code_levels(series: pl.Series, levels: Sequence[str] = ()) -> Coded:
    """Codes of a column of labels, booleans or whole numbers.

    Parameters
    ----------
    series : polars Series, shape (n,)
        The values; null is missing.
    levels : sequence of str
        Declared levels in their order. Without them an Enum keeps its own, booleans are
        false before true, numbers ascend and texts are sorted.

    Raises
    ------
    DataError
        When a value is not among the declared levels.
    """
    known = tuple(levels) or _own_levels(series)
    place = {level: code for code, level in enumerate(known)}
    distinct = series.unique().drop_nulls().to_list()
    strange = {value for value in distinct if level_text(value) not in place}
    if strange:
        rows = [row for row, value in enumerate(series.to_list(), 1) if value in strange]
        raise DataError(
            f"Column '{series.name}' has {len(rows)} values that are not among its levels "
            f"(rows {listed(rows)}). Its levels are {listed(known)}; correct the values or add "
            "the level."
        )
    codes = {value: place[level_text(value)] for value in distinct}
    return Coded(
        np.array([codes.get(value, -1) for value in series.to_list()], dtype=np.int64), known
    )


def code_groups(series: pl.Series) -> Coded:
    """Codes of the groups to compare, those that occur alone, in the order of `code_levels`.

    Raises
    ------
    ArgumentError
        When the column does not make two groups or more, or makes too many.
    """
    check_few_groups(series.name, series.n_unique() - (series.null_count() > 0))
    coded = code_levels(series)
    occurring = np.unique(coded.codes[coded.codes >= 0])
    check_several_groups(series.name, occurring.size)
    lookup = np.full(len(coded.levels) + 1, -1, dtype=np.int64)
    lookup[occurring] = np.arange(occurring.size)
    return Coded(lookup[coded.codes], tuple(coded.levels[code] for code in occurring))


def check_few_groups(name: str, distinct: int, *, counted: bool = True) -> None:
    """At most 20 groups are compared; not `counted` is what is that many at least."""
    if distinct > MAX_GROUPS:
        found = str(distinct) if counted else f"more than {MAX_GROUPS}"
        raise ArgumentError(
            f"Column '{name}' has {found} different values; at most {MAX_GROUPS} groups are "
            "compared. Group by a categorical column."
        )


def check_several_groups(name: str, groups: int) -> None:
    """Two groups or more are compared."""
    if groups < 2:
        raise ArgumentError(f"Column '{name}' makes {groups} group; two or more are compared.")


def as_column(values: object, name: str, size: int) -> pl.Series:
    """Labels of every patient as a column without missing values."""
    column = as_polars({name: values})[name]
    if len(column) != size:
        raise ArgumentError(f"{name} has {len(column)} values where {size} are needed.")
    if column.null_count():
        raise ArgumentError(
            f"{name} has {column.null_count()} missing values; leave those patients out."
        )
    return column


def is_zero_one(series: pl.Series) -> bool:
    """True for a column of numbers, not all missing, that are all 0 or 1."""
    if not series.dtype.is_numeric() or series.null_count() == len(series):
        return False
    return bool(((series == 0) | (series == 1)).drop_nulls().all())


def _own_levels(series: pl.Series) -> tuple[str, ...]:
    if isinstance(series.dtype, pl.Enum):
        return tuple(series.dtype.categories.to_list())
    if series.dtype == pl.Boolean:
        return (level_text(False), level_text(True))
    if is_zero_one(series):
        return ("0", "1")
    return tuple(level_text(value) for value in series.drop_nulls().unique().sort().to_list())
