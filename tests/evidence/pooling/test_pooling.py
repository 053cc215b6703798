"""Pooled estimates are those of R's metafor; wrong input is one clear line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose
from tests.reference.loader import load

import vertebrisk as vr
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod

REFERENCE = load("meta_analysis")
# Both iterate to the end; what remains are metafor's own sums, whose matrices lose up to six
# digits where variances differ by 1e6.
RTOL = 1e-6
# metafor halves its step towards a boundary of zero and stops at 1e-12 of the variance.
ATOL = 1e-9

NAMES = (
    "estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value", "tau2",
    "tau2_std_error", "tau2_low", "tau2_high", "i2", "i2_low", "i2_high", "h2", "q", "q_df",
    "q_p_value", "prediction_low", "prediction_high",
)  # fmt: skip


def case_id(case: dict[str, Any]) -> str:
    return f"{case['set']}-{case['method']}-{case['test']}"


@pytest.mark.parametrize("case", REFERENCE["pooled"], ids=case_id)
def test_pooled_numbers_are_those_of_metafor(case: dict[str, Any]) -> None:
    given_set = REFERENCE["sets"][case["set"]]
    effects = np.asarray(given_set["estimates"])
    pooled = vr.pool(
        effects,
        given_set["std_errors"],
        method=case["method"],
        hartung_knapp=case["test"] == "knha",
        conf_level=case["level"],
    )
    square = float(effects.var())
    for name in NAMES:
        scale = square if name.startswith("tau2") else 1.0
        if case[name] is None:
            assert getattr(pooled, name) is None, name
        else:
            assert_allclose(
                getattr(pooled, name), case[name], rtol=RTOL, atol=ATOL * scale, err_msg=name
            )
    assert_allclose(pooled.weights, case["weights"], rtol=RTOL)
    assert sum(pooled.weights) == pytest.approx(100)
    assert pooled.test == ("t" if case["test"] == "knha" else "z")


METHODS: tuple[PoolingMethod, ...] = ("REML", "DL", "PM", "ML", "HE", "SJ", "FE")
effects_of = hnp.arrays(
    float, st.integers(2, 9), elements=st.floats(-3, 3).map(lambda x: round(x, 2))
)


@st.composite
def studies(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    effects = draw(effects_of)
    error = st.floats(0.05, 2).map(lambda x: round(x, 3))
    return effects, draw(hnp.arrays(float, effects.size, elements=error))


@settings(max_examples=60, deadline=None)
@given(studies(), st.sampled_from(METHODS), st.randoms())
def test_the_order_of_studies_is_of_no_account(data: Any, method: Any, random: Any) -> None:
    effects, errors = data
    order = list(range(effects.size))
    random.shuffle(order)
    first = vr.pool(effects, errors, method=method)
    second = vr.pool(effects[order], errors[order], method=method)
    for name in NAMES:
        a, b = getattr(first, name), getattr(second, name)
        if a is None or name in ("statistic", "p_value"):
            continue
        # With identical estimates a standard error of zero may come out as rounding.
        assert_allclose(b, a, rtol=1e-6, atol=1e-6, err_msg=name)
    assert_allclose(np.asarray(second.weights), np.asarray(first.weights)[order], atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(studies(), st.sampled_from(METHODS), st.sampled_from([1e-4, 0.5, 64.0, 1e6]))
def test_a_changed_unit_changes_the_unit_alone(data: Any, method: Any, unit: float) -> None:
    effects, errors = data
    first = vr.pool(effects, errors, method=method)
    second = vr.pool(effects * unit, errors * unit, method=method)
    for name, power in (
        ("estimate", 1), ("std_error", 1), ("conf_high", 1), ("tau2", 2), ("i2", 0), ("q", 0),
    ):  # fmt: skip
        assert_allclose(
            getattr(second, name) / unit**power, getattr(first, name), rtol=1e-6, atol=1e-6
        )


@settings(max_examples=60, deadline=None)
@given(studies(), st.floats(-50, 50))
def test_a_shift_moves_the_estimate_alone(data: Any, shift: float) -> None:
    effects, errors = data
    first, second = vr.pool(effects, errors), vr.pool(effects + shift, errors)
    assert_allclose(second.estimate - shift, first.estimate, atol=1e-6)
    assert_allclose([second.tau2, second.q], [first.tau2, first.q], rtol=1e-6, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(studies())
def test_tau2_of_reml_is_no_worse_than_any_other(data: Any) -> None:
    """The restricted likelihood, written out, is nowhere higher on a grid."""
    effects, errors = data

    def restricted(tau2: float) -> float:
        weights = 1 / (errors**2 + tau2)
        centre = (weights @ effects) / weights.sum()
        return float(
            0.5 * np.log(weights).sum()
            - 0.5 * np.log(weights.sum())
            - 0.5 * (weights @ (effects - centre) ** 2)
        )

    best = restricted(vr.pool(effects, errors).tau2)
    assert all(restricted(tau2) <= best + 1e-9 for tau2 in [0.0, *np.logspace(-6, 2, 200)])


def test_a_study_given_twice_counts_twice_under_one_effect() -> None:
    once = vr.pool([0.1, 0.5, 0.5], [0.2, 0.3, 0.3], method="FE")
    merged = vr.pool([0.1, 0.5], [0.2, 0.3 / np.sqrt(2)], method="FE")
    assert once.estimate == pytest.approx(merged.estimate, rel=1e-12)
    assert once.std_error == pytest.approx(merged.std_error, rel=1e-12)


def test_one_common_effect_worked_by_hand() -> None:
    """Weights 4 and 1: estimate 0.8 x 1 + 0.2 x 2, error sqrt(1 / 5), Q = 0.8."""
    pooled = vr.pool([1.0, 2.0], [0.5, 1.0], method="FE")
    assert pooled.estimate == pytest.approx(1.2, rel=1e-14)
    assert pooled.std_error == pytest.approx(np.sqrt(0.2), rel=1e-14)
    assert pooled.q == pytest.approx(0.8, rel=1e-13)
    assert pooled.weights == pytest.approx((80.0, 20.0))


def test_identical_estimates_have_no_heterogeneity() -> None:
    for method in METHODS:
        pooled = vr.pool([0.3, 0.3, 0.3], [0.1, 0.2, 0.3], method=method)
        assert (pooled.tau2, pooled.i2) == (0.0, 0.0)
        assert pooled.estimate == pytest.approx(0.3, rel=1e-14)
    nothing = vr.pool([0.0, 0.0], [0.1, 0.2])
    assert (nothing.statistic, nothing.p_value, nothing.std_error) == (None, None, 0.0)


def test_variances_that_differ_by_far_agree_with_exact_sums() -> None:
    """Q of two studies is d2 / (v1 + v2), tau2 of both moments estimators follows."""
    pooled = vr.pool([1.0, 3.0], [1e-6, 1.0], method="PM")
    assert pooled.q == pytest.approx(4 / (1 + 1e-12), rel=1e-12)
    assert pooled.tau2 == pytest.approx((4 - 1 - 1e-12) / 2, rel=1e-12)
    exact = vr.pool([1.0, 3.0], [1e-6, 1.0]).tau2
    assert exact == pytest.approx(1.5, rel=1e-9)


def test_a_likelihood_of_two_maxima_gives_the_higher_one_and_says_so() -> None:
    """Three exact studies agree, two inexact ones are far off on either side."""
    near = vr.pool([0.0, 0.01, -0.01, 5.0, -5.0], [0.01, 0.01, 0.01, 2.0, 2.0])
    far = vr.pool([0.0, 0.001, 3.0, -3.0], [0.01, 0.01, 1.0, 1.0])
    assert near.tau2 < 1e-6
    assert far.tau2 == pytest.approx(4.407460, rel=1e-6)
    for pooled in (near, far):
        assert "several-maxima" in {finding.code for finding in pooled.findings}


def test_conventions_of_the_prediction_interval_are_named() -> None:
    data: tuple[Any, Any] = ([0.1, 0.6, 0.9, 0.2], [0.1, 0.15, 0.2, 0.1])
    assert vr.pool(*data).prediction_df == "k-1"
    assert vr.pool(*data, hartung_knapp=False).prediction_df == "normal"
    older = vr.pool(*data, prediction_df="k-2")
    assert older.prediction_df == "k-2"
    assert older.prediction_high is not None
    assert older.prediction_high > (vr.pool(*data).prediction_high or 0)
    none = vr.pool([0.1, 0.6], [0.1, 0.2], prediction_df="k-2")
    assert none.prediction_low is None
    assert "no-prediction-interval" in {finding.code for finding in none.findings}


@pytest.mark.parametrize(
    "case", [c for c in REFERENCE["pooled"] if c["riley_low"] is not None and c["test"] == "knha"],
    ids=case_id,
)  # fmt: skip
def test_the_older_prediction_interval_is_metafors_riley(case: dict[str, Any]) -> None:
    given_set = REFERENCE["sets"][case["set"]]
    pooled = vr.pool(
        given_set["estimates"], given_set["std_errors"], method=case["method"],
        conf_level=case["level"], prediction_df="k-2",
    )  # fmt: skip
    limits = np.array([pooled.prediction_low, pooled.prediction_high], dtype=float)
    assert_allclose(limits, [case["riley_low"], case["riley_high"]], rtol=RTOL, atol=ATOL)


def test_two_studies_warn() -> None:
    codes = {f.code: f.severity for f in vr.pool([0.1, 0.4], [0.2, 0.2]).findings}
    assert codes["two-studies"] == "warning"


def test_heterogeneity_ignored_is_said() -> None:
    pooled = vr.pool([0.1, 1.4, 2.0], [0.1, 0.1, 0.1], method="FE")
    assert "heterogeneity-ignored" in {finding.code for finding in pooled.findings}
    assert pooled.test == "z"


def test_the_json_form_is_plain() -> None:
    document = vr.pool([0.1, 0.4], [0.2, 0.3]).to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["findings"][0]["code"] == "two-studies"


@pytest.mark.parametrize(
    ("estimates", "errors", "options", "says"),
    [
        ([0.1], [0.2], {}, "1 study was given; pooling needs 2 or more"),
        ([], [], {}, "0 studies were given"),
        ([0.1, float("nan")], [0.2, 0.2], {}, "estimates is missing or infinite in study 2"),
        ([0.1, None], [0.2, 0.2], {}, "estimates is missing or infinite in study 2"),
        ([0.1, 0.2], [0.2, float("inf")], {}, "std_errors is missing or infinite in study 2"),
        ([0.1, 0.2], [0.2, -0.1], {}, "std_errors is not above zero in study 2"),
        ([0.1, 0.2], [0.0, 0.0], {}, "not above zero in studies 1, 2"),
        ([0.1, 0.2], [0.1, 1e-200], {}, "too large or too small to square in study 2"),
        ([0.1, 1e300], [0.1, 0.1], {}, "estimates is too far from study 1"),
        ([0.1, 0.2, 0.3], [0.2, 0.2], {}, "std_errors has 2 values where there are 3 studies"),
        (["a", "b"], [0.2, 0.2], {}, "estimates holds values that are not numbers"),
        ([[0.1, 0.2]], [0.2, 0.2], {}, "estimates has 2 dimensions"),
        ([0.1, 0.2], [0.2, 0.2], {"method": "RMEL"}, "Did you mean 'REML'"),
        ([0.1, 0.2], [0.2, 0.2], {"conf_level": 95}, "conf_level is 95"),
        ([0.1, 0.2], [0.2, 0.2], {"prediction_df": "k-3"}, "prediction_df is 'k-3'"),
        ([0.1, 0.2], [0.2, 0.2], {"hartung_knapp": "adhoc"}, "give True or False"),
    ],
)
def test_wrong_input_is_one_line(estimates: Any, errors: Any, options: Any, says: str) -> None:
    with pytest.raises(ArgumentError, match=says) as caught:
        vr.pool(estimates, errors, **options)
    assert "\n" not in str(caught.value)
