"""Sampled controls: risks and performance of the population that they came from."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

from vertebrisk import SourcePopulation, calibration, decision_curve, fit_logistic
from vertebrisk.errors import ArgumentError, CalibrationWarning
from vertebrisk.kernels.resamples import stratified_weights
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.validation.discrimination import classify

# Both sides iterate to the end of the doubles; what is left is their rounding.
RTOL = 1e-8
CASES = load("sampling")["cases"]


def source_of(case: dict[str, Any]) -> SourcePopulation:
    if case["population_cases"] is None:
        return SourcePopulation(case["prevalence"])
    return SourcePopulation.of_counts(case["population_cases"], case["population_controls"])


def data_of(case: dict[str, Any]) -> pl.DataFrame:
    data: pl.DataFrame = frame(case["data"])[case["kept"]]
    return data


def fitted(case: dict[str, Any]) -> LogisticFit:
    return fit_logistic(f"{case['event']} ~ glu + bmi + ped", data_of(case), source=source_of(case))


@pytest.fixture(params=CASES, ids=lambda case: f"{case['prevalence']:.3f}")
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


def test_prior_correction_agrees_with_an_offset(case: dict[str, Any]) -> None:
    fit = fitted(case)
    assert fit.sampling is not None
    assert_allclose(fit.offset, case["offset"], rtol=RTOL)
    assert_allclose([fit.intercept, *fit.beta], case["prior"]["estimate"], rtol=RTOL)
    # glm takes its covariance one step before the last
    assert_allclose(fit.cov, case["prior"]["covariance"], rtol=1e-6)
    assert_allclose(fit.sampling.case_weight, case["case_weight"], rtol=RTOL)
    assert_allclose(fit.sampling.control_weight, case["control_weight"], rtol=RTOL)


def test_weighting_agrees_with_svyglm(case: dict[str, Any]) -> None:
    table = fitted(case).population_estimates()
    weighted = table.filter(method="weighted")
    assert_allclose(weighted["estimate"], case["weighted"]["estimate"], rtol=1e-7)
    # the share of the prevalence is a numerical derivative there: some 1e-8 of it
    tolerance = RTOL if case["population_cases"] is None else 1e-6
    errors = np.sqrt(np.diag(case["weighted"]["covariance"]))
    assert_allclose(weighted["std_error"], errors, rtol=tolerance)
    prior = table.filter(method="prior")
    assert_allclose(prior["std_error"], np.sqrt(np.diag(case["prior"]["covariance"])), rtol=1e-6)


def test_measures_are_those_of_the_population(case: dict[str, Any]) -> None:
    measures = fitted(case).apparent.measures
    for name in ("brier", "r2", "ici", "emax"):
        assert_allclose(measures[name], case[name], rtol=1e-6, err_msg=name)  # loess: 1e-7


def test_net_benefit_is_that_of_the_population(case: dict[str, Any]) -> None:
    fit = fitted(case)
    cuts = np.array(case["thresholds"])
    curve = decision_curve(fit.event, fit.risk, cuts, prevalence=case["prevalence"], resamples=20)
    assert_allclose(curve.filter(model="model")["net_benefit"], case["net_benefit"], rtol=1e-9)
    everyone = case["prevalence"] - (1 - case["prevalence"]) * cuts / (1 - cuts)
    assert_allclose(curve.filter(model="all")["net_benefit"], everyone, rtol=1e-9)
    assert_allclose(curve.filter(model="all")["conf_low"], everyone, rtol=1e-9)
    decision = fit.validate(20, 1, thresholds=cuts).decision
    assert decision is not None
    assert_allclose(
        decision.frame.filter(model="model")["net_benefit"], case["net_benefit"], rtol=1e-9
    )
    assert decision.prevalence == pytest.approx(case["prevalence"], rel=1e-12)


def test_calibration_is_that_of_the_population(case: dict[str, Any]) -> None:
    fit = fitted(case)
    with pytest.warns(CalibrationWarning):
        found = calibration(fit.event, fit.risk, prevalence=case["prevalence"])
    # on the patients of the fit: intercept 0 and slope 1 by construction
    assert found.intercept == pytest.approx(0.0, abs=1e-8)
    assert found.slope == pytest.approx(1.0, rel=1e-8)
    assert found.in_the_large == pytest.approx(0.0, abs=1e-8)
    assert found.brier == pytest.approx(case["brier"], rel=1e-8)
    assert found.ici == pytest.approx(case["ici"], rel=1e-6)
    weights = np.where(fit.event, case["case_weight"], case["control_weight"])
    expected = float(weights @ fit.risk) / fit.n
    assert found.observed_expected == pytest.approx(case["prevalence"] / expected, rel=1e-10)
    rate = case["prevalence"]
    assert found.brier_scaled == pytest.approx(1 - case["brier"] / (rate * (1 - rate)), rel=1e-8)
    if case["population_cases"] is None:
        assert found.in_the_large_high is not None
        # the error of the constant of a model with an offset, less that of the sampling
        inside = 1 / (1 + np.exp(-fit.linear_predictor - fit.offset))
        spread = inside * (1 - inside)
        error = math.sqrt(1 / spread.sum() - 1 / 68 - 1 / (fit.n - 68))
        assert found.in_the_large_high == pytest.approx(1.959964 * error, rel=1e-6)


def test_predictive_values_are_those_of_the_population(case: dict[str, Any]) -> None:
    fit = fitted(case)
    table = classify(fit.event, fit.risk, case["thresholds"], prevalence=case["prevalence"]).frame
    for row, expected in zip(table.iter_rows(named=True), case["values"], strict=False):
        for name, value in expected.items():
            # R gives the limits of a share of 0 or 1 as missing; see the test below
            if value is not None and math.isfinite(value) and row["fp"] > 0 and row["fn"] > 0:
                assert row[name] == pytest.approx(value, rel=1e-9), name


def test_an_empty_cell_has_one_open_limit() -> None:
    event = np.array([True] * 10 + [False] * 20)
    risk = np.where(event, 0.9, np.linspace(0.1, 0.5, 30))
    row = classify(event, risk, [0.6], prevalence=0.05).frame.row(0, named=True)
    assert (row["ppv"], row["ppv_high"]) == (1.0, 1.0)
    assert 0.1 < row["ppv_low"] < 1.0
    assert (row["npv"], row["npv_high"]) == (1.0, 1.0)
    nobody = classify(event, risk, [0.95], prevalence=0.05).frame.row(0, named=True)
    assert nobody["ppv"] is None
    assert nobody["ppv_low"] is None
    assert nobody["npv"] == pytest.approx(0.95)


def test_everybody_sampled_is_no_correction() -> None:
    whole = frame("pima_tr")
    source = SourcePopulation.of_counts(68, 132)
    sampled = fit_logistic("type == 'Yes' ~ glu + bmi", whole, source=source)
    plain = fit_logistic("type == 'Yes' ~ glu + bmi", whole)
    assert_allclose(sampled.intercept, plain.intercept, rtol=1e-12)
    assert_allclose(sampled.cov, plain.cov, rtol=1e-12)
    for name in ("c_index", "r2", "brier"):  # smoothed shares are cut at 0 and 1 there
        value = plain.apparent.measures[name]
        assert sampled.apparent.measures[name] == pytest.approx(value, rel=1e-9), name


def test_slopes_and_discrimination_do_not_depend_on_the_prevalence() -> None:
    data = data_of(CASES[0])
    first, second = (
        fit_logistic("type == 'Yes' ~ glu + bmi", data, source=SourcePopulation(share)).validate(
            40, 2
        )
        for share in (0.02, 0.4)
    )
    for name in ("c_index", "slope"):
        assert first.corrected(name) == pytest.approx(second.corrected(name), rel=1e-9)
    assert first.corrected("brier") != pytest.approx(second.corrected("brier"), rel=0.1)


def test_validation_agrees_with_the_sample_at_its_own_prevalence() -> None:
    data = data_of(CASES[0])
    share = 68 / data.height
    corrected = fit_logistic(
        "type == 'Yes' ~ glu + bmi", data, source=SourcePopulation(share)
    ).validate(30, 4)
    plain = fit_logistic("type == 'Yes' ~ glu + bmi", data)
    strata = (data["type"] == "Yes").to_numpy()
    weights = stratified_weights(strata, 30, 4)
    drawn = np.stack([np.repeat(np.arange(data.height), row.astype(int)) for row in weights])
    same = plain.validate(indices=drawn)
    assert corrected.table["measure"].to_list() == same.table["measure"].to_list()
    for name in ("apparent", "training", "test", "corrected"):
        # smoothed shares beyond 0 and 1 count as 0 and 1 with sampled controls
        kept = ~np.isin(same.table["measure"], ["emax", "ici", "e50", "e90"])
        assert_allclose(
            corrected.table[name].to_numpy()[kept].astype(float),
            same.table[name].to_numpy()[kept].astype(float),
            rtol=1e-7,
            atol=1e-9,
        )


def test_intervals_of_a_risk_include_the_prevalence() -> None:
    data = data_of(CASES[0])
    known = fit_logistic(
        "type == 'Yes' ~ glu + bmi", data, select="backward", source=SourcePopulation(0.1)
    )
    estimated = fit_logistic(
        "type == 'Yes' ~ glu + bmi",
        data,
        select="backward",
        source=SourcePopulation.of_counts(10, 90),
    )
    spread = [float(fit.validate(300, 3).draws[:, 0].std()) for fit in (known, estimated)]  # type: ignore[index]
    added = 1 / 10 + 1 / 90
    # 300 draws: the variance is known to about 8 %, and the two share their resamples
    assert spread[1] ** 2 - spread[0] ** 2 == pytest.approx(added, rel=0.6)
    assert spread[1] > spread[0]


def test_profile_intervals_leave_the_corrected_intercept_its_wald_interval() -> None:
    fit = fitted(CASES[1])
    low, high = fit.profile_intervals()
    wald = fit.coefficients()
    assert_allclose([low[0], high[0]], [wald["conf_low"][0], wald["conf_high"][0]], rtol=1e-12)
    assert low[1] != pytest.approx(wald["conf_low"][1], rel=1e-6)


def test_what_is_no_sampling_is_refused() -> None:
    data = data_of(CASES[0])
    with pytest.raises(ArgumentError, match=r"prevalence is 5\.4"):
        SourcePopulation(5.4)
    with pytest.raises(ArgumentError, match="given together"):
        SourcePopulation(0.1, 10)
    with pytest.raises(ArgumentError, match="more than 0"):
        SourcePopulation(0.1, 0, 10)
    with pytest.raises(ArgumentError, match="no sampled controls"):
        fit_logistic("type == 'Yes' ~ glu", data).population_estimates()
    with pytest.raises(ArgumentError, match="either clusters or a source"):
        fit_logistic("type == 'Yes' ~ glu", data, cluster="npreg", source=SourcePopulation(0.1))


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 2**31))
def test_strata_keep_their_sizes(cases: int, controls: int, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(cases + controls)
    event = (np.arange(cases + controls) < cases)[order]
    weights = stratified_weights(event, 7, seed)
    assert (weights[:, event].sum(axis=1) == cases).all()
    assert (weights[:, ~event].sum(axis=1) == controls).all()
    assert_allclose(stratified_weights(event, 4, seed, first=3), weights[3:])


@settings(max_examples=60, deadline=None)
@given(st.floats(0.001, 0.999), st.integers(1, 500), st.integers(1, 500), st.floats(1e-6, 1 - 1e-6))
def test_shares_move_as_bayes_says(
    prevalence: float, cases: int, controls: int, share: float
) -> None:
    event = np.repeat([True, False], [cases, controls])
    sampling = SourcePopulation(prevalence).sampled(event)
    weights = sampling.weights(event.astype(float))
    assert weights.sum() == pytest.approx(event.size)
    assert weights[event].sum() / event.size == pytest.approx(prevalence)
    assert sampling.to_population(np.array([cases / event.size]))[0] == pytest.approx(prevalence)
    moved = float(sampling.to_population(np.array([share]))[0])
    assert 0.0 <= moved <= 1.0
    logit = math.log(share / (1 - share)) - sampling.offset
    assert moved == pytest.approx(1 / (1 + math.exp(-logit)), rel=1e-9)


# mean of 1 / (1 + exp(3.2 - 0.8 x)) over a standard normal x, by quadrature
_NODES, _MASS = np.polynomial.hermite_e.hermegauss(80)
PREVALENCE = float(_MASS @ (1 / (1 + np.exp(3.2 - 0.8 * _NODES))) / _MASS.sum())


@cache
def simulated(estimated: bool) -> tuple[np.ndarray, np.ndarray]:
    """Intercepts of repeated samples and their stated standard errors."""
    random = np.random.default_rng(17)
    estimates, errors = [], []
    for _ in range(600):
        x = random.normal(size=4000)
        event = random.random(4000) < 1 / (1 + np.exp(-(-3.2 + 0.8 * x)))
        cases, others = np.flatnonzero(event), np.flatnonzero(~event)
        kept = np.concatenate([cases, random.choice(others, cases.size, replace=False)])
        source = (
            SourcePopulation.of_counts(cases.size, others.size)
            if estimated
            else SourcePopulation(PREVALENCE)
        )
        fit = fit_logistic("y ~ x", pl.DataFrame({"y": event[kept], "x": x[kept]}), source=source)
        estimates.append(fit.intercept)
        errors.append(math.sqrt(fit.cov[0, 0]))
    return np.array(estimates), np.array(errors)


@pytest.mark.slow
@pytest.mark.parametrize("estimated", [True, False])
def test_the_variance_of_the_intercept_is_the_stated_one(estimated: bool) -> None:
    estimates, errors = simulated(estimated)
    # 600 samples: a standard deviation is known to 3 %, coverage of 95 % to 0.9 points
    assert estimates.std() == pytest.approx(errors.mean(), rel=0.09)
    covered = np.abs(estimates + 3.2) < 1.96 * errors
    assert covered.mean() == pytest.approx(0.95, abs=0.03)
    # without the correction the error would be far too large
    uncorrected = np.sqrt(errors**2 + 2 / 208)
    assert uncorrected.mean() > 1.2 * estimates.std()
