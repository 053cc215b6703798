"""Meta-regression, Egger's test and the funnel are those of metafor."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import load

import vertebrisk as vr
from vertebrisk.errors import ArgumentError

REFERENCE = load("meta_analysis")
RTOL, ATOL = 1e-6, 1e-9  # see test_pooling
BCG = REFERENCE["sets"]["bcg"]["estimates"], REFERENCE["sets"]["bcg"]["std_errors"]
MODERATORS = {
    "ablat": ("ablat",),
    "both": ("ablat", "year"),
    "alloc": ("alloc",),
    "mixed": ("ablat", "alloc"),
}


def case_id(case: dict[str, Any]) -> str:
    return f"{case['mods']}-{case['method']}-{case['test']}"


@pytest.mark.parametrize("case", REFERENCE["regressions"], ids=case_id)
def test_regressions_are_those_of_rma(case: dict[str, Any]) -> None:
    moderators = {name: REFERENCE["bcg"][name] for name in MODERATORS[case["mods"]]}
    found = vr.meta_regression(
        *BCG, moderators, method=case["method"], hartung_knapp=case["test"] == "knha"
    )
    assert [each.term + each.level for each in found.coefficients][1:] == case["terms"][1:]
    for name in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        values = [getattr(each, name) for each in found.coefficients]
        assert_allclose(values, case[name], rtol=RTOL, atol=ATOL, err_msg=name)
    for name in (
        "tau2", "tau2_std_error", "tau2_low", "tau2_high", "i2", "h2", "r2", "qe", "qe_df",
        "qe_p_value", "qm", "qm_df", "qm_p_value",
    ):  # fmt: skip
        if case[name] is None:
            assert getattr(found, name) is None, name
        else:
            assert_allclose(getattr(found, name), case[name], rtol=RTOL, atol=ATOL, err_msg=name)
    assert found.df == (case["qm_df2"] if case["test"] == "knha" else None)
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_moderator_in_another_unit_changes_its_slope_alone() -> None:
    latitude = np.asarray(REFERENCE["bcg"]["ablat"], dtype=float)
    one = vr.meta_regression(*BCG, {"latitude": latitude})
    other = vr.meta_regression(*BCG, {"latitude": latitude * 1000 + 7})
    slopes = one.coefficients[1], other.coefficients[1]
    assert_allclose(slopes[1].estimate * 1000, slopes[0].estimate, rtol=1e-9)
    assert slopes[1].p_value == pytest.approx(slopes[0].p_value, rel=1e-7)
    assert_allclose([other.tau2, other.qe], [one.tau2, one.qe], rtol=1e-8)


def test_a_yes_or_no_moderator_is_the_difference_of_two_means() -> None:
    found = vr.meta_regression(
        [0.1, 0.3, 0.9, 1.1],
        [0.2, 0.2, 0.2, 0.2],
        {"late": [False, False, True, True]},
        method="FE",
    )
    assert found.coefficients[1].estimate == pytest.approx(0.8, rel=1e-12)
    assert found.coefficients[1].std_error == pytest.approx(0.2, rel=1e-12)
    assert found.findings[0].code == "few-studies-per-moderator"


def test_a_perfect_fit_has_no_test() -> None:
    found = vr.meta_regression([1.0, 2.0, 3.0, 4.0], [0.1] * 4, {"x": [1, 2, 3, 4]})
    assert found.coefficients[1].estimate == pytest.approx(1.0, rel=1e-12)
    assert found.qm is None
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("case", REFERENCE["egger"], ids=lambda case: case["set"] + case["kind"])
def test_egger_is_regtest(case: dict[str, Any]) -> None:
    data = REFERENCE["sets"][case["set"]]
    found = vr.egger(
        data["estimates"],
        data["std_errors"],
        model="classical" if case["kind"] == "lm" else "random-effects",
        hartung_knapp=case["kind"] == "rma-knha",
    )
    for name in ("statistic", "p_value", "limit", "limit_low", "limit_high"):
        assert_allclose(getattr(found, name), case[name], rtol=RTOL, atol=ATOL, err_msg=name)
    assert found.df == case["df"]
    few = {finding.code for finding in found.findings} == {"egger-few-studies"}
    assert few == (found.k < 10)


def test_the_funnel_meets_at_the_pooled_estimate() -> None:
    shape = vr.funnel(*BCG)
    pooled = vr.pool(*BCG)
    assert shape.centre == pytest.approx(pooled.estimate, rel=1e-12)
    assert shape.line_low[0] == shape.line_high[0] == shape.centre
    reach = 1.959963984540054 * max(BCG[1])
    assert shape.line_high[-1] == pytest.approx(shape.centre + reach, rel=1e-12)
    assert len(shape.line_errors) == len(shape.line_low) == len(shape.line_high)
    json.dumps(shape.to_dict(), allow_nan=False)


Y: Any
S: Any
WRONG: Any = {"scalar": {"x": 3}, "moderators": [1, 2, 3, 4], "model": "lm"}
Y, S = [0.1, 0.3, 0.9, 1.1], [0.2, 0.25, 0.3, 0.2]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: vr.meta_regression(Y, S, {}), "moderators is empty"),
        (lambda: vr.meta_regression(Y, S, WRONG["moderators"]), "moderators is of type list"),
        (
            lambda: vr.meta_regression(Y, S, WRONG["scalar"]),
            "Moderator 'x' is 3; give one value a study",
        ),
        (lambda: vr.meta_regression(Y, S, {"x": [1, 2, 3]}), "Moderator 'x' has 3 values"),
        (lambda: vr.meta_regression(Y, S, {"x": ["a", "b", "a"]}), "Moderator 'x' has 3 values"),
        (lambda: vr.meta_regression(Y, S, {"x": [1, 2, 3, None]}), "'x' is missing or infinite in"),
        (lambda: vr.meta_regression(Y, S, {"x": ["a", "b", None, "a"]}), "no words in study 3"),
        (lambda: vr.meta_regression(Y, S, {"x": [1, 1, 1, 1]}), "the same in all studies"),
        (lambda: vr.meta_regression(Y, S, {"x": ["a"] * 4}), "the same in all studies"),
        (
            lambda: vr.meta_regression(Y, S, {"x": [1, 2, 3, 5], "y": [3, 5, 7, 11]}),
            "Moderators x, y determine one another",
        ),
        (
            lambda: vr.meta_regression(Y, S, {"x": ["a", "b", "c", "d"]}),
            "4 studies cannot carry 4 coefficients",
        ),
        (lambda: vr.egger([1, 2], [1, 2]), "pooling needs 3 or more"),
        (lambda: vr.egger([1, 2, 3], [1, 1, 1]), "std_errors are the same in all studies"),
        (lambda: vr.egger(Y, S, model=WRONG["model"]), "model is 'lm'; allowed are classical"),
    ],
)
def test_wrong_input_is_one_line(call: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)
