"""What each column seems to be: the draft from which a person writes the codebook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

from vertebrisk._types import Json
from vertebrisk.cohort.reading.table_file import TableFile

ColumnKind = Literal[
    "numeric", "categorical", "boolean", "date", "identifier", "text", "empty", "constant"
]
_MAX_LEVELS = 12
_MIN_DISTINCT_IDS = 5
_ID_NAME = re.compile(
    r"(^|[_\W])(id|no|nr|number|mrn|patient|name|record|case)($|[_\W0-9])|_id$|id$"
    r"|编号|序号|住院号|病历号|病案号|门诊号|登记号|姓名|身份证|患者",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column of a file, described.

    `minimum`, `maximum`, `q01` and `q99` are given for numeric columns, `levels` for
    categorical ones and for whole numbers of few values; `q01` and `q99` are R's type 7.
    """

    name: str
    label: str
    kind: ColumnKind
    levels: tuple[str, ...]
    n_missing: int
    minimum: float | None
    maximum: float | None
    q01: float | None
    q99: float | None
    n_distinct: int
    whole_numbers: bool

    def to_dict(self) -> Json:
        """JSON form; levels of categorical columns only, never texts or identifiers."""
        return {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "levels": list(self.levels),
            "n_missing": self.n_missing,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "q01": self.q01,
            "q99": self.q99,
            "n_distinct": self.n_distinct,
            "whole_numbers": self.whole_numbers,
        }


def profile(file: TableFile) -> tuple[ColumnProfile, ...]:
    """Describe every column of a file, in file order.

    A column is an identifier when it holds texts without spaces that all differ, or when its
    name says so and its texts or whole numbers hardly repeat; categorical when it is an
    Enum, or a text of at most 12 values that repeat.
    """
    first = file.codebook.unique("column", keep="first", maintain_order=True)
    labels = dict(zip(first["column"], first["label"], strict=True))
    return tuple(_profile(column, labels.get(column.name, "")) for column in file.frame)


def _profile(column: pl.Series, label: str) -> ColumnProfile:
    values = column.drop_nulls()
    n_distinct = values.n_unique()
    kind = _kind(values, n_distinct)
    is_number = column.dtype.is_numeric() and not values.is_empty()
    whole = is_number and _is_whole(values)
    low = high = q01 = q99 = None
    if is_number and kind != "identifier":
        numbers = values.cast(pl.Float64)
        low, high, q01, q99 = (
            numbers.quantile(p, interpolation="linear") for p in (0.0, 1.0, 0.01, 0.99)
        )
    return ColumnProfile(
        name=column.name,
        label=label,
        kind=kind,
        levels=_levels(values, kind, whole, n_distinct),
        n_missing=column.null_count(),
        minimum=low,
        maximum=high,
        q01=q01,
        q99=q99,
        n_distinct=n_distinct,
        whole_numbers=whole,
    )


def _is_whole(values: pl.Series) -> bool:
    if not values.dtype.is_numeric():
        return False
    return values.dtype.is_integer() or bool((values == values.floor()).all())


def _kind(values: pl.Series, n_distinct: int) -> ColumnKind:
    dtype = values.dtype
    if values.is_empty():
        return "empty"
    distinct_ids = n_distinct == values.len() and n_distinct >= _MIN_DISTINCT_IDS
    named_id = _ID_NAME.search(values.name) is not None
    if dtype == pl.String:
        coded = distinct_ids and not values.str.contains(r"\s|.{33}").any()
        if coded or (named_id and (distinct_ids or n_distinct > _MAX_LEVELS)):
            return "identifier"
    if named_id and _is_whole(values) and 2 * n_distinct > values.len() >= _MIN_DISTINCT_IDS:
        return "identifier"
    if n_distinct == 1:
        return "constant"
    if dtype == pl.Boolean or (
        dtype.is_numeric() and values.cast(pl.Float64).is_in([0.0, 1.0]).all()
    ):
        return "boolean"
    if dtype.is_numeric():
        return "numeric"
    if dtype in (pl.Date, pl.Datetime):
        return "date"
    if isinstance(dtype, pl.Enum):
        return "categorical"
    repeats = n_distinct <= _MAX_LEVELS and 2 * n_distinct <= values.len() + 2
    return "categorical" if repeats else "text"


def _levels(values: pl.Series, kind: ColumnKind, whole: bool, n_distinct: int) -> tuple[str, ...]:
    if isinstance(values.dtype, pl.Enum):
        return tuple(str(level) for level in values.dtype.categories)
    if kind in ("identifier", "text", "date", "empty"):
        return ()
    if values.dtype == pl.String or (whole and n_distinct <= _MAX_LEVELS):
        return tuple(str(value).removesuffix(".0") for value in values.unique().sort())
    return ()
