"""Which test compares a variable between groups, and its result with a note."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import get_args

import numpy as np

from vertebrisk._types import FloatArray, IntArray, TestName
from vertebrisk.comparison.results import Summary, TestResult
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.fisher import fisher_p_value
from vertebrisk.kernels.grouptests import (
    NUMERIC_TESTS,
    TWO_GROUP_TESTS,
    BatchTest,
    expected_counts,
    level_tables,
    run_test,
    tables_test,
)
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

_NOT_ALLOWED = say("the table does not allow it")
SMALL_EXPECTED = 5.0  # below this the chi-square approximation gives way to Fisher's test
_STATISTIC: dict[TestName, str] = {
    "student": "t",
    "welch": "t",
    "mannwhitney": "W",
    "anova": "F",
    "kruskal": "H",
    "pearson": "chi2",
    "yates": "chi2",
    "trend": "chi2",
    "fisher": "",
}


def check_test(name: str) -> TestName:
    """`name` as a test's name, or ArgumentError with those allowed."""
    for known in get_args(TestName):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise ArgumentError(f"There is no test '{name}'; allowed are {', '.join(get_args(TestName))}.")


def choose_numeric(summary: Summary, n_groups: int, wanted: Sequence[TestName]) -> TestName:
    """Test of a numeric variable: the first of `wanted` that suits it, or the default.

    By default Welch's t for means of two groups and one-way ANOVA of more, Mann-Whitney
    and Kruskal-Wallis for medians.
    """
    for test in wanted:
        if test in NUMERIC_TESTS and (n_groups == 2 or test not in TWO_GROUP_TESTS):
            return test
    if summary == "median_iqr":
        return "mannwhitney" if n_groups == 2 else "kruskal"
    return "welch" if n_groups == 2 else "anova"


def choose_categorical(wanted: Sequence[TestName], table: FloatArray) -> TestName:
    """Test of a table (levels, groups): the first of `wanted` that suits it, or the default.

    By default Pearson's chi-square without continuity correction, and Fisher's exact test
    where a count below 5 is expected. A trend needs two groups or two levels.
    """
    for test in wanted:
        if test not in NUMERIC_TESTS and (test != "trend" or 2 in table.shape):
            return test
    return "fisher" if small_expected(table) else "pearson"


def small_expected(table: FloatArray) -> int:
    """How many cells of the table's occurring rows and columns expect a count below 5."""
    occupied = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return int((expected_counts(occupied) < SMALL_EXPECTED).sum()) if occupied.size else 0


def numeric_result(test: TestName, values: FloatArray, groups: IntArray, n: int) -> TestResult:
    """Test of values, shape (n,), without missing ones, between `n` groups."""
    sizes = np.bincount(groups, minlength=n)
    finite = bool(np.isfinite(values).all())
    constant = values.size > 0 and bool(values.min() == values.max())
    return judged_numeric(test, sizes, finite, constant, lambda: run_test(test, values, groups))


def judged_numeric(
    test: TestName, sizes: IntArray, finite: bool, constant: bool, run: Callable[[], BatchTest]
) -> TestResult:
    """Test of values that are finite, and all one or not, in groups of these sizes."""
    if not finite:
        return _no_result(test, say("there are infinite values"))
    if (sizes > 0).sum() < 2:
        return _no_result(test, say("fewer than two groups have values"))
    if constant:
        return _no_result(test, say("all values are equal"))
    if test == "welch" and sizes.min() < 2:
        return _no_result(test, say("a group has a single value"))
    left_out = int((sizes == 0).sum())
    note = say(
        "{groups} without values {are} left out",
        groups=counted(left_out, "group"),
        are=agreeing(left_out, "is", "are"),
    )
    failure = say("the values do not vary within the groups")
    return _result(test, run(), note if left_out else "", failure)


def categorical_result(test: TestName, table: FloatArray) -> TestResult:
    """Test of a table of counts, shape (levels, groups)."""
    levels, groups = (np.flatnonzero(table.sum(axis=axis) > 0) for axis in (1, 0))
    if groups.size < 2:
        return _no_result(test, say("fewer than two groups have values"))
    if levels.size < 2:
        return _no_result(test, say("only one level occurs"))
    counts = table[None, : levels[-1] + 1, : groups[-1] + 1]
    small = small_expected(table)
    caution = say(
        "{expected_counts} {are} below 5",
        expected_counts=counted(small, "expected count"),
        are=agreeing(small, "is", "are"),
    )
    if test == "fisher":
        p = fisher_p_value(table)
        if p is not None:
            return TestResult("fisher", "", None, None, None, p)
        note = say(
            "Fisher's exact test is too large to compute here; Pearson instead, {caution}",
            caution=caution,
        )
        return _result("pearson", tables_test("pearson", counts), note)
    return _result(test, tables_test(test, counts), caution if small and test != "trend" else "")


def cross_table(codes: IntArray, groups: IntArray, shape: tuple[int, int]) -> FloatArray:
    """Counts of levels by groups, shape (levels, groups)."""
    table = np.zeros(shape)
    if codes.size:
        part = level_tables(codes, groups, np.ones((1, codes.size)))[0]
        table[: part.shape[0], : part.shape[1]] = part
    return table


def _no_result(test: TestName, reason: str) -> TestResult:
    return TestResult(
        test, _STATISTIC[test], None, None, None, None, say("Not computed: {reason}", reason=reason)
    )


def _result(
    test: TestName,
    outcome: BatchTest,
    note: str,
    failure: str = _NOT_ALLOWED,
) -> TestResult:
    numbers = [
        float(part[0]) for part in (outcome.statistic, outcome.df, outcome.df2, outcome.p_value)
    ]
    statistic, df, df2, p = (number if math.isfinite(number) else None for number in numbers)
    if p is None:
        return _no_result(test, failure)
    return TestResult(test, _STATISTIC[test], statistic, df, df2, p, note)
