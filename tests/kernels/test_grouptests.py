"""Tests of groups against R, and resamples against repeated rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import factorial, prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk._types import FloatArray, IntArray, TestName
from vertebrisk.kernels.distributions import (
    chi2_upper,
    f_upper,
    normal_quantile,
    normal_two_sided,
    normal_upper,
    t_two_sided,
    wilcoxon_two_sided,
    wilson_interval,
)
from vertebrisk.kernels.fisher import fisher_p_value
from vertebrisk.kernels.grouptests import batch_p_values, batch_test, level_tables, run_test

RTOL = 1e-9  # closed forms on both sides; far-tail p values lose a few digits in R's own algorithms
FISHER_RTOL = 1e-7  # FEXACT joins path lengths nearer than 3.5e-7, so its own digits end there
REFERENCE = loader.load("tests")
close: Callable[..., None] = assert_allclose  # also takes None, and fails on it
NUMERIC: tuple[TestName, ...] = ("student", "welch", "anova", "mannwhitney", "kruskal")
CATEGORICAL: tuple[TestName, ...] = ("pearson", "yates", "fisher", "trend")


def case_id(case: dict[str, Any]) -> str:
    return f"{case['data']}-{case['column']}-{case['group']}"


def table_rows(table: list[list[int]]) -> tuple[IntArray, IntArray]:
    counts = np.asarray(table)
    level, group = np.indices(counts.shape).reshape(2, -1)
    return np.repeat(level, counts.ravel()), np.repeat(group, counts.ravel())


def numeric_case(case: dict[str, Any]) -> tuple[FloatArray, IntArray]:
    frame = loader.frame(case["data"]).select(case["column"], case["group"]).drop_nulls()
    labels = [str(value) for value in frame[case["group"]].to_list()]
    codes = {str(level): code for code, level in enumerate(case["levels"])}
    groups = np.array([codes[label] for label in labels])
    assert np.bincount(groups).tolist() == case["n"]
    return frame[case["column"]].to_numpy().astype(np.float64), groups


@pytest.mark.parametrize("case", REFERENCE["numeric"], ids=case_id)
def test_numeric_tests_agree_with_r(case: dict[str, Any]) -> None:
    x, groups = numeric_case(case)
    compared = 0
    for test in NUMERIC:
        expected = case.get(test)
        if expected is None:
            continue
        found = run_test(test, x, groups)
        close(found.statistic[0], expected["statistic"], rtol=RTOL)
        # without ties in groups below 50 wilcox.test is exact by default, and so are we
        p = case.get(f"{test}_exact", expected)["p_value"]
        close(found.p_value[0], p, rtol=RTOL)
        df = expected.get("df", [])
        close([found.df[0], found.df2[0]][: len(df)], df, rtol=RTOL)
        compared += 1
    assert compared == (5 if len(case["n"]) == 2 else 2)


@pytest.mark.parametrize("name", sorted(REFERENCE["categorical"]))
def test_categorical_tests_agree_with_r(name: str) -> None:
    case = REFERENCE["categorical"][name]
    codes, groups = table_rows(case["table"])
    assert {"pearson", "fisher"} <= set(case)
    for test in CATEGORICAL:
        if test not in case:
            continue
        found, expected = run_test(test, codes, groups), case[test]
        rtol = FISHER_RTOL if test == "fisher" else RTOL
        close(found.p_value[0], expected["p_value"], rtol=rtol)
        if test != "fisher":
            close(found.statistic[0], expected["statistic"], rtol=RTOL, atol=1e-12)
            close(found.df[0], expected["df"][0])


@pytest.mark.parametrize("case", REFERENCE["wilson"], ids=lambda case: f"{case['successes']}")
def test_wilson_interval_agrees_with_r(case: dict[str, Any]) -> None:
    low, high = wilson_interval(case["successes"], case["n"])
    close([low, high], [case["conf_low"], case["conf_high"]], rtol=RTOL, atol=1e-15)


def test_tails_keep_their_precision() -> None:
    # 2 * pt(-40, 100), pchisq(200, 3, lower = FALSE), pf(5, 2, 30.5, lower = FALSE) of R
    close(t_two_sided(40.0, 100.0), 2.46210760214007e-63, rtol=1e-12)
    close(chi2_upper(200.0, 3), 4.21854110719204e-43, rtol=1e-12)
    close(f_upper(5.0, 2, 30.5), 0.0132398616210305, rtol=1e-12)
    close(normal_two_sided(1.9599639845400545), 0.05, rtol=1e-12)
    close(normal_upper(normal_quantile(0.975)), 0.025, rtol=1e-12)
    assert np.isnan(chi2_upper(1.0, 0))


def test_wilcoxon_distribution_is_that_of_all_arrangements() -> None:
    n1, n2 = 3, 4
    subsets = [s for s in product((0, 1), repeat=n1 + n2) if sum(s) == n1]
    w = np.array([sum(i for i, chosen in enumerate(s) if chosen) - 3 for s in subsets])
    for statistic in range(n1 * n2 + 1):
        tail = min((w <= statistic).mean(), (w >= statistic).mean())
        close(wilcoxon_two_sided(statistic, n1, n2), min(1.0, 2 * tail), rtol=1e-12)


def enumerated_fisher(table: IntArray) -> float:
    """Sum over all tables with the same margins, one by one."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)

    def spreads(total: int, room: tuple[int, ...]) -> list[tuple[int, ...]]:
        return [s for s in product(*(range(r + 1) for r in room)) if sum(s) == total]

    def fill(left: tuple[int, ...], row: int) -> list[int]:
        if row == len(rows):
            return [1]
        return [
            prod(factorial(cell) for cell in spread) * rest
            for spread in spreads(int(rows[row]), left)
            for rest in fill(tuple(a - b for a, b in zip(left, spread, strict=True)), row + 1)
        ]

    products = fill(tuple(int(column) for column in columns), 0)
    observed = prod(factorial(int(cell)) for cell in table.ravel())
    weights = [1 / cells for cells in products]
    chosen = [1 / cells for cells in products if cells >= observed]
    return sum(chosen) / sum(weights)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda rows: st.integers(2, 3).flatmap(
            lambda columns: st.lists(
                st.lists(st.integers(0, 3), min_size=columns, max_size=columns),
                min_size=rows,
                max_size=rows,
            )
        )
    )
)
def test_fisher_is_the_sum_over_all_tables(table: list[list[int]]) -> None:
    counts = np.asarray(table)
    # products of small factorials are exact integers, so only the last digits may differ
    close(fisher_p_value(counts), enumerated_fisher(counts), rtol=1e-10)


