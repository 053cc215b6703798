"""The comparison of groups over a list of variables: Table 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import nearest
from vertebrisk._types import FloatArray, IntArray, TestName
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.comparison.coding import Coded, code_groups, code_levels
from vertebrisk.comparison.results import (
    ComparedVariable,
    Comparison,
    Group,
    Summary,
)
from vertebrisk.comparison.specs import (
    VariableSpec,
    check_comparable,
    check_own_test,
    compared_levels,
    is_categorical,
    no_numbers,
)
from vertebrisk.comparison.summaries import (
    numeric_summary,
    smd_numeric,
)
from vertebrisk.comparison.testing import (
    choose_numeric,
    cross_table,
    numeric_result,
)
from vertebrisk.errors import ArgumentError


def compare_groups(
    frame: pl.DataFrame | PatientScan,
    by: str | tuple[str, ArrayLike | pl.Series],
    variables: Sequence[VariableSpec],
    *,
    tests: Sequence[TestName] = (),
    group_labels: Mapping[str, str] | None = None,
    sets: IntArray | None = None,
) -> Comparison:
    """Compare groups of patients over several variables, each with its test and SMD.

    Parameters
    ----------
    frame : polars DataFrame, n rows, or PatientScan
        One row a patient; null and NaN are missing. Missing values are counted by group
        and never used. A scan is read a few times from its first row to its last, in memory
        that does not grow with the rows, to the same numbers; columns that are compared by
        ranks are sorted on disk.
    by : str or (name, array of shape (n,))
        The grouping column, or a name with the groups themselves, such as the event.
        False, 0 or the first level is the first group; texts are sorted. Patients
        without a group take no part and are counted in `Comparison.ungrouped`.
    variables : sequence of VariableSpec
        What to compare, in order.
    tests : sequence of TestName
        Tests for all variables: each takes the first that suits it, such as
        ``("student", "pearson")``. A variable's own test goes before. Without one, Welch's
        t for means of two groups and one-way ANOVA of more, Mann-Whitney or
        Kruskal-Wallis for medians, Pearson's chi-square without continuity correction
        and Fisher's exact test where a count below 5 is expected.
    group_labels : mapping, optional
        Label of a group for print; a group defaults to its value.
    sets : int array, shape (n,), optional
        Code from 0 of the matched set of each row, -1 where it is missing. The second of two
        groups are then the cases, and every variable is compared inside the sets by the score
        test of a conditional logistic model; `tests` are not used.

    Returns
    -------
    Comparison
        Tests with a direction are first group less second. A test that cannot be
        computed has no p value and a note that says why.

    Raises
    ------
    ArgumentError
        When a column is absent, the groups are fewer than two, or a variable's own test
        does not suit it, or there are sets and not two groups, or a scan and sets or groups
        that are not a column of it.
    DataError
        When a column is neither numbers nor labels, or a value is not among the levels.
    """
    if isinstance(frame, PatientScan):
        from vertebrisk.comparison.streamed.comparing import compare_scan

        if sets is not None or not isinstance(by, str):
            raise ArgumentError(
                "A scan is compared by one of its columns, without matched sets. Read the "
                "patients by read_table for these."
            )
        return compare_scan(frame, by, variables, tests, group_labels or {})
    name, column = (by, _column(frame, by)) if isinstance(by, str) else (by[0], _given(frame, *by))
    coded = code_groups(column)
    grouped = coded.codes >= 0
    groups = coded.codes[grouped]
    labels = group_labels or {}
    sizes = np.bincount(groups, minlength=len(coded.levels))
    if sets is not None and sizes.size != 2:
        raise ArgumentError(
            f"Matched sets compare cases with controls; '{name}' has {sizes.size} groups."
        )
    matched = None if sets is None else sets[grouped]
    members = frame.filter(pl.Series(grouped))
    return Comparison(
        by=name,
        groups=tuple(
            Group(level, labels.get(level, level), int(size))
            for level, size in zip(coded.levels, sizes, strict=True)
        ),
        variables=tuple(
            _compare_variable(members, spec, groups, len(coded.levels), tests, matched)
            for spec in variables
        ),
        ungrouped=int((~grouped).sum()),
    )


def _compare_variable(
    frame: pl.DataFrame,
    spec: VariableSpec,
    groups: IntArray,
    n: int,
    tests: Sequence[TestName],
    sets: IntArray | None,
) -> ComparedVariable:
    series = _column(frame, spec.name)
    check_comparable(spec.name, series.dtype)
    series = series.fill_nan(None) if series.dtype.is_float() else series
    categorical = is_categorical(series, spec)
    check_own_test(spec, categorical, n)
    wanted = (*((spec.test,) if spec.test else ()), *tests)
    if categorical:
        return _compare_levels(spec, code_levels(series, spec.levels), groups, n, wanted, sets)
    return _compare_values(spec, _values(series), groups, n, wanted, sets)


def _compare_values(
    spec: VariableSpec,
    values: FloatArray,
    groups: IntArray,
    n: int,
    wanted: Sequence[TestName],
    sets: IntArray | None,
) -> ComparedVariable:
    summary: Summary = spec.summary or "mean_sd"
    known = ~np.isnan(values)
    cells = tuple(numeric_summary(values[groups == group]) for group in range(n))
    test = choose_numeric(summary, n, wanted)
    parts = [values[known & (groups == group)] for group in range(n)]
    if sets is None:
        found = numeric_result(test, values[known], groups[known], n)
    else:
        from vertebrisk.comparison.matched import matched_values

        found = matched_values(values, groups, sets)
    return ComparedVariable(
        variable=spec.name,
        label=spec.label or spec.name,
        unit=spec.unit,
        summary=summary,
        overall=numeric_summary(values),
        cells=cells,
        levels=(),
        missing=tuple(cell.missing for cell in cells),
        test=found,
        smd=smd_numeric(parts[0], parts[1]) if n == 2 else None,
    )


def _compare_levels(
    spec: VariableSpec,
    coded: Coded,
    groups: IntArray,
    n: int,
    wanted: Sequence[TestName],
    sets: IntArray | None,
) -> ComparedVariable:
    known = coded.codes >= 0
    table = cross_table(coded.codes[known], groups[known], (len(coded.levels), n))
    missing = np.bincount(groups[~known], minlength=n)
    test = None
    if sets is not None:
        from vertebrisk.comparison.matched import matched_levels

        test = matched_levels(coded.codes, groups, sets)
    return compared_levels(spec, coded.levels, table, missing, wanted, test)


def _values(series: pl.Series) -> FloatArray:
    labelled = isinstance(series.dtype, pl.Enum | pl.Categorical)
    values = (series.cast(pl.String) if labelled else series).cast(pl.Float64, strict=False)
    if values.null_count() > series.null_count():
        raise no_numbers(series.name)
    return np.asarray(values.fill_null(float("nan")).to_numpy(), dtype=np.float64)


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        raise ArgumentError(f"There is no column '{name}'.{nearest(name, frame.columns)}")
    return frame[name]


def _given(frame: pl.DataFrame, name: str, values: ArrayLike | pl.Series) -> pl.Series:
    series = (
        values.alias(name) if isinstance(values, pl.Series) else pl.Series(name, np.asarray(values))
    )
    if len(series) != frame.height:
        raise ArgumentError(
            f"'{name}' has {len(series)} values for {frame.height} patients; one each is needed."
        )
    return series.fill_nan(None) if series.dtype.is_float() else series
