"""Classification at thresholds against prop.test, binom.test, survey and weighted sums."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import ShareInterval
from vertebrisk.errors import ArgumentError

REFERENCE = loader.load("classification")
CASES: dict[str, dict[str, Any]] = REFERENCE["cases"]
CLUSTERED: dict[str, Any] = REFERENCE["clustered"]
TIMED: dict[str, dict[str, Any]] = REFERENCE["timed"]
SHARES = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "flagged")
RTOL = 1e-10  # closed forms, and the beta quantiles of two libraries
Z = 1.959963984540054
# The martingale form, which riskRegression has too, divides by those at risk of being censored
# where the derivative of the product does by those of them who are not: 1 in 100 of a small part.
NEAR = 1e-3


def limited(row: dict[str, Any], name: str) -> list[Any]:
    return [row[name], row[f"{name}_low"], row[f"{name}_high"]]


@pytest.mark.parametrize("intervals", ["wilson", "exact"])
@pytest.mark.parametrize("name", list(CASES))
def test_as_prop_test_and_binom_test(name: str, intervals: ShareInterval) -> None:
    """Among them a threshold that is the risk of patients: they are above it."""
    case = CASES[name]
    cuts = [row["threshold"] for row in case["rows"]]
    found = vr.classification(case["event"], case["risk"], cuts, intervals=intervals)
    assert found.frame.height == len(cuts)
    for row, expected in zip(found.frame.to_dicts(), case["rows"], strict=True):
        assert [row[cell] for cell in ("tp", "fp", "fn", "tn")] == expected["counts"]
        for share in SHARES:
            values = [expected[share]["estimate"], *expected[share][intervals]]
            assert_allclose(limited(row, share), values, rtol=RTOL, err_msg=share)
        assert_allclose(limited(row, "youden"), expected["youden"][intervals], rtol=RTOL)
        for ratio in ("lr_positive", "lr_negative"):
            values = [expected[ratio]["estimate"], *expected[ratio]["limits"]]
            assert_allclose(limited(row, ratio), values, rtol=RTOL)


@pytest.mark.parametrize("name", list(CASES))
def test_a_prevalence_moves_what_depends_on_it(name: str) -> None:
    case = CASES[name]
    cuts = [row["threshold"] for row in case["rows"]]
    plain = vr.classification(case["event"], case["risk"], cuts)
    found = vr.classification(case["event"], case["risk"], cuts, prevalence=case["prevalence"])
    for row, same, expected in zip(
        found.frame.to_dicts(), plain.frame.to_dicts(), case["rows"], strict=True
    ):
        for measure in ("sensitivity", "specificity", "youden", "lr_positive", "lr_negative"):
            assert limited(row, measure) == limited(same, measure)
        for measure in ("accuracy", "flagged"):
            assert_allclose(
                limited(row, measure), expected[f"{measure}_population"], rtol=RTOL, err_msg=measure
            )
        odds = 0.05 / 0.95 * expected["lr_positive"]["estimate"]
        assert_allclose(row["ppv"], odds / (1 + odds), rtol=RTOL)
        odds = 0.95 / 0.05 / expected["lr_negative"]["estimate"]
        assert_allclose(row["npv"], odds / (1 + odds), rtol=RTOL)
        assert row["ppv_low"] < row["ppv"] < row["ppv_high"]


def test_rows_of_patients_as_survey() -> None:
    case = CLUSTERED
    found = vr.classification(
        case["event"], case["risk"], [case["threshold"]], cluster=case["patient"]
    )
    assert found.n_clusters == len(set(case["patient"]))
    row = found.frame.row(0, named=True)
    for share in SHARES:
        value, error = case[share]
        size = value * (1 - value) / error**2  # Wilson's interval of as many independent rows
        centre = (value * size + Z**2 / 2) / (size + Z**2)
        half = Z / (size + Z**2) * np.sqrt(value * (1 - value) * size + Z**2 / 4)
        expected = [value, centre - half, centre + half]
        assert_allclose(limited(row, share), expected, rtol=1e-8, err_msg=share)
    value, error = case["youden"]
    wald = np.array([value, value - Z * error, value + Z * error])
    assert_allclose(limited(row, "youden"), wald, rtol=1e-8)
    for ratio in ("lr_positive", "lr_negative"):
        value, error = case[f"log_{ratio}"]
        wald = np.array([value, value - Z * error, value + Z * error])
        assert_allclose(limited(row, ratio), np.exp(wald), rtol=1e-8)


def test_a_row_a_patient_is_nearly_no_cluster() -> None:
    case = CASES["pima"]
    event, risk, cuts = case["event"], case["risk"], [0.3]
    names = [f"P{place}" for place in range(len(event))]
    plain = vr.classification(event, risk, cuts)
    alone = vr.classification(event, risk, cuts, cluster=names)
    for share in SHARES:
        found = limited(alone.frame.row(0, named=True), share)
        expected = limited(plain.frame.row(0, named=True), share)
        assert_allclose(found, expected, rtol=2e-3)  # n / (n - 1) in the variance
    # every patient twice: an interval as wide as that of the patients
    doubled = vr.classification(
        np.repeat(event, 2), np.repeat(risk, 2), cuts, cluster=np.repeat(names, 2)
    )
    for share in SHARES:
        found = limited(doubled.frame.row(0, named=True), share)
        assert_allclose(found, limited(alone.frame.row(0, named=True), share), rtol=1e-12)


@pytest.mark.parametrize("name", list(TIMED))
def test_by_a_horizon(name: str) -> None:
    case = TIMED[name]
    found = vr.classification_survival(
        case["time"], case["status"], case["risk"], case["horizon"], [case["threshold"]]
    )
    row = found.frame.row(0, named=True)
    for share in ("sensitivity", "specificity", "ppv", "npv", "accuracy"):
        value, error = case["estimate"][share], case["std_error"][share]
        size = value * (1 - value) / error**2
        centre = (value * size + Z**2 / 2) / (size + Z**2)
        half = Z / (size + Z**2) * np.sqrt(value * (1 - value) * size + Z**2 / 4)
        assert_allclose(row[share], value, rtol=1e-10)
        limits = [centre - half, centre + half]
        assert_allclose(limited(row, share)[1:], limits, rtol=NEAR, err_msg=share)
    for ratio in ("log_lr_positive", "log_lr_negative"):
        value, error = case["estimate"][ratio], case["std_error"][ratio]
        expected = np.exp([value, value - Z * error, value + Z * error])
        assert_allclose(limited(row, ratio[4:]), expected, rtol=NEAR)
    value, error = case["estimate"]["youden"], case["std_error"]["youden"]
    assert_allclose(limited(row, "youden")[1:], [value - Z * error, value + Z * error], rtol=NEAR)
    flagged = np.array(case["risk"]) >= case["threshold"]
    assert row["n_flagged"] == flagged.sum()
    assert_allclose(row["flagged"], flagged.mean())
    assert found.n_events + found.n_unknown < found.n
    json.dumps(found.to_dict(), allow_nan=False)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(12, 60))
def test_without_censoring_a_horizon_is_a_binary_outcome(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    event = np.arange(n) < max(2, n // 3)
    risk = rng.integers(1, 20, n) / 20
    plain = vr.classification(event, risk, [0.3, 0.6]).frame
    timed = vr.classification_survival(
        np.where(event, 5.0, 12.0), event, risk, 10.0, [0.3, 0.6]
    ).frame
    for row, same in zip(plain.to_dicts(), timed.to_dicts(), strict=True):
        for measure in (*SHARES, "youden", "lr_positive", "lr_negative"):
            value, expected = same[measure], row[measure]
            assert (value is None) == (expected is None), measure
            if expected is not None:
                assert_allclose(value, expected, atol=1e-12)
            if measure in SHARES and expected is not None:  # n / (n - 1) in the variance
                assert_allclose(limited(same, measure)[1:], limited(row, measure)[1:], atol=0.03)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(4, 40))
def test_order_and_limits(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    event, risk = np.arange(n) < max(1, n // 4), rng.integers(0, 21, n) / 20
    found = vr.classification(event, risk, [0.2, 0.5])
    order = rng.permutation(n)
    assert vr.classification(event[order], risk[order], [0.5, 0.2]).frame.equals(found.frame)
    for row in found.frame.to_dicts():
        for measure in (*SHARES, "youden"):
            value, low, high = limited(row, measure)
            assert (value is None) == (low is None) == (high is None)
            if value is not None:
                assert low <= value + 1e-12
                assert value <= high + 1e-12
        for measure in ("lr_positive", "lr_negative"):
            value, low, high = limited(row, measure)
            assert low is None or value is None or low <= value
            assert high is None or value is None or value <= high
    json.dumps(found.to_dict(), allow_nan=False)


def test_empty_cells() -> None:
    event = [1, 1, 1, 0, 0, 0, 0, 0, 0]  # nine patients, told apart
    risk = [0.8, 0.7, 0.9, 0.1, 0.2, 0.1, 0.3, 0.1, 0.2]
    row = vr.classification(event, risk, [0.5]).frame.row(0, named=True)
    assert limited(row, "sensitivity")[::2] == [1.0, 1.0]
    assert row["sensitivity_low"] < 0.5
    assert row["lr_positive"] is row["lr_positive_high"] is None
    error = np.sqrt(1 / 3.5 - 1 / 4 + 1 / 0.5 - 1 / 7)  # half a patient in each cell
    assert_allclose(row["lr_positive_low"], 3.5 / 4 / (0.5 / 7) * np.exp(-Z * error), rtol=1e-12)
    assert limited(row, "lr_negative")[:2] == [0.0, 0.0]
    assert_allclose(
        row["lr_negative_high"],
        0.5 / 4 / (6.5 / 7) * np.exp(Z * np.sqrt(1 / 0.5 - 1 / 4 + 1 / 6.5 - 1 / 7)),
    )
    nobody = vr.classification(event, risk, [0.95]).frame.row(0, named=True)
    assert limited(nobody, "ppv") == [None] * 3
    assert limited(nobody, "lr_positive") == [None] * 3
    assert limited(nobody, "lr_negative") == [1.0, None, None]
    assert nobody["flagged"] == 0.0


def test_one_risk_for_all_and_one_patient_of_several_rows() -> None:
    row = vr.classification([1, 0, 0, 1], [0.4] * 4, [0.3]).frame.row(0, named=True)
    assert (row["sensitivity"], row["specificity"], row["youden"]) == (1.0, 0.0, 0.0)
    assert row["npv"] is None
    lone = vr.classification([1, 0, 0, 1], [0.4, 0.2, 0.3, 0.1], [0.3], cluster=["a"] * 4)
    values = lone.frame.row(0, named=True)
    assert limited(values, "youden")[1:] == [None, None]
    assert values["sensitivity_low"] < 0.1  # one patient tells nearly nothing
    json.dumps(lone.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"event": [1, 1, 1, 1]}, "both outcomes must occur"),
        ({"risk": [20, 30, 10, 5]}, "divide percentages by 100"),
        ({"thresholds": []}, "thresholds is empty"),
        ({"thresholds": [1.0]}, "strictly between 0 and 1"),
        ({"intervals": "wald"}, "intervals is 'wald'; allowed are wilson, exact"),
        ({"prevalence": 5}, "prevalence is 5"),
        ({"cluster": ["a", "b"]}, "cluster has 2 values where 4 are needed"),
        ({"cluster": ["a", None, "b", "c"]}, "cluster has 1 missing values"),
        ({"cluster": list("abcd"), "prevalence": 0.1}, "cannot be given together"),
    ],
)
def test_what_is_refused(change: dict[str, Any], match: str) -> None:
    arguments = {"event": [1, 0, 1, 0], "risk": [0.1, 0.2, 0.3, 0.4], "thresholds": [0.2]}
    with pytest.raises(ArgumentError, match=match):
        vr.classification(**{**arguments, **change})


def test_a_horizon_by_which_nobody_is_known_to_be_without_the_event() -> None:
    with pytest.raises(ArgumentError, match="Nobody is known to be without the event"):
        vr.classification_survival([1.0, 2.0, 3.0], [1, 0, 1], [0.2, 0.3, 0.4], 3.0, [0.25])
