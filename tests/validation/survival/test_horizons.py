"""Measures at a horizon, against riskRegression, plain survfit and their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference import loader
from tests.survival_data import censored_sample

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.validation.survival.decision import (
    decision_curve_survival,
    incidence_by,
    net_benefits,
)
from vertebrisk.validation.survival.horizon import AtHorizon, extent
from vertebrisk.validation.survival.over_time import brier_survival, time_dependent_auc
from vertebrisk.validation.survival.resampling import risks_by
from vertebrisk.validation.survival.smoothing import (
    SharedRegression,
    calibration_slopes,
    complementary_log_log,
    measures_at_horizon,
    smoothed_risk,
)

CASES: dict[str, dict[str, Any]] = loader.load("horizons")["cases"]
RTOL = 1e-9  # sums over the patients, and products of some hundred factors
# With tied times riskRegression counts who is at risk of being censored otherwise; the
# jackknife below says which is nearer. With no ties the two are equal.
ERROR_RTOL = {"lung": 1e-8, "mgus2": 1e-8, "gbsg": 0.03, "lung_tied": 0.2}


def arrays(name: str) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    case = CASES[name]
    return (
        np.asarray(case["time"], dtype=np.float64),
        np.asarray(case["status"], dtype=np.int64),
        np.asarray(case["risk"], dtype=np.float64),
        np.asarray(case["horizon"], dtype=np.float64),
    )


@pytest.mark.parametrize("name", list(CASES))
def test_auc_and_brier(name: str) -> None:
    time, status, risk, horizon = arrays(name)
    expected = CASES[name]["score"]
    auc = time_dependent_auc(time, status, risk, horizon).frame
    assert_allclose(auc["estimate"], expected["auc"], rtol=RTOL)
    assert_allclose(auc["std_error"], expected["auc_se"], rtol=ERROR_RTOL[name])
    brier = brier_survival(time, status, risk, horizon).frame
    for model, key in (("model", "brier"), ("null", "null")):
        rows = brier.filter(pl.col("model") == model)
        assert_allclose(rows["brier"], expected[key], rtol=RTOL)
        assert_allclose(rows["std_error"], expected[f"{key}_se"], rtol=ERROR_RTOL[name])
    scaled = 1 - np.array(expected["brier"]) / np.array(expected["null"])
    assert_allclose(brier.filter(pl.col("model") == "model")["scaled"], scaled, rtol=1e-7)


@pytest.mark.parametrize("name", list(CASES))
def test_decision_curve(name: str) -> None:
    time, status, risk, _ = arrays(name)
    for place, case in enumerate(CASES[name]["decision"]):
        cuts = case["threshold"]
        curve = decision_curve_survival(
            time, status, risk[:, place], case["horizon"], cuts, resamples=2
        )
        for model in ("model", "all"):
            found = curve.filter(pl.col("model") == model)["net_benefit"]
            assert_allclose(found, case[model], rtol=RTOL, atol=1e-14)
        assert curve.filter(pl.col("model") == "none")["net_benefit"].to_list() == [0.0] * 6
        own, everyone = np.array(case["model"]), np.array(case["all"])
        observed = CASES[name]["calibration"][place]["observed"]
        odds = np.array(cuts) / (1 - np.array(cuts))
        rows = curve.filter(pl.col("model") == "model")
        for column, expected in (
            ("standardised_net_benefit", own / observed),
            ("interventions_avoided", 100 * (own - everyone) / odds),
            ("gain", own - np.maximum(everyone, 0)),
        ):
            assert_allclose(rows[column], expected, rtol=RTOL, atol=1e-11, err_msg=column)


@pytest.mark.parametrize("name", list(CASES))
def test_smoothed_calibration_and_slope(name: str) -> None:
    time, status, risk, _ = arrays(name)
    for place, case in enumerate(CASES[name]["calibration"]):
        at = AtHorizon.of(time, status, case["horizon"])
        own = risk[None, :, place]
        found = measures_at_horizon(at, own)
        # both stop when a step changes the likelihood by 1e-14 of itself
        for measure in ("ici", "e50", "e90", "emax"):
            assert_allclose(found[measure][0], case[measure], rtol=1e-6, err_msg=measure)
        smooth = smoothed_risk(at, own)
        assert_allclose(smooth.at(np.array([case["at"]]))[0], case["curve"], rtol=1e-7)
        assert_allclose(at.observed[0], case["observed"], rtol=RTOL)
        ratio = case["observed"] / case["expected"]
        assert_allclose(found["observed_expected"][0], ratio, rtol=RTOL)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.floats(1.0, 6.0))
def test_every_replicate_is_that_of_repeated_rows(seed: int, tied: bool, horizon: float) -> None:
    time, status = censored_sample(seed, 60, tied=tied)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(60, np.full(60, 1 / 60), 3).astype(float)
    risk = rng.integers(1, 30, (3, 60)) / 30.5
    at = AtHorizon.of(time, status, horizon, weights)
    cuts = np.array([0.2, 0.5])
    batch = {
        "auc": at.auc(risk),
        "brier": at.brier(risk),
        "scaled": at.brier_scaled(risk),
        "observed": at.observed,
        "benefit": net_benefits(time, status, risk, horizon, cuts, weights)[:, 1],
    }
    for row in range(3):
        rows = np.repeat(np.arange(60), weights[row].astype(int))
        alone = AtHorizon.of(time[rows], status[rows], horizon)
        own = risk[row : row + 1, rows]
        ones = np.ones((1, rows.size))
        expected = {
            "auc": alone.auc(own),
            "brier": alone.brier(own),
            "scaled": alone.brier_scaled(own),
            "observed": alone.observed,
            "benefit": net_benefits(time[rows], status[rows], own, horizon, cuts, ones)[:, 1],
        }
        for name, values in expected.items():
            assert_allclose(batch[name][row], values[0], rtol=1e-11, atol=1e-13, err_msg=name)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_weighted_cases_make_the_cumulative_incidence(seed: int, tied: bool) -> None:
    """What the censoring weights give is Aalen and Johansen's estimate, exactly."""
    time, status = censored_sample(seed, 50, tied=tied)
    weights = np.random.default_rng(seed).integers(0, 3, (2, 50)).astype(float)
    for horizon in (1.0, 2.5, 4.0):
        found = AtHorizon.of(time, status, horizon, weights).observed
        assert_allclose(found, incidence_by(time, status, horizon, weights), rtol=1e-10)


