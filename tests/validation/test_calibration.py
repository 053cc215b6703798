"""Calibration of given risks against R."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import event_of
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.kernels.tied import collapse_ties
from vertebrisk.validation.agreement import Calibration, calibration
from vertebrisk.validation.curves import risk_distribution
from vertebrisk.validation.measures import (
    emax_linear,
    in_the_large,
    nagelkerke,
    null_log_likelihood,
    recalibrate,
    smooth_observed,
    smoother_name,
)

SETS: dict[str, dict[str, Any]] = loader.load("smoothers")["sets"]
RTOL = 1e-7  # R's errors belong to the iteration before its last, see the logistic reference


def quiet(event: Any, risk: Any, **options: Any) -> Calibration:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CalibrationWarning)
        return calibration(event, risk, **options)


@pytest.mark.parametrize("name", list(SETS))
def test_intercept_and_slope(name: str) -> None:
    case = SETS[name]
    expected = case["calibration"]
    found = quiet(event_of(case, loader.frame(case["data"])), case["risk"]).to_dict()
    for measure in ("intercept", "slope", "in_the_large"):
        reference = expected[measure]
        # an estimate can be zero by construction, so the scale is its error
        for key, value in (("", "estimate"), ("_low", "conf_low"), ("_high", "conf_high")):
            gap = (found[measure + key] - reference[value]) / reference["se"]
            assert abs(gap) < 1e-6, (measure, key)


@pytest.mark.parametrize("name", list(SETS))
def test_observed_expected_and_brier(name: str) -> None:
    case = SETS[name]
    expected = case["calibration"]
    found = quiet(event_of(case, loader.frame(case["data"])), case["risk"])
    ratio = expected["observed_expected"]
    assert_allclose(
        [found.observed_expected, found.observed_expected_low, found.observed_expected_high],
        [ratio["estimate"], ratio["conf_low"], ratio["conf_high"]],
        rtol=1e-10,
    )
    assert_allclose(found.brier, expected["brier"], rtol=1e-12)
    assert_allclose(found.brier_scaled, expected["scaled_brier"], rtol=1e-10)


@pytest.mark.parametrize("name", list(SETS))
def test_loess_indices(name: str) -> None:
    case = SETS[name]
    expected = case["calibration"]
    found = quiet(event_of(case, loader.frame(case["data"])), case["risk"])
    for index in ("ici", "e50", "e90", "emax"):
        # the fitted values agree to 1e-6 where a neighbourhood is nearly singular
        assert_allclose(getattr(found, index), expected[index], rtol=1e-6, atol=1e-7)
    assert found.smoother == "loess (degree 2, span 0.75, direct)"


def test_level_widens_the_intervals() -> None:
    case = SETS["pima_external"]
    event = event_of(case, loader.frame(case["data"]))
    wide, narrow = (quiet(event, case["risk"], level=level) for level in (0.95, 0.5))
    assert wide.slope_high is not None
    assert narrow.slope_high is not None
    assert wide.slope is not None
    ratio = (wide.slope_high - wide.slope) / (narrow.slope_high - wide.slope)
    assert_allclose(ratio, 1.959963984540054 / 0.6744897501960817, rtol=1e-9)


@settings(max_examples=15)
@given(st.lists(st.sampled_from([0.1, 0.2, 0.25, 0.5, 0.75, 0.9]), min_size=2, max_size=5,
                unique=True))  # fmt: skip
def test_perfect_risks_are_perfectly_calibrated(risks: list[float]) -> None:
    """Groups of 40 whose share of events is exactly their risk."""
    risk = np.repeat(risks, 40)
    event = np.concatenate([np.arange(40) < round(40 * r) for r in risks]).astype(float)
    found = quiet(event, risk)
    assert found.intercept is not None
    assert found.slope is not None
    assert found.in_the_large is not None
    assert_allclose([found.intercept, found.in_the_large], 0.0, atol=1e-8)
    assert_allclose(found.slope, 1.0, rtol=1e-7)
    assert_allclose(found.observed_expected, 1.0, rtol=1e-12)
    if len(risks) < 4:
        assert found.ici is not None
        assert_allclose(found.ici, 0.0, atol=1e-6)


@settings(max_examples=15)
@given(st.floats(-1.0, 1.0), st.floats(0.4, 2.0), st.integers(0, 1000))
def test_recalibrated_risks_have_slope_one(shift: float, factor: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    linear = rng.normal(size=150)
    event = (rng.random(150) < 1 / (1 + np.exp(-linear))).astype(float)
    first = quiet(event, 1 / (1 + np.exp(-(shift + factor * linear))))
    assert first.intercept is not None
    assert first.slope is not None
    recalibrated = first.intercept + first.slope * (shift + factor * linear)
    again = quiet(event, 1 / (1 + np.exp(-recalibrated)))
    assert again.intercept is not None
    assert again.slope is not None
    assert_allclose([again.intercept, again.slope], [0.0, 1.0], atol=1e-7)
    # the joint likelihood does not know how the linear predictor was scaled
    plain = quiet(event, 1 / (1 + np.exp(-linear)))
    assert plain.slope is not None
    assert_allclose(first.slope * factor, plain.slope, rtol=1e-6)


def test_constant_risk_has_no_slope() -> None:
    event = np.repeat([1.0, 0.0], [30, 70])
    found = quiet(event, np.full(100, 0.2))
    assert found.slope is None
    assert found.slope_low is None
    assert found.in_the_large is not None
    assert_allclose(found.in_the_large, np.log(0.3 / 0.7) - np.log(0.2 / 0.8), rtol=1e-10)
    for index in ("ici", "e50", "e90", "emax"):
        assert_allclose(getattr(found, index), 0.1, rtol=1e-10)


def test_risks_of_zero_and_one() -> None:
    event = np.array([0, 1, 0, 1, 1, 0])
    risk = np.array([0.0, 1.0, 0.3, 0.6, 0.2, 0.7])
    with pytest.warns(CalibrationWarning) as caught:
        found = calibration(event, risk)
    messages = [str(warning.message) for warning in caught]
    assert any("2 risks are exactly 0 or 1" in message for message in messages)
    assert (found.intercept, found.slope, found.in_the_large) == (None, None, None)
    assert_allclose(found.brier, np.mean((event - risk) ** 2), rtol=1e-14)


def test_separated_risks_have_no_finite_slope() -> None:
    event = np.repeat([0, 1], 30)
    found = quiet(event, np.where(event == 1, 0.8, 0.3))
    assert found.slope is None
    assert found.in_the_large is not None


def test_few_events_are_said_aloud() -> None:
    case = SETS["pvp_apparent"]
    event = event_of(case, loader.frame(case["data"]))
    with pytest.warns(CalibrationWarning, match="Only 37 patients in the smaller outcome group"):
        calibration(event, case["risk"])


def test_many_events_are_quiet_and_splined() -> None:
    rng = np.random.default_rng(3)
    risk = rng.uniform(0.05, 0.6, 10_400)
    event = rng.random(10_400) < risk
    found = calibration(event, risk)  # a warning would be an error
    assert found.smoother == "restricted cubic spline (5 knots) of the log-odds"
    # true risks: what is left is sampling, some 0.005 with ten thousand patients
    assert found.ici is not None
    assert found.ici < 0.015
    wrong = calibration(event, risk / 2)
    assert wrong.ici is not None
    assert_allclose(wrong.ici, np.mean(risk / 2), atol=0.01)


def test_smoothers_agree_where_both_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    linear = rng.normal(size=3000)
    event = (rng.random(3000) < 1 / (1 + np.exp(-1.5 * linear))).astype(float)
    tied = collapse_ties(linear[None], np.ones((1, 3000)), event)
    loess = smooth_observed(tied)
    monkeypatch.setattr("vertebrisk.validation.measures.LOESS_LIMIT", 100)
    splined = smooth_observed(tied)
    # two smoothers of 3000 patients differ by noise of about 0.01 within the middle 90 %
    assert np.abs(loess - splined)[0, 150:-150].max() < 0.05
    assert smoother_name(101) != smoother_name(100)


REFUSED = [
    ([1, 0], [30.0, 20.0], "probabilities lie between 0 and 1"),
    ([1, 0], [-0.1, 0.2], "probabilities lie between 0 and 1"),
    ([1, 0], [0.1, math.nan], "risk has 1 missing or infinite values"),
    ([1, 0, 1], [0.1, 0.2], "risk has 2 values where 3 are needed"),
    ([1, 1], [0.1, 0.2], "both outcomes must occur"),
]


@pytest.mark.parametrize(("event", "risk", "message"), REFUSED)
def test_inputs_that_are_refused(event: Any, risk: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        calibration(event, risk)


def test_in_the_large_is_the_root_of_its_score() -> None:
    case = SETS["pima_external"]
    event: FloatArray = event_of(case, loader.frame(case["data"]))
    risk = np.asarray(case["risk"])
    linear = np.log(risk / (1 - risk))
    centre, error = in_the_large(linear, event)
    fitted = 1 / (1 + np.exp(-(linear + centre)))
    assert_allclose(fitted.sum(), event.sum(), rtol=1e-10)
    assert_allclose(error, 1 / np.sqrt(np.sum(fitted * (1 - fitted))), rtol=1e-7)


def test_nagelkerke_runs_from_zero_to_one() -> None:
    null = null_log_likelihood(np.array([30.0]), np.array([100.0]))
    assert_allclose(null, 30 * np.log(0.3) + 70 * np.log(0.7), rtol=1e-14)
    assert nagelkerke(np.zeros(1), null, np.array([100.0]))[0] == 0.0
    assert_allclose(nagelkerke(-2 * null, null, np.array([100.0])), 1.0, rtol=1e-14)
    assert null_log_likelihood(np.array([0.0]), np.array([10.0]))[0] == 0.0
    assert nagelkerke(np.array([-1e9]), null, np.array([100.0]))[0] == -np.inf  # and no warning


def test_recalibration_of_a_constant_predictor() -> None:
    tied = collapse_ties(np.full((1, 10), 2.0), np.ones((1, 10)), np.repeat([1.0, 0.0], [4, 6]))
    intercept, slope, likelihood = recalibrate(tied)
    assert_allclose(intercept, np.log(4 / 6), rtol=1e-14)
    assert slope[0] == 1.0
    assert_allclose(likelihood, 4 * np.log(0.4) + 6 * np.log(0.6), rtol=1e-14)


def test_largest_linear_gap() -> None:
    assert emax_linear(0.0, 1.0) < 1e-15
    grid = np.linspace(0.0005, 0.9995, 1999)
    shifted = 1 / (1 + np.exp(-(0.3 + np.log(grid / (1 - grid)))))
    assert_allclose(emax_linear(0.3, 1.0), np.abs(grid - shifted).max(), rtol=1e-9)
    assert emax_linear(0.0, -0.5) == 1.0


def test_distribution_counts_everyone() -> None:
    risk = np.array([0.0, 0.05, 0.11, 0.11, 0.42])
    bins = risk_distribution(risk, np.array([0.0, 1.0, 1.0, 0.0, 1.0]))
    assert bins["n"].sum() == 5
    assert bins["n_events"].sum() == 3
    assert bins["low"][0] == 0.0
    assert_allclose(bins["high"][-1], 0.45, rtol=1e-12)  # the next multiple of 0.05