def test_fisher_of_a_far_tail_is_summed_directly() -> None:
    # Rows wholly apart. With margins 12, 11, 10 on both sides the diagonal alone is so rare.
    expected = factorial(12) * factorial(11) * factorial(10) / factorial(33)
    p = fisher_p_value(np.diag([12, 11, 10]))
    assert p is not None
    assert p < 1e-14  # one less the rest would leave no digit
    close(p, expected, rtol=1e-10)


def test_fisher_of_a_strong_association_agrees_with_r() -> None:
    # fisher.test(workspace = 2e7) of R 4.2.2; far below what one less the rest could give
    cases = [
        ([[60, 10, 4], [15, 50, 6], [8, 12, 3]], 3.2108700119704e-13),
        ([[150, 90, 10], [60, 110, 20]], 8.049549785975e-09),
        ([[900, 90, 10], [600, 310, 20]], 2.6399510299908e-42),
    ]
    for table, expected in cases:
        close(fisher_p_value(np.array(table)), expected, rtol=FISHER_RTOL)


def test_fisher_does_not_depend_on_order() -> None:
    table = np.array([[14, 3, 1], [2, 9, 4], [5, 5, 12], [1, 0, 2]])
    p = fisher_p_value(table)
    assert p is not None
    # p is 1e-4, one less a sum that is right to 1e-14
    close(fisher_p_value(table.T), p, rtol=1e-8)
    close(fisher_p_value(table[::-1, [2, 0, 1]]), p, rtol=1e-8)


def test_fisher_of_large_sparse_tables_agrees_with_r_and_is_quick() -> None:
    # fisher.test(workspace = 2e8) of R 4.2.2, which takes 4 s and 30 s
    cases = [
        ([[67, 9, 3, 5], [59, 5, 3, 2], [64, 10, 9, 2], [12, 6, 2, 0], [9, 2, 0, 1]], 0.1629431),
        ([[60, 55, 23, 12], [30, 19, 8, 4], [17, 11, 3, 1], [6, 8, 1, 0], [3, 5, 1, 3]], 0.5556295),
    ]
    for table, expected in cases:
        close(fisher_p_value(np.array(table)), expected, rtol=2e-7)  # 7 digits printed
    assert fisher_p_value(np.outer([3, 4], [40, 20, 15, 30, 12, 25, 18, 11])) == 1.0
    assert fisher_p_value(np.full((5, 5), 12)) == 1.0


