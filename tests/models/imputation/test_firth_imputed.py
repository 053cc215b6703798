"""Firth's estimates pooled over completed tables: against brglm2, mice and combined profiles."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, FewEventsWarning, FitError
from vertebrisk.models.development import Selection
from vertebrisk.models.firth.asked import Firth
from vertebrisk.models.imputation.developing import PooledModel, PooledProcedure
from vertebrisk.models.imputation.fitting import matrices
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.likelihoods import BinaryLikelihood

REFERENCE = loader.load("firth_imputed")
CASES = REFERENCE["logistic"]
RTOL = 1e-8  # the script stops where a step moves the likelihood by 1e-13 of itself
ROOT = 1e-7  # uniroot's limits, on a mean of distribution functions of such likelihoods


def completed(case: dict[str, Any]) -> Imputations:
    """The script's tables."""
    filled = REFERENCE["filled"][case["data"].removesuffix("_missing")]
    frame = loader.frame(case["data"])
    for name, each in filled.items():
        gone = pl.int_range(frame.height).is_in(each["rows"])
        frame = frame.with_columns(pl.when(~gone).then(pl.col(name)).alias(name))
    formula = f"{case['event']} ~ {case['formula']}"
    also = [name for name in filled if name not in formula]
    made = vr.impute(formula, frame, imputations=5, iterations=1, auxiliary=also)
    for name, each in filled.items():
        assert made.rows[name].tolist() == each["rows"]
    values = {name: np.array(each["values"], dtype=float).T for name, each in filled.items()}
    return replace(made, filled=values)


def fitted(case: dict[str, Any], **options: Any) -> PooledFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        return vr.fit_imputed(
            f"{case['event']} ~ {case['formula']}", completed(case),
            **{"estimator": "firth", **options},
        )  # fmt: skip


def agrees(fit: PooledFit, expected: dict[str, Any], *, limits: bool = True) -> None:
    table = fit.coefficients(intervals="profile" if limits else "wald")
    assert_allclose(table["estimate"], expected["estimate"], rtol=RTOL)
    assert_allclose(table["std_error"] ** 2, expected["total"], rtol=RTOL)
    assert_allclose(table["df"], expected["df"], rtol=RTOL)
    if limits:
        for name in ("conf_low", "conf_high", "p_value"):
            # one tail is 1 less the other in the script, so it has an absolute error
            assert_allclose(table[name], expected[name], rtol=ROOT, atol=1e-15, err_msg=name)


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_limits_of_logistic_models(name: str) -> None:
    agrees(fitted(CASES[name], mean_risk="uncorrected"), CASES[name]["uncorrected"])


@pytest.mark.parametrize("name", CASES)
def test_flic_is_pooled_and_has_rubins_interval(name: str) -> None:
    fit = fitted(CASES[name])
    agrees(fit, CASES[name]["flic"], limits=False)
    wald, profile = fit.coefficients(intervals="wald"), fit.coefficients()
    assert wald.row(0) == profile.row(0)
    expected = CASES[name]["uncorrected"]
    assert_allclose(profile["conf_low"][1:], expected["conf_low"][1:], rtol=ROOT)
    assert_allclose(profile["p_value"][1:], expected["p_value"][1:], rtol=ROOT)
    assert fit.model.provenance.estimator == "firth (flic)"


def test_flac_has_profiles_of_its_augmented_tables() -> None:
    agrees(fitted(CASES["some"], mean_risk="flac"), CASES["some"]["flac"])


def test_cox_estimates_and_limits() -> None:
    # the script's maxima come from numerical derivatives of coxph's likelihood
    case = REFERENCE["cox"]
    table = fitted(case, horizons=[20.0]).coefficients()
    assert_allclose(table["estimate"], case["estimate"], rtol=1e-6)
    assert_allclose(table["std_error"] ** 2, case["total"], rtol=1e-6)
    for name in ("conf_low", "conf_high", "p_value"):
        assert_allclose(table[name], case[name], rtol=1e-5, err_msg=name)


def test_equal_tables_have_the_profiles_of_one() -> None:
    case = CASES["some"]
    one = completed(case).frame(1)
    gap = one.with_columns(pl.when(pl.int_range(one.height) != 4).then("age").alias("age"))
    formula = f"{case['event']} ~ {case['formula']}"
    made = vr.impute(formula, gap, imputations=4, iterations=1)
    same = replace(made, filled={"age": np.full((4, 1), float(one["age"][4]))})
    pooled = vr.fit_imputed(formula, same, estimator="firth").coefficients()
    alone = vr.fit_logistic(formula, one, estimator="firth").coefficients()
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert_allclose(pooled[name][1:], alone[name][1:], rtol=1e-8, err_msg=name)
    # the combined test is two-sided normal, which the likelihood ratio's chi-square is, too
    assert_allclose(pooled["p_value"][1:], alone["p_value"][1:], rtol=1e-8)


