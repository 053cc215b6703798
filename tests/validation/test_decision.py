"""Net benefit against its definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from tests.counting import MB, memory
from tests.models.cases import event_of
from tests.reference import loader

from vertebrisk.errors import ArgumentError, VertebriskError
from vertebrisk.kernels.resamples import bootstrap_weights, stratified_weights
from vertebrisk.kernels.tied import collapse_ties
from vertebrisk.validation.decision import DecisionPlan, decision_curve

CASES: dict[str, dict[str, Any]] = loader.load("decision")["cases"]
RTOL = 1e-12  # a few sums and products on both sides


@pytest.mark.parametrize("name", list(CASES))
def test_net_benefit(name: str) -> None:
    """Among them thresholds that are risks of patients: a tie counts as acting."""
    case = CASES[name]
    event = event_of(case, loader.frame(case["data"]))
    curve = decision_curve(event, case["risk"], case["threshold"], resamples=2)
    for model, key in (("model", ""), ("all", "_all"), ("none", "_none")):
        rows = curve.filter(pl.col("model") == model)
        assert_allclose(rows["threshold"], case["threshold"], rtol=0)
        expected = case[f"net_benefit{key}"]
        assert_allclose(rows["net_benefit"], expected, rtol=RTOL, atol=1e-15)
    avoided = curve.filter(pl.col("model") == "model")["interventions_avoided"]
    assert_allclose(avoided, case["interventions_avoided_per_100"], rtol=1e-9, atol=1e-11)
    rows = curve.filter(pl.col("model") == "model")
    assert_allclose(rows["standardised_net_benefit"], case["standardised"], rtol=1e-9, atol=1e-13)
    assert_allclose(rows["gain"], case["gain"], rtol=RTOL, atol=1e-15)
    # a gain is a small difference of larger numbers, and its inverse keeps fewer digits
    expected = [float("nan") if each is None else each for each in case["test_tradeoff"]]
    assert_allclose(rows["test_tradeoff"].fill_null(np.nan), expected, rtol=1e-6)


def test_limits_of_what_follows_from_the_net_benefit() -> None:
    """Resample by resample, by hand; the strategy that is beaten is that of the patients."""
    rng = np.random.default_rng(8)
    event = rng.random(80) < 0.3
    risk = np.clip(0.3 + 0.25 * (event - 0.3) + rng.normal(0, 0.15, 80), 0.01, 0.99)
    cuts = np.array([0.1, 0.3, 0.6])
    curve = decision_curve(event, risk, cuts, resamples=30, seed=4)
    weights = bootstrap_weights(80, 30, 4)
    for place, cut in enumerate(cuts):
        act, odds = risk >= cut, cut / (1 - cut)
        share = weights @ event / 80
        model = (weights @ (act & event) - odds * (weights @ (act & ~event))) / 80
        everyone = share - (1 - share) * odds
        default = everyone if event.mean() - (1 - event.mean()) * odds > 0 else 0 * everyone
        row = curve.filter(pl.col("model") == "model").row(place, named=True)
        for name, values in (
            ("interventions_avoided", 100 * (model - everyone) / odds),
            ("standardised_net_benefit", model / share),
            ("gain", model - default),
        ):
            low, high = np.quantile(values, (0.025, 0.975))
            assert_allclose([row[f"{name}_low"], row[f"{name}_high"]], [low, high], rtol=1e-9)
        assert_allclose(row["test_tradeoff"], 1 / row["gain"], rtol=1e-12)
        assert_allclose(row["test_tradeoff_low"], 1 / row["gain_high"], rtol=1e-12)
        if row["gain_low"] <= 0:  # none within the interval: no number of patients is too many
            assert row["test_tradeoff_high"] is None
        else:
            assert_allclose(row["test_tradeoff_high"], 1 / row["gain_low"], rtol=1e-12)
    for name in ("all", "none"):
        assert curve.filter(pl.col("model") == name)["test_tradeoff"].null_count() == 3


def test_a_perfect_model_has_a_standardised_net_benefit_of_one() -> None:
    event = np.arange(20) < 5
    curve = decision_curve(event, event * 0.98 + 0.01, [0.2, 0.5], resamples=5)
    rows = curve.filter(pl.col("model") == "model")
    for end in ("", "_low", "_high"):
        assert_allclose(rows[f"standardised_net_benefit{end}"], 1.0, rtol=1e-12)
    # at 0.5 the better of the two others is to treat none: one true positive in four patients
    assert_allclose(rows["test_tradeoff"][1], 4.0, rtol=1e-12)


def test_a_risk_at_the_threshold_is_treated() -> None:
    curve = decision_curve([1, 0, 1, 0], [0.2, 0.2, 0.5, 0.1], [0.2], resamples=2)
    # two of four true, one false at odds of a quarter
    assert_allclose(curve["net_benefit"][0], 2 / 4 - 1 / 4 * 0.25, rtol=1e-15)
    above = decision_curve([1, 0, 1, 0], [0.2, 0.2, 0.5, 0.1], [np.nextafter(0.2, 1)], resamples=2)
    assert_allclose(above["net_benefit"][0], 1 / 4, rtol=1e-12)


@settings(max_examples=30)
@given(
    st.integers(0, 10_000),
    st.integers(4, 40),
    st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6),
)
def test_all_none_and_brute_force(seed: int, n: int, thresholds: list[float]) -> None:
    rng = np.random.default_rng(seed)
    risk = rng.integers(0, 20, n) / 20
    event = np.arange(n) < max(1, n // 4)
    curve = decision_curve(event, risk, thresholds, resamples=3)
    cuts = np.unique(thresholds)
    odds = cuts / (1 - cuts)
    share = event.mean()
    found = {name: rows for (name,), rows in curve.group_by("model", maintain_order=True)}
    assert list(found) == ["model", "all", "none"]
    assert_array_equal(found["none"]["net_benefit"], 0.0)
    assert_allclose(found["all"]["net_benefit"], share - (1 - share) * odds, rtol=1e-12, atol=1e-14)
    naive = [
        (np.sum((risk >= t) & event) - np.sum((risk >= t) & ~event) * t / (1 - t)) / n for t in cuts
    ]
    assert_allclose(found["model"]["net_benefit"], naive, rtol=1e-10, atol=1e-13)
    # nobody below a threshold of nearly zero: the model treats all
    lowest = decision_curve(event, np.maximum(risk, 0.05), [0.01], resamples=2)["net_benefit"]
    assert_allclose(lowest[0], lowest[1], rtol=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_plan_on_tied_scores_equals_the_definition(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    linear = rng.integers(-3, 4, size=(2, n)).astype(np.float64)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=2).astype(np.float64)
    event = rng.integers(0, 2, n).astype(np.float64)
    plan = DecisionPlan(np.array([0.05, 0.3, 0.5, 0.9]))
    found = plan.net_benefit(collapse_ties(linear, weights, event))
    for row in range(2):
        for column, cut in enumerate(plan.thresholds):
            treat = 1 / (1 + np.exp(-linear[row])) >= cut
            true = np.sum(weights[row] * event * treat)
            false = np.sum(weights[row] * (1 - event) * treat)
            naive = (true - false * cut / (1 - cut)) / n
            assert_allclose(found[row, column], naive, rtol=1e-10, atol=1e-14)


def test_intervals() -> None:
    case = CASES["pima_external"]
    event = event_of(case, loader.frame("pima_te"))
    curve = decision_curve(event, case["risk"], [0.1, 0.3], resamples=400, seed=3)
    for row in curve.filter(pl.col("model") != "none").to_dicts():
        assert row["conf_low"] < row["net_benefit"] < row["conf_high"]
    # the interval of "treat all" is that of the prevalence, known in closed form
    row = curve.filter((pl.col("model") == "all") & (pl.col("threshold") == 0.1)).row(0, named=True)
    error = np.sqrt(event.mean() * (1 - event.mean()) / event.size) / 0.9
    # 400 resamples know a percentile to about a tenth of the width
    assert_allclose(row["conf_high"] - row["conf_low"], 2 * 1.96 * error, rtol=0.15)
    narrow = decision_curve(event, case["risk"], [0.1], resamples=400, seed=3, level=0.5)
    assert narrow["conf_high"][0] < curve["conf_high"][0]


def test_whole_patients_are_drawn_where_rows_are_vertebrae() -> None:
    rng = np.random.default_rng(7)
    patient = np.repeat(np.arange(60), 3)
    event = np.repeat(rng.random(60) < 0.3, 3)
    risk = np.clip(0.3 + 0.3 * (event - 0.3) + rng.normal(0, 0.1, 180), 0.01, 0.99)
    whole, rows = (
        decision_curve(event, risk, [0.2], cluster=each, resamples=300).row(1, named=True)
        for each in (patient, None)
    )
    assert whole["net_benefit"] == rows["net_benefit"]
    # three rows that have the event together know as much as one
    ratio = (whole["conf_high"] - whole["conf_low"]) / (rows["conf_high"] - rows["conf_low"])
    assert_allclose(ratio, np.sqrt(3), rtol=0.25)
    uneven = patient // 2 % 31
    curve = decision_curve(event, risk, [0.2], cluster=uneven, resamples=5)
    weights = bootstrap_weights(180, 5, 1, np.unique(uneven.astype(str), return_inverse=True)[1])
    shares = weights @ event / weights.sum(axis=1)
    everyone = shares - (1 - shares) * 0.25
    assert_allclose(curve.row(1)[3:5], np.quantile(everyone, (0.025, 0.975)), rtol=1e-12)
    with pytest.raises(ArgumentError, match="cannot be given together"):
        decision_curve(event, risk, [0.2], cluster=patient, prevalence=0.1)


def test_seed_decides() -> None:
    case = CASES["pvp"]
    event = event_of(case, loader.frame("pvp"))
    first, again, other = (
        decision_curve(event, case["risk"], [0.1], resamples=50, seed=seed) for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)
    assert first["net_benefit"].equals(other["net_benefit"])


def test_a_band_of_resamples_holds_no_frequencies_of_patients() -> None:
    """Draws are counted by threshold: memory does not grow with patients times resamples."""
    rng = np.random.default_rng(5)
    event, risk = rng.random(4000) < 0.3, rng.random(4000)
    with memory() as held:
        decision_curve(event, risk, np.arange(1, 20) / 20, resamples=1000)
    assert held.peak < 8 * MB  # frequencies of the patients alone would be 32 MB


def test_whole_patients_are_resampled() -> None:
    """Rows of a patient are drawn together, and so are cases and controls apart."""
    rng = np.random.default_rng(5)
    event, risk = rng.random(60) < 0.4, rng.integers(0, 10, 60) / 10
    patient, cuts, odds = np.arange(60) // 6, np.array([0.2, 0.5]), np.array([0.25, 1.0])
    curve = decision_curve(event, risk, cuts, cluster=patient, resamples=25, seed=3)
    weights = bootstrap_weights(60, 25, 3, patient)
    act = (risk[:, None] >= cuts).astype(float)
    gained = weights @ (act * event[:, None]) - odds * (weights @ (act * ~event[:, None]))
    low, high = np.quantile(gained / weights.sum(axis=1)[:, None], (0.025, 0.975), axis=0)
    rows = curve.filter(pl.col("model") == "model")
    assert_allclose(rows["conf_low"], low, rtol=RTOL, atol=1e-15)
    assert_allclose(rows["conf_high"], high, rtol=RTOL, atol=1e-15)
    sampled = decision_curve(event, risk, cuts, prevalence=0.1, resamples=25, seed=3)
    standing = np.where(event, 0.1 / event.mean(), 0.9 / (1 - event.mean()))
    weights = stratified_weights(event, 25, 3) * standing
    gained = weights @ (act * event[:, None]) - odds * (weights @ (act * ~event[:, None]))
    low, high = np.quantile(gained / 60, (0.025, 0.975), axis=0)
    rows = sampled.filter(pl.col("model") == "model")
    assert_allclose(rows["conf_low"], low, rtol=RTOL, atol=1e-14)
    assert_allclose(rows["conf_high"], high, rtol=RTOL, atol=1e-14)


def test_thresholds_are_sorted_and_distinct() -> None:
    curve = decision_curve([1, 0, 1, 0], [0.2, 0.3, 0.5, 0.1], [0.4, 0.2, 0.4], resamples=2)
    assert curve.filter(pl.col("model") == "model")["threshold"].to_list() == [0.2, 0.4]


@pytest.mark.parametrize("thresholds", [[0.0], [1.0], [0.2, 1.5], [], [math.nan], [-0.1]])
def test_thresholds_that_are_refused(thresholds: list[float]) -> None:
    with pytest.raises(ArgumentError, match="thresholds"):
        decision_curve([1, 0], [0.2, 0.3], thresholds)


@pytest.mark.parametrize("resamples", [0, -5, 2.5, True])
def test_resamples_that_are_refused(resamples: Any) -> None:
    with pytest.raises(ArgumentError, match=r"resamples is .*; a whole number of 1 or more"):
        decision_curve([1, 0], [0.2, 0.3], [0.2], resamples=resamples)


@pytest.mark.parametrize("seed", [None, 1.5, "one"])
def test_seeds_that_are_refused(seed: Any) -> None:
    with pytest.raises(VertebriskError, match="seed"):
        decision_curve([1, 0], [0.2, 0.3], [0.2], seed=seed)


def test_thresholds_that_are_no_numbers() -> None:
    with pytest.raises(VertebriskError, match="thresholds"):
        decision_curve([1, 0], [0.2, 0.3], ["low"])


def test_a_percentage_is_no_risk() -> None:
    with pytest.raises(ArgumentError, match="divide percentages by 100"):
        decision_curve([1, 0], [20, 30], [0.2])