def test_fisher_says_when_a_table_is_too_large() -> None:
    hard = np.array(REFERENCE["fisher_hard"]["table"]) * 3
    assert fisher_p_value(hard) is None


@st.composite
def numeric_sample(draw: st.DrawFn) -> tuple[FloatArray, IntArray, FloatArray]:
    n = draw(st.integers(4, 14))
    x = draw(st.lists(st.integers(-3, 30), min_size=n, max_size=n))
    groups = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    weights = draw(
        st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=3, max_size=3)
    )
    return np.array(x, dtype=np.float64) / 4, np.array(groups), np.array(weights, dtype=np.float64)


def repeated(
    test: TestName, x: FloatArray | IntArray, groups: IntArray, weights: FloatArray
) -> float:
    times = weights.astype(np.int64)
    rows: Any = np.repeat(x, times)
    return float(run_test(test, rows, np.repeat(groups, times)).p_value[0])


@settings(max_examples=80, deadline=None)
@given(numeric_sample(), st.sampled_from(NUMERIC))
def test_weights_equal_repeated_rows_for_numbers(
    sample: tuple[FloatArray, IntArray, FloatArray], test: TestName
) -> None:
    x, groups, weights = sample
    if test in ("student", "welch", "mannwhitney"):
        groups = np.minimum(groups, 1)
    expected = [repeated(test, x, groups, row) for row in weights]
    # sums of at most 42 values of moderate size: rounding alone, in another order
    close(batch_p_values(test, x, groups, weights), expected, rtol=1e-8, atol=1e-13)


@settings(max_examples=80, deadline=None)
@given(numeric_sample(), st.sampled_from(CATEGORICAL))
def test_weights_equal_repeated_rows_for_levels(
    sample: tuple[FloatArray, IntArray, FloatArray], test: TestName
) -> None:
    x, groups, weights = sample
    codes = (np.abs(x) * 4).astype(np.int64) % 3
    expected = [repeated(test, codes, np.minimum(groups, 1), row) for row in weights]
    found = batch_p_values(test, codes, np.minimum(groups, 1), weights)
    close(found, expected, rtol=1e-9, atol=1e-13)


def test_an_empty_level_falls_away_in_a_resample() -> None:
    codes, groups = table_rows([[5, 9], [4, 6], [8, 2]])
    weights = np.vstack([np.ones(codes.size), codes != 1]).astype(np.float64)
    found = batch_test("pearson", codes, groups, weights)
    assert found.df.tolist() == [2, 1]
    without = run_test("pearson", *table_rows([[5, 9], [8, 2]]))
    close(found.p_value[1], without.p_value[0], rtol=1e-12)
    assert level_tables(codes, groups, weights)[1].tolist() == [[5, 9], [0, 0], [8, 2]]


@pytest.mark.parametrize("test", [*NUMERIC, *CATEGORICAL])
def test_what_cannot_be_computed_is_nan(test: TestName) -> None:
    groups = np.array([0, 0, 1, 1, 1])
    assert np.isnan(run_test(test, np.zeros(5), groups).p_value[0])  # constant
    x = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    weights = np.array([[1.0, 1.0, 0.0, 0.0, 0.0], np.zeros(5)])  # one group, no patient
    assert np.isnan(batch_p_values(test, x, groups, weights)).all()


def test_a_resample_of_equal_values_does_not_vary() -> None:
    x, groups = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.25, 0.0]), np.array([0, 0, 0, 0, 0, 0, 1])
    weights = np.array([[0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 1.0]])  # rounding must not become a variance
    tests: tuple[TestName, ...] = ("student", "welch", "anova")
    for test in tests:
        assert np.isnan(batch_p_values(test, x, groups, weights)).all()


def test_rank_tests_do_not_change_with_a_monotone_scale() -> None:
    rng = np.random.default_rng(3)
    x, groups = rng.normal(size=40).round(1), rng.integers(0, 2, 40)
    for test in ("mannwhitney", "kruskal"):
        close(
            run_test(test, np.exp(x), groups).p_value, run_test(test, x, groups).p_value, rtol=1e-12
        )


def test_t_and_f_of_two_groups_agree_far_from_zero() -> None:
    rng = np.random.default_rng(5)
    x, groups = rng.normal(size=60), rng.integers(0, 2, 60)
    student, anova = run_test("student", x, groups), run_test("anova", x, groups)
    close(student.statistic**2, anova.statistic, rtol=1e-10)
    shifted = run_test("student", x + 1e8, groups)
    # adding 1e8 leaves eight of sixteen digits in the data themselves
    close(shifted.statistic, student.statistic, rtol=1e-6)
