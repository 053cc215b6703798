"""Pipelines of scikit-learn and scikit-survival give their own risks, steps undone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import compose, impute, pipeline
from sklearn import linear_model as linear
from sklearn import preprocessing as steps
from sksurv import linear_model as survival
from sksurv import util as sksurv_util

import vertebrisk as vr
from vertebrisk.errors import CalibrationWarning, ModelError

COLUMNS = ["age", "grade", "bmi", "sex"]


def scaled_and_encoded(scaler: Any, encoder: Any) -> Any:
    numbers = pipeline.make_pipeline(impute.SimpleImputer(), scaler)
    return compose.make_column_transformer(
        (numbers, ["bmi", "age"]), (encoder, ["grade"]), remainder="passthrough"
    )


@pytest.mark.parametrize(
    ("scaler", "encoder"),
    [
        (steps.StandardScaler(), steps.OneHotEncoder()),
        (steps.MinMaxScaler((-1, 2)), steps.OneHotEncoder(drop="first")),
        (steps.RobustScaler(), steps.OneHotEncoder(handle_unknown="ignore")),
        (steps.MaxAbsScaler(), steps.OneHotEncoder(drop=["mid"])),
    ],
)
def test_risks_are_those_of_the_pipeline(patients: pd.DataFrame, scaler: Any, encoder: Any) -> None:
    made = pipeline.make_pipeline(
        scaled_and_encoded(scaler, encoder),
        steps.MaxAbsScaler(),
        linear.LogisticRegression(C=0.5, max_iter=1000),
    ).fit(patients[COLUMNS], patients.pain)
    model = vr.RiskModel.from_sklearn(made, patients=patients, outcome="pain")
    found = model.predict(patients)
    # The scaling is undone in floating point: some units in the last place.
    np.testing.assert_allclose(
        found["risk"], made.predict_proba(patients[COLUMNS])[:, 1], atol=1e-12
    )
    assert set(model.design.variables) == set(COLUMNS)
    assert model.design.predictor("grade").levels[0] == "high"
    assert found["conf_low"].null_count() == 400


def test_an_estimator_alone_and_its_ranges(patients: pd.DataFrame) -> None:
    columns = patients[["age", "bmi"]]
    made = linear.LogisticRegression().fit(columns, patients.pain)
    model = vr.RiskModel.from_sklearn(made, ranges={"age": (50, 90), "bmi": (15, 35)})
    found = model.predict(columns)["risk"]
    np.testing.assert_allclose(found, made.predict_proba(columns)[:, 1], atol=1e-12)
    points = model.nomogram().points
    assert points.filter(points["variable"] == "age")["value"][0] == "50"


@pytest.mark.parametrize(
    "estimator",
    [
        survival.CoxPHSurvivalAnalysis(alpha=0.1),
        survival.CoxPHSurvivalAnalysis(ties="efron"),
        survival.CoxnetSurvivalAnalysis(fit_baseline_model=True, alphas=[0.05, 0.01]),
        survival.CoxnetSurvivalAnalysis(fit_baseline_model=True, alphas=[0.01], normalize=True),
    ],
)
def test_risks_by_a_horizon_are_those_of_scikit_survival(
    patients: pd.DataFrame, estimator: Any
) -> None:
    outcome = sksurv_util.Surv.from_arrays(patients.event.astype(bool), patients.time)
    made = pipeline.make_pipeline(
        scaled_and_encoded(steps.StandardScaler(), steps.OneHotEncoder(drop="first")), estimator
    ).fit(patients[COLUMNS], outcome)
    model = vr.RiskModel.from_sksurv(made, horizons=(12, 24), patients=patients)
    curves = made.predict_survival_function(patients[COLUMNS])
    for horizon in (12, 24):
        expected = [1 - curve(horizon) for curve in curves]
        found = model.predict(patients, horizon=horizon)["risk"]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_what_is_not_linear_is_said(patients: pd.DataFrame) -> None:
    numbers = patients[["age", "bmi"]]

    def refused(*before: Any, last: Any = None) -> str:
        made = pipeline.make_pipeline(*before, last or linear.LogisticRegression())
        made.fit(numbers, patients.pain)
        with pytest.raises(ModelError) as caught:
            vr.RiskModel.from_sklearn(made, patients=patients)
        return str(caught.value)

    assert "PolynomialFeatures has no portable form" in refused(steps.PolynomialFeatures())
    assert "clip=True" in refused(steps.MinMaxScaler(clip=True))
    assert "a value's absence" in refused(impute.SimpleImputer(add_indicator=True))
    assert "FunctionTransformer" in refused(steps.FunctionTransformer(np.log))
    assert "this is LinearRegression" in refused(last=linear.LinearRegression())


def test_class_weights_are_warned_of(patients: pd.DataFrame) -> None:
    columns = patients[["age", "bmi"]]
    made = linear.LogisticRegression(class_weight="balanced").fit(columns, patients.pain)
    with pytest.warns(CalibrationWarning, match="not those of its patients"):
        vr.RiskModel.from_sklearn(made, patients=patients)


def test_three_classes_and_nameless_columns_are_refused(patients: pd.DataFrame) -> None:
    columns = patients[["age", "bmi"]]
    several = linear.LogisticRegression(max_iter=1000).fit(columns, patients.grade)
    with pytest.raises(ModelError, match="3 classes"):
        vr.RiskModel.from_sklearn(several, patients=patients)
    nameless = linear.LogisticRegression().fit(columns.to_numpy(), patients.pain)
    with pytest.raises(ModelError, match="without names"):
        vr.RiskModel.from_sklearn(nameless, patients=patients)
    with pytest.raises(ModelError, match="is not fitted"):
        vr.RiskModel.from_sklearn(linear.LogisticRegression(), patients=patients)
