"""Reclassification against Hmisc, Kaplan-Meier by hand, and what is known of it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import ArgumentError

CASES: dict[str, dict[str, Any]] = loader.load("reclassification")["cases"]
TIMED: dict[str, dict[str, Any]] = loader.load("reclassification")["timed"]
RTOL = 1e-9  # sums on both sides; the risks were written to the last digit
PARTS = ("", "_events", "_others")


def of(case: dict[str, Any], **options: Any) -> vr.Reclassification:
    return vr.reclassification(
        case["event"], case["old"], case["new"], thresholds=case["thresholds"], **options
    )


def codes(found: vr.Reclassification | vr.ReclassificationSurvival) -> list[str]:
    return [finding.code for finding in found.findings]


@pytest.mark.parametrize("name", list(CASES))
def test_as_improve_prob(name: str) -> None:
    case = CASES[name]
    rows = {row["measure"]: row for row in of(case).measures.to_dicts()}
    for measure, expected in (
        ("nri_continuous", case["continuous"]),
        ("nri", case["categories"]),
    ):
        for part in PARTS:
            row = rows[f"{measure}{part}"]
            assert_allclose(row["estimate"], expected[f"nri{part}"], rtol=RTOL, atol=1e-15)
            error = expected[f"nri{part}_se"]
            assert_allclose(row["std_error"], error, rtol=RTOL)
            ends = row["estimate"] + np.array([-1, 1]) * 1.959963984540054 * error
            assert_allclose([row["conf_low"], row["conf_high"]], ends, rtol=RTOL)
    idi = case["continuous"]
    for part in PARTS:
        assert_allclose(rows[f"idi{part}"]["estimate"], idi[f"idi{part}"], rtol=1e-8)
    assert_allclose(rows["idi"]["std_error"], idi["idi_se"], rtol=RTOL)


@pytest.mark.parametrize("name", list(CASES))
def test_table_and_net_benefit(name: str) -> None:
    case = CASES[name]
    found = of(case)
    size = len(case["thresholds"]) + 1
    assert found.table["n"].to_numpy().reshape(size, size).tolist() == case["counts"]
    assert found.table["n"].sum() == found.n
    assert found.table["n_events"].sum() == found.n_events == sum(case["event"])
    assert (found.table["n"] - found.table["n_events"]).equals(found.table["n_others"])
    for which in ("old", "new"):
        assert_allclose(found.net_benefit[which], case[f"benefit_{which}"], rtol=RTOL, atol=1e-15)
        curve = vr.decision_curve(case["event"], case[which], case["thresholds"], resamples=2)
        alone = curve.filter(pl.col("model") == "model")["net_benefit"]
        assert_allclose(found.net_benefit[which], alone, rtol=RTOL, atol=1e-15)
    change = found.net_benefit["new"] - found.net_benefit["old"]
    assert_allclose(found.net_benefit["difference"], change, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", list(TIMED))
def test_by_a_horizon(name: str) -> None:
    case = TIMED[name]
    found = vr.reclassification_survival(
        case["time"],
        case["status"],
        case["old"],
        case["new"],
        case["horizon"],
        thresholds=case["thresholds"],
        resamples=20,
    )
    for measure in ("nri", "nri_continuous", "idi"):
        for part, expected in zip(PARTS, case[measure], strict=True):
            row = found.estimate(f"{measure}{part}")
            assert_allclose(row.estimate, expected, rtol=1e-8, atol=1e-13)
            assert row.conf_low is not None
            assert row.conf_high is not None
            assert row.conf_low <= row.conf_high
    for which in ("old", "new"):
        curve = vr.decision_curve_survival(
            case["time"],
            case["status"],
            case[which],
            case["horizon"],
            case["thresholds"],
            resamples=2,
        )
        alone = curve.filter(pl.col("model") == "model")["net_benefit"]
        assert_allclose(found.net_benefit[which], alone, rtol=1e-12)
    assert found.table["n"].sum() == found.n
    assert codes(found)[0] == "reclassification-not-proper"
    json.dumps(found.to_dict(), allow_nan=False)


def binary_sample(seed: int, n: int) -> tuple[IntArray, FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    event = (np.arange(n) < max(2, n // 3)).astype(np.int64)
    return event, rng.integers(1, 20, n) / 20, rng.integers(1, 20, n) / 20


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(6, 60))
def test_swapped_models_and_other_orders(seed: int, n: int) -> None:
    event, old, new = binary_sample(seed, n)
    there = vr.reclassification(event, old, new, thresholds=[0.2, 0.5])
    back = vr.reclassification(event, new, old, thresholds=[0.2, 0.5])
    assert_allclose(there.measures["estimate"], -back.measures["estimate"], atol=1e-14)
    order = np.random.default_rng(seed).permutation(n)
    again = vr.reclassification(event[order], old[order], new[order], thresholds=[0.2, 0.5])
    assert_allclose(again.measures["estimate"], there.measures["estimate"], atol=1e-14)
    assert again.table.equals(there.table)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 40))
def test_without_censoring_a_horizon_is_a_binary_outcome(seed: int, n: int) -> None:
    event, old, new = binary_sample(seed, n)
    plain = vr.reclassification(event, old, new, thresholds=[0.3])
    timed = vr.reclassification_survival(
        np.where(event, 5.0, 12.0), event, old, new, 10.0, thresholds=[0.3], resamples=2
    )
    assert_allclose(timed.measures["estimate"], plain.measures["estimate"], atol=1e-12)
    difference = plain.net_benefit["difference"]
    assert_allclose(timed.net_benefit["difference"], difference, atol=1e-12)


def test_one_threshold_is_sensitivity_and_specificity() -> None:
    case = CASES["pima_noise"]
    found = of(case)
    event, cut = np.array(case["event"]) == 1, case["thresholds"][0]
    acted = [np.array(case[which]) >= cut for which in ("old", "new")]
    gained = acted[1][event].mean() - acted[0][event].mean()
    spared = acted[0][~event].mean() - acted[1][~event].mean()
    assert_allclose(found.estimate("nri_events").estimate, gained, atol=1e-15)
    assert_allclose(found.estimate("nri_others").estimate, spared, atol=1e-15)
    # weighted by prevalence and odds the same two make the difference of net benefits
    share = event.mean()
    weighted = share * gained + (1 - share) * spared * cut / (1 - cut)
    assert_allclose(found.net_benefit["difference"][0], weighted, atol=1e-15)


def test_the_model_that_made_the_data_is_beaten_and_the_findings_say_so() -> None:
    rng = np.random.default_rng(5)
    linear = rng.normal(-1.0, 1.0, 4000)
    truth = 1 / (1 + np.exp(-linear))
    event = rng.random(4000) < truth
    extreme = 1 / (1 + np.exp(-2.0 * linear))  # overfitted: twice too steep
    found = vr.reclassification(event, truth, extreme, thresholds=[0.2])
    low = found.estimate("idi").conf_low
    assert low is not None
    assert low > 0.03
    assert found.net_benefit["difference"][0] < 0.0
    assert "reclassification-without-accuracy" in codes(found)
    message = next(f for f in found.findings if f.code == "reclassification-without-accuracy")
    assert "idi" in message.message
    assert "reclassification-miscalibrated" in codes(found)
    assert "few-events" not in codes(found)


def test_an_nri_without_benefit_is_said() -> None:
    # of 10 with the event one more is found, of 90 without it three more are treated
    event = np.arange(100) < 10
    old, new = np.full(100, 0.1), np.full(100, 0.1)
    new[0], new[10:13] = 0.6, 0.6
    found = vr.reclassification(event, old, new, thresholds=[0.5])
    assert_allclose(found.estimate("nri").estimate, 0.1 - 3 / 90)
    assert_allclose(found.net_benefit["difference"][0], (1 - 3) / 100)
    assert "reclassification-without-benefit" in codes(found)


def test_the_prevalence_weighs_sampled_controls() -> None:
    case = CASES["pima"]
    event = np.array(case["event"]) == 1
    found = of(case, prevalence=0.05)
    assert found.measures.equals(of(case).measures)
    for row in found.net_benefit.to_dicts():
        cut = row["threshold"]
        for which in ("old", "new"):
            acted = np.array(case[which]) >= cut
            expected = 0.05 * acted[event].mean() - 0.95 * acted[~event].mean() * cut / (1 - cut)
            assert_allclose(row[which], expected, rtol=1e-12)
    assert "reclassification-miscalibrated" not in codes(found)
    whole = of(case, prevalence=float(event.mean())).net_benefit
    assert_allclose(whole["difference"], of(case).net_benefit["difference"], atol=1e-14)
    # strata of the size that they had: without what their size adds
    assert (whole["std_error"] <= of(case).net_benefit["std_error"] * 1.01).all()


def test_nothing_moves_and_rounding_is_no_move() -> None:
    event, old, _ = binary_sample(3, 30)
    found = vr.reclassification(event, old, old + 1e-15, thresholds=[0.2])
    assert found.measures["estimate"].abs().max() < 1e-14  # type: ignore[operator]
    for name in ("std_error", "conf_low", "conf_high"):
        assert found.measures.filter(pl.col("measure").str.starts_with("nri"))[name].is_null().all()
    assert "same-risks" in codes(found)


def test_nine_patients_and_one_event() -> None:
    event = [1, 0, 0, 0, 0, 0, 0, 0, 0]
    risk = np.linspace(0.1, 0.9, 9)
    found = vr.reclassification(event, risk, risk[::-1], thresholds=[0.5])
    rows = {row["measure"]: row for row in found.measures.to_dicts()}
    assert rows["idi_events"]["conf_low"] is None
    assert rows["idi"]["conf_low"] is None
    assert rows["idi_others"]["conf_low"] is not None
    assert "few-events" in codes(found)
    json.dumps(found.to_dict(), allow_nan=False)


def test_without_thresholds_there_are_no_categories() -> None:
    event, old, new = binary_sample(1, 20)
    found = vr.reclassification(event, old, new)
    assert found.table.height == found.net_benefit.height == 0
    assert found.measures["measure"].to_list()[0] == "nri_continuous"
    with pytest.raises(ArgumentError, match="There is no measure 'nri'"):
        found.estimate("nri")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"risk_new": [0.2, 0.3]}, "risk_new has 2 values where 4 are needed"),
        ({"risk_old": [20, 30, 10, 5]}, "risk_old .*divide percentages by 100"),
        ({"event": [0, 0, 0, 0]}, "both outcomes must occur"),
        ({"thresholds": [0.0]}, "strictly between 0 and 1"),
        ({"level": 95}, "level is 95"),
        ({"prevalence": 1.5}, "prevalence is 1.5"),
    ],
)
def test_what_is_refused(change: dict[str, Any], match: str) -> None:
    arguments = {
        "event": [1, 0, 1, 0],
        "risk_old": [0.1, 0.2, 0.3, 0.4],
        "risk_new": [0.2, 0.2, 0.4, 0.3],
    }
    with pytest.raises(ArgumentError, match=match):
        vr.reclassification(**{**arguments, **change})
