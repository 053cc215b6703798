"""The public faces of cumulative incidence and Gray's test: frames, groups, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError

RTOL = 1e-10  # closed forms on both sides
REFERENCE = loader.load("competing")
FRAME = loader.frame("competing")
INCIDENCE = {case["id"]: case for case in REFERENCE["incidence"]}
GRAY = {case["id"]: case for case in REFERENCE["gray"]}


def test_frame_agrees_with_cuminc() -> None:
    case = INCIDENCE["competing_arm"]
    found = vr.cumulative_incidence(
        FRAME["months"], FRAME["status"], group=FRAME["arm"], times=[3, 6, 12, 24, 30]
    )
    assert found.groups == ("a", "b", "c")
    for curve in case["curves"]:
        cause = {1: "event", 2: "competing"}[curve["cause"]]
        rows = found.frame.filter(group=curve["group"], cause=cause)
        assert_allclose(rows["estimate"], curve["estimate"], rtol=RTOL)
        assert_allclose(rows["std_error"], np.sqrt(curve["variance"]), rtol=RTOL)
        assert_allclose(rows["conf_low"], curve["conf_low"], rtol=RTOL)
        assert_allclose(rows["conf_high"], curve["conf_high"], rtol=RTOL)


def test_counts_add_up_and_rows_stand_at_the_failures() -> None:
    found = vr.cumulative_incidence(FRAME["months"], FRAME["status"]).frame
    events = found.filter(cause="event")
    failed = FRAME.filter(pl.col("status") > 0)
    assert events["time"].to_list() == sorted(set(failed["months"].to_list()))
    assert events["n_event"].sum() == FRAME.filter(status=1).height
    assert found.filter(cause="competing")["n_event"].sum() == FRAME.filter(status=2).height
    assert events["n_risk"][0] == FRAME.height


def test_at_gives_the_same_columns_and_null_beyond_follow_up() -> None:
    curves = vr.cumulative_incidence(FRAME["months"], FRAME["status"], group=FRAME["lone"])
    last = FRAME.filter(lone="alone")["months"][0]
    rows = curves.at([0, last, last + 1]).filter(group="alone", cause="event")
    assert rows.columns == curves.frame.columns
    assert rows["estimate"][0] == 0.0
    assert rows["conf_low"][0] is None
    assert rows["estimate"][1] is not None
    assert rows["estimate"][2] is None
    assert rows["n_risk"].to_list() == [1, 1, 0]


def test_jackknife_and_entry_agree_with_survfit() -> None:
    case = next(case for case in REFERENCE["survfit"] if case["id"] == "competing_entry")
    use = FRAME.filter(pl.col("entry") < pl.col("months"))
    found = vr.cumulative_incidence(
        use["months"],
        use["status"],
        entry=use["entry"],
        times=case["times"],
        variance="jackknife",
    ).frame.filter(cause="event")
    assert_allclose(found["estimate"], np.array(case["estimate"])[:, 0], rtol=RTOL)
    assert_allclose(found["std_error"], np.array(case["std_error"])[:, 0], rtol=RTOL)
    assert found["n_risk"].to_list() == case["n_risk"]


@pytest.mark.parametrize("name", ["competing_arm", "competing_strata", "competing_lone"])
def test_gray_agrees_with_cuminc(name: str) -> None:
    case = GRAY[name]
    strata = None if case["strata"] is None else FRAME[case["strata"]]
    test = vr.gray_test(FRAME["months"], FRAME["status"], FRAME[case["group"]], strata)
    assert test.competing is not None
    for found, place in ((test, 0), (test.competing, 1)):
        assert found.df == case["df"]
        assert_allclose(found.statistic, case["statistic"][place], rtol=RTOL)
        assert found.p_value is not None
        assert_allclose(found.p_value, case["p_value"][place], rtol=1e-8)  # R's own tail
    assert_allclose(
        test.frame["observed"].to_numpy().sum(), test.frame["expected"].to_numpy().sum()
    )


def test_a_group_that_left_before_the_first_event_costs_its_degree_of_freedom() -> None:
    time = [1, 1, 3, 4, 5, 6, 7, 8]
    status = [0, 0, 1, 2, 1, 1, 0, 1]
    three = vr.gray_test(time, status, ["c", "c", "a", "a", "a", "b", "b", "b"])
    two = vr.gray_test(time[2:], status[2:], ["a", "a", "a", "b", "b", "b"])
    assert three.df == two.df == 1
    assert_allclose(three.statistic, two.statistic)


def test_no_competing_event_gives_kaplan_meier_and_no_second_test() -> None:
    event = (FRAME["status"] > 0).cast(pl.Int64)
    curves = vr.cumulative_incidence(FRAME["months"], event)
    assert curves.frame.filter(cause="competing")["estimate"].max() == 0.0
    assert vr.gray_test(FRAME["months"], event, FRAME["arm"]).competing is None


def test_only_competing_events_leave_no_incidence() -> None:
    curves = vr.cumulative_incidence([1, 2, 3], [2, 2, 2])
    assert curves.frame.filter(cause="event")["estimate"].to_list() == [0.0, 0.0, 0.0]
    assert curves.frame.filter(cause="competing")["estimate"].to_list()[-1] == pytest.approx(1.0)


def test_event_and_competing_event_at_one_time_share_the_risk_set() -> None:
    rows = vr.cumulative_incidence([0, 0, 5, 5], [1, 2, 0, 0]).frame
    assert rows["estimate"].to_list() == [0.25, 0.25]
    assert rows["n_risk"].to_list() == [4, 4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"status": [0, 1, 3, 7]}, r"status holds 3, 7; allowed are 0 \(censored\)"),
        ({"status": [0, 1, None, 2]}, "status has 1 missing"),
        ({"time": [1, -2, 3, 4]}, "time has 1 values below 0"),
        ({"status": [0, 1]}, "status has 2 values where 4 are needed"),
        ({"group": ["a", None, "b", "b"]}, "group has 1 missing"),
        ({"group": ["a", "b"]}, "group has 2 values where 4 are needed"),
        ({"entry": [0, 2, 1, 1]}, "entry is not before time in 1 patients"),
        ({"level": 95}, "level is 95"),
        ({"variance": "greenwood"}, "allowed are aalen, jackknife"),
        ({"times": [-1]}, "times has 1 values below 0"),
        ({"time": [], "status": []}, "time has no values"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"time": [1, 2, 3, 4], "status": [0, 1, 2, 1], **arguments}
    with pytest.raises(ArgumentError, match=message):
        vr.cumulative_incidence(given.pop("time"), given.pop("status"), **given)


def test_gray_refuses_one_group() -> None:
    with pytest.raises(ArgumentError, match="makes 1 group"):
        vr.gray_test([1, 2], [1, 1], ["a", "a"])


def test_events_that_tell_nothing_have_no_p_value() -> None:
    for status in ([0, 2, 0], [1, 0, 0]):
        # no event at all; and one when the other group had left
        test = vr.gray_test([3, 2, 2], status, ["a", "b", "b"])
        assert (test.df, test.p_value, test.statistic) == (0, None, 0.0)


def test_without_competing_events_estimate_and_limits_are_those_of_kaplan_meier() -> None:
    event = (FRAME["status"] > 0).cast(pl.Int64)
    times = [2, 7, 20, 31]
    survival = vr.kaplan_meier(FRAME["months"], event, group=FRAME["arm"]).at(times)
    found = vr.cumulative_incidence(
        FRAME["months"], event, group=FRAME["arm"], times=times, variance="jackknife"
    )
    rows = found.frame.filter(cause="event")
    assert rows["n_event"].to_list() == survival["n_event"].to_list()
    assert rows["n_risk"].to_list() == survival["n_risk"].to_list()
    assert_allclose(rows["estimate"], 1.0 - survival["survival"].to_numpy(), rtol=RTOL)
    # the infinitesimal jackknife of a survival curve is Greenwood's variance
    assert_allclose(rows["std_error"], survival["std_error"], rtol=RTOL)
    assert_allclose(rows["conf_low"], 1.0 - survival["conf_high"].to_numpy(), rtol=RTOL)
    assert_allclose(rows["conf_high"], 1.0 - survival["conf_low"].to_numpy(), rtol=RTOL)


def test_times_that_differ_by_rounding_are_tied() -> None:
    status, group = [1, 2, 0, 1, 1, 2], [1, 2, 1, 2, 1, 2]
    near, same = [0.1 + 0.2, 0.3, 0.7, 1.0, 2.0, 3.0], [0.3, 0.3, 0.7, 1.0, 2.0, 3.0]
    assert vr.cumulative_incidence(near, status).frame.equals(
        vr.cumulative_incidence(same, status).frame
    )
    tests = [vr.gray_test(time, status, group) for time in (near, same)]
    assert tests[0].statistic == tests[1].statistic


def test_weights_are_repeated_rows() -> None:
    rows = FRAME.select("months", "status").with_columns(
        weights=pl.int_range(pl.len()) % 4, group=pl.int_range(pl.len()) % 2
    )
    many = rows.select(pl.exclude("weights").repeat_by("weights").explode())
    when = [2.0, 6.0, 1000.0]

    def found(frame: pl.DataFrame, weights: pl.Series | None) -> pl.DataFrame:
        columns = frame["months"], frame["status"]
        groups = frame["group"].to_list()
        curves = vr.cumulative_incidence(*columns, group=groups, weights=weights)
        return pl.concat([curves.frame, curves.at(when)])

    assert_frame_equal(found(rows, rows["weights"]), found(many, None))
    with pytest.raises(ArgumentError, match="repeat the rows"):
        vr.cumulative_incidence(
            rows["months"], rows["status"], weights=rows["weights"], variance="jackknife"
        )
