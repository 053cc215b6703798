"""`RiskClassifier` keeps scikit-learn's conventions and gives the numbers of `fit_logistic`."""

from __future__ import annotations

import importlib
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from tests.test_docs import DOCS, blocks_of, run_python, simulated_patients

import vertebrisk as vr
from vertebrisk.errors import (
    ArgumentError,
    DataError,
    FewEventsWarning,
    FitError,
    MissingExtraError,
    VertebriskWarning,
)
from vertebrisk.sklearn import RiskClassifier

PAGE = DOCS / "howto" / "scikit-learn.md"
SAME = 1e-9  # relative; the same fit by another way, apart from the order of sums
FORMULA = "pain ~ age + bmi + grade + ivc"


def made(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "age": rng.normal(74, 8, n).round(1),
            "bmi": rng.normal(24, 3, n).round(1),
            "grade": rng.choice(["mild", "moderate", "severe"], n),
            "ivc": rng.random(n) < 0.3,
        }
    )
    linear = 0.05 * (frame.age - 74) + 0.9 * frame.ivc + 0.7 * (frame.grade == "severe") - 1
    frame["pain"] = rng.random(n) < 1 / (1 + np.exp(-linear))
    return frame


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    return made()


def inputs(patients: pd.DataFrame) -> pd.DataFrame:
    return patients.drop(columns="pain")


def more_columns_than_patients(estimator: RiskClassifier) -> dict[str, str]:
    """Firth's likelihood itself refuses what "auto" gives to a ridge."""
    if estimator.estimator != "firth":
        return {}
    return {"check_sample_weight_equivalence_on_dense_data": "30 columns of 15 patients"}


@pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")
@pytest.mark.filterwarnings("ignore:SCIPY_ARRAY_API")
@parametrize_with_checks(
    [RiskClassifier(), RiskClassifier("elastic_net", penalty=0.01)],
)  # type: ignore[untyped-decorator]
def test_it_keeps_the_conventions_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")
@pytest.mark.filterwarnings("ignore:SCIPY_ARRAY_API")
@parametrize_with_checks(
    [RiskClassifier("firth"), RiskClassifier("ridge", penalty=0.01)],
    expected_failed_checks=more_columns_than_patients,
)  # type: ignore[untyped-decorator]
def test_its_other_estimators_keep_them_too(estimator: Any, check: Any) -> None:
    check(estimator)


def test_coefficients_and_risks_are_those_of_fit_logistic(patients: pd.DataFrame) -> None:
    fit = vr.fit_logistic(FORMULA, patients)
    model = RiskClassifier().fit(inputs(patients), patients["pain"])
    assert model.fit_.formula == FORMULA
    np.testing.assert_allclose(model.coef_[0], fit.beta, rtol=SAME)
    np.testing.assert_allclose(model.intercept_, [fit.intercept], rtol=SAME)
    assert list(model.coef_names_) == [
        "age", "bmi", "grade=moderate", "grade=severe", "ivc=true",
    ]  # fmt: skip
    known = fit.model.predict(patients)
    risks = model.predict_proba(inputs(patients))
    np.testing.assert_allclose(risks[:, 1], known["risk"], rtol=SAME)
    np.testing.assert_allclose(risks.sum(axis=1), 1.0, rtol=SAME)
    linear = model.decision_function(inputs(patients))
    np.testing.assert_allclose(linear, known["linear_predictor"], rtol=SAME, atol=SAME)
    assert (model.predict(inputs(patients)) == (known["risk"] > 0.5).to_numpy()).all()
    assert model.risk_model_.to_dict() == fit.model.to_dict()


@pytest.mark.parametrize("terms", ["rcs(age, 4) + C(grade, ref='severe'):ivc", ["fp(age)", "ivc"]])
def test_terms_are_those_of_a_formula(patients: pd.DataFrame, terms: Any) -> None:
    written = terms if isinstance(terms, str) else " + ".join(terms)
    fit = vr.fit_logistic(f"pain ~ {written}", patients)
    model = RiskClassifier(terms=terms).fit(inputs(patients), patients["pain"])
    np.testing.assert_allclose(model.coef_[0], fit.beta, rtol=SAME)
    np.testing.assert_allclose(
        model.predict_proba(inputs(patients))[:, 1], fit.model.predict(patients)["risk"], rtol=SAME
    )


def test_a_polars_frame_and_odd_names_are_the_same(patients: pd.DataFrame) -> None:
    first = RiskClassifier().fit(inputs(patients), patients["pain"])
    renamed = inputs(patients).rename(columns={"age": "age at surgery", "bmi": "event"})
    second = RiskClassifier().fit(pl.DataFrame(renamed.to_dict("list")), patients["pain"].array)
    np.testing.assert_array_equal(first.coef_, second.coef_)
    assert second.fit_.formula == "event_ ~ `age at surgery` + event + grade + ivc"
    with pytest.raises(ValueError, match="must be in the same order"):
        second.predict(
            pl.DataFrame(renamed[["event", "age at surgery", "grade", "ivc"]].to_dict("list"))
        )