def test_smoothing_of_resamples_is_that_of_repeated_rows() -> None:
    time, status, risk, _ = arrays("lung_tied")
    rng = np.random.default_rng(5)
    weights = rng.multinomial(228, np.full(228, 1 / 228), 3).astype(float)
    models = np.clip(risk[None, :, 0] * np.array([[0.8], [1.0], [1.3]]), 0.01, 0.98)
    for states in (status, np.where((np.arange(228) % 5 == 0) & (status == 1), 2, status)):
        at = AtHorizon.of(time, states, 3.5, weights)
        found = measures_at_horizon(at, models)
        grid = np.array([[0.2, 0.3]])
        curve = smoothed_risk(at, models).at(grid)
        for row in range(3):
            rows = np.repeat(np.arange(228), weights[row].astype(int))
            alone = AtHorizon.of(time[rows], states[rows], 3.5)
            own = models[row : row + 1, rows]
            for name, value in measures_at_horizon(alone, own).items():
                assert_allclose(found[name][row], value[0], rtol=1e-7, err_msg=name)
            assert_allclose(curve[row], smoothed_risk(alone, own).at(grid)[0], rtol=1e-7)


@pytest.mark.parametrize("rival", [False, True])
def test_one_regression_smooths_the_risks_of_all_horizons(rival: bool) -> None:
    time, status, risk, _ = arrays("lung_tied")
    states = np.where((np.arange(228) % 5 == 0) & (status == 1), 2, status) if rival else status
    weights = np.random.default_rng(5).multinomial(228, np.full(228, 1 / 228), 4).astype(float)
    linear = complementary_log_log(risk[:, 0]) * np.array([[0.8], [1.0], [1.3], [40.0]])
    horizons = np.array([1.5, 3.5, 6.0])
    levels = np.array([[-1.2, 0.0, 0.5]] * 4)
    levels[2, 0] = -np.inf  # nobody of that model has the event so early
    shared = SharedRegression.of(linear, levels, time, states, weights, horizons)
    assert shared.apart.tolist() == [2, 3]  # forty times as far: risks of 0 and of 1
    for place, horizon in enumerate(horizons):
        at = AtHorizon.of(time, states, float(horizon), weights)
        own = risks_by(linear, levels[:, place : place + 1])
        between = extent(weights, own)
        found, alone = shared.at(place, at, own, between), smoothed_risk(at, own)
        # both searches stop when a step changes the likelihood by 1e-14 of itself
        assert_allclose(found.at(own), alone.at(own), rtol=1e-7)
        assert found.own is not None
        inside = np.isfinite(alone.at(own))
        assert_allclose(found.own[inside], alone.at(own)[inside], rtol=1e-7)
        assert_allclose(found.knots, alone.knots, rtol=1e-9, atol=1e-9)