def test_auto_is_firths_in_every_table_where_one_is_separated() -> None:
    fit = fitted(CASES["some"], estimator="auto")
    assert fit.by_firth
    assert fit.coefficients().equals(fitted(CASES["some"]).coefficients())
    finding = next(each for each in fit.findings if each.code == "separation")
    assert finding.message.startswith("In 3 of 5 completed tables drain separates the patients")
    assert finding.message.endswith("by Firth's penalised likelihood in every table.")
    whole = fitted(CASES["separated"], estimator="auto")
    finding = next(each for each in whole.findings if each.code == "separation")
    assert finding.message.startswith("In all 5 completed tables drain, grade = mild separate")
    followed = fitted(REFERENCE["cox"], estimator="auto", horizons=[20.0])
    assert not followed.by_firth
    assert not any(each.code == "separation" for each in followed.findings)


def test_auto_is_maximum_likelihood_where_nothing_separates() -> None:
    auto = fitted(CASES["pima"], estimator="auto")
    assert not auto.by_firth
    assert auto.coefficients().equals(fitted(CASES["pima"], estimator="ml").coefficients())
    assert auto.term_tests()["lr"].null_count() == 0
    assert fitted(CASES["pima"]).term_tests()["lr"].null_count() == 7


def test_maximum_likelihood_is_refused_and_the_advice_is_true() -> None:
    with pytest.raises(FitError, match=r"exists in 3 of 5 completed tables: drain .* 'auto'\)"):
        fitted(CASES["some"], estimator="ml")
    with pytest.raises(FitError, match="in all 5 completed tables"):
        fitted(CASES["separated"], estimator="ml")


def test_monotone_likelihoods_of_some_tables() -> None:
    case = {**REFERENCE["cox"], "formula": "C(grade) + age"}
    with pytest.raises(FitError, match=r"exists in all 5 completed tables \(monotone"):
        fitted(case, estimator="ml")
    fit = fitted(case, estimator="auto", horizons=[20.0])
    assert fit.by_firth
    table = fit.coefficients()
    assert np.isfinite(table["conf_low"].to_numpy()).all()
    risk = fit.model.predict(completed(case).frame(1))
    assert risk["risk"].null_count() == 0


def test_selection_goes_by_the_asked_estimator() -> None:
    kept = fitted(CASES["separated"], estimator="auto", select="backward")
    assert "age" not in [term.name for term in kept.design.terms] or kept.by_firth
    alone = fitted({**CASES["some"], "formula": "age"}, estimator="auto")
    assert not alone.by_firth


def developed(name: str, firth: Firth | None) -> PooledModel:
    """What a resample would make of the script's tables."""
    fit = fitted(CASES[name])
    likelihood = BinaryLikelihood(fit.fits[0].development.event)
    procedure = PooledProcedure(fit.design, Selection(), firth)
    return procedure(matrices(fit.design, fit.imputations), likelihood)


def test_a_resample_is_firths_in_every_table_where_one_is_separated() -> None:
    assert developed("some", None).separated
    auto, firth = (developed("some", Firth(only_separated=each)) for each in (True, False))
    assert not auto.separated
    assert_allclose(auto.beta, firth.beta, rtol=0)
    assert_allclose(auto.covariance, firth.covariance, rtol=0)
    auto, plain = (developed("pima", each) for each in (Firth(only_separated=True), None))
    assert_allclose(auto.beta, plain.beta, rtol=0)


def test_validation_repeats_firths_estimator_in_every_resample() -> None:
    firth = fitted(CASES["some"]).validate(20, seed=4, imputations=2, iterations=1)
    assert firth.n_separated == 0
    plain = {**CASES["some"], "formula": "age"}
    ml = fitted(plain, estimator="ml").validate(20, seed=4, imputations=2, iterations=1)
    auto = fitted(plain, estimator="auto").validate(20, seed=4, imputations=2, iterations=1)
    assert auto.table.equals(ml.table)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"estimator": "ridge"}, "'ridge' has none; use 'ml', 'firth' or 'auto'"),
        ({"estimator": "ml", "mean_risk": "flic"}, "mean_risk belongs to the estimators"),
        ({"estimator": "exact"}, "estimator"),
    ],
)
def test_estimators_without_errors_to_pool_are_refused(options: Any, match: str) -> None:
    with pytest.raises(ArgumentError, match=match):
        fitted(CASES["pima"], **options)


def test_what_belongs_to_other_models_is_refused() -> None:
    with pytest.raises(ArgumentError, match="mean_risk belongs to a logistic model"):
        fitted(REFERENCE["cox"], mean_risk="flac")
    with pytest.raises(ArgumentError, match="have intervals by Rubin's rules"):
        fitted(CASES["pima"], estimator="ml").coefficients(intervals="profile")