def test_the_later_label_is_the_event(patients: pd.DataFrame) -> None:
    labels = np.where(patients["pain"], "relieved not", "relieved")
    model = RiskClassifier().fit(inputs(patients), labels)
    other = RiskClassifier().fit(inputs(patients), np.where(patients["pain"], 0, 1))
    assert list(model.classes_) == ["relieved", "relieved not"]
    assert model.fit_.n_events == patients["pain"].sum()
    # Newton's steps end within 1e-8 of the maximum from either side.
    np.testing.assert_allclose(model.coef_, -other.coef_, rtol=1e-6)


def test_what_the_lasso_leaves_out_is_zero(patients: pd.DataFrame) -> None:
    numbers = patients[["bmi", "age"]].to_numpy()
    model = RiskClassifier("lasso", penalty=0.05).fit(numbers, patients["pain"])
    assert model.coef_.shape == (1, 2)
    assert model.coef_[0, 0] == 0.0 < model.coef_[0, 1]
    assert list(model.coef_names_) == ["x0", "x1"]
    np.testing.assert_allclose(
        model.decision_function(numbers), model.intercept_ + numbers @ model.coef_[0], rtol=SAME
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["auto", "ridge"]))
def test_weights_are_repeated_rows(draw: int, estimator: Any) -> None:
    weights = np.random.default_rng(draw).integers(0, 4, 120)
    patients = made(120)[["age", "ivc", "pain"]]
    penalty = 0.02 if estimator == "ridge" else None
    model = RiskClassifier(estimator, penalty=penalty)
    weighted = clone(model).fit(inputs(patients), patients["pain"], sample_weight=weights)
    rows = patients.loc[np.repeat(patients.index, weights)]
    repeated = clone(model).fit(inputs(rows), rows["pain"])
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=SAME, atol=SAME)


def test_separated_outcomes_have_finite_risks(patients: pd.DataFrame) -> None:
    rows = patients.assign(pain=patients["pain"] | patients["ivc"])
    model = RiskClassifier().fit(inputs(rows), rows["pain"])
    fit = vr.fit_logistic(FORMULA, rows, estimator="firth")
    np.testing.assert_allclose(model.coef_[0], fit.beta, rtol=SAME)
    with pytest.raises(FitError, match="ivc"):
        RiskClassifier("ml").fit(inputs(rows), rows["pain"])


@pytest.mark.filterwarnings("ignore:10 events for 19 candidate parameters")
def test_more_columns_than_patients_are_a_ridge_that_says_so() -> None:
    rng = np.random.default_rng(1)
    numbers, event = rng.normal(size=(20, 19)), np.arange(20) % 2
    with pytest.warns(FewEventsWarning, match="20 parameters for 20 patients, so 'auto' fits a ri"):
        model = RiskClassifier().fit(numbers, event)
    assert model.fit_.estimator == "ridge"
    assert model.coef_.shape == (1, 19)
    with pytest.raises(FitError, match="20 parameters"):
        RiskClassifier("firth").fit(numbers, event)


def test_cross_validation_is_that_by_hand(patients: pd.DataFrame) -> None:
    folds = StratifiedKFold(5, shuffle=True, random_state=1)
    x, y = inputs(patients), patients["pain"]
    scores = cross_val_score(RiskClassifier(), x, y, cv=folds, scoring="roc_auc")
    by_hand = []
    for train, test in folds.split(x, y):
        model = vr.fit_logistic(FORMULA, patients.iloc[train]).model
        risk = model.predict(patients.iloc[test])["risk"]
        by_hand.append(vr.roc_auc(y.iloc[test], risk).estimate)
    np.testing.assert_allclose(scores, by_hand, rtol=SAME)


def test_a_pipeline_encodes_and_scales(patients: pd.DataFrame) -> None:
    rows = patients.assign(bmi=patients["bmi"].where(patients.index % 10 > 0))
    steps = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "bmi"]),
        (OneHotEncoder(drop="first"), ["grade"]),
        remainder="passthrough",
        sparse_threshold=0.0,
    )
    model = make_pipeline(steps, RiskClassifier()).fit(inputs(rows), rows["pain"])
    filled = rows.assign(bmi=rows["bmi"].fillna(rows["bmi"].mean()))
    risk = vr.fit_logistic(FORMULA, filled).model.predict(filled)["risk"]
    # Units do not move maximum likelihood; Newton's steps end within 1e-8 of it.
    np.testing.assert_allclose(model.predict_proba(inputs(rows))[:, 1], risk, rtol=1e-6)