def test_slope_of_each_model() -> None:
    time, status, risk, _ = arrays("gbsg")
    case = CASES["gbsg"]["calibration"][1]
    follow_up = SurvivalTimes(time, status == 1)
    linear = complementary_log_log(risk[:, 1])[None] * np.array([[1.0], [2.0], [0.0]])
    slope, variance = calibration_slopes(linear, follow_up, np.ones((3, time.size)))
    assert_allclose(slope[0], case["slope"], rtol=1e-9)
    assert_allclose(np.sqrt(variance[0]), case["slope_se"], rtol=1e-9)
    assert_allclose(slope[1], case["slope"] / 2, rtol=1e-9)
    assert np.isnan(slope[2])


def test_constant_and_few_distinct_risks_need_no_spline() -> None:
    time, status, _, _ = arrays("lung")
    at = AtHorizon.of(time, status, 365.5)
    constant = measures_at_horizon(at, np.full((1, time.size), 0.5))
    # the curve is then that of Nelson and Aalen
    nelson_aalen = -np.log1p(-at.observed[0])
    assert abs(constant["ici"][0] - abs(1 - np.exp(-nelson_aalen) - 0.5)) < 0.005
    assert constant["auc"][0] == 0.5
    two = np.where(np.arange(time.size) % 2, 0.4, 0.6)[None]
    assert np.isfinite(measures_at_horizon(at, two)["ici"][0])


def test_who_is_censored_at_the_horizon_is_known_to_be_without_the_event() -> None:
    """All are seen at 12 months: no weights are needed, and the measures are the plain ones."""
    time, event = np.array([12.0, 12, 12, 5, 12, 7]), np.array([0, 0, 0, 1, 1, 1])
    risk = np.array([0.1, 0.2, 0.6, 0.5, 0.7, 0.3])
    auc = time_dependent_auc(time, event, risk, 12.0).frame.row(0, named=True)
    assert auc["estimate"] == pytest.approx(7 / 9)
    assert (auc["n_cases"], auc["n_others"], auc["n_unknown"]) == (3, 3, 0)
    brier = brier_survival(time, event, risk, 12.0).frame.filter(pl.col("model") == "model")
    assert brier["brier"][0] == pytest.approx(np.mean((risk - event) ** 2))
    curve = decision_curve_survival(time, event, risk, 12.0, [0.25], resamples=2)
    assert curve["net_benefit"][0] == pytest.approx(3 / 6 - 1 / 6 / 3)


def test_standard_errors_are_those_of_the_jackknife() -> None:
    """Leaving one patient out moves the estimate by what the influence says."""
    time, status, risk, _ = arrays("lung_tied")
    weights = 1.0 - np.eye(228)
    at = AtHorizon.of(time, status, 6.5, weights)
    own = risk[None, :, 1]
    auc = time_dependent_auc(time, status, risk[:, 1], 6.5).frame["std_error"][0]
    model, null = brier_survival(time, status, risk[:, 1], 6.5).frame["std_error"]
    for values, found in ((at.auc(own), auc), (at.brier(own), model), (at.brier_null(), null)):
        error = np.sqrt(227 / 228 * np.sum((values - values.mean()) ** 2))
        # the two differ by terms of order 1 / n
        assert_allclose(found, error, rtol=0.02)


