"""Firth's Cox regression: estimates, tests, limits, monotone likelihoods, resamples."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.cases import reference_frame
from tests.reference.loader import frame, load

from vertebrisk import CoxFit, FirthCoxFit, RiskModel, fit_cox
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.firth.climbing import climb
from vertebrisk.kernels.firth.cox import FirthProblem, fit_firth_cox_batch
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.monotone import is_monotone
from vertebrisk.kernels.survival.times import SurvivalTimes

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")

CASES = load("firth")["cox"]
RTOL = 1e-7  # the script's maximum comes from numerical derivatives
SEPARATED = "Surv(time, event == 1) ~ drain + C(grade) + age + wide"


def firth(formula: str, data: object, **options: Any) -> FirthCoxFit:
    fit = fit_cox(formula, data, **{"estimator": "firth", **options})
    assert isinstance(fit, FirthCoxFit)
    return fit


def separated() -> pl.DataFrame:
    return reference_frame(CASES["separated"])


@pytest.mark.parametrize("name", CASES)
def test_estimates_tests_and_limits_maximise_the_penalised_likelihood(name: str) -> None:
    case = CASES[name]
    data = reference_frame(case)
    fit = firth(f"{case['event']} ~ {case['formula']}", data, ties=case["ties"])
    assert_allclose(fit.beta, case["coef"], rtol=RTOL)
    assert_allclose(fit.cov, case["vcov"], rtol=1e-6, atol=1e-9 * np.abs(case["vcov"]).max())
    assert_allclose(fit.penalised_log_likelihood, case["penalised"], rtol=1e-10)
    table = fit.coefficients()
    assert_allclose(table["statistic"] ** 2, case["lr"], rtol=1e-8)
    assert_allclose(table["conf_low"], case["conf_low"], rtol=RTOL)
    assert_allclose(table["conf_high"], case["conf_high"], rtol=RTOL)
    assert_allclose(fit.summary().lr_statistic, case["lr_statistic"], rtol=1e-8)


def follow_up(kind: str, rng: np.random.Generator, n: int) -> SurvivalTimes:
    exit = np.ceil(rng.exponential(5.0, n))
    event = rng.random(n) < 0.5
    entry = np.maximum(exit - rng.integers(1, 6, n), 0.0) if kind == "late" else None
    strata = rng.integers(0, 2, n) if kind == "strata" else None
    return SurvivalTimes(exit, event, entry, strata)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("kind", ["plain", "strata", "late"])
def test_the_gradient_is_the_slope_of_the_penalised_likelihood(ties: Any, kind: str) -> None:
    rng = np.random.default_rng(8)
    columns = rng.normal(size=(50, 3))
    weights = np.vstack([np.ones(50), rng.integers(0, 3, 50)])
    times = follow_up(kind, rng, 50)
    problem = FirthProblem.of(columns, times, weights, ties, np.ones((2, 3), np.bool_))
    assert problem is not None
    beta, step = rng.normal(size=(2, 3)) * 0.5, 1e-5
    slopes = [
        (problem.at(beta + move).value - problem.at(beta - move).value) / (2 * step)
        for move in step * np.eye(3)
    ]
    assert_allclose(problem.at(beta).gradient, np.transpose(slopes), atol=1e-7)


@pytest.mark.parametrize("kind", ["plain", "strata", "late"])
def test_the_programme_agrees_with_newton(kind: str) -> None:
    rng = np.random.default_rng(12)
    monotone = 0
    for _ in range(60):
        n = int(rng.integers(6, 25))
        columns = rng.integers(0, 3, (n, int(rng.integers(1, 4)))).astype(np.float64)
        times = follow_up(kind, rng, n)
        found = is_monotone(columns, times)
        assert found == fit_cox_batch(columns, times).separated[0]
        monotone += found
    assert 3 < monotone < 57


def test_auto_uses_firth_where_the_likelihood_is_monotone_and_says_so() -> None:
    data = separated()
    fit = fit_cox(SEPARATED, data, estimator="auto")
    assert isinstance(fit, FirthCoxFit)
    assert_allclose(fit.beta, firth(SEPARATED, data).beta, rtol=1e-9)
    (found,) = [each for each in fit.findings if each.code == "separation"]
    assert "grade = mild among those at risk" in found.message
    assert "Firth's penalised likelihood" in found.message
    plain = fit_cox("Surv(time, status) ~ karno + age", frame("veteran"), estimator="auto")
    assert not isinstance(plain, FirthCoxFit)
    own = fit_cox("Surv(time, status) ~ karno + age", frame("veteran"))
    assert plain.coefficients().equals(own.coefficients())


def test_maximum_likelihood_names_what_is_monotone() -> None:
    with pytest.raises(FitError, match=r"most extreme value of grade = mild among.*'firth'"):
        fit_cox(SEPARATED, separated())
    rng = np.random.default_rng(3)
    data = pl.DataFrame({name: rng.normal(size=40) for name in "abc"})
    data = data.with_columns(days=100.0 - 10 * (pl.col("a") + pl.col("b")), event=pl.lit(True))
    with pytest.raises(FitError, match="value of a, b together among those at risk"):
        fit_cox("Surv(days, event) ~ a + b + c", data)


def test_resamples_are_fitted_by_the_same_estimator() -> None:
    data = separated()
    validations = [
        fit_cox(SEPARATED, data, estimator=each).validate(resamples=60, seed=2)
        for each in ("firth", "auto")
    ]
    assert [each.n_separated for each in validations] == [0, 0]
    rng = np.random.default_rng(7)
    drawn = rng.integers(0, data.height, data.height)
    weights = np.bincount(drawn, minlength=data.height).astype(np.float64)[None]
    fit = firth(SEPARATED, data)
    own = firth(SEPARATED, data[drawn])
    assert_allclose(fit.development(weights).coefficients[0], own.beta, rtol=1e-6)


def test_selection_goes_by_the_penalised_likelihood_ratio() -> None:
    data = separated()
    screened = firth(SEPARATED, data, select="univariable")
    alone = firth("Surv(time, event == 1) ~ C(grade)", data).term_tests()["lr_p_value"][0]
    p_values = screened.development.screen_p_values(np.ones((1, data.height)))[0]
    assert_allclose(p_values[1], alone, rtol=1e-8)
    kept = firth(SEPARATED, data, select="backward")
    far = firth(
        SEPARATED.replace("wide", "far"),
        data.with_columns(far=pl.col("wide") * 1e-6),
        select="backward",
    )
    assert [term.name for term in kept.design.terms] == [term.name for term in far.design.terms]


def test_robust_errors_have_wald_tests() -> None:
    data = separated().with_columns(patient=pl.int_range(60) // 2)
    fit = firth("Surv(time, event == 1) ~ C(grade) + age", data, cluster="patient")
    assert fit.term_tests()["lr_statistic"].null_count() == 2
    assert_allclose(fit.coefficients()["std_error"], np.sqrt(np.diag(fit.cov)))
    with pytest.raises(ArgumentError, match="assume independent rows"):
        fit.profile_intervals()
    with pytest.raises(ArgumentError, match="intervals is 'bayes'"):
        fit.coefficients(intervals="bayes")  # type: ignore[arg-type]


def test_case_weights_are_repeated_rows_where_times_are_not_tied() -> None:
    data = separated().with_columns(
        time=pl.col("time") + pl.int_range(60) * 0.001, twice=pl.lit(2.0)
    )
    formula = "Surv(time, event == 1) ~ C(grade) + age"
    weighted = firth(formula, data, weights="twice", ties="breslow")
    repeated = firth(formula, pl.concat([data, data]), ties="breslow")
    assert_allclose(weighted.beta, repeated.beta, rtol=1e-8)


def test_the_portable_model_gives_the_risks_of_the_fit(tmp_path: Any) -> None:
    data = separated()
    fit = firth(SEPARATED, data)
    model = fit.model
    assert model.provenance.estimator == "firth"
    model.save(tmp_path / "model.json")
    again = RiskModel.load(tmp_path / "model.json")
    assert again.predict(data)["risk"].equals(model.predict(data)["risk"])


def test_expected_events_are_those_observed() -> None:
    fit = firth(SEPARATED, separated())
    assert abs(fit.residuals("martingale")["residual"].to_numpy().sum()) < 1e-9


@pytest.mark.parametrize("right", ["age + C(lone)", "wild + age"])
def test_hard_data_have_finite_estimates(right: str) -> None:
    data = separated().with_columns(
        lone=pl.Series(["x"] * 59 + ["z"]),
        wild=pl.col("age") * 1e10 + pl.int_range(60) * 1e8,
    )
    fit: CoxFit = firth(f"Surv(time, event == 1) ~ {right}", data)
    table = fit.coefficients()
    assert np.isfinite(table.select("estimate", "std_error", "p_value").to_numpy()).all()
    assert (table["conf_low"] < table["estimate"]).all()
    assert (table["conf_high"] > table["estimate"]).all()


@pytest.mark.parametrize("number", range(30))
def test_one_exposed_patient_who_has_the_event(number: int) -> None:
    """The first step goes so far that hazards overflow; it is not taken, and nobody is warned."""
    rng = np.random.default_rng(number)
    columns = np.column_stack([np.zeros(90), rng.random(90) < 0.4, rng.normal(size=(90, 2))])
    lasting = rng.exponential(np.exp(4.0 - columns @ [0.0, 0.8, 0.4, -0.6]))
    followed = rng.uniform(1.0, 5.0, 90)
    times = SurvivalTimes(np.minimum(lasting, followed), lasting <= followed)
    columns[np.flatnonzero(times.event)[0], 0] = 1.0
    found = fit_firth_cox_batch(columns, times, np.ones((1, 90))).fits
    assert found.converged[0]
    use = np.ones((1, 4), dtype=np.bool_)
    problem = FirthProblem.of(columns, times, np.ones((1, 90)), "efron", use)
    assert problem is not None
    gradient = problem.at(found.beta * problem.scale).gradient
    assert np.abs(gradient).max() < 1e-6


@pytest.mark.parametrize("seed", [35, 37, 47])
def test_tests_on_one_event_are_those_of_the_constrained_maximum(seed: int) -> None:
    """The likelihood is far from a parabola there: steps that go astray settle nothing."""
    rng = np.random.default_rng(seed)
    event = np.zeros(60, dtype=int)
    event[rng.choice(60, rng.integers(1, 6), replace=False)] = 1
    g = rng.integers(0, 2, 60).astype(float)
    time = rng.exponential(5, 60) + 0.1
    x = rng.normal(size=60) + event * rng.integers(0, 3)
    data = pl.DataFrame({"t": time, "e": event, "x": x, "z": rng.normal(size=60), "g": g})
    fit = firth("Surv(t, e) ~ x + z + g", data)
    peak, free = fit.peak(), ~np.eye(3, dtype=np.bool_)
    for found, kept in zip(fit.coefficients()["statistic"], free, strict=True):
        maximum = climb(peak.problem, np.where(kept, peak.beta, 0.0)[None], kept[None])
        assert maximum.converged.all()
        assert_allclose(found**2, 2.0 * (peak.value - maximum.point.value[0]), rtol=1e-6)


def test_a_factor_on_one_event_has_a_finite_test() -> None:
    rng = np.random.default_rng(5)
    data = pl.DataFrame(
        {
            "t": rng.exponential(8.0, 120) + 0.1,
            "e": [1] + [0] * 119,
            "x": rng.normal(size=120),
            "z": rng.normal(size=120),
            "g": np.array(["a", "b", "c"])[rng.integers(0, 3, 120)],
        }
    )
    tests = firth("Surv(t, e) ~ x + z + g", data).term_tests()
    assert (tests["lr_statistic"] < 10.0).all()
