"""Survival curves and the log-rank test, against survfit and survdiff."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader
from tests.survival_data import cohort, column, repeated

from vertebrisk.comparison.survival import kaplan_meier, log_rank
from vertebrisk.errors import ArgumentError
from vertebrisk.validation.survival.concordance import concordance

REFERENCE = loader.load("kaplan_meier")
CURVES: dict[str, dict[str, Any]] = REFERENCE["curves"]
TESTS: dict[str, dict[str, Any]] = REFERENCE["tests"]
RTOL = 1e-10  # products of some hundred factors, in the same order on both sides
COLUMNS = ("n_risk", "n_event", "survival", "std_error", "conf_low", "conf_high")


def values(series: Any) -> Any:
    return np.array([np.nan if value is None else value for value in series], dtype=np.float64)


def fitted(case: dict[str, Any]) -> Any:
    frame = cohort(case["data"])
    return kaplan_meier(
        column(frame, case["time"]),
        column(frame, "event"),
        entry=column(frame, case["entry"]),
        group=column(frame, case["group"]),
        weights=repeated(case["weights"], frame.height),
        conf_type=case["conf_type"],
    )


@pytest.mark.parametrize("name", list(CURVES))
def test_curve(name: str) -> None:
    case = CURVES[name]
    found, expected = fitted(case).frame, case["curve"]
    assert_allclose(found["time"], expected["time"], rtol=0)
    assert found["group"].to_list() == expected["group"]
    for column_name in COLUMNS:
        assert_allclose(
            values(found[column_name]),
            values(expected[column_name]),
            rtol=RTOL,
            err_msg=column_name,
        )


@pytest.mark.parametrize("name", list(CURVES))
def test_median_numbers_at_risk_and_restricted_mean(name: str) -> None:
    case = CURVES[name]
    curve = fitted(case)
    for found, expected in (
        ("median", "median"),
        ("conf_low", "median_low"),
        ("conf_high", "median_high"),
    ):
        assert_allclose(values(curve.median[found]), values(case[expected]), rtol=RTOL)
    printed = pl.DataFrame(case["at"], strict=False)
    at = curve.at(printed["time"].unique())
    # R leaves the times out that lie past a group's follow-up
    known = at.filter(pl.col("survival").is_not_null())
    for column_name in ("time", "n_risk", "survival", "std_error", "conf_low", "conf_high"):
        assert_allclose(values(known[column_name]), values(printed[column_name]), rtol=RTOL)
    if case["entry"] is None and case["weights"] is None:
        mean = curve.restricted_mean(case["horizon"])
        assert_allclose(values(mean["restricted_mean"]), case["restricted_mean"], rtol=RTOL)
        assert_allclose(values(mean["std_error"]), case["restricted_mean_error"], rtol=RTOL)


@pytest.mark.parametrize("name", list(TESTS))
def test_log_rank(name: str) -> None:
    case = TESTS[name]
    frame = cohort(case["data"]).filter(pl.col(case["group"]).is_not_null())
    test = log_rank(
        column(frame, case["time"]),
        column(frame, "event"),
        frame[case["group"]],
        strata=column(frame, case["strata"]),
        rho=case["rho"],
    )
    assert_allclose(test.statistic, case["statistic"], rtol=RTOL)
    assert test.df == case["df"]
    assert test.p_value == pytest.approx(case["p_value"], rel=1e-8)  # a tail of the statistic
    assert_allclose(sorted(test.frame["observed"]), sorted(case["observed"]), rtol=RTOL)
    assert_allclose(sorted(test.frame["expected"]), sorted(case["expected"]), rtol=RTOL)


def test_by_hand() -> None:
    """Four patients, one event and one censoring at 2: the event comes first."""
    curve = kaplan_meier([1, 2, 2, 3], [1, 1, 0, 0])
    assert curve.frame["survival"].to_list() == [0.75, 0.5, 0.5]
    assert curve.frame["n_censored"].to_list() == [0.0, 1.0, 1.0]
    # one half from 2 to the end of follow-up
    assert curve.median["median"].to_list() == [2.5]
    at = curve.at([0, 0.5, 3, 3.5])
    assert at["n_risk"].to_list() == [4.0, 4.0, 1.0, 0.0]
    assert at["survival"].to_list() == [1.0, 1.0, 0.5, None]


def test_median_is_blank_where_survival_stays_above_one_half() -> None:
    curve = kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0])
    assert curve.median.row(0) == ("all", 4.0, 1.0, None, 1.0, None)
    mean = curve.restricted_mean(9.0)
    assert mean["restricted_mean"].to_list() == [None]


def test_all_censored_and_all_at_one_time() -> None:
    censored = kaplan_meier([1, 2], [0, 0])
    assert censored.frame["survival"].to_list() == [1.0, 1.0]
    assert censored.median["median"].to_list() == [None]
    together = kaplan_meier([2, 2, 2], [1, 1, 1], conf_type="plain")
    assert together.frame["survival"].to_list() == [0.0]
    assert together.frame["std_error"].to_list() == [None]
    assert together.median["median"].to_list() == [2.0]


def test_groups_are_in_the_order_of_their_levels() -> None:
    groups = pl.Series(["mild", "severe", "mild", "severe"], dtype=pl.Enum(["severe", "mild"]))
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0], group=groups).groups == ["severe", "mild"]
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0], group=[2.0, 1.0, 2.0, 1.0]).groups == [
        "1",
        "2",
    ]


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 40), st.floats(0.01, 100.0))
def test_weights_are_repeated_rows_order_and_unit_do_not_matter(
    seed: int, size: int, unit: float
) -> None:
    rng = np.random.default_rng(seed)
    time, event = rng.integers(1, 12, size).astype(float), rng.random(size) < 0.6
    weights = rng.integers(1, 4, size)
    once = kaplan_meier(time, event, weights=weights)
    many = kaplan_meier(np.repeat(time, weights), np.repeat(event, weights))
    shuffled = rng.permutation(size)
    moved = kaplan_meier(time[shuffled] * unit, event[shuffled], weights=weights[shuffled])
    for name in COLUMNS:
        expected = values(many.frame[name])
        assert_allclose(values(once.frame[name]), expected, rtol=1e-12)
        assert_allclose(values(moved.frame[name]), expected, rtol=1e-12)
    assert np.all(np.diff(once.frame["survival"].to_numpy()) <= 0)


def test_two_equal_groups_do_not_differ() -> None:
    test = log_rank([1, 2, 3, 1, 2, 3], [1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1])
    assert_allclose(test.statistic, 0.0, atol=1e-25)
    assert test.p_value == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"time": [-1.0, 2], "event": [1, 0]}, "1 values below 0"),
        ({"time": [np.nan, 2], "event": [1, 0]}, "1 missing or infinite"),
        ({"time": [1.0, 2], "event": [1, 2]}, "values other than 0 and 1"),
        ({"time": [1.0, 2], "event": [1]}, "1 values where 2 are needed"),
        ({"time": [], "event": []}, "time has no values"),
        ({"time": [1.0, 2], "event": [1, 0], "entry": [0, 2]}, "not before time in 1 patients"),
        ({"time": [1.0, 2], "event": [1, 0], "group": ["a", None]}, "group has 1 missing"),
        ({"time": [1.0, 2], "event": [1, 0], "weights": [-1, 1]}, "weights must be 0 or more"),
        ({"time": [1.0, 2], "event": [1, 0], "conf_type": "logit"}, "conf_type is 'logit'"),
        ({"time": [1.0, 2], "event": [1, 0], "level": 95}, "level is 95"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        kaplan_meier(**arguments)


def test_a_log_rank_test_needs_two_groups_and_an_event() -> None:
    with pytest.raises(ArgumentError, match=r"one group only \(a\)"):
        log_rank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(ArgumentError, match="holds no event"):
        log_rank([1, 2], [0, 0], ["a", "b"])
    alone = log_rank([1, 2], [1, 0], ["a", "b"], strata=[0, 1])
    assert alone.p_value is None
    assert alone.df == 0


def test_times_that_differ_by_rounding_are_tied() -> None:
    """The numbers are those of survfit, survdiff and concordance, which tie such times."""
    time, event = [0.1 + 0.2, 0.3, 0.7, 1.0, 2.0], [1, 1, 0, 1, 0]
    assert time[0] != time[1]
    curve = kaplan_meier(time, event).frame
    assert curve["time"].to_list() == [0.3, 0.7, 1.0, 2.0]
    assert_allclose(curve["survival"], [0.6, 0.6, 0.3, 0.3], rtol=RTOL)
    late = kaplan_meier(time, event, entry=[0, 0, 0.1 + 0.2, 0.3, 0]).frame
    assert late["n_risk"].to_list() == [3, 3, 2, 1]
    assert_allclose(log_rank(time, event, [1, 2, 1, 2, 1]).statistic, 0.80327868852459, rtol=1e-12)
    assert_allclose(concordance(time, event, [3, 1, 2, 2, 1]).estimate, 0.642857142857143)
    assert kaplan_meier([59.999999999, 60.0], [0, 0]).at([60])["survival"].to_list() == [1.0]


def test_an_entry_at_its_exit_but_for_rounding_is_refused() -> None:
    with pytest.raises(ArgumentError, match="entry is not before time in 1 patients"):
        kaplan_meier([0.1 + 0.2, 2.0], [1, 0], entry=[0.3, 0.0])


def test_weights_of_a_log_rank_test_are_repeated_rows() -> None:
    rng = np.random.default_rng(4)
    time, event = rng.integers(1, 9, 60).astype(float), rng.random(60) < 0.5
    group, weights = rng.integers(0, 3, 60), rng.integers(0, 4, 60)
    found = log_rank(time, event, group, weights=weights)
    rows = np.repeat(np.arange(60), weights)
    whole = log_rank(time[rows], event[rows], group[rows])
    assert found.statistic == pytest.approx(whole.statistic, rel=1e-12)
    assert found.frame["n"].to_list() == whole.frame["n"].to_list()
