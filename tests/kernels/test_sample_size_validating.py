"""Sizes of a validation: integrals as R's, sizes that are the fewest, cohorts as assumed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.loader import load

from vertebrisk.kernels.sample_size import proportional_hazards
from vertebrisk.kernels.sample_size.normal_predictor import (
    at_threshold,
    binormal_at_threshold,
    by_c_index,
    normal,
    r2_of_c_index,
)
from vertebrisk.kernels.sample_size.validating import (
    Z,
    c_index_error,
    error_of_width,
    log_error_of_width,
    n_for_c_index,
    n_for_log_ratio,
    slope_variance,
)

REFERENCE = load("sample_size")


@pytest.mark.parametrize("case", REFERENCE["slopes"])
def test_binormal_predictors_have_the_moments_of_r(case: dict[str, Any]) -> None:
    # Both integrate to about 1e-10 of the value.
    model = by_c_index(case["prevalence"], case["c_index"])
    assert slope_variance(model) == pytest.approx(case["slope_variance"], rel=1e-8)
    assert model.mean_risk == pytest.approx(case["prevalence"], rel=1e-10)
    found = r2_of_c_index(case["prevalence"], case["c_index"])
    assert found == pytest.approx(case["r2"], rel=1e-8)


@pytest.mark.parametrize("case", REFERENCE["normals"])
def test_normal_predictors_have_the_moments_of_r(case: dict[str, Any]) -> None:
    model = normal(case["mean"], case["sd"])
    assert slope_variance(model) == pytest.approx(case["slope_variance"], rel=1e-8)


@pytest.mark.parametrize("case", REFERENCE["c_sizes"])
def test_the_size_for_the_c_index_is_the_first_that_is_enough(case: dict[str, Any]) -> None:
    error = error_of_width(case["width"])
    assert n_for_c_index(case["prevalence"], case["c_index"], error) == case["n"]


@given(st.floats(0.01, 0.99), st.floats(0.51, 0.99), st.floats(0.02, 0.4))
def test_one_patient_fewer_is_not_enough(prevalence: float, c_index: float, width: float) -> None:
    n = n_for_c_index(prevalence, c_index, error_of_width(width))
    assert 2 * Z * c_index_error(n, prevalence, c_index) <= width * (1 + 1e-9)
    if n > 2:
        assert 2 * Z * c_index_error(n - 1, prevalence, c_index) > width * (1 - 1e-9)


def test_the_published_example_of_observed_over_expected() -> None:
    # Riley et al. 2021: 905 patients with a standard error rounded up to 0.2456; here it is
    # exact, so one patient more.
    error = log_error_of_width(1.0, 1.0)
    assert math.exp(Z * error) - math.exp(-Z * error) == pytest.approx(1.0, rel=1e-12)
    assert n_for_log_ratio(0.018, 0.2456) == 905
    assert n_for_log_ratio(0.018, error) == 906


def test_sensitivity_and_specificity_on_the_grid_are_those_of_the_normal_distributions() -> None:
    # A grid point more or less: steps of the linear predictor are about 0.004.
    found = at_threshold(by_c_index(0.138, 0.78), 0.2)
    assert found == pytest.approx(binormal_at_threshold(0.138, 0.78, 0.2), abs=2e-3)


def test_expected_follow_up_has_the_errors_of_a_large_random_cohort() -> None:
    case = REFERENCE["cohort"]
    expected = proportional_hazards.expected_follow_up(0.2, case["c_index"], 0.3)
    # R drew 400 000 patients, 67 000 with the event: errors of shares near 0.0007, of the
    # variances of slope and log risk near 1 %. Its C (40 000 patients, 6 700 events) has an error
    # of 0.003, its variance one near 3 %, and the spread follows from that C.
    assert expected.spread == pytest.approx(case["spread"], abs=0.03)
    assert expected.event_share == pytest.approx(case["share_events"], abs=0.002)
    assert expected.slope_variance == pytest.approx(case["slope_variance"], rel=0.02)
    assert expected.log_risk_variance == pytest.approx(case["log_risk_variance"], rel=0.01)
    assert expected.c_index_variance == pytest.approx(case["c_variance"], rel=0.06)


def test_without_censoring_the_c_index_is_an_integral_over_two_patients() -> None:
    # Nearly everybody's event is seen: C = E expit |difference|. R: a spread of 1.17664 for 0.75.
    expected = proportional_hazards.expected_follow_up(0.999, 0.75, 0.0)
    assert expected.spread == pytest.approx(REFERENCE["cohort"]["spread"], rel=5e-3)


@given(st.floats(0.01, 0.9), st.floats(0.55, 0.95), st.floats(0.0, 0.9))
@settings(max_examples=6, deadline=None)
def test_expected_follow_up_has_the_c_index_and_losses_asked_for(
    risk: float, c_index: float, lost: float
) -> None:
    share = lost * (1 - risk)
    expected = proportional_hazards.expected_follow_up(risk, c_index, share)
    assert expected.c_index == pytest.approx(c_index, abs=1e-8)
    assert expected.event_share <= risk + 1e-9
