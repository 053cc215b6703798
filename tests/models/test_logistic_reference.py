"""Logistic regression against R: glm, lrm, car::vif, robcov."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.cases import fit_case, quiet_fit, reference_formula, reference_frame
from tests.reference import loader

from vertebrisk._types import FloatArray
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.selection.screening import screen_univariable

LOGISTIC = loader.load("logistic")
CASES: dict[str, dict[str, Any]] = LOGISTIC["cases"]

RTOL = 1e-8  # both iterate until the next step is lost in rounding
# R's covariance belongs to the weights of the iteration before its last; the step between
# moves a standard error by up to 3e-7 of itself and a covariance by up to 3e-6
RTOL_ERROR = 1e-6
RTOL_COVARIANCE = 5e-6
# a small p value changes by about z squared times what its z changes by
RTOL_P = 1e-5


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], LogisticFit]:
    reference = CASES[request.param]
    return reference, fit_case(reference)


Case = tuple[dict[str, Any], LogisticFit]


def test_coefficient_table(case: Case) -> None:
    expected, fit = case
    table = fit.coefficients()
    assert_allclose(table["estimate"], expected["coef"], rtol=RTOL)
    assert_allclose(table["std_error"], expected["se"], rtol=RTOL_ERROR)
    assert_allclose(table["statistic"], expected["z"], rtol=RTOL_ERROR)
    assert_allclose(table["p_value"], expected["p_value"], rtol=RTOL_P)
    # a limit can lie near zero, so the scale is that of the error
    scale = np.asarray(expected["se"])
    assert_allclose((table["conf_low"] - pl.Series(expected["conf_low"])) / scale, 0, atol=1e-6)
    assert_allclose((table["conf_high"] - pl.Series(expected["conf_high"])) / scale, 0, atol=1e-6)


def test_p_values_follow_from_the_statistics(case: Case) -> None:
    table = case[1].coefficients()
    expected = [math.erfc(abs(z) / math.sqrt(2.0)) for z in table["statistic"]]
    assert_allclose(table["p_value"], expected, rtol=1e-11)  # two routes to one function


def test_terms_and_levels_are_named(case: Case) -> None:
    expected, fit = case
    table = fit.coefficients()
    assert table["term"][0] == "(Intercept)"
    assert table.height == len(expected["coef"])
    simple = [
        (term, level)
        for term, level in zip(expected["terms"][1:], expected["levels"][1:], strict=True)
        if ":" not in term and "(" not in term
    ]
    ours = list(zip(table["term"], table["level"], strict=True))
    assert [pair for pair in ours if pair in simple] == simple


def test_odds_ratios(case: Case) -> None:
    expected, fit = case
    table = fit.odds_ratios()
    assert_allclose(table["estimate"], expected["odds_ratio"][1:], rtol=RTOL_ERROR)
    assert_allclose(np.log(table["conf_low"]), np.log(expected["or_low"][1:]), rtol=1e-5)
    assert_allclose(np.log(table["conf_high"]), np.log(expected["or_high"][1:]), rtol=1e-5)
    assert_allclose(table["std_error"], expected["se"][1:], rtol=RTOL_ERROR)  # on the log scale


def test_covariance(case: Case) -> None:
    expected, fit = case
    scale = np.outer(expected["se"], expected["se"])
    assert_allclose(fit.cov / scale, np.asarray(expected["vcov"]) / scale, atol=RTOL_COVARIANCE)
    columns = np.column_stack([np.ones(fit.n), fit.matrix])
    risk = 1.0 / (1.0 + np.exp(-(columns @ np.asarray(expected["coef"]))))
    unit = np.sqrt(np.mean(columns**2, axis=0))  # a spline's columns differ by powers of ten
    information = (columns / unit).T @ ((columns / unit) * (risk * (1.0 - risk))[:, None])
    exact = np.linalg.inv(information) / np.outer(unit, unit)
    # exact inverse information: what is left is rounding times a condition of up to 1e6
    assert_allclose(fit.cov / scale, exact / scale, atol=1e-8)


def test_joint_statistics(case: Case) -> None:
    expected, fit = case
    summary = fit.summary().to_dict()
    pairs = {
        "n": "n",
        "n_events": "n_events",
        "log_likelihood": "log_likelihood",
        "null_log_likelihood": "log_likelihood_null",
        "lr_statistic": "lr_statistic",
        "df": "df",
        "p_value": "p_model",
        "aic": "aic",
        "bic": "bic",
        "c_index": "c_index",
        "dxy": "dxy",
        "r2": "r2_nagelkerke",
        "brier": "brier",
    }
    for ours, theirs in pairs.items():
        assert_allclose(summary[ours], expected[theirs], rtol=RTOL, err_msg=ours)
    assert isinstance(summary["df"], int)


def test_fitted_risks_keep_the_order_of_rows(case: Case) -> None:
    expected, fit = case
    linear = expected["linear_predictor_first"]
    assert_allclose(fit.linear_predictor[:10], linear, rtol=RTOL, atol=1e-9)
    assert_allclose(fit.risk[:10], expected["fitted_first"], rtol=RTOL)


def test_term_tests(case: Case) -> None:
    expected, fit = case
    table = fit.term_tests()
    reference = expected["term_tests"]
    assert table["df"].to_list() == [term["df"] for term in reference]
    assert_allclose(table["wald"], [term["wald"] for term in reference], rtol=RTOL_ERROR)
    assert_allclose(table["wald_p_value"], [term["wald_p"] for term in reference], rtol=RTOL_P)
    assert_allclose(table["lr_statistic"], [term["lr"] for term in reference], rtol=RTOL)
    assert_allclose(table["lr_p_value"], [term["lr_p"] for term in reference], rtol=1e-7)


def test_profile_intervals(case: Case) -> None:
    expected, fit = case
    table = fit.coefficients(intervals="profile")
    # exact roots on both sides, R's to 1e-12
    assert_allclose(table["conf_low"], expected["profile"]["conf_low"], rtol=1e-6)
    assert_allclose(table["conf_high"], expected["profile"]["conf_high"], rtol=1e-6)
    # MASS interpolates on a grid, to about 1e-3 of an error; the roots must lie that near
    scale = np.asarray(expected["se"])
    for side in ("conf_low", "conf_high"):
        grid = np.asarray(expected["profile_mass"][side])
        assert_allclose((table[side].to_numpy() - grid) / scale, 0.0, atol=0.01)


def test_hosmer_lemeshow(case: Case) -> None:
    expected = case[0]["hosmer_lemeshow"]
    found = case[1].hosmer_lemeshow()
    assert_allclose(found.statistic, expected["statistic"], rtol=RTOL)
    assert (found.df, found.groups) == (expected["df"], expected["groups"])
    assert found.p_value is not None
    assert_allclose(found.p_value, expected["p_value"], rtol=RTOL)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "vif" in case])
def test_variance_inflation(name: str) -> None:
    expected = CASES[name]["vif"]
    table = fit_case(CASES[name]).vif()
    assert_allclose(table["gvif"], expected["gvif"], rtol=1e-7)
    scaled = expected.get("adjusted", np.sqrt(expected["gvif"]))
    assert_allclose(table["gvif_scaled"], scaled, rtol=1e-7)
    if "df" in expected:
        assert table["df"].to_list() == expected["df"]


def test_variance_inflation_needs_two_terms() -> None:
    assert quiet_fit('type == "Yes" ~ glu', loader.frame("pima_tr")).vif().is_empty()


@pytest.mark.parametrize("name", list(LOGISTIC["knots"]))
def test_knots_of_fits(name: str) -> None:
    expected = LOGISTIC["knots"][name]
    factors = [f for t in fit_case(CASES[name]).design.terms for f in t.factors if f.knots]
    assert [factor.variable for factor in factors] == list(expected)
    for factor in factors:
        assert_allclose(factor.knots, expected[factor.variable], rtol=1e-12)


def test_clustered_covariance() -> None:
    robust = LOGISTIC["robust"]
    fit = fit_case(robust, cluster="patient")
    scale = np.sqrt(np.diag(robust["robcov"]))
    # rms stops at eps 1e-10 on the deviance, a step of 1e-6 in the weights
    assert_allclose(fit.cov / np.outer(scale, scale), robust["robcov"] / np.outer(scale, scale),
                    atol=RTOL_COVARIANCE)  # fmt: skip
    assert_allclose(fit.coefficients()["estimate"], robust["coef"], rtol=RTOL)
    assert_allclose(fit.coefficients()["std_error"], scale, rtol=RTOL_COVARIANCE)
    assert fit.covariance_kind == "cluster"
    assert fit.clusters is not None
    assert np.unique(fit.clusters).size == robust["n_clusters"]
    # a patient's rows differ from independent ones, so the two must not coincide
    assert not np.allclose(fit.cov, robust["HC0_unclustered"], rtol=0.01)


def test_clusters_leave_the_likelihood_ratio_out() -> None:
    fit = fit_case(LOGISTIC["robust"], cluster="patient")
    tests = fit.term_tests()
    assert tests["lr_statistic"].null_count() == tests.height
    assert tests["wald"].null_count() == 0


def test_frequency_weights() -> None:
    expected = LOGISTIC["weighted"]
    fit = fit_case(expected, weights="weight")
    summary = fit.summary()
    assert_allclose(fit.coefficients()["estimate"], expected["coef"], rtol=RTOL)
    scale = np.sqrt(np.diag(expected["vcov"]))
    outer = np.outer(scale, scale)
    assert_allclose(fit.cov / outer, expected["vcov"] / outer, atol=RTOL_COVARIANCE)
    assert (summary.n, summary.n_events) == (expected["n"], expected["n_events"])
    for name in ("log_likelihood", "c_index", "brier"):
        assert_allclose(getattr(summary, name), expected[name], rtol=RTOL)
    assert_allclose(summary.null_log_likelihood, expected["log_likelihood_null"], rtol=RTOL)


SCREENS = [
    ("pima_groups", 'type == "Yes"', "pima_factors"),
    ("pvp", "pain == 1", "pvp"),
]


@pytest.mark.parametrize(("data", "outcome", "like"), SCREENS)
def test_univariable_screen(data: str, outcome: str, like: str) -> None:
    reference = LOGISTIC["screening"][data]
    table = screen_univariable(reference_frame(CASES[like]), outcome, list(reference))
    for name, expected in reference.items():
        rows = table.filter(pl.col("term") == name)
        assert_allclose(rows["estimate"], expected["coef"][1:], rtol=RTOL)
        assert_allclose(rows["std_error"], expected["se"][1:], rtol=RTOL_ERROR)
        assert_allclose(rows["odds_ratio"], np.exp(expected["coef"][1:]), rtol=RTOL)
        assert_allclose(rows["lr_statistic"], [expected["lr"]] * rows.height, rtol=RTOL)
        assert_allclose(rows["lr_p_value"], [expected["p_value"]] * rows.height, rtol=1e-7)
        assert rows["df"].to_list() == [expected["df"]] * rows.height
        assert rows["note"].to_list() == [""] * rows.height


def _predicted() -> tuple[dict[str, Any], pl.DataFrame]:
    expected = LOGISTIC["prediction"]
    fitted = {"data": expected["fitted_on"], **{k: expected[k] for k in ("event", "formula")}}
    model = fit_case(fitted).model
    return expected, model.predict(loader.frame(expected["data"]).head(25))


def test_prediction_with_interval() -> None:
    expected, found = _predicted()
    assert found.height == 25
    assert_allclose(found["linear_predictor"], expected["linear_predictor"], rtol=RTOL)
    assert_allclose(found["risk"], expected["risk"], rtol=RTOL)
    assert_allclose(found["conf_low"], expected["conf_low"], rtol=RTOL_ERROR)
    assert_allclose(found["conf_high"], expected["conf_high"], rtol=RTOL_ERROR)


def test_interval_narrows_with_the_level() -> None:
    expected = LOGISTIC["prediction"]
    model = quiet_fit(reference_formula(expected), loader.frame("pima_tr")).model
    found = model.predict(loader.frame("pima_te").head(25), level=0.5)
    z = 0.6744897501960817  # the upper quartile of the normal distribution
    low: FloatArray = np.asarray(expected["linear_predictor"]) - z * np.asarray(expected["se"])
    assert_allclose(found["conf_low"], 1 / (1 + np.exp(-low)), rtol=RTOL_ERROR)
