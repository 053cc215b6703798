"""Leave-one-out, cumulative and subgroup pooling are those of metafor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import load

import vertebrisk as vr
from vertebrisk.errors import ArgumentError

REFERENCE = load("meta_analysis")
RTOL, ATOL = 1e-6, 1e-9  # see test_pooling
COLUMNS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "tau2", "i2", "h2", "q")


def studies(name: str) -> tuple[Any, Any]:
    return REFERENCE["sets"][name]["estimates"], REFERENCE["sets"][name]["std_errors"]


@pytest.mark.parametrize("case", REFERENCE["left"], ids=lambda case: case["set"] + case["method"])
def test_every_study_left_out_and_added(case: dict[str, Any]) -> None:
    out = vr.leave_one_out(*studies(case["set"]), method=case["method"])
    up_to = vr.cumulative_pooling(*studies(case["set"]), method=case["method"])
    for frame, rows in ((out, case["omitted"]), (up_to, case["first"])):
        assert frame.height == len(rows)
        assert frame["k"].to_list() == [row["k"] for row in rows]
        for column in (*COLUMNS, "q_p_value"):
            found = frame[column].to_numpy()
            assert_allclose(
                found, [row[column] for row in rows], rtol=RTOL, atol=ATOL, err_msg=column
            )


def test_rows_are_what_pool_gives_without_the_study() -> None:
    estimates, errors = (np.asarray(each) for each in studies("thirteen"))
    frame = vr.leave_one_out(estimates, errors, studies=[f"s{i}" for i in range(13)])
    for place, row in enumerate(frame.iter_rows(named=True)):
        alone = vr.pool(np.delete(estimates, place), np.delete(errors, place))
        assert row["omitted"] == f"s{place}"
        assert row["estimate"] == alone.estimate
        assert row["prediction_high"] == alone.prediction_high


@pytest.mark.parametrize("case", REFERENCE["subgroups"], ids=lambda case: case["test"])
def test_subgroups_have_a_tau2_each(case: dict[str, Any]) -> None:
    found = vr.pool_subgroups(
        *studies("bcg"), REFERENCE["bcg"]["alloc"], hartung_knapp=case["test"] == "knha"
    )
    by_name = {each.group: each.pooled for each in found.groups}
    assert sorted(by_name) == case["groups"]
    for group, part in zip(case["groups"], case["parts"], strict=True):
        for column in COLUMNS:
            assert_allclose(getattr(by_name[group], column), part[column], rtol=RTOL, atol=ATOL)
    assert found.q_df == case["q_df"]
    assert found.q == pytest.approx(case["q"], rel=RTOL)
    assert found.q_p_value == pytest.approx(case["q_p_value"], rel=RTOL)
    assert found.overall == vr.pool(*studies("bcg"), hartung_knapp=case["test"] == "knha")
    assert found.to_dict()["groups"][0]["group"] == found.groups[0].group


def test_a_group_of_one_study_is_that_study() -> None:
    found = vr.pool_subgroups([0.1, 0.4, 0.5], [0.2, 0.1, 0.2], ["a", "b", "b"])
    alone = found.groups[0].pooled
    assert (alone.k, alone.estimate, alone.tau2) == (1, 0.1, 0.0)
    assert alone.std_error == pytest.approx(0.2)
    assert alone.prediction_low is None
    assert found.findings[0].code == "small-subgroups"
    alone.to_dict()


def test_a_group_without_error_leaves_the_test_undefined() -> None:
    found = vr.pool_subgroups([0.1, 0.1, 0.5, 0.9], [0.2, 0.1, 0.2, 0.3], ["a", "a", "b", "b"])
    assert (found.q, found.q_p_value) == (None, None)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: vr.leave_one_out([1, 2], [1, 1]), "2 studies were given; pooling needs 3"),
        (
            lambda: vr.leave_one_out([1, 2, 3], [1, 1, 1], studies=["a"]),
            "studies has 1 names where there are 3 studies",
        ),
        (lambda: vr.pool_subgroups([1, 2], [1, 1], ["a", "a"]), "one group alone"),
        (lambda: vr.pool_subgroups([1, 2], [1, 1], ["a"]), "groups has 1 values"),
        (lambda: vr.pool_subgroups([1, 2], [1, 1], ["a", None]), "groups is missing in study 2"),
    ],
)
def test_wrong_input_is_one_line(call: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        call()
