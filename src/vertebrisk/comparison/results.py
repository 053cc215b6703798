"""Values that a group comparison is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from vertebrisk._types import Json, TestName

ComparedBy = TestName | Literal["conditional"]
Summary = Literal["mean_sd", "median_iqr", "count"]


@dataclass(frozen=True, slots=True)
class TestResult:
    """A test of no difference between the groups.

    `statistic_name` is "t", "F", "chi2", "W" (Mann-Whitney, as R's wilcox.test), "H",
    "z", or "" where the test has none (Fisher). `df` is None where there is none; `df2`
    is the denominator's for F. `p_value` is None when the test cannot be computed, and
    `note` then says why. "conditional" is the score test of a conditional logistic model
    of matched sets.
    """

    test: ComparedBy
    statistic_name: str
    statistic: float | None
    df: float | None
    df2: float | None
    p_value: float | None
    note: str = ""

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class NumericSummary:
    """A numeric variable in one group; missing values are counted, never filled in."""

    n: int
    missing: int
    mean: float | None
    sd: float | None
    median: float | None
    q1: float | None
    q3: float | None
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class LevelCount:
    """One level of a categorical variable in one group; `percent` is of those not missing."""

    count: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level across the groups: cells follow the order of `Comparison.groups`."""

    level: str
    label: str
    overall: LevelCount
    cells: tuple[LevelCount, ...]


@dataclass(frozen=True, slots=True)
class ComparedVariable:
    """One variable of Table 1.

    For a numeric variable `cells` holds one `NumericSummary` a group and `levels` is
    empty; for a categorical one it is the other way round. `missing` counts missing
    values by group. `smd` is the standardised mean difference between two groups
    (Yang and Dalton's for more than two levels), None with more than two groups.
    """

    variable: str
    label: str
    unit: str
    summary: Summary
    overall: NumericSummary | None
    cells: tuple[NumericSummary, ...]
    levels: tuple[LevelRow, ...]
    missing: tuple[int, ...]
    test: TestResult
    smd: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """One column of Table 1."""

    value: str
    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of groups over a list of variables (Table 1).

    `frame()` gives the rows with numbers as numbers; `to_dict()` the JSON form.
    `ungrouped` counts patients whose group is missing; they take no part.
    """

    by: str
    groups: tuple[Group, ...]
    variables: tuple[ComparedVariable, ...]
    ungrouped: int = 0

    def frame(self) -> pl.DataFrame:
        """Long frame: one row per variable, level and group, numbers as numbers."""
        from vertebrisk.comparison.frames import comparison_frame

        return comparison_frame(self)

    def to_dict(self) -> Json:
        """JSON form."""
        from vertebrisk.comparison.frames import comparison_dict

        return comparison_dict(self)
