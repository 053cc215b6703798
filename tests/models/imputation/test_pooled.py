"""Imputed tables fitted and pooled: against mice on the same tables, and as a whole."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, DataError, ExpressionError, FewEventsWarning, FitError
from vertebrisk.models.imputation.imputations import Imputations

REFERENCE = loader.load("imputation")
PIMA = "type == 'Yes' ~ npreg + glu + bp + skin + bmi + ped + age"
LUNG = "Surv(time, status == 2) ~ age + sex + `ph.ecog` + `wt.loss` + `meal.cal`"


def with_values(found: Imputations, filled: dict[str, dict[str, list[object]]]) -> Imputations:
    """The same with what mice drew."""
    values = {name: np.array(each["values"], dtype=float).T for name, each in filled.items()}
    return replace(found, filled=values)


def pima() -> Imputations:
    made = vr.impute(PIMA, loader.frame("pima_missing"), imputations=5, iterations=1)
    return with_values(made, REFERENCE["filled"])


def lung() -> Imputations:
    made = vr.impute(LUNG, loader.frame("lung"), imputations=5, iterations=1)
    return with_values(made, REFERENCE["filled_lung"])


def test_logistic_coefficients_as_mice() -> None:
    table = vr.fit_imputed(PIMA, pima()).coefficients()
    expected = REFERENCE["logistic"]
    # glm was iterated to the end: what differs is the last digits of two solvers.
    for found, name in [
        ("estimate", "estimate"), ("p_value", "p_value"), ("conf_low", "conf_low"),
        ("conf_high", "conf_high"), ("df", "df"), ("missing_information", "fmi"),
        ("relative_increase", "riv"),
    ]:  # fmt: skip
        assert_allclose(table[found].to_numpy(), expected[name], rtol=1e-6, err_msg=name)


def test_cox_coefficients_as_mice() -> None:
    table = vr.fit_imputed(LUNG, lung(), horizons=[180, 365]).coefficients()
    for found, name in [("estimate", "estimate"), ("p_value", "p_value"), ("df", "df"),
                        ("conf_low", "conf_low"), ("missing_information", "fmi")]:  # fmt: skip
        assert_allclose(table[found].to_numpy(), REFERENCE["cox"][name], rtol=1e-6, err_msg=name)


def test_the_hazard_that_imputation_knows_is_nelson_and_aalens() -> None:
    from vertebrisk.design.formulas import parse_survival_formula
    from vertebrisk.models.imputation.outcomes import known_outcome

    known = known_outcome(parse_survival_formula(LUNG), loader.frame("lung"))
    assert_allclose(known.columns[:, 1], REFERENCE["cox"]["hazard"], rtol=1e-12)


def test_tests_of_terms_as_mitml() -> None:
    """Of one coefficient D1 is its t squared; mitml tests the removal of bmi."""
    tests = vr.fit_imputed(PIMA, pima()).term_tests()
    row = tests.row(by_predicate=pl.col("term") == "bmi", named=True)
    expected = REFERENCE["logistic"]["tests"]["d1_single"]
    assert_allclose(row["wald"], expected["statistic"], rtol=1e-6)
    assert row["lr_p_value"] == pytest.approx(row["wald_p_value"], rel=0.5)
    assert row["wald_pooled_p_value"] == pytest.approx(row["wald_p_value"], rel=0.6)


def test_the_model_gives_pooled_risks_with_rubins_intervals() -> None:
    fit = vr.fit_imputed(PIMA, pima())
    patient = loader.frame("pima_missing").head(5)
    found = fit.model.predict(patient)
    columns = np.column_stack([np.ones(5), *(patient[name] for name in fit.design.variables)])
    linear = columns @ fit.pooled.estimate
    assert_allclose(found["linear_predictor"], linear, rtol=1e-12)
    error = np.sqrt(np.einsum("ip,pq,iq->i", columns, fit.covariance, columns))
    low = 1 / (1 + np.exp(-(linear - 1.959963984540054 * error)))
    assert_allclose(found["conf_low"], low, rtol=1e-9)
    assert vr.RiskModel.from_dict(fit.model.to_dict()).predict(patient).equals(found)


def test_a_pooled_cox_model_predicts_between_its_tables() -> None:
    fit = vr.fit_imputed(LUNG, lung(), horizons=[365], time_unit="days")
    patients = lung().frame(1).head(20)
    each = np.array([one.model.predict(patients, 365)["risk"].to_numpy() for one in fit.fits])
    pooled = fit.model.predict(patients, 365)
    everybody = lung().frame(1)
    assert fit.model.average_risks[0] == pytest.approx(
        fit.model.predict(everybody, 365)["risk"].mean(), abs=0.005
    )
    assert (pooled["risk"].to_numpy() > each.min(axis=0) - 0.02).all()
    assert (pooled["risk"].to_numpy() < each.max(axis=0) + 0.02).all()
    assert_allclose(pooled["risk"], each.mean(axis=0), atol=0.01)
    assert (pooled["conf_high"] > pooled["risk"]).all()


def test_selection_goes_by_pooled_tests() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        fit = vr.fit_imputed(PIMA, pima(), select="backward")
    assert {term.name for term in fit.design.terms} == {"npreg", "glu", "bmi", "ped"}
    assert fit.model.interval_kind == "none"
    assert (fit.term_tests()["wald_p_value"] < 0.05).all()
    with pytest.raises(ArgumentError, match="pooled tests"):
        vr.fit_imputed(PIMA, pima(), select=vr.Selection("backward", criterion="aic"))
    with pytest.raises(ArgumentError, match="elimination in one table"):
        vr.fit_imputed(PIMA, pima(), select=vr.Selection("backward", approximate=True))


def test_summary_pools_the_area_on_the_logit() -> None:
    summary = vr.fit_imputed(PIMA, pima()).summary()
    areas = [each.summary().c_index for each in vr.fit_imputed(PIMA, pima()).fits]
    assert min(areas) - 0.005 < summary.c_index < max(areas)
    assert summary.c_index_low < summary.c_index < summary.c_index_high
    assert summary.missing_information == pytest.approx(max(REFERENCE["logistic"]["fmi"]), rel=1e-6)


def test_same_seed_same_tables_and_other_seeds_others() -> None:
    frame = loader.frame("pima_missing")
    one = vr.impute(PIMA, frame, imputations=3, iterations=2, seed=5)
    assert one.frame(2).equals(vr.impute(PIMA, frame, imputations=3, iterations=2, seed=5).frame(2))
    assert not one.frame(2).equals(one.frame(3))
    assert not one.frame(2).equals(
        vr.impute(PIMA, frame, imputations=3, iterations=2, seed=6).frame(2)
    )
    assert one.frame(1).schema["skin"] == frame.schema["skin"]
    assert one.drawn("skin").height == 3 * 98


def test_labels_truths_and_passive_values_come_back_as_they_were() -> None:
    frame = loader.frame("pima_missing").with_columns(
        grade=pl.Series(["low", "high", "mid", None, "low", "mid"] * 50,
                        dtype=pl.Enum(["low", "mid", "high"])),
        smoker=pl.Series([True, False, None] * 100),
        ratio=pl.col("skin") / pl.col("bmi"),
    )  # fmt: skip
    made = vr.impute(
        f"{PIMA} + grade + smoker + ratio", frame, imputations=2, iterations=2,
        methods={"grade": "ordered", "bp": "linear"}, passive={"ratio": "skin / bmi"},
    )  # fmt: skip
    whole = made.frame(1)
    assert whole.null_count().sum_horizontal().item() == 0
    assert whole.schema["grade"] == frame.schema["grade"]
    assert whole.schema["smoker"] == pl.Boolean
    assert_allclose(whole["ratio"], whole["skin"] / whole["bmi"], rtol=1e-12)
    known = frame["grade"].is_not_null()
    assert whole["grade"].filter(known).equals(frame["grade"].filter(known))


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"formula": "type == 'Yes' ~ npreg + glu"}, DataError, "No value is missing"),
        ({"methods": {"skin": "logit"}}, ArgumentError, "method of 'skin'"),
        ({"methods": {"skn": "pmm"}}, ArgumentError, "skin"),
        ({"imputations": 1}, ArgumentError, "2 or more"),
        ({"passive": {"skin": "bmi / height"}}, Exception, "height"),
        ({"passive": {"skin": "skin + 1"}}, ExpressionError, r"\('skin'\) goes round in a circle"),
        ({"passive": {"skin": "log(bmi - bmi)"}}, DataError, "which has no value at bmi = "),
        ({"auxiliary": ["hight"]}, DataError, "hight"),
        ({"auxiliary": ["type"]}, ArgumentError, "'type' decides the outcome"),
        ({"methods": {"skin": "ordered"}}, DataError, "make it one and impute it by pmm"),
    ],
)
def test_what_cannot_be_imputed_is_said(
    change: dict[str, object], error: type[Exception], said: str
) -> None:
    asked: dict[str, object] = {"formula": PIMA, "imputations": 2, "iterations": 1} | change
    formula = str(asked.pop("formula"))
    with pytest.raises(error, match=said):
        vr.impute(formula, loader.frame("pima_missing"), **asked)  # type: ignore[arg-type]


def test_times_and_events_are_no_auxiliary_variables() -> None:
    for name in ("time", "status"):
        with pytest.raises(ArgumentError, match=f"'{name}' decides the outcome"):
            vr.impute(LUNG, loader.frame("lung"), auxiliary=[name], imputations=2)


def test_a_combination_where_all_is_known_is_refused_though_imputed_rows_hide_it() -> None:
    data = loader.frame("pima_missing").with_columns(twice=2.0 * pl.col("bmi") + 1.0)
    some = pl.when(pl.int_range(pl.len()) % 3 == 0).then(None).otherwise(pl.col("twice"))
    data = data.with_columns(twice=some)
    made = vr.impute(PIMA + " + twice", data, imputations=2, iterations=2)
    with pytest.raises(FitError, match="twice is an exact combination of the predictors before"):
        vr.fit_imputed(PIMA + " + twice", made)
    beside = vr.impute(PIMA, data, auxiliary=["twice"], imputations=2, iterations=2)
    assert "bmi" in vr.fit_imputed(PIMA, beside).design.variables


def test_infinite_values_name_their_rows() -> None:
    data = loader.frame("pima_missing").with_columns(
        age=pl.when(pl.int_range(pl.len()) == 6).then(np.inf).otherwise(pl.col("age"))
    )
    with pytest.raises(DataError, match="'age' is infinite in row 7; correct"):
        vr.impute(PIMA, data, imputations=2, iterations=1)


def test_a_variable_or_outcome_that_was_not_imputed_with_is_refused() -> None:
    made = pima()
    with pytest.raises(ArgumentError, match="took no part"):
        vr.fit_imputed("type == 'Yes' ~ npreg + parity", made)
    with pytest.raises(ArgumentError, match="knew the outcome"):
        vr.fit_imputed("type == 'No' ~ npreg", made)


def test_a_variable_that_is_nearly_unknown_is_refused() -> None:
    frame = loader.frame("pima_missing").with_columns(
        skin=pl.when(pl.int_range(300) < 4).then(pl.col("skin"))
    )
    with pytest.raises(DataError, match="known of 4 patients only"):
        vr.impute(PIMA, frame)
