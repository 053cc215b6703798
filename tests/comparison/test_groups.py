"""Table 1: summaries, the choice of tests, effect sizes, and columns that resist."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

from vertebrisk.comparison import ComparedVariable, VariableSpec, compare_groups, table_one
from vertebrisk.errors import ArgumentError, DataError

REFERENCE = loader.load("tests")
close: Callable[..., None] = assert_allclose  # also takes None, and fails on it
RTOL = 1e-9  # closed forms in double precision on both sides
GROUPS = [False, False, False, True, True, True, True]


def compared(values: Any, by: Any = GROUPS, **spec: Any) -> ComparedVariable:
    series = values if isinstance(values, pl.Series) else pl.Series("x", values)
    frame = pl.DataFrame({"x": series, "by": pl.Series(by)})
    return compare_groups(frame, "by", [VariableSpec("x", **spec)]).variables[0]


def case_id(case: dict[str, Any]) -> str:
    return f"{case['data']}-{case['column']}-{case['group']}"


@pytest.mark.parametrize("case", REFERENCE["numeric"], ids=case_id)
def test_numeric_summaries_agree_with_r(case: dict[str, Any]) -> None:
    frame = loader.frame(case["data"]).with_columns(
        pl.col(case["group"]).cast(pl.String).cast(pl.Enum([str(x) for x in case["levels"]]))
    )
    spec = VariableSpec(case["column"], summary="mean_sd")
    variable = compare_groups(frame, case["group"], [spec]).variables[0]
    assert [cell.n for cell in variable.cells] == case["n"]
    if len(case["n"]) > 2:
        assert (variable.test.test, variable.smd) == ("anova", None)
        close(variable.test.p_value, case["anova"]["p_value"], rtol=RTOL)
        return
    assert variable.test.test == "welch"
    close(variable.test.statistic, case["welch"]["statistic"], rtol=RTOL)
    close([cell.mean for cell in variable.cells], case["mean"], rtol=RTOL)
    close([cell.sd for cell in variable.cells], case["sd"], rtol=RTOL)
    close(variable.smd, case["smd"], rtol=RTOL)
    for cell, expected in zip(
        variable.cells, (case["quartiles_first"], case["quartiles_second"]), strict=True
    ):
        close([cell.q1, cell.median, cell.q3], expected, rtol=RTOL)


@pytest.mark.parametrize("name", sorted(REFERENCE["categorical"]))
def test_tables_of_counts_agree_with_r(name: str) -> None:
    case = REFERENCE["categorical"][name]
    table = np.asarray(case["table"])
    level, group = np.indices(table.shape).reshape(2, -1)
    level, group = (np.repeat(codes, table.ravel()) for codes in (level, group))
    levels = tuple(str(i) for i in range(table.shape[0]))
    variable = compared(level, group, levels=levels, summary="count")
    counts = [[cell.count for cell in row.cells] for row in variable.levels]
    assert counts == table.tolist()
    assert variable.test.test == ("fisher" if case["expected_minimum"] < 5 else "pearson")
    # Fisher: FEXACT joins path lengths nearer than 3.5e-7
    close(variable.test.p_value, case[variable.test.test]["p_value"], rtol=1e-7)
    if "smd" in case:
        close(variable.smd, case["smd"], rtol=RTOL, atol=1e-12)
    close(sum(row.overall.percent or 0 for row in variable.levels), 100.0)


def test_defaults_follow_the_summary_and_the_number_of_groups() -> None:
    values = [1.5, 2.0, 3.5, 2.5, 6.0, 4.0, 8.0]
    three = ["a", "a", "b", "b", "b", "c", "c"]
    assert compared(values).test.test == "welch"
    assert compared(values, summary="median_iqr").test.test == "mannwhitney"
    assert compared(values, three).test.test == "anova"
    assert compared(values, three, summary="median_iqr").test.test == "kruskal"


def test_tests_for_all_go_to_the_variables_that_they_suit() -> None:
    frame = pl.DataFrame({"x": [1.5, 2, 3, 4, 6], "s": list("aabba"), "g": [0, 0, 1, 1, 1]})
    specs = [VariableSpec("x"), VariableSpec("s"), VariableSpec("s", test="fisher")]
    found = compare_groups(frame, "g", specs, tests=("student", "yates")).variables
    assert [variable.test.test for variable in found] == ["student", "yates", "fisher"]


def test_first_less_second() -> None:
    variable = compared([1.0, 2.0, 3.0, 11.0, 12.0, 13.0, 14.0])
    assert variable.test.statistic is not None
    assert variable.smd is not None
    assert variable.test.statistic < 0
    assert variable.smd < 0
    assert variable.cells[0].mean == 2.0  # False comes first


@pytest.mark.parametrize(
    ("values", "spec", "reason"),
    [
        ([4.0] * 7, {}, "all values are equal"),
        ([None, None, None, 1.0, 2.0, 3.0, 4.0], {}, "fewer than two groups have values"),
        ([None] * 7, {}, "fewer than two groups have values"),
        ([None, None, 5.0, 1.0, 2.0, 3.0, 4.0], {}, "a group has a single value"),
        ([math.inf, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0], {}, "infinite values"),
        ([1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0], {}, "do not vary within the groups"),
        (["a"] * 7, {}, "only one level occurs"),
        (["a", "b", "a", None, None, None, None], {}, "fewer than two groups have values"),
    ],
)
def test_a_test_that_cannot_be_computed_says_why(
    values: list[Any], spec: dict[str, Any], reason: str
) -> None:
    test = compared(values, **spec).test
    assert test.p_value is None
    assert test.statistic is None
    assert reason in test.note


def test_missing_values_are_counted_by_group_and_never_used() -> None:
    variable = compared([1.0, None, 3.0, 4.0, math.nan, None, 8.0])
    assert variable.missing == (1, 2)
    assert [cell.n for cell in variable.cells] == [2, 2]
    assert variable.cells[1].mean == 6.0
    levels = compared(["a", None, "b", "a", None, None, "a"])
    assert levels.missing == (1, 2)
    assert [cell.percent for cell in levels.levels[0].cells] == [50.0, 100.0]


def test_infinite_values_leave_no_infinite_summary() -> None:
    cell = compared([math.inf, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0]).cells[0]
    assert (cell.mean, cell.sd, cell.maximum, cell.median, cell.minimum) == (None, None, None, 2, 1)


def test_patients_without_a_group_are_counted() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0], "g": ["b", "a", None, "a", "b"]})
    comparison = compare_groups(frame, "g", [VariableSpec("x")], group_labels={"a": "No pain"})
    assert comparison.ungrouped == 1
    assert [(g.value, g.label, g.n) for g in comparison.groups] == [
        ("a", "No pain", 2),
        ("b", "b", 2),
    ]


def test_levels_keep_their_order_and_empty_ones_their_row() -> None:
    grades = pl.Series("x", ["3-4", "0-1", "2", "2", "0-1", "2", "2"])
    enum = grades.cast(pl.Enum(["0-1", "2", "3-4", "none"]))
    variable = compared(enum, level_labels={"2": "Grade 2"})
    assert [row.level for row in variable.levels] == ["0-1", "2", "3-4", "none"]
    assert variable.levels[1].label == "Grade 2"
    assert variable.levels[3].overall.count == 0
    assert [row.level for row in compared(grades).levels] == ["0-1", "2", "3-4"]


def test_truth_values_and_numbers_of_0_and_1_are_two_levels() -> None:
    for values in ([True, False, True, True, False, True, None], [1, 0, 1, 1, 0, 1, None]):
        variable = compared(values)
        assert variable.summary == "count"
        assert [row.level for row in variable.levels] in (["false", "true"], ["0", "1"])
    assert compared([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0], summary="mean_sd").overall is not None


def test_effect_sizes_that_do_not_exist() -> None:
    assert compared([1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]).smd is None  # infinite
    assert compared([3.0] * 7).smd == 0.0
    assert compared(["a", "a", "a", "b", "b", "b", "b"]).smd is None  # no level in common
    assert compared(["a"] * 7).smd == 0.0
    zero_cell = compared(["a", "b", "a", "a", "b", "c", "c"])  # c is empty in the first group
    assert zero_cell.smd is not None


def test_too_large_for_fisher_falls_back_with_a_note() -> None:
    rng = np.random.default_rng(1)
    level, group = rng.integers(0, 9, 3000), rng.integers(0, 6, 3000)
    level[:8] = 9
    frame = pl.DataFrame({"x": level.astype(str), "g": group})
    test = compare_groups(frame, "g", [VariableSpec("x")]).variables[0].test
    assert test.test == "pearson"
    assert test.note.startswith("Fisher's exact test is too large")
    assert test.p_value is not None


def test_messages_teach() -> None:
    frame = pl.DataFrame({"age": [1.5, 2.0, 3.0], "g": [0, 1, 1], "s": ["a", "b", "q"], "one": 1})
    dates = frame.with_columns(pl.Series("day", [1, 2, 3]).cast(pl.Date))
    with pytest.raises(ArgumentError, match=r"no column 'ag'\. Did you mean 'age'"):
        compare_groups(frame, "g", [VariableSpec("ag")])
    with pytest.raises(ArgumentError, match="makes 1 group; two or more"):
        compare_groups(frame, "one", [VariableSpec("age")])
    with pytest.raises(ArgumentError, match="is numeric, which the test 'pearson' is not for"):
        compare_groups(frame, "g", [VariableSpec("age", test="pearson")])
    with pytest.raises(ArgumentError, match="compares two groups; there are 3"):
        compare_groups(frame, "s", [VariableSpec("age", test="welch")])
    with pytest.raises(ArgumentError, match="2 values for 3 patients"):
        compare_groups(frame, ("event", np.array([True, False])), [VariableSpec("age")])
    with pytest.raises(DataError, match=r"1 values that are not among its levels \(rows 3\)"):
        compare_groups(frame, "g", [VariableSpec("s", levels=("a", "b"))])
    with pytest.raises(DataError, match="type Date; numbers or labels"):
        compare_groups(dates, "g", [VariableSpec("day")])
    with pytest.raises(DataError, match="holds texts; its summary needs numbers"):
        compare_groups(frame, "g", [VariableSpec("s", summary="mean_sd")])
    with pytest.raises(ArgumentError, match="There is no test 'ttest'; allowed are student"):
        table_one(frame, by="g", tests="ttest")
    with pytest.raises(ArgumentError, match="tests names 'agee', which is not compared"):
        table_one(frame, by="g", tests={"agee": "welch"})


def test_table_one_is_tidy() -> None:
    data = {
        "pain": [False, False, True, True, True],
        "age": [61, 70, 75, None, 80],
        "sex": ["f", "m", "f", "f", "m"],
    }
    frame = table_one(data, by="pain", tests={"age": "student"})
    assert frame.columns[:7] == ["variable", "level", "group", "n", "missing", "count", "percent"]
    assert frame.height == 3 + 2 * 3
    age = frame.filter(variable="age")
    assert age["group"].to_list() == ["false", "true", "overall"]
    assert age["mean"].to_list() == [65.5, 77.5, 71.5]
    assert age["missing"].to_list() == [0, 1, 1]
    assert age["test"].unique().to_list() == ["student"]
    women = frame.filter(variable="sex", level="f")
    assert women["count"].to_list() == [1, 2, 3]
    close(women["percent"].to_numpy(), [50, 200 / 3, 60])


def test_json_form_holds_no_extremes() -> None:
    frame = pl.DataFrame({"x": [1.25, 2.0, 3.0, 987.0], "s": list("abab"), "g": [0, 0, 1, 1]})
    comparison = compare_groups(frame, "g", [VariableSpec("x"), VariableSpec("s")])
    text = json.dumps(comparison.to_dict(), allow_nan=False)
    assert "987" not in text
    assert "maximum" not in text
    assert comparison.frame()["maximum"].max() == 987.0


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_patients_does_not_matter(order: list[int]) -> None:
    frame = pl.DataFrame(
        {
            "x": [3.5, 1, 7, 2, 9, None, 4, 4, 6, 8, 2, 5],
            "s": ["a", "b", "c", None, "a", "a", "b", "c", "c", "b", "a", "a"],
            "g": [0, 1] * 6,
        }
    )
    specs = [VariableSpec("x"), VariableSpec("x", summary="median_iqr"), VariableSpec("s")]
    first = compare_groups(frame, "g", specs)
    second = compare_groups(frame[order], "g", specs)
    for a, b in zip(first.variables, second.variables, strict=True):
        # sums in another order differ in the last digits
        close(a.test.p_value, b.test.p_value, rtol=1e-10)
        close(a.smd, b.smd, rtol=1e-10)
        assert (a.levels, a.missing) == (b.levels, b.missing)


def test_pandas_frames_and_default_columns() -> None:
    pandas = pytest.importorskip("pandas")
    data = pandas.DataFrame(
        {
            "pain": ["no", "no", "yes", "yes", None],
            "age": [61.0, None, 75.0, 80.0, 90.0],
            "note": [f"text {i}" for i in range(5)],
            "cleft": [True, False, True, True, False],
        }
    )
    frame = table_one(data, by="pain")
    assert frame["variable"].unique(maintain_order=True).to_list() == ["age", "note", "cleft"]
    overall = frame.filter(variable="age", group="overall")
    assert overall.select("n", "missing", "mean").rows() == [(3, 1, 72.0)]  # no group, no part
    specs = [VariableSpec("age", label="Age", unit="years", summary="median_iqr")]
    ranked = table_one(data, by="pain", variables=specs)
    assert ranked["unit"].unique().to_list() == ["years"]
    assert ranked["test"].unique().to_list() == ["mannwhitney"]


def test_groups_may_be_given_as_an_array() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 6.0]})
    event = np.array([True, False, True, False, True])
    comparison = compare_groups(frame, ("Residual pain", event), [VariableSpec("x")])
    assert comparison.by == "Residual pain"
    assert [(group.value, group.n) for group in comparison.groups] == [("false", 2), ("true", 3)]
    assert comparison.variables[0].cells[0].mean == 3.0


def test_a_group_without_values_is_left_out_and_named() -> None:
    three = ["a", "a", "b", "b", "c", "c", "c"]
    variable = compared([1.5, 2.0, 3.5, 2.5, None, None, None], three)
    assert variable.test.test == "anova"
    assert (variable.test.df, variable.test.df2) == (1, 2)
    assert variable.test.note == "1 group without values is left out"
    assert variable.cells[2].n == 0
