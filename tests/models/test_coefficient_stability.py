"""How far a repeated selection moves coefficients: Heinze and others, by hand in R."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

import vertebrisk as vr
from vertebrisk.validation.coefficients import FullModel, coefficient_stability

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")

REFERENCE = load("selection_stability")
MEASURES = ("estimate", "std_error", "frequency", "rmsd_ratio", "relative_bias", "median", "low",
            "high")  # fmt: skip
AIC = vr.Selection("backward", criterion="aic")


def categorical(name: str) -> pl.DataFrame:
    """With the levels in the order of the reference."""
    data: pl.DataFrame = frame(name)
    levels = REFERENCE["categories"] if name == "pima_groups" else {}
    return data.with_columns(pl.col(each).cast(pl.Enum(of)) for each, of in levels.items())


@pytest.mark.parametrize("case", REFERENCE["logistic"], ids=lambda case: case["data"])
def test_measures_of_a_logistic_model(case: dict[str, Any]) -> None:
    fit = vr.fit_logistic(case["formula"], categorical(case["data"]), select=AIC)
    choices = fit.validate(indices=np.array(case["indices"])).choices
    assert choices is not None
    found = choices.coefficients
    assert (found["term"] + found["level"]).to_list() == case["columns"]
    for name in MEASURES:
        # both sides iterate to the end of the doubles; glm takes its errors one step before
        assert_allclose(
            found[name].to_numpy(),
            np.array(case[name], dtype=np.float64),
            rtol=1e-6,
            atol=1e-9,
            err_msg=name,
        )


def test_measures_of_a_cox_model() -> None:
    case = REFERENCE["cox"]
    fit = vr.fit_cox(case["formula"], frame("gbsg"), select=AIC)
    choices = fit.validate(indices=np.array(case["indices"])).choices
    assert choices is not None
    found = choices.coefficients
    assert found["term"].to_list() == [
        "age", "meno", "grade", "grade", "nodes", "pgr", "er", "hormon"
    ]  # fmt: skip
    for name in MEASURES:
        assert_allclose(
            found[name].to_numpy(),
            np.array(case[name], dtype=np.float64),
            rtol=1e-6,
            atol=1e-9,
            err_msg=name,
        )


def test_by_hand() -> None:
    own = np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 0.0], [2.0, 0.0]])
    full = FullModel((("age", ""), ("grade", "2")), np.array([1.0, -1.0]), np.array([0.5, 2.0]))
    found = coefficient_stability(own, full).to_dicts()
    # squared differences 0, 4, 1, 1; the mean of 1, 3 and 2 is twice the full model's
    assert found[0]["rmsd_ratio"] == pytest.approx(np.sqrt(1.5) / 0.5)
    assert found[0]["relative_bias"] == pytest.approx(1.0)
    assert (found[0]["frequency"], found[0]["median"]) == (0.75, 1.5)
    assert found[1]["rmsd_ratio"] == pytest.approx(0.5)
    assert found[1]["relative_bias"] is None  # never chosen
    assert found[1]["frequency"] == 0.0


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 1000.0), st.integers(0, 10_000))
def test_units_change_neither_ratio_nor_bias(unit: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    own = random.normal(1.0, 1.0, (20, 3)) * (random.random((20, 3)) < 0.6)
    full = FullModel((("a", ""), ("b", ""), ("c", "")), np.array([1.0, 2.0, -1.0]), np.ones(3))
    moved = FullModel(full.names, full.estimate * unit, full.std_error * unit)
    first, second = coefficient_stability(own, full), coefficient_stability(own * unit, moved)
    for name in ("rmsd_ratio", "relative_bias", "frequency"):
        known = first[name].is_not_null()
        assert_allclose(first[name].filter(known), second[name].filter(known), rtol=1e-9)


def test_nothing_is_said_where_nothing_is_chosen() -> None:
    data = frame("pima_tr")
    fit = vr.fit_logistic('type == "Yes" ~ glu + ped + npreg', data)
    assert fit.validate(3).choices is None
    chosen = vr.fit_logistic('type == "Yes" ~ glu + ped + npreg', data, select=AIC)
    assert chosen.validate(3, fixed=True).choices is None


def test_more_candidates_than_patients_have_no_full_model() -> None:
    random = np.random.default_rng(4)
    wide = {f"x{place}": random.normal(size=30) for place in range(35)}
    data = pl.DataFrame({"event": np.arange(30) % 2, **wide})
    formula = f"event ~ {' + '.join(wide)}"
    fit = vr.fit_logistic(formula, data, estimator="lasso", penalty=0.15)
    choices = fit.validate(5).choices
    assert choices is not None
    assert choices.coefficients["rmsd_ratio"].is_null().all()
    assert choices.coefficients["relative_bias"].is_null().all()
    assert choices.coefficients["frequency"].is_not_null().all()


@pytest.mark.parametrize("estimator", ["firth", "lasso", "elastic_net"])
def test_other_estimators_and_clusters(estimator: Any) -> None:
    data = frame("pima_noise").with_columns(who=pl.int_range(pl.len()) // 2)
    formula = 'type == "Yes" ~ glu + ped + npreg + noise1'
    select: Any = "prespecified" if estimator != "firth" else "univariable"
    fit = vr.fit_logistic(formula, data, estimator=estimator, select=select, cluster="who")
    choices = fit.validate(8).choices
    assert choices is not None
    plain = vr.fit_logistic(
        formula, data, estimator="firth" if estimator == "firth" else "ml", cluster="who"
    )
    errors = plain.coefficients(intervals="wald")["std_error"][1:]
    assert_allclose(choices.coefficients["std_error"], errors, rtol=1e-9)
    assert choices.coefficients["frequency"][0] == 1.0


def test_robust_errors_of_survival_models() -> None:
    data = frame("gbsg").with_columns(
        who=pl.int_range(pl.len()) // 2, status2=pl.col("status") * (1 + pl.int_range(pl.len()) % 2)
    )
    terms = "age + nodes + size"
    ways: tuple[dict[str, Any], ...] = ({"cluster": "who"}, {"robust": True}, {})
    for options in ways:
        fit = vr.fit_cox(f"Surv(rfstime, status) ~ {terms}", data, select="univariable", **options)
        whole = vr.fit_cox(f"Surv(rfstime, status) ~ {terms}", data, **options)
        choices = fit.validate(3).choices
        assert choices is not None
        errors = whole.coefficients()["std_error"]
        assert_allclose(choices.coefficients["std_error"], errors, rtol=1e-9)
    formula = f"Surv(rfstime, status2) ~ {terms}"
    competing = vr.fit_fine_gray(formula, data, event=1, competing=2, select=AIC)
    plain = vr.fit_fine_gray(formula, data, event=1, competing=2)
    choices = competing.validate(3).choices
    assert choices is not None
    assert_allclose(choices.coefficients["std_error"], plain.coefficients()["std_error"], rtol=1e-9)


def test_imputed_tables_have_them_too() -> None:
    data = frame("pima_noise").with_columns(
        glu=pl.when(pl.int_range(pl.len()) % 9 == 0).then(None).otherwise(pl.col("glu"))
    )
    formula = 'type == "Yes" ~ glu + ped + npreg + noise1'
    made = vr.impute(formula, data, imputations=3, iterations=2, seed=1)
    fit = vr.fit_imputed(formula, made, select=vr.Selection("backward", alpha=0.1))
    choices = fit.validate(4, 1, imputations=2, iterations=1).choices
    assert choices is not None
    whole = vr.fit_imputed(formula, made)
    table = whole.coefficients().slice(1)
    assert_allclose(choices.coefficients["estimate"], table["estimate"], rtol=1e-9)
    assert_allclose(choices.coefficients["std_error"], table["std_error"], rtol=1e-9)
    assert choices.coefficients["frequency"][0] == 1.0
