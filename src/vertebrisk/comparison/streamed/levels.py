"""Categorical variables of patients that are read in pieces: counts of levels by groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.comparison.specs import VariableSpec, stated_as_counts
from vertebrisk.comparison.streamed.grouping import codes_text, values_text
from vertebrisk.comparison.streamed.material import MOST_LEVELS, Material
from vertebrisk.engines.columns import Values
from vertebrisk.engines.engine import Chunk
from vertebrisk.errors import DataError

SHOWN = 8  # rows that a message names


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Levels with their counts (levels, groups), and how many are missing by group."""

    names: tuple[str, ...]
    table: FloatArray
    missing: IntArray


def levels_of(
    scan: PatientScan, spec: VariableSpec, column: StoredColumn, material: Material, sizes: IntArray
) -> Levels | None:
    """Levels of a variable of groups of these sizes; None where it is shown as numbers.

    Raises
    ------
    DataError
        When a value is not among the declared levels, or a column of numbers has too many
        different ones to be levels.
    """
    stated = stated_as_counts(column.dtype, spec)
    if stated is False:
        return None
    if material.moments is not None:
        found = material.moments
        if not found.n.any() or (found.zeros + found.ones < found.n).any():
            return None
        table = np.stack([found.zeros, found.ones]).astype(np.float64)
        return Levels(("0", "1"), table, found.missing)
    if material.counts is not None:
        codes = np.arange(material.counts.shape[0] - 1)
        texts, counts = codes_text(column), material.counts[:-1]
    else:
        assert material.distinct is not None
        codes, counts = material.distinct.values, material.distinct.counts
        if codes.size > MOST_LEVELS:
            raise DataError(
                f"Column '{spec.name}' has more than {MOST_LEVELS:,} different numbers; so many "
                "are no levels. Summarise it as numbers, or group them."
            )
        texts = values_text(column, codes)
    occurring = counts.sum(axis=1) > 0
    known = tuple(spec.levels) or _own_levels(column.dtype, texts, occurring)
    strange = np.array([text not in known for text in texts], dtype=np.bool_) & occurring
    if strange.any():
        raise _strange(scan, spec.name, codes[strange], int(counts[strange].sum()), known)
    place = {level: row for row, level in enumerate(known)}
    table = np.zeros((len(known), sizes.size))
    for text, count in zip(texts, counts, strict=True):
        if text in place:
            table[place[text]] += count
    return Levels(known, table, sizes - table.sum(axis=0).astype(np.int64))


def _own_levels(
    dtype: pl.DataType, texts: Sequence[str], occurring: Sequence[bool]
) -> tuple[str, ...]:
    """Levels in the order of `code_levels`."""
    if isinstance(dtype, pl.Enum) or dtype == pl.Boolean:
        return tuple(texts)
    found = tuple(text for text, occurs in zip(texts, occurring, strict=True) if occurs)
    return ("0", "1") if dtype.is_numeric() and found and {*found} <= {"0", "1"} else found


def _strange(
    scan: PatientScan, name: str, values: Values, count: int, known: Sequence[str]
) -> DataError:
    """Values that are not among the levels: how many, and the rows of the first of them."""
    work = partial(_rows_with, name=name, values=values)
    rows = [row for part in scan.engine.collect(scan.columns, (name,), work) for row in part]
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return DataError(
        f"Column '{name}' has {count} values that are not among its levels "
        f"(rows {', '.join(map(str, rows[:SHOWN]))}{more}). Its levels are {listed(known)}; "
        "correct the values or add the level."
    )


def _rows_with(chunk: Chunk, name: str, values: Values) -> list[int]:
    found = np.flatnonzero(np.isin(chunk.values[name], values))
    return [int(chunk.first + row + 1) for row in found[:SHOWN]]
