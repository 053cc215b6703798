"""`table_one`: the comparison of groups in one call on a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from vertebrisk._checks import nearest
from vertebrisk._frames import as_polars
from vertebrisk._types import IntArray, TestName
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.comparison.coding import MAX_GROUPS
from vertebrisk.comparison.groups import compare_groups
from vertebrisk.comparison.specs import VariableSpec
from vertebrisk.comparison.testing import check_test
from vertebrisk.errors import ArgumentError


def table_one(
    data: object,
    by: str,
    variables: Sequence[str | VariableSpec] | None = None,
    tests: str | Sequence[str] | Mapping[str, str] | None = None,
    sets: str | None = None,
) -> pl.DataFrame:
    """Compare groups of patients over several variables (Table 1 of a paper).

    Parameters
    ----------
    data : polars, pandas or pyarrow table, dict of columns, or PatientScan
        One row a patient. Null and NaN are missing: counted by group, never used. A scan (see
        `scan_table`) may be larger than memory: the numbers are the same, to rounding.
    by : str
        Column of the groups, two or more. False, 0 or the first level of an Enum is the
        first group; texts are sorted. Patients without a group take no part.
    variables : sequence of str or VariableSpec, optional
        What to compare. By default every other column of numbers or truth values, every
        Enum, and texts of at most 20 different values. Numbers that are all 0 or 1 count
        as two levels; a `VariableSpec` says otherwise, or asks for median and quartiles.
    tests : str, sequence of str, or mapping, optional
        Names of tests (``student, welch, mannwhitney, anova, kruskal, pearson, yates,
        fisher, trend``): for all variables that they suit, or, as a mapping, by variable.
        Defaults as in `compare_groups`.
    sets : str, optional
        Column that names matched sets of cases, the second group, and controls: every
        variable is then compared inside the sets by the score test of a conditional logistic
        model (McNemar's without continuity correction for pairs and two levels).

    Returns
    -------
    polars.DataFrame
        One row per variable, level and group, the rows ``overall`` included; columns
        ``variable, level, group, n, missing, count, percent, mean, sd, median, q1, q3,
        minimum, maximum, test, statistic_name, statistic, df, df2, p_value, smd, summary,
        label, level_label, group_label, unit, note``, as `comparison_frame` explains.

    Raises
    ------
    ArgumentError
        When a column or test is unknown, does not suit, or there are fewer than two groups.
    DataError
        When a column is neither numbers nor labels.

    Examples
    --------
    >>> frame = table_one(
    ...     {"pain": [0, 0, 0, 1, 1, 1], "age": [61, 70, 66, 75, 80, 79]}, by="pain"
    ... )
    >>> frame.filter(group="1")["mean"].to_list()
    [78.0]
    """
    frame = data if isinstance(data, PatientScan) else as_polars(data)
    matched = _set_codes(frame, sets)
    if matched is not None and tests:
        raise ArgumentError("Inside matched sets there is one test; leave 'tests' out.")
    named = _usable_columns(frame, by) if variables is None else variables
    named = [each for each in named if each != sets]
    specs = [VariableSpec(each) if isinstance(each, str) else each for each in named]
    if isinstance(tests, Mapping):
        own = {name: check_test(test) for name, test in tests.items()}
        known = [spec.name for spec in specs]
        for name in own:
            if name not in known:
                raise ArgumentError(
                    f"tests names '{name}', which is not compared.{nearest(name, known)}"
                )
        specs = [replace(spec, test=own.get(spec.name, spec.test)) for spec in specs]
        return compare_groups(frame, by, specs, sets=matched).frame()
    names = [tests] if isinstance(tests, str) else tests or []
    wanted: list[TestName] = [check_test(name) for name in names]
    return compare_groups(frame, by, specs, tests=wanted, sets=matched).frame()


def _set_codes(frame: pl.DataFrame | PatientScan, name: str | None) -> IntArray | None:
    """Codes of the matched sets from 0, -1 where the set is missing."""
    if name is None:
        return None
    if isinstance(frame, PatientScan):
        raise ArgumentError(
            "A scan is not compared inside matched sets. Read the patients by read_table for them."
        )
    if name not in frame.columns:
        raise ArgumentError(f"There is no column '{name}'.{nearest(name, frame.columns)}")
    ranks = frame[name].cast(pl.String).rank("dense").cast(pl.Int64)
    return np.asarray(ranks.fill_null(0).to_numpy() - 1, dtype=np.int64)


def _usable_columns(frame: pl.DataFrame | PatientScan, by: str) -> list[str]:
    if isinstance(frame, PatientScan):
        kinds = {each.name: (each.dtype, len(each.labels)) for each in frame.stored.values()}
    else:
        kinds = {
            each.name: (each.dtype, each.n_unique() if each.dtype == pl.String else 0)
            for each in frame.iter_columns()
        }
    return [name for name, kind in kinds.items() if name != by and _usable(*kind)]


def _usable(dtype: pl.DataType, texts: int) -> bool:
    if dtype == pl.String:
        return texts <= MAX_GROUPS
    return dtype.is_numeric() or dtype == pl.Boolean or isinstance(dtype, pl.Enum)
