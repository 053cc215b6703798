"""What one pass over the patients tells of every variable of Table 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.comparison.streamed.grouping import Grouping
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.quantiles import Groups
from vertebrisk.kernels.streamed.describing import (
    Distinct,
    GroupMoments,
    added_distinct,
    added_moments,
    distinct_values,
    group_moments,
    level_counts,
)

MOST_LEVELS = 1000  # different numbers that are counted as levels


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be found of one column.

    Attributes
    ----------
    column : str
    levels : int or None
        Codes 0, 1, ... to be counted.
    moments, distinct : bool
        Whether moments are to be found, and the different values to be counted.
    """

    column: str
    levels: int | None = None
    moments: bool = False
    distinct: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Sums of one column by groups; None is what was not asked for.

    Attributes
    ----------
    counts : int array, shape (levels + 1, groups)
        The last row is the missing.
    moments : GroupMoments
    distinct : Distinct
    """

    counts: IntArray | None = None
    moments: GroupMoments | None = None
    distinct: Distinct | None = None


Found: TypeAlias = dict[Asked, Material]


def material_of(engine: Engine, grouping: Grouping, asked: Sequence[Asked]) -> Found:
    """All that is asked for, in one pass."""
    columns, groups = grouping.columns, grouping.groups
    wanted = tuple(dict.fromkeys(asked))
    names = list(dict.fromkeys([groups.column, *(each.column for each in wanted)]))
    work = partial(_material, wanted=wanted, groups=groups)
    return engine.reduce(columns, names, work, _together, "variables")


def _material(chunk: Chunk, wanted: Sequence[Asked], groups: Groups) -> Found:
    members = chunk.values[groups.column]
    return {each: _sums(each, chunk.values[each.column], members, groups) for each in wanted}


def _sums(asked: Asked, values: FloatArray, members: IntArray, groups: Groups) -> Material:
    count = groups.count
    return Material(
        level_counts(values, members, asked.levels, count) if asked.levels is not None else None,
        group_moments(values, members, count) if asked.moments else None,
        distinct_values(values, members, count, MOST_LEVELS + 1) if asked.distinct else None,
    )


def _together(one: Found, other: Found) -> Found:
    return {asked: _added(material, other[asked]) for asked, material in one.items()}


def _added(one: Material, other: Material) -> Material:
    counts, moments, distinct = one.counts, one.moments, one.distinct
    if counts is not None and other.counts is not None:
        counts = np.add(counts, other.counts)
    if moments is not None and other.moments is not None:
        moments = added_moments(moments, other.moments)
    if distinct is not None and other.distinct is not None:
        distinct = added_distinct(distinct, other.distinct, MOST_LEVELS + 1)
    return Material(counts, moments, distinct)
