"""Matched sets against R: clogit, McNemar, Mantel and Haenszel, selection, and resampled sets."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import FewEventsWarning, FitError
from vertebrisk.kernels.conditional.fitting import ConditionalProblem
from vertebrisk.kernels.conditional.sets import MatchedSets
from vertebrisk.models.conditional.firth import FirthConditionalFit
from vertebrisk.models.development import Selection

REFERENCE = loader.load("matched")
RTOL = 1e-7  # both are iterated to the end
YES_NO = "C({}, ref='No')"


@pytest.fixture(autouse=True)
def _few_events() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        yield


def endo() -> pl.DataFrame:
    return loader.frame("bdendo").with_columns(
        pl.col("dur").cast(pl.String),
        used=pl.col("est") == "Yes",
        middle=pl.col("age3") == "65-74",
        old=pl.col("age3") == "75+",
    )


def fitted(name: str) -> vr.ConditionalFit:
    formula, frame, sets = {
        "additive": ("d == 1 ~ gall + hyp + est + non", endo(), "set"),
        "levels": ("d == 1 ~ gall + dur", endo(), "set"),
        "missing": ("d == 1 ~ gall + ob + est", endo(), "set"),
        "interaction": ("d == 1 ~ gall * est", endo(), "set"),
        "with_matched": ("d == 1 ~ used + used:middle + used:old", endo(), "set"),
        "eyes": ("status == 1 ~ trt + risk", loader.frame("retinopathy"), "id"),
        "spline": ("case == 1 ~ rcs(a, 4) + c", loader.frame("matched_sets"), "set"),
        "several": ("case == 1 ~ a + C(b, ref='low') + c", loader.frame("matched_sets"), "set"),
    }[name]
    return vr.fit_conditional(formula, frame, sets=sets)


@pytest.mark.parametrize("name", sorted(REFERENCE["fits"]))
def test_as_clogit(name: str) -> None:
    fit, expected = fitted(name), REFERENCE["fits"][name]
    table, summary = fit.coefficients(), fit.summary()
    order = [0, 2, 1, 3] if name == "several" else list(range(len(expected["estimate"])))
    assert_allclose(table["estimate"].to_numpy()[order], expected["estimate"], rtol=RTOL)
    assert_allclose(table["std_error"].to_numpy()[order], expected["std_error"], rtol=RTOL)
    found = [summary.null_log_likelihood, summary.log_likelihood]
    assert_allclose(found, expected["log_likelihood"], rtol=RTOL)
    assert_allclose([summary.lr_statistic, summary.df, summary.p_value], expected["lr"], rtol=1e-6)
    score = [summary.score_statistic, summary.df, summary.score_p_value]
    assert_allclose(score, expected["score"], rtol=1e-6)
    assert summary.aic == pytest.approx(expected["aic"], rel=RTOL)
    assert summary.c_index == pytest.approx(expected["concordance"], rel=1e-9)


def test_one_case_a_set_is_efrons_approximation() -> None:
    fit, expected = fitted("additive"), REFERENCE["efron"]
    assert_allclose(fit.coefficients()["estimate"], expected["estimate"], rtol=RTOL)
    assert fit.summary().bic == pytest.approx(expected["bic"], rel=RTOL)


@pytest.mark.parametrize("name", sorted(REFERENCE["alone"]))
def test_each_alone(name: str) -> None:
    expected = REFERENCE["alone"][name]
    table = vr.screen_conditional(endo(), "d == 1", [name], sets="set")
    assert_allclose(table["estimate"], expected["estimate"], rtol=RTOL)
    assert_allclose(table["std_error"], expected["std_error"], rtol=RTOL)
    whole = table.row(0, named=True)
    assert_allclose([whole["lr_statistic"], whole["df"], whole["lr_p_value"]], expected["lr"],
                    rtol=1e-6)  # fmt: skip
    compared = vr.table_one(endo(), by="d", variables=[name], sets="set").row(0, named=True)
    assert compared["test"] == "conditional"
    assert_allclose([compared[key] for key in ("statistic", "df", "p_value")], expected["score"],
                    rtol=1e-6)  # fmt: skip


def test_the_score_test_has_old_names() -> None:
    eyes = vr.table_one(loader.frame("retinopathy"), by="status", variables=["trt"], sets="id")
    assert eyes["statistic"][0] == pytest.approx(REFERENCE["mcnemar"], rel=1e-9)
    gall = vr.table_one(endo(), by="d", variables=["gall"], sets="set")
    assert gall["statistic"][0] == pytest.approx(REFERENCE["haenszel"], rel=1e-9)


@pytest.mark.parametrize("criterion", ["p", "aic", "bic"])
def test_backward_elimination(criterion: Any) -> None:
    formula = "d == 1 ~ gall + hyp + est + non + duration"
    selection = Selection("backward", criterion=criterion)
    fit = vr.fit_conditional(formula, endo(), sets="set", select=selection)
    assert [term.name for term in fit.design.terms] == REFERENCE["chosen"][criterion]


def test_the_interval_of_c_is_that_of_a_ratio_over_sets() -> None:
    found = fitted("several").concordance()
    share, error = REFERENCE["concordance_error"]
    assert found.estimate == pytest.approx(share, rel=1e-9)
    assert found.conf_low is not None
    assert found.conf_high is not None
    assert found.conf_high - found.conf_low == pytest.approx(2 * 1.959963984540054 * error)


@pytest.mark.parametrize(("key", "select"), [("fixed", "prespecified"), ("selected", "aic")])
def test_resampled_sets(key: str, select: str) -> None:
    selection = Selection() if select == "prespecified" else Selection("backward", criterion="aic")
    frame = loader.frame("matched_noise")
    fit = vr.fit_conditional("case == 1 ~ a + c + z1 + z2", frame, sets="set", select=selection)
    drawn = np.array(REFERENCE["resamples"])
    found = fit.validate(indices=drawn).table
    training, test, slope = np.array(REFERENCE[key]).mean(axis=0)
    rows = {row["measure"]: row for row in found.iter_rows(named=True)}
    assert rows["c_index"]["training"] == pytest.approx(training, rel=1e-9)
    assert rows["c_index"]["test"] == pytest.approx(test, rel=1e-9)
    assert rows["slope"]["test"] == pytest.approx(slope, rel=1e-6)


def separated_endo() -> pl.DataFrame:
    """Gall bladder disease in cases only."""
    return endo().with_columns(
        gall=pl.when(pl.col("d") == 1).then(pl.col("gall")).otherwise(pl.lit("No"))
    )


@pytest.mark.parametrize(("name", "make"), [("separated", separated_endo), ("plain", endo)])
def test_firths_estimate_of_sets_with_one_case(name: str, make: Any) -> None:
    expected = REFERENCE["penalised"][name]
    fit = vr.fit_conditional("d == 1 ~ gall + est", make(), sets="set", estimator="firth")
    assert isinstance(fit, FirthConditionalFit)
    assert_allclose(fit.beta, expected["estimate"], rtol=1e-7)  # a numerical gradient in R
    assert_allclose(np.sqrt(np.diag(fit.cov)), expected["std_error"], rtol=1e-7)
    assert fit.penalised_log_likelihood == pytest.approx(expected["value"], rel=1e-9)
    auto = vr.fit_conditional("d == 1 ~ gall + est", make(), sets="set", estimator="auto")
    assert isinstance(auto, FirthConditionalFit) == (name == "separated")
    assert ("separation" in {each.code for each in auto.findings}) == (name == "separated")


def test_firths_estimate_of_pairs_is_that_of_their_differences() -> None:
    eyes = loader.frame("retinopathy")
    fit = vr.fit_conditional("status == 1 ~ trt + risk", eyes, sets="id", estimator="firth")
    expected = REFERENCE["penalised"]["pairs"]
    assert_allclose(fit.beta, expected["estimate"], rtol=1e-7)
    assert_allclose(np.sqrt(np.diag(fit.cov)), expected["std_error"], rtol=1e-7)


def test_profile_limits_lose_what_they_should() -> None:
    fit = vr.fit_conditional("d == 1 ~ gall + est", separated_endo(), sets="set", estimator="firth")
    assert isinstance(fit, FirthConditionalFit)
    limits = fit.odds_ratios()
    assert np.isfinite(limits["conf_high"].to_numpy()).all()
    low = np.log(limits["conf_low"][0])

    def best(gall: float) -> float:
        tried = np.linspace(0.5, 3.5, 3001)
        members = fit.likelihood.sets
        values = [_penalised(fit, members, np.array([gall, each])) for each in tried]
        return float(max(values))

    assert 2 * (fit.penalised_log_likelihood - best(low)) == pytest.approx(3.8414588, abs=1e-4)


def _penalised(fit: FirthConditionalFit, sets: MatchedSets, beta: Any) -> float:
    weights = np.ones((1, fit.n))
    problem = ConditionalProblem.of(fit.matrix, sets, weights, np.ones((1, 2), np.bool_))
    eta = problem.eta(beta[None])
    _, determinant = np.linalg.slogdet(problem.derivatives(eta)[1][0])
    return float(problem.likelihood(eta)[0] + 0.5 * determinant)


def test_firths_estimator_wants_one_case_a_set() -> None:
    frame = loader.frame("matched_sets")
    with pytest.raises(FitError, match="is for sets with one case, and 35 of 'set' have several"):
        vr.fit_conditional("case == 1 ~ a", frame, sets="set", estimator="firth")
    plain = vr.fit_conditional("case == 1 ~ a", frame, sets="set", estimator="auto")
    assert not isinstance(plain, FirthConditionalFit)


def test_firths_fit_is_validated_as_any_other() -> None:
    frame = separated_endo()
    estimators: tuple[Literal["firth", "auto"], ...] = ("firth", "auto")
    for estimator in estimators:
        fit = vr.fit_conditional(
            "d == 1 ~ gall + est + hyp",
            frame,
            sets="set",
            estimator=estimator,
            select=Selection("backward", criterion="aic"),
        )
        found = fit.validate(20, seed=4)
        assert found.n_separated == 0
        assert found.corrected("c_index") < found.apparent("c_index") + 0.02


def test_drawn_sets_are_repeated_sets_to_firth_as_well() -> None:
    frame = separated_endo()
    drawn = np.random.default_rng(3).integers(0, 3, 63)
    fit = vr.fit_conditional("d == 1 ~ gall + est", frame, sets="set", estimator="firth")
    assert isinstance(fit, FirthConditionalFit)
    weights = drawn[fit.likelihood.groups][None].astype(float)
    weighted = fit.penalised.penalised(fit.matrix, weights).fits.beta[0]
    parts = [
        frame.filter(pl.col("set") == place + 1).with_columns(set=pl.lit(f"{place} {time}"))
        for place, times in enumerate(drawn)
        for time in range(int(times))
    ]
    repeated = vr.fit_conditional(
        "d == 1 ~ gall + est", pl.concat(parts), sets="set", estimator="firth"
    )
    assert_allclose(weighted, repeated.beta, rtol=1e-8)