def test_a_search_over_penalties_refits_the_best(patients: pd.DataFrame) -> None:
    grid = {"penalty": [0.5, 0.005], "estimator": ["ridge", "lasso"]}
    search = GridSearchCV(RiskClassifier(), grid, cv=3, scoring="neg_log_loss")
    search.fit(inputs(patients), patients["pain"])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    best = search.best_estimator_
    fit = vr.fit_logistic(FORMULA, patients, **search.best_params_)
    np.testing.assert_allclose(best.intercept_, [fit.intercept], rtol=SAME)
    assert best.fit_.penalty == search.best_params_["penalty"] < 0.5
    assert "age" in best.risk_model_.nomogram().points["variable"].to_list()


def test_a_pickle_predicts_the_same(patients: pd.DataFrame) -> None:
    model = RiskClassifier(terms=["rcs(age, 3)", "grade"]).fit(inputs(patients), patients["pain"])
    again = pickle.loads(pickle.dumps(model))
    x = inputs(patients)
    np.testing.assert_array_equal(model.predict_proba(x), again.predict_proba(x))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimator": "elastic-net"}, "Did you mean 'elastic_net'"),
        ({"penalty": 0.1}, "penalty and mix belong to ridge"),
        ({"estimator": "ridge", "penalty": -1.0}, "The penalty is -1.0"),
        ({"terms": 3}, "terms is 3; texts as in a formula"),
        ({"terms": []}, r"terms is \[\]; texts as in a formula"),
        ({"terms": "age + pain", "estimator": "lasso"}, "There is no column 'pain'"),
    ],
)
def test_options_that_do_not_go_are_refused(
    patients: pd.DataFrame, options: dict[str, Any], message: str
) -> None:
    with pytest.raises((ArgumentError, DataError), match=message):
        RiskClassifier(**options).fit(inputs(patients), patients["pain"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bmi": np.nan}, "missing values in bmi; fill them in by an imputer"),
        ({"bmi": np.inf}, "'bmi' has 400 missing or infinite values"),
        ({"bmi": pd.Timestamp("2020-01-01")}, "'bmi' holds dates or times"),
    ],
)
def test_values_that_cannot_be_used_are_refused(
    patients: pd.DataFrame, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        RiskClassifier().fit(inputs(patients).assign(**change), patients["pain"])


def test_outcomes_and_weights_that_cannot_be_used_are_refused(patients: pd.DataFrame) -> None:
    x, y = inputs(patients), patients["pain"]
    with pytest.raises(DataError, match="Only binary classification"):
        RiskClassifier().fit(x, patients["grade"])
    with pytest.raises(DataError, match="only one class in 400 patients"):
        RiskClassifier().fit(x, y & False)
    with pytest.raises(ArgumentError, match="whole numbers of 0 or more"):
        RiskClassifier().fit(x, y, sample_weight=np.full(400, 0.5))
    with pytest.raises(ArgumentError, match="sample_weight has 3 values where 400"):
        RiskClassifier().fit(x, y, sample_weight=[1, 1, 1])


def test_patients_who_cannot_be_scored_are_refused(patients: pd.DataFrame) -> None:
    x = inputs(patients)
    model = RiskClassifier().fit(x, patients["pain"])
    strange = x.replace({"grade": {"severe": "grave"}})
    with pytest.raises(DataError, match=r"rows cannot be scored \(unknown level: grade"):
        model.predict(strange)
    with pytest.raises(DataError, match="missing values in age"):
        model.predict_proba(x.assign(age=np.nan))
    with pytest.raises(ValueError, match="should match those that were passed during fit"):
        model.predict(x[["bmi", "age", "grade", "ivc"]])


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulated_patients().to_csv(tmp_path / "patients.csv", index=False)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"VertebriskWarning": VertebriskWarning}
    examples = [each for each in blocks_of(PAGE) if each.language == "python"]
    assert len(examples) == 3
    for block in examples:
        run_python(block, namespace)
    assert vr.RiskModel.load(tmp_path / "model.json").kind == "logistic"


@pytest.mark.parametrize("found", [None, SimpleNamespace(__version__="1.8.2")])
def test_without_scikit_learn_one_line_says_what_to_install(
    found: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", found)
    monkeypatch.delitem(sys.modules, "vertebrisk.sklearn")
    with pytest.raises(MissingExtraError) as caught:
        importlib.import_module("vertebrisk.sklearn")
    assert str(caught.value) == (
        "vertebrisk.sklearn needs scikit-learn 1.9 or later, not installed here: "
        "pip install 'vertebrisk[sklearn]'."
    )
