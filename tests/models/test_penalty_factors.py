"""Penalties of some candidates' own: as glmnet's, never penalised, refused where they cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

from vertebrisk import Penalty, Selection, SourcePopulation, fit_cox, fit_logistic
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.models.likelihoods import BinaryLikelihood
from vertebrisk.models.penalised.factors import column_factors
from vertebrisk.models.penalised.likelihoods import PenalisedBinary
from vertebrisk.models.penalised.penalty import Shrinkage

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")

REFERENCE = load("penalty_factors")
PIMA = 'type == "Yes" ~ npreg + glu + C(bmi_group, ref="normal") + ped + C(parous, ref="no")'
GBSG = "Surv(rfstime, status) ~ age + size + C(grade) + nodes + hormon"


def coefficients(fit: Any, case: dict[str, Any], intercept: bool) -> np.ndarray[Any, Any]:
    """In the order of the reference, zero where a candidate was left out."""
    known = {row["term"] + row["level"]: row["estimate"] for row in fit.coefficients().to_dicts()}
    names = (["(Intercept)"] if intercept else []) + case["columns"]
    return np.array([known.get(name, 0.0) for name in names])


@pytest.mark.parametrize("case", REFERENCE["logistic"], ids=lambda case: case["id"])
def test_factors_are_those_of_glmnet(case: dict[str, Any]) -> None:
    asked = Penalty(case["lambda"], factors=case["terms"])
    fit = fit_logistic(PIMA, frame("pima_groups"), estimator=case["estimator"], penalty=asked)
    # both searches go on to the last digits; glmnet's ends on a step of 1e-11
    assert_allclose(coefficients(fit, case, True), case["coef"], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("case", REFERENCE["cox"], ids=lambda case: case["id"])
def test_factors_of_a_cox_model(case: dict[str, Any]) -> None:
    asked = Penalty(case["lambda"], factors=case["terms"])
    fit = fit_cox(GBSG, frame("gbsg"), estimator=case["estimator"], penalty=asked)
    # as above; Breslow's sums over 299 events lose another digit
    assert_allclose(coefficients(fit, case, False), case["coef"], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("case", REFERENCE["sampled"]["fits"], ids=lambda case: case["estimator"])
def test_sampled_controls_are_corrected_and_weighted(case: dict[str, Any]) -> None:
    fit = fit_logistic(
        PIMA,
        frame("pima_groups"),
        estimator=case["estimator"],
        penalty=case["lambda"],
        source=SourcePopulation(REFERENCE["sampled"]["prevalence"]),
    )
    table = fit.population_estimates()
    assert table["std_error"].is_null().all()
    columns = REFERENCE["logistic"][0]["columns"]
    for method in ("prior", "weighted"):
        part = table.filter(method=method)
        known = {row["term"] + row["level"]: row["estimate"] for row in part.to_dicts()}
        found = [known.get(name, 0.0) for name in ("(Intercept)", *columns)]
        assert_allclose(found, case[method], rtol=1e-7, atol=1e-9)  # as above
    with pytest.raises(ArgumentError, match="no sampled controls"):
        fit_logistic(
            PIMA, frame("pima_groups"), estimator="ridge", penalty=0.1
        ).population_estimates()


def test_cross_validation_knows_the_factors() -> None:
    case = REFERENCE["crossed"]
    asked = Penalty(factors={"npreg": 0, "glu": 1, "bmi_group": 2})
    fit = fit_logistic(PIMA, frame("pima_groups"), estimator="lasso", penalty=asked)
    table = fit.cross_validation()  # type: ignore[attr-defined]
    steps = len(case["lambda"])
    assert_allclose(table["penalty"][:steps], case["lambda"], rtol=1e-8)
    slopes = fit.path().filter(pl.col("term") == "npreg")["estimate"]  # type: ignore[attr-defined]
    assert (slopes != 0.0).all()


def test_a_predictor_that_is_never_penalised_stays_where_all_others_go() -> None:
    data = frame("pima_groups")
    fit = fit_logistic(PIMA, data, estimator="lasso", penalty=Penalty(50, factors={"npreg": 0}))
    plain = fit_logistic('type == "Yes" ~ npreg', data)
    assert [term.name for term in fit.design.terms] == ["npreg"]
    # maximum likelihood, which is converged to 1e-12
    assert_allclose(fit.beta, plain.beta, rtol=1e-8)
    validation = fit.validate(20, 1)
    assert dict(validation.selected.iter_rows())["npreg"] == 1.0
    held = fit.validate(20, 1, fixed=True)
    assert held.draws is not None
    assert validation.draws is not None
    assert_allclose(held.draws[:, 1], validation.draws[:, 1], rtol=1e-6)


def test_a_model_held_fixed_keeps_the_penalties() -> None:
    data = frame("pima_groups")
    asked = Penalty(0.02, factors={"npreg": 0, "ped": 3})
    fit = fit_logistic(PIMA, data, estimator="ridge", penalty=asked)
    everyone = np.arange(data.height)[None].repeat(2, axis=0)
    held = fit.validate(fixed=True, indices=everyone)
    assert held.draws is not None
    assert_allclose(held.draws[0, 1:], fit.beta, rtol=1e-8)


def test_selection_by_the_lasso_keeps_what_is_never_penalised() -> None:
    data = frame("pima_groups")
    asked = Selection("lasso", penalty=Penalty(50, factors={"parous": 0}))
    fit = fit_logistic(PIMA, data, select=asked)
    assert [term.name for term in fit.design.terms] == ["parous"]


@settings(max_examples=4, deadline=None)
@given(st.floats(0.01, 100.0), st.sampled_from(["ridge", "lasso", "elastic_net"]))
def test_factors_are_relative(scale: float, estimator: Any) -> None:
    data = frame("pima_groups")
    names = ("npreg", "glu", "bmi_group", "ped", "parous")
    own = dict(zip(names, (1.0, 0.0, 2.0, 0.3, 1.0), strict=True))
    first, second = (
        fit_logistic(PIMA, data, estimator=estimator, penalty=Penalty(0.05, factors=each))
        for each in (own, {name: scale * value for name, value in own.items()})
    )
    # the same problem but for rounding of the factors
    assert_allclose(first.beta, second.beta, rtol=1e-8, atol=1e-10)


def test_a_name_is_a_term_or_its_variable() -> None:
    formula = 'type == "Yes" ~ rcs(glu, 3) + npreg + ped + npreg:ped'
    fits = [
        fit_logistic(
            formula, frame("pima_tr"), estimator="ridge", penalty=Penalty(0.1, factors=factors)
        )
        for factors in ({"glu": 0}, {"rcs(glu,3)": 0}, {"rcs(glu, 3)": 0})
    ]
    for each in fits[1:]:
        assert_allclose(each.beta, fits[0].beta, rtol=0, atol=0)
    alone = Penalty(0.1, factors={"npreg": 0})
    crossed = Penalty(0.1, factors={"npreg:ped": 0})
    design = fits[0].development.design
    for asked in (alone, crossed):
        factors = column_factors(asked.factors, design)
        assert factors is not None
        column = design.columns[int(np.flatnonzero(factors == 0.0)[0])]
        assert {column.term} == set(asked.factors)
        assert np.count_nonzero(factors == 0.0) == 1


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ({"glue": 0}, "name 'glue', which is no candidate; .* Did you mean 'glu'"),
        ({"glu": 0, "ped": 0, "npreg": 0}, "every candidate is 0"),
        ({"glu": 2, "C(glu)": 1}, "speak of 'glu' twice"),
    ],
)
def test_factors_that_make_no_sense_are_refused(factors: dict[str, float], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        fit_logistic(
            'type == "Yes" ~ glu + ped + npreg',
            frame("pima_tr"),
            estimator="lasso",
            penalty=Penalty(0.1, factors=factors),
        )


@pytest.mark.parametrize("factor", [-1.0, float("nan"), float("inf"), "0", None, True, False])
def test_a_factor_is_a_number_of_0_or_more(factor: Any) -> None:
    with pytest.raises(ArgumentError, match="penalty factor of 'age' is"):
        Penalty(factors={"age": factor})


def test_a_predictor_that_is_never_penalised_and_separates_is_named() -> None:
    data = frame("separated")
    formula = "event ~ age + C(grade)"
    with pytest.raises(FitError, match=r"never penalised \(factor 0\) grade = "):
        fit_logistic(formula, data, estimator="ridge", penalty=Penalty(0.1, factors={"grade": 0}))
    held = fit_logistic(formula, data, estimator="ridge", penalty=Penalty(0.1, factors={"age": 0}))
    assert np.isfinite(held.beta).all()


def test_a_monotone_likelihood_is_refused_in_a_cox_model() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat([0, 1], 30)
    data = pl.DataFrame(
        {
            "time": rng.exponential(10, 60).round(1) + 0.1,
            "event": group * (rng.random(60) < 0.5),
            "group": group,
            "x": rng.normal(size=60),
        }
    )
    formula = "Surv(time, event) ~ group + x"
    with pytest.raises(FitError, match=r"never penalised \(factor 0\) group"):
        fit_cox(formula, data, estimator="lasso", penalty=Penalty(0.1, factors={"group": 0}))
    fit = fit_cox(formula, data, estimator="lasso", penalty=Penalty(0.01, factors={"x": 0}))
    assert np.isfinite(fit.beta).all()


def test_candidates_that_are_never_penalised_must_be_told_apart() -> None:
    data = frame("pima_tr").with_columns(double=2 * pl.col("glu"), same=pl.lit(1.0))
    for name in ("double", "same"):
        formula = f'type == "Yes" ~ glu + ped + {name}'
        with pytest.raises(FitError, match=f"{name} is never penalised"):
            fit_logistic(
                formula, data, estimator="lasso", penalty=Penalty(0.1, factors={"glu": 0, name: 0})
            )


def test_resamples_in_which_a_free_predictor_separates_are_marked() -> None:
    rng = np.random.default_rng(5)
    event = (rng.random(60) < 0.3).astype(float)
    rare = np.zeros(60)
    rare[np.flatnonzero(event > 0)[:2]] = 1.0
    rare[np.flatnonzero(event < 1)[:1]] = 1.0
    columns = np.column_stack([rare, rng.normal(size=60)])
    shrinkage = Shrinkage("lasso", Penalty(0.1), 1.0)
    likelihood = PenalisedBinary(BinaryLikelihood(event), shrinkage, None, np.array([0.0, 2.0]))
    weights = np.ones((2, 60))
    weights[1, np.flatnonzero((rare > 0) & (event < 1))] = 0.0
    fits = likelihood.fit(columns, weights).fits
    assert fits.separated.tolist() == [False, True]
    assert fits.direction[1, 1] > 0
    assert fits.direction[1, 2] == 0
