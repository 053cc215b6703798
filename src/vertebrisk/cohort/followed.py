"""Scores over visits and readings of two readers, as a cohort carries them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.protocol.followup import Agreement, Followup
from vertebrisk.text.plurals import agreeing, counted, in_rows


@dataclass(frozen=True, slots=True, eq=False)
class FollowupScores:
    """One score of the eligible patients whom its table keeps.

    `matrix` is patients by visits, NaN where missing; `group` the group of each patient,
    null where not known, None where the table names no group.
    """

    table: Followup
    matrix: FloatArray
    group: pl.Series | None


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What two readers took of one variable of the eligible rows.

    `frame` has the two columns; `levels` are those of a categorical variable in their order.
    """

    table: Agreement
    frame: pl.DataFrame
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """All tables [[followup]] and [[agreement]], and what was noticed while reading them."""

    scores: tuple[FollowupScores, ...] = ()
    readings: tuple[Readings, ...] = ()
    findings: list[Finding] = field(default_factory=list)


def numbers_in(column: pl.Series, rows: IntArray, file: str, where: str) -> FloatArray:
    """Numbers of a column, NaN where missing; `rows` are the positions of its cells.

    Raises
    ------
    DataError
        A cell holds something that is no number.
    """
    texts = column.cast(pl.String) if isinstance(column.dtype, pl.Enum) else column
    countable = texts.dtype.is_numeric() or texts.dtype in (pl.String, pl.Null)
    values = texts.cast(pl.Float64, strict=False) if countable else None
    bad = column.is_not_null() if values is None else values.is_null() & column.is_not_null()
    if values is None or bad.any():
        places = tuple(int(row) for row in rows[bad.to_numpy()])
        raise DataError(
            f"{where}: column '{column.name}' of '{file}' holds {counted(len(places), 'cell')} "
            f"that {agreeing(len(places), 'is', 'are')} no number ({in_rows(places)}). Correct "
            f"{agreeing(len(places), 'it', 'them')}, or leave the cell empty."
        )
    return np.asarray(values.fill_null(float("nan")).to_numpy(), dtype=np.float64)
