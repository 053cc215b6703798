"""Groups of patients that are read in pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from vertebrisk._checks import nearest
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.cohort.scanning.stored import StoredColumn
from vertebrisk.comparison.coding import MAX_GROUPS, check_few_groups, check_several_groups
from vertebrisk.design.design import level_text
from vertebrisk.engines.columns import Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk
from vertebrisk.engines.quantiles import Groups
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.streamed.describing import (
    Distinct,
    added_distinct,
    distinct_values,
    level_counts,
)


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups that occur, and the columns with one more that tells the group of every row.

    Attributes
    ----------
    columns : DerivedColumns
    groups : Groups
        The column of codes, -1 where a row is in no group, and how many groups there are.
    levels : tuple of str
        Text of each group.
    sizes : tuple of int
        Patients of each group.
    ungrouped : int
        Patients without a group.
    """

    columns: DerivedColumns
    groups: Groups
    levels: tuple[str, ...]
    sizes: tuple[int, ...]
    ungrouped: int


def grouping_of(scan: PatientScan, by: str) -> Grouping:
    """The groups of a column, as `code_groups` finds them in memory; one pass.

    Raises
    ------
    ArgumentError
        When there is no such column, or it does not make two groups or more, or makes too many.
    """
    column = column_of(scan, by)
    if column.coded:
        own = codes_text(column)
        counts = _code_counts(scan, by, len(own))
        occurring = np.flatnonzero(counts)
        lookup = np.full(len(own) + 1, -1, dtype=np.int64)
        lookup[occurring] = np.arange(occurring.size)
        make = partial(_looked_up, name=by, lookup=lookup)
        levels, sizes = tuple(own[code] for code in occurring), counts[occurring]
    else:
        distinct = _different_values(scan, by)
        make = partial(_placed, name=by, values=distinct.values)
        levels, sizes = values_text(column, distinct.values), distinct.counts[:, 0]
    check_few_groups(by, len(levels), counted=column.coded)
    check_several_groups(by, len(levels))
    name = by
    while name in scan.stored:
        name += " group"
    return Grouping(
        DerivedColumns(scan.columns, {name: Made((by,), make)}),
        Groups(name, len(levels)),
        levels,
        tuple(int(size) for size in sizes),
        scan.n_rows - int(sizes.sum()),
    )


def column_of(scan: PatientScan, name: str) -> StoredColumn:
    """How a column lies in the scan; ArgumentError where there is none of that name."""
    if name not in scan.stored:
        raise ArgumentError(f"There is no column '{name}'.{nearest(name, scan.names)}")
    return scan.stored[name]


def codes_text(column: StoredColumn) -> tuple[str, ...]:
    """Text of the codes 0, 1, ... of a coded column."""
    if column.dtype == pl.Boolean:
        return level_text(False), level_text(True)
    return column.labels


def values_text(column: StoredColumn, values: FloatArray) -> tuple[str, ...]:
    """Text of some values of a column of numbers, as it is in memory."""
    return tuple(level_text(value) for value in column.series(values).to_list())


def _code_counts(scan: PatientScan, name: str, levels: int) -> IntArray:
    if scan.n_rows == 0:
        return np.zeros(levels, dtype=np.int64)
    work = partial(_counted_codes, name=name, levels=levels)
    return scan.engine.reduce(scan.columns, (name,), work, _added, "groups")


def _counted_codes(chunk: Chunk, name: str, levels: int) -> IntArray:
    codes = chunk.values[name]
    return level_counts(codes, np.zeros_like(codes), levels, 1)[:-1, 0]


def _added(one: IntArray, other: IntArray) -> IntArray:
    return one + other


def _different_values(scan: PatientScan, name: str) -> Distinct:
    if scan.n_rows == 0:
        return Distinct(np.empty(0), np.empty((0, 1), dtype=np.int64))
    most = MAX_GROUPS + 1
    work = partial(_found_values, name=name, most=most)
    both = partial(added_distinct, most=most)
    found: Distinct = scan.engine.reduce(scan.columns, (name,), work, both, "groups")
    return found


def _found_values(chunk: Chunk, name: str, most: int) -> Distinct:
    values = chunk.values[name]
    return distinct_values(values, np.zeros(values.shape[0], dtype=np.int8), 1, most)


def _looked_up(values: Mapping[str, Values], name: str, lookup: IntArray) -> Values:
    return lookup[values[name]]


def _placed(read: Mapping[str, Values], name: str, values: FloatArray) -> Values:
    numbers = read[name]
    place = np.minimum(np.searchsorted(values, numbers), values.size - 1)
    return np.where(values[place] == numbers, place, -1)
