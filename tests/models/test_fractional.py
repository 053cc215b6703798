"""Fractional polynomials whose powers the data choose, against glm and coxph of R."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.design.powers import SHAPE_COLUMNS, SHAPES, basis, candidate_columns
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.models.development import Selection
from vertebrisk.models.fractional import visiting
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.survival.fit import CoxFit

CASES = loader.load("fractional")["cases"]
LONG = {"gbsg_all", "gbsg_backward"}  # searches of several shapes in every pass
GBSG, PIMA = loader.frame("gbsg"), loader.frame("pima_tr")
DIABETES = 'type == "Yes"'


def fitted(
    formula: str, frame: pl.DataFrame, selection: Selection | None = None, **options: Any
) -> LogisticFit | CoxFit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        select = Selection() if selection is None else selection
        if formula.startswith("Surv"):
            return vr.fit_cox(formula, frame, select=select, **options)
        return vr.fit_logistic(formula, frame, select=select, **options)


def of_case(case: dict[str, Any]) -> LogisticFit | CoxFit:
    selection = Selection(shape_alpha=case["alpha"])
    if case["select"] < 1:
        selection = Selection("backward", alpha=case["select"], shape_alpha=case["alpha"])
    return fitted(case["formula"], loader.frame(case["data"]), selection)


def test_the_44_shapes_use_their_own_columns() -> None:
    x = np.array([0.3, 1.0, 2.5, 7.0])
    columns = candidate_columns(x, 0.0, 1.0)
    assert len(SHAPES) == 45
    for shape, use in zip(SHAPES[1:], SHAPE_COLUMNS[1:], strict=True):
        assert_allclose(columns[:, use], basis(x, shape, 0.0, 1.0), rtol=1e-14)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in CASES],
)
def test_the_search_finds_what_r_finds(name: str) -> None:
    case = CASES[name]
    fit = of_case(case)
    assert fit.log_likelihood == pytest.approx(case["fit"]["log_likelihood"], rel=1e-9)
    assert fit.chosen.tolist() == case["kept"]
    for row, expected in zip(fit.shapes().iter_rows(named=True), case["shapes"], strict=True):
        assert row["powers"] == expected["powers"]
        assert row["fp1_powers"] == expected["fp1_powers"]
        for gain, deviance in (("linear", "linear"), ("fp1", "fp1"), ("fp2", "fp2")):
            if expected[deviance] is None:
                assert row[gain] is None
            else:
                # differences of deviances, which agree to 1e-6 themselves
                lost = expected["null"] - expected[deviance]
                assert row[gain] == pytest.approx(lost, abs=1e-6)
        for p_value in ("p_null", "p_linear", "p_fp1"):
            assert row[p_value] == (
                None
                if expected[p_value] is None
                else pytest.approx(expected[p_value], rel=1e-5, abs=1e-12)
            )


@pytest.mark.parametrize("name", ["gbsg_adjusted", "pima_wide"])
def test_coefficients_and_errors_are_those_of_the_chosen_columns(name: str) -> None:
    case = CASES[name]
    fit = of_case(case)
    # R's columns are scaled where the power is 1 alone; ours are the variable as it is
    expected, errors = np.array(case["fit"]["coef"]), np.array(case["fit"]["se"])
    table = fit.coefficients()
    assert_allclose(table["estimate"], expected, rtol=1e-6)
    assert_allclose(table["std_error"], errors, rtol=1e-6)


@pytest.mark.parametrize(
    ("formula", "frame", "alpha", "share"),
    [
        ("Surv(rfstime, status) ~ fp(age) + nodes + hormon", GBSG, 0.05, 1.0),
        # pairs of powers that differ by hundredths of a deviance are told apart by a fit only
        pytest.param(
            f"{DIABETES} ~ fp(age) + fp(bmi) + fp(ped) + glu", PIMA, 0.3, 0.9,
            marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_resamples_find_the_shape_that_fitting_each_would_find(
    formula: str, frame: pl.DataFrame, alpha: float, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = fitted(formula, frame, Selection(shape_alpha=alpha))
    search, likelihood = fit.development.search, fit.development.likelihood
    assert search is not None
    weights = bootstrap_weights(fit.n, 20, 4, None, 0)
    monkeypatch.setattr(visiting, "TOGETHER", 10**9)
    nearest = search.repeated(likelihood, weights)
    monkeypatch.setattr(visiting, "FEW", 10**9)
    every = search.repeated(likelihood, weights)
    assert (nearest == every).all(axis=1).mean() >= share


def test_a_resample_is_searched_as_its_rows_would_be() -> None:
    fit = fitted(f"{DIABETES} ~ fp(age) + glu", PIMA, Selection(shape_alpha=0.2))
    search = fit.development.search
    assert search is not None
    weights = bootstrap_weights(fit.n, 6, 2, None, 0)
    found = search.repeated(fit.development.likelihood, weights)
    for row, state in zip(weights.astype(int), found, strict=True):
        drawn = PIMA[np.repeat(np.arange(PIMA.height), row)]
        alone = fitted(f"{DIABETES} ~ fp(age) + glu", drawn, Selection(shape_alpha=0.2))
        assert alone.shapes()["powers"][0].to_list() == list(SHAPES[state[0]])


def test_order_of_rows_and_units_change_nothing_but_the_scale() -> None:
    formula = "Surv(rfstime, status) ~ fp(age) + fp(nodes) + hormon"
    women = GBSG.head(200)
    fit = fitted(formula, women)
    shuffled = fitted(formula, women.sample(fraction=1.0, shuffle=True, seed=3))
    months = fitted(formula, women.with_columns(pl.col("age") * 12))
    for other in (shuffled, months):
        assert other.shapes()["powers"].to_list() == fit.shapes()["powers"].to_list()
        assert other.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-10)
    assert months.shapes()["scale"].to_list() == [1000.0, 10.0]


def test_the_model_is_a_model_of_known_powers() -> None:
    fit = fitted("Surv(rfstime, status) ~ fp(age) + nodes", GBSG, horizons=[1000])
    assert [term.name for term in fit.design.terms] == ["powers(age, -2, -1)", "nodes"]
    known = fitted("Surv(rfstime, status) ~ powers(age, -2, -1) + nodes", GBSG, horizons=[1000])
    assert_allclose(fit.beta, known.beta, rtol=1e-9)
    again = vr.RiskModel.from_dict(fit.model.to_dict())
    assert_allclose(again.predict(GBSG)["risk"], known.model.predict(GBSG)["risk"], rtol=1e-9)
    assert again.predict({"age": [0.0], "nodes": [1]})["risk"].to_list() == [None]
    assert "[(age/100)^-2]" in again.equation()


def test_a_straight_line_enters_as_it_is() -> None:
    fit = fitted(f"{DIABETES} ~ fp(glu) + ped", PIMA)
    plain = fitted(f"{DIABETES} ~ glu + ped", PIMA)
    assert [term.name for term in fit.design.terms] == ["glu", "ped"]
    assert_allclose(fit.coefficients()["estimate"], plain.coefficients()["estimate"], rtol=1e-9)


def test_validation_repeats_the_search() -> None:
    fit = fitted("Surv(rfstime, status) ~ fp(age) + nodes + hormon", GBSG, horizons=[1000])
    assert fit.model.interval_kind == "none"  # Wald's limits take the powers for known
    whole = fit.validate(30, 5)
    held = fit.validate(30, 5, fixed=True)
    assert (whole.procedure, held.procedure) == ("whole procedure", "model held fixed")
    shapes = whole.shapes
    assert shapes is not None
    assert shapes["variable"].unique().to_list() == ["age"]
    assert shapes["share"].sum() == pytest.approx(1.0)
    assert shapes["count"].sum() == 30
    assert shapes.filter("final")["powers"].to_list() == [[-2.0, -1.0]]
    assert whole.to_dict()["shapes"][0]["count"] == shapes["count"][0]
    assert held.shapes is not None
    assert held.shapes.height == 0
    assert whole.draws is not None
    assert whole.draws.shape[1] == 4 + 1  # the final columns, and the baseline at one horizon
    cost = whole.cost_of_selection(held).filter(pl.col("measure") == "c_index")
    assert cost["whole"][0] > cost["fixed"][0]
    limits = fit.model.with_draws(whole.draws).predict(GBSG[:5])
    assert (limits["conf_low"] < limits["risk"]).all()
    assert whole.selected.height == 0


@pytest.mark.slow
def test_backward_elimination_tells_what_stayed() -> None:
    formula = "Surv(rfstime, status) ~ fp(age) + fp(er) + pgr + nodes + hormon"
    fit = fitted(formula, GBSG, Selection("backward", alpha=0.05))
    assert fit.chosen.tolist() == [True, False, True, True, True]
    validation = fit.validate(10, 1)
    assert validation.selected.height == 5
    assert validation.shapes is not None
    gone = validation.shapes.filter(pl.col("variable") == "er", pl.col("powers").list.len() == 0)
    share = dict(validation.selected.iter_rows())["er"]
    assert gone["share"].sum() == pytest.approx(1.0 - share)


def test_firth_compares_shapes_by_its_own_likelihood() -> None:
    formula = f"{DIABETES} ~ fp(age) + glu"
    fit = fitted(formula, PIMA, estimator="firth")
    row = fit.shapes().row(0, named=True)
    linear = fitted(f"{DIABETES} ~ age + glu", PIMA, estimator="firth")
    tests = {each["term"]: each for each in linear.term_tests().iter_rows(named=True)}
    assert row["linear"] == pytest.approx(tests["age"]["lr_statistic"], rel=1e-7)
    assert row["fp2"] != pytest.approx(fitted(formula, PIMA).shapes()["fp2"][0], rel=1e-4)
    auto = fitted(formula, PIMA, estimator="auto")
    assert auto.shapes()["fp2"][0] == pytest.approx(fitted(formula, PIMA).shapes()["fp2"][0])


def test_firth_of_times_to_an_event_searches_too() -> None:
    fit = fitted("Surv(rfstime, status) ~ fp(age, 1) + nodes", GBSG[:120], estimator="firth")
    assert fit.shapes()["degree"].to_list() == [1]
    assert fit.shapes()["fp2"].to_list() == [None]


def test_findings_say_that_the_data_chose_and_who_decides() -> None:
    fit = fitted(f"{DIABETES} ~ fp(npreg) + glu", PIMA, Selection(shape_alpha=0.5))
    codes = {finding.code: finding for finding in fit.findings}
    assert "npreg with powers" in codes["powers-chosen"].message
    assert "1 was added to all of them" in codes["shifted-values"].message
    fit = fitted("Surv(rfstime, status) ~ fp(age) + nodes", GBSG)
    codes = {finding.code: finding for finding in fit.findings}
    assert "1 patient with extreme values of age decides" in codes["extreme-values"].message
    assert "few-events" not in codes
    few = fitted("Surv(rfstime, status) ~ fp(age) + fp(nodes) + hormon", GBSG[:100])
    assert any("9 candidate parameters" in each.message for each in few.findings)


@pytest.mark.parametrize(
    ("formula", "options", "error", "message"),
    [
        ("fp(age) + glu", {"select": "univariable"}, ArgumentError, "prespecified model, or with"),
        ("fp(age) + glu", {"select": "stability"}, ArgumentError, "the selection is stability"),
        (
            "fp(age) + glu",
            {"select": Selection("backward", criterion="aic")},
            ArgumentError,
            "the selection is backward by aic",
        ),
        ("fp(age) + glu", {"estimator": "lasso"}, FitError, "without a penalty"),
        ("fp(one) + glu", {}, FitError, "needs at least 6 distinct values, and 'one' has 1"),
        ("fp(three) + glu", {}, FitError, r"'three' has 3; enter it as it is, or as C\(three\)"),
        ("fp(four)", {}, FitError, r"or as C\(four\), or fp\(four, 1\)"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_line(
    formula: str, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    frame = PIMA.with_columns(
        one=pl.lit(2.0),
        three=pl.int_range(pl.len()) % 3,
        four=pl.int_range(pl.len()) % 4,
    )
    with pytest.raises(error, match=message) as caught:
        vr.fit_logistic(f"{DIABETES} ~ {formula}", frame, **options)
    assert "\n" not in str(caught.value)


def test_negative_values_are_shifted() -> None:
    frame = PIMA.with_columns(score=pl.col("age") - 40)
    fit = fitted(f"{DIABETES} ~ fp(score)", frame)
    assert fit.shapes()["shift"].to_list() == [20.0]  # ages are whole years from 21


def test_imputation_and_fine_gray_ask_for_known_powers() -> None:
    few = pl.int_range(pl.len()) < 20
    gaps = PIMA.with_columns(bmi=pl.when(few).then(None).otherwise("bmi"))
    formula = f"{DIABETES} ~ age + bmi + glu"
    tables = vr.impute(formula, gaps, imputations=2, iterations=1)
    with pytest.raises(FitError, match="without a penalty, imputation"):
        vr.fit_imputed(f"{DIABETES} ~ fp(age) + bmi", tables)
    pooled = vr.fit_imputed(f"{DIABETES} ~ powers(bmi, -1, 0) + glu", tables)
    assert pooled.coefficients().height == 4
    ends = {0: "followed", 1: "leakage", 2: "death"}
    competing = loader.frame("competing").with_columns(
        pl.col("status").replace_strict(ends, return_dtype=pl.String)
    )
    with pytest.raises(FitError, match="found by fit_logistic and fit_cox"):
        vr.fit_fine_gray(
            "Surv(months, status) ~ fp(age)", competing, event="leakage", competing="death"
        )
