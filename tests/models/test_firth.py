"""Firth's logistic regression: estimates, tests, limits, mean risk, the automatic choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, reference_formula, reference_frame
from tests.reference.loader import frame, load

from vertebrisk import FirthLogisticFit, LogisticFit, RiskModel, SourcePopulation
from vertebrisk.errors import ArgumentError, FitError

CASES = load("firth")["logistic"]
RTOL = 1e-9  # brglm2 and the script stop where a step moves the estimate by less
ROOT = 1e-8  # uniroot finds the script's limits to an interval of 1e-13
PVP = "pain == 1 ~ cleft + fascia + C(muscle) + cement"
SEPARATED = "event == 1 ~ drain + C(grade) + age + wide"


def firth(formula: str, data: object, **options: Any) -> FirthLogisticFit:
    fit = quiet_fit(formula, data, **{"estimator": "firth", **options})
    assert isinstance(fit, FirthLogisticFit)
    return fit


def of_case(name: str, **options: Any) -> tuple[dict[str, Any], FirthLogisticFit]:
    case = CASES[name]
    return case, firth(reference_formula(case), reference_frame(case), **options)


def whole(fit: LogisticFit) -> Any:
    return np.concatenate([[fit.intercept], fit.beta])


@pytest.mark.parametrize("name", CASES)
def test_estimates_are_those_of_brglm2(name: str) -> None:
    case, fit = of_case(name, mean_risk="uncorrected")
    assert_allclose(whole(fit), case["brglm2"], rtol=RTOL)
    scale = np.sqrt(np.outer(np.diag(case["vcov"]), np.diag(case["vcov"])))
    assert_allclose(fit.cov / scale, np.array(case["brglm2_vcov"]) / scale, atol=RTOL)
    assert_allclose(fit.log_likelihood, case["log_likelihood"], rtol=RTOL)


@pytest.mark.parametrize("name", CASES)
def test_tests_and_limits_are_those_of_the_profile_penalised_likelihood(name: str) -> None:
    case, fit = of_case(name, mean_risk="uncorrected")
    table = fit.coefficients()
    assert_allclose(table["statistic"] ** 2, case["lr"], rtol=1e-8, atol=1e-12)
    assert_allclose(table["p_value"], case["p_value"], rtol=1e-8)
    assert_allclose(table["conf_low"], case["conf_low"], rtol=ROOT)
    assert_allclose(table["conf_high"], case["conf_high"], rtol=ROOT)
    assert_allclose(fit.term_tests()["lr_statistic"], case["term_lr"], rtol=1e-8, atol=1e-12)
    assert_allclose(fit.summary().lr_statistic, case["lr_statistic"], rtol=RTOL)


@pytest.mark.parametrize("name", CASES)
def test_flic_estimates_the_intercept_anew(name: str) -> None:
    case, fit = of_case(name)
    assert fit.mean_risk == "flic"
    assert_allclose(fit.intercept, case["flic"], rtol=RTOL)
    assert_allclose(fit.beta, case["coef"][1:], rtol=RTOL)
    assert_allclose(fit.risk.mean(), fit.n_events / fit.n, rtol=1e-12)
    scale = np.sqrt(np.outer(np.diag(case["flic_vcov"]), np.diag(case["flic_vcov"])))
    assert_allclose(fit.cov / scale, np.array(case["flic_vcov"]) / scale, atol=RTOL)
    limits = fit.coefficients()
    assert_allclose(limits["conf_low"][1:], case["conf_low"][1:], rtol=ROOT)
    reach = 1.959963984540054 * np.sqrt(case["flic_vcov"][0][0])
    assert_allclose(limits["conf_high"][0], case["flic"] + reach, rtol=RTOL)


@pytest.mark.parametrize("name", CASES)
def test_flac_tells_pseudo_patients_from_patients(name: str) -> None:
    case, fit = of_case(name, mean_risk="flac")
    assert_allclose(whole(fit), case["flac"][:-1], rtol=RTOL)
    assert_allclose(fit.risk.mean(), fit.n_events / fit.n, rtol=1e-12)
    scale = np.sqrt(np.outer(np.diag(case["flac_vcov"]), np.diag(case["flac_vcov"])))
    assert_allclose(fit.cov / scale, np.array(case["flac_vcov"]) / scale, atol=RTOL)
    table = fit.coefficients()
    assert (table["conf_low"] < table["estimate"]).all()
    assert (table["estimate"] < table["conf_high"]).all()


def test_limits_of_flac_lie_where_its_likelihood_has_fallen() -> None:
    data = frame("small")
    fit = firth("event == 1 ~ x + tied", data, mean_risk="flac")
    low, high = fit.profile_intervals()
    inference = fit.penalised
    augmented = inference._augmented
    for value in (low[1], high[1]):
        rest = np.delete(augmented.design, 1, axis=1)
        from vertebrisk.kernels.newton import fit_logistic_batch

        offset = augmented.design[:, 1] * value
        held = fit_logistic_batch(rest, augmented.target, augmented.weights, offset=offset)
        full = augmented.fit(inference.found.mask).log_likelihood[0]
        assert_allclose(2 * (full - held.log_likelihood[0]), 3.841458820694124, rtol=1e-8)


def test_two_by_two_tables_have_half_an_event_added_to_each_cell() -> None:
    data = pl.DataFrame({"y": [1] * 3 + [0] * 17 + [0] * 20, "x": [1] * 20 + [0] * 20})
    fit = firth("y ~ x", data, mean_risk="uncorrected")
    assert_allclose(fit.intercept, np.log(0.5 / 20.5), rtol=RTOL)
    assert_allclose(fit.beta, [np.log(3.5 / 17.5) - np.log(0.5 / 20.5)], rtol=RTOL)


def test_auto_uses_maximum_likelihood_where_it_can() -> None:
    data = frame("pvp")
    auto, plain = (quiet_fit(PVP, data, estimator=each) for each in ("auto", "ml"))
    assert not isinstance(auto, FirthLogisticFit)
    assert_allclose(auto.beta, plain.beta, rtol=0)
    assert auto.coefficients().equals(plain.coefficients())


def test_auto_uses_firth_where_patients_are_separated_and_says_so() -> None:
    data = frame("separated")
    fit = quiet_fit(SEPARATED, data, estimator="auto")
    assert isinstance(fit, FirthLogisticFit)
    assert_allclose(whole(fit), whole(firth(SEPARATED, data)), rtol=RTOL)
    (found,) = [each for each in fit.findings if each.code == "separation"]
    assert found.message.startswith("drain, grade = mild separate the patients with and without")
    assert "quasi-complete" in found.message
    assert "Firth's penalised likelihood" in found.message
    assert "FLIC" in found.explanation
    assert fit.model.provenance.estimator == "firth (flic)"


def test_resamples_without_a_finite_estimate_fall_away() -> None:
    data = frame("pvp")
    separated = {
        each: quiet_fit(PVP, data, estimator=each).validate(resamples=200, seed=3)
        for each in ("ml", "auto", "firth")
    }
    assert separated["ml"].n_separated > 0
    assert separated["auto"].n_separated == separated["firth"].n_separated == 0
    counts = separated["firth"].table["n_resamples"]
    assert counts.min() == 200


def test_a_resample_is_the_fit_to_the_patients_that_were_drawn() -> None:
    data = frame("pvp")
    rng = np.random.default_rng(7)
    drawn = rng.integers(0, data.height, (3, data.height))
    weights = np.array([np.bincount(each, minlength=data.height) for each in drawn], dtype=float)
    for estimator in ("firth", "auto"):
        fit = quiet_fit(PVP, data, estimator=estimator)
        developed = fit.development(weights)
        for row, positions in enumerate(drawn):
            own = quiet_fit(PVP, data[positions], estimator=estimator)
            assert_allclose(developed.coefficients[row], whole(own), rtol=1e-7)


def test_selection_goes_by_the_penalised_likelihood_ratio() -> None:
    data = frame("separated").with_columns(far=pl.col("age") * 1000.0)
    fits = [
        firth(f"event == 1 ~ drain + C(grade) + {age} + wide", data, select="backward")
        for age in ("age", "far")
    ]
    kept = [[term.name for term in fit.design.terms] for fit in fits]
    assert kept[0] == kept[1] == ["drain", "grade"]  # whatever the unit
    screened = firth(SEPARATED, data, select="univariable")
    alone = firth("event == 1 ~ drain", data).term_tests()["lr_p_value"][0]
    p_values = screened.development.screen_p_values(np.ones((1, data.height)))[0]
    assert_allclose(p_values[0], alone, rtol=1e-8)


def test_clusters_have_sandwich_errors_and_wald_tests() -> None:
    data = frame("clusters")
    fit = firth("leak == 1 ~ age + C(grade)", data, cluster="patient")
    assert fit.covariance_kind == "cluster"
    assert fit.term_tests()["lr_statistic"].null_count() == 2
    with pytest.raises(ArgumentError, match="independent rows"):
        fit.coefficients(intervals="profile")


def test_sampled_controls_are_corrected_to_their_population() -> None:
    data = frame("pvp")
    plain = firth(PVP, data)
    fit = firth(PVP, data, source=SourcePopulation(prevalence=0.02))
    assert fit.intercept < plain.intercept
    assert_allclose(fit.beta, plain.beta, rtol=0)
    assert_allclose(fit.coefficients()["p_value"][1:], plain.coefficients()["p_value"][1:])
    table = fit.population_estimates()
    assert table["method"].unique().to_list() == ["prior"]
    assert table.drop("method").equals(fit.coefficients())


def test_the_portable_model_gives_the_risks_of_the_fit(tmp_path: Any) -> None:
    data = frame("separated")
    fit = firth(SEPARATED, data)
    path = tmp_path / "model.json"
    fit.model.save(path)
    assert_allclose(RiskModel.load(path).predict(data)["risk"], fit.risk, rtol=1e-12)


FRAME = pl.DataFrame(
    {"y": ([True] + [False] * 3) * 15, "a": np.arange(60.0) % 7, "lone": ["x"] * 59 + ["z"]}
).with_columns(
    twice=pl.col("a") * 2.0,
    same=pl.lit(1.0),
    wild=pl.col("a") * 1e12 + 5e13,
    marker=pl.col("y").cast(pl.Float64) + pl.col("a") * 0.01,
)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("y ~ a + twice", "twice is an exact combination"),
        ("y ~ a + same", "same is the same in all patients"),
    ],
)
def test_what_firth_cannot_fit_either(formula: str, message: str) -> None:
    with pytest.raises(FitError, match=message):
        firth(formula, FRAME)


@pytest.mark.parametrize("right", ["a + C(lone)", "marker", "wild + marker"])
@pytest.mark.parametrize("mean_risk", ["flic", "flac", "uncorrected"])
def test_hard_data_have_finite_estimates(right: str, mean_risk: Any) -> None:
    fit = firth(f"y ~ {right}", FRAME, mean_risk=mean_risk)
    table = fit.coefficients()
    assert np.isfinite(table.select("estimate", "std_error", "p_value").to_numpy()).all()
    assert (table["conf_low"] < table["estimate"]).all()
    assert (table["conf_high"] > table["estimate"]).all()


def test_more_candidates_than_events() -> None:
    rng = np.random.default_rng(2)
    noise = pl.DataFrame({f"x{k}": rng.normal(size=60) for k in range(20)})
    data = pl.concat([FRAME.select("y"), noise], how="horizontal")
    fit = firth("y ~ " + " + ".join(noise.columns), data)
    assert np.isfinite(fit.beta).all()
    assert [each.code for each in fit.findings] == ["few-events"]


def test_mean_risk_belongs_to_firth() -> None:
    with pytest.raises(ArgumentError, match="mean_risk belongs to the estimators firth and auto"):
        quiet_fit("y ~ a", FRAME, mean_risk="flac")
    with pytest.raises(ArgumentError, match="flick"):
        quiet_fit("y ~ a", FRAME, estimator="firth", mean_risk="flick")


@settings(max_examples=20, deadline=None)
@given(factor=st.floats(1e-6, 1e6), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 99))
def test_units_do_not_matter(factor: float, shift: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=30)
    data = pl.DataFrame({"x": x, "moved": factor * (x + shift), "y": rng.random(30) < 0.2})
    data = data.with_columns(y=pl.col("y") | (pl.int_range(30) == 0), z=pl.int_range(30) % 3)
    one, other = (firth(f"y ~ {name} + z", data) for name in ("x", "moved"))
    assert_allclose(other.beta[0] * factor, one.beta[0], rtol=1e-6, atol=1e-9)
    assert_allclose(other.risk, one.risk, rtol=1e-6)
    assert_allclose(other.summary().lr_statistic, one.summary().lr_statistic, rtol=1e-6, atol=1e-9)


def test_far_from_zero_the_intercept_has_walds_limits() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=80) + 1e9
    data = pl.DataFrame({"x": x, "y": rng.random(80) < 1 / (1 + np.exp(1 - (x - 1e9)))})
    table = firth("y ~ x", data).coefficients()
    assert table["conf_low"][1] < table["estimate"][1] < table["conf_high"][1]
    for mean_risk in ("uncorrected", "flac"):
        far = firth("y ~ x", data, mean_risk=mean_risk).coefficients()
        assert_allclose(
            far["conf_low"][0], far["estimate"][0] - 1.96 * far["std_error"][0], rtol=1e-4
        )
        assert_allclose(far["statistic"][0], far["estimate"][0] / far["std_error"][0])
