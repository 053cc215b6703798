"""How a variable is to be compared, and what is refused, of tables and of scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from vertebrisk._types import FloatArray, IntArray, TestName
from vertebrisk.comparison.coding import is_zero_one
from vertebrisk.comparison.results import (
    ComparedVariable,
    LevelRow,
    Summary,
    TestResult,
)
from vertebrisk.comparison.summaries import (
    level_count,
    smd_categorical,
)
from vertebrisk.comparison.testing import (
    categorical_result,
    choose_categorical,
)
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.kernels.grouptests import NUMERIC_TESTS, TWO_GROUP_TESTS


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """How one variable is to be shown and compared.

    Attributes
    ----------
    name : str
        Column.
    label, unit : str
        For print; the label defaults to the name.
    levels : tuple of str
        Levels of a categorical variable in their order; empty takes them from the column.
    level_labels : mapping
        Label of a level for print; a level defaults to itself.
    summary : {"mean_sd", "median_iqr", "count"} or None
        None chooses: counts for labels, texts, booleans and numbers that are all 0 or 1
        (or where `levels` are given), mean and SD for other numbers.
    test : TestName or None
        The test of this variable; None leaves it to the comparison.
    """

    name: str
    label: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()
    level_labels: Mapping[str, str] = field(default_factory=dict)
    summary: Summary | None = None
    test: TestName | None = None


def is_categorical(series: pl.Series, spec: VariableSpec) -> bool:
    """Whether the variable is shown as counts of levels."""
    stated = stated_as_counts(series.dtype, spec)
    return is_zero_one(series) if stated is None else stated


def stated_as_counts(dtype: pl.DataType, spec: VariableSpec) -> bool | None:
    """The same from the type of its column; None where its numbers decide."""
    if spec.summary is not None:
        return spec.summary == "count"
    if spec.levels or not dtype.is_numeric():
        return dtype != pl.Null
    return None


def check_comparable(name: str, dtype: pl.DataType) -> None:
    """Numbers and labels are compared, and nothing else; DataError."""
    if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.String, pl.Categorical, pl.Null)) and (
        not isinstance(dtype, pl.Enum)
    ):
        raise DataError(
            f"Column '{name}' holds values of type {dtype}; numbers or labels are compared. "
            "Derive a number, such as the days since a date."
        )


def compared_levels(
    spec: VariableSpec,
    levels: Sequence[str],
    table: FloatArray,
    missing: IntArray,
    wanted: Sequence[TestName],
    test: TestResult | None = None,
) -> ComparedVariable:
    """A categorical variable from counts (levels, groups) and those missing; its own test first."""
    sizes = table.sum(axis=0)
    rows = tuple(
        LevelRow(
            level=level,
            label=spec.level_labels.get(level, level),
            overall=level_count(int(counts.sum()), int(sizes.sum())),
            cells=tuple(
                level_count(int(count), int(size))
                for count, size in zip(counts, sizes, strict=True)
            ),
        )
        for level, counts in zip(levels, table, strict=True)
    )
    return ComparedVariable(
        variable=spec.name,
        label=spec.label or spec.name,
        unit=spec.unit,
        summary="count",
        overall=None,
        cells=(),
        levels=rows,
        missing=tuple(int(count) for count in missing),
        test=test or categorical_result(choose_categorical(wanted, table), table),
        smd=smd_categorical(table[:, 0], table[:, 1]) if sizes.size == 2 else None,
    )


def check_own_test(spec: VariableSpec, categorical: bool, n_groups: int) -> None:
    """The test that is asked for one variable must suit it; ArgumentError."""
    if spec.test is None:
        return
    if categorical == (spec.test in NUMERIC_TESTS):
        kind = "categorical" if categorical else "numeric"
        allowed = (
            "pearson, yates, fisher, trend" if categorical else ", ".join(sorted(NUMERIC_TESTS))
        )
        raise ArgumentError(
            f"Variable '{spec.name}' is {kind}, which the test '{spec.test}' is not for; "
            f"allowed are {allowed}."
        )
    if n_groups > 2 and spec.test in TWO_GROUP_TESTS:
        raise ArgumentError(
            f"The test '{spec.test}' of variable '{spec.name}' compares two groups; there are "
            f"{n_groups}. Use 'anova' or 'kruskal'."
        )


def no_numbers(name: str) -> DataError:
    """What is said of texts that should be summarised as numbers."""
    return DataError(
        f"Column '{name}' holds texts; its summary needs numbers. "
        "Use summary 'count', or correct the cells."
    )