def test_integrated_brier() -> None:
    time, status, risk, horizon = arrays("gbsg")
    found = brier_survival(time, status, risk, horizon)
    scores = found.frame.filter(pl.col("model") == "model")["brier"].to_numpy()
    area = np.trapezoid(scores, horizon) / (horizon[-1] - horizon[0])
    row = found.integrated.filter(pl.col("model") == "model").row(0, named=True)
    assert row["brier"] == pytest.approx(area)
    assert (row["start"], row["end"]) == (horizon[0], horizon[-1])
    assert brier_survival(time, status, risk[:, 0], horizon[0]).integrated.is_empty()


def test_a_risk_at_the_threshold_is_treated() -> None:
    arguments = ([5, 7, 12, 12], [1, 1, 0, 0], [0.25, 0.1, 0.25, 0.1], 12.0)
    at = decision_curve_survival(*arguments, [0.25], resamples=2)["net_benefit"][0]
    assert at == pytest.approx(1 / 4 - 1 / 4 / 3)
    above = decision_curve_survival(*arguments, [0.26], resamples=2)["net_benefit"][0]
    assert above == 0.0


def test_net_benefit_is_unknown_where_those_at_risk_are_not_followed() -> None:
    time, status = [1, 2, 3, 9, 9, 9], [1, 0, 0, 0, 1, 0]
    risk = [0.9, 0.9, 0.8, 0.1, 0.2, 0.1]
    curve = decision_curve_survival(time, status, risk, 6.0, [0.05, 0.5, 0.95], resamples=2)
    assert curve.filter(pl.col("model") == "model")["net_benefit"].is_null().to_list() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"horizon": 10.0}, r"horizon 10 lies beyond the last follow-up, 9"),
        ({"horizon": 0.0}, "a time above 0"),
        ({"horizon": 0.5}, r"No event .* by the horizon 0\.5: the first is at 1"),
        ({"status": [0, 0, 2, 0]}, "there is none at all"),
        ({"risk": [10, 20, 30, 40]}, "divide percentages by 100"),
        ({"status": [0, 1, 3, 0]}, "status holds 3"),
        ({"time": [1, 2, 3, -4]}, "values below 0"),
        ({"horizon": [3.0, 5.0]}, "risk has the shape 4 where 4 x 2 is needed"),
        ({"horizon": [5.0, 3.0]}, "ascending order"),
        ({"horizon": []}, "horizon is empty"),
    ],
)
def test_bad_input_is_named(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "time": [1, 2, 3, 9],
        "status": [1, 0, 1, 0],
        "risk": [0.4, 0.3, 0.5, 0.1],
        "horizon": 5.0,
    }
    with pytest.raises(ArgumentError, match=message):
        brier_survival(**{**arguments, **changed})


def test_an_auc_needs_patients_without_the_event() -> None:
    with pytest.raises(ArgumentError, match="Nobody is known to be without the event"):
        time_dependent_auc([1, 2, 3], [1, 1, 1], [3, 2, 1], 3.0)
    with pytest.raises(ArgumentError, match="score has the shape"):
        time_dependent_auc([1, 2, 3], [1, 1, 0], [[3, 2, 1]], 2.0)


def test_an_area_of_one_has_no_limits_by_rounding() -> None:
    time = [0.2, 0.11, 0.3, 0.45, 0.7, 0.9, 1.3, 0.17, 0.37]
    status, score = [1, 1, 1, 1, 1, 0, 1, 0, 0], [8.0, 9.0, 7.0, 6.0, 3.0, 2.0, 1.0, 5.0, 4.0]
    told = time_dependent_auc(time, status, score, [0.5]).frame.row(0, named=True)
    assert told["estimate"] == pytest.approx(1.0, rel=1e-12)
    assert (told["std_error"], told["conf_low"], told["conf_high"]) == (None, None, None)
