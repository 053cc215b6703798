"""Models known by their coefficients: what a fit gives comes back, and what is missing is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertebrisk as vr
from vertebrisk.errors import ArgumentError


def test_coefficients_of_a_fit_give_its_risks(patients: pd.DataFrame) -> None:
    fit = vr.fit_logistic("pain ~ rcs(age, 3) + C(grade)", patients)
    (age,) = (f for t in fit.design.terms for f in t.factors if f.kind == "rcs")
    model = vr.RiskModel.from_table(
        fit.coefficients(), knots={"age": age.knots}, patients=patients, outcome="pain"
    )
    found = model.predict(patients)["risk"]
    np.testing.assert_array_equal(found, fit.model.predict(patients)["risk"])
    assert model.predict(patients)["conf_low"].null_count() == 400


def test_a_printed_table_with_ranges_has_a_nomogram() -> None:
    model = vr.RiskModel.from_table(
        {"(Intercept)": -3.0, "age": 0.03, "grade": {"mid": 0.1, "high": 0.8}},
        levels={"grade": ("low", "mid", "high")},
        ranges={"age": (50, 90)},
    )
    patient = pd.DataFrame({"age": [70.0, 40.0], "grade": ["high", "low"]})
    found = model.predict(patient)
    assert found["risk"][0] == pytest.approx(1 / (1 + np.exp(-(-3.0 + 2.1 + 0.8))), abs=1e-15)
    assert "age" in found["flags"][1]
    points = model.nomogram().points
    assert points.filter(points["variable"] == "age")["points"].max() == 100


def test_a_table_of_a_constant_alone_has_one_risk() -> None:
    model = vr.RiskModel.from_table({"(Intercept)": -1.0})
    (risk,) = model.predict({"a": [3.0]})["risk"]
    assert risk == pytest.approx(1.0 / (1.0 + np.exp(1.0)))


def test_the_scale_of_many_predictors_reaches_their_extremes() -> None:
    names = [f"x{place}" for place in range(20)]
    model = vr.RiskModel.from_table(
        {"(Intercept)": -5.0, **dict.fromkeys(names, 0.5), "bmi**2": -0.01, "bmi": 0.4},
        ranges={**dict.fromkeys(names, (0, 1)), "bmi": (10, 40)},
    )
    # All of the twenty, and a body mass index of 20, where the parabola is highest.
    assert model.linear_ticks[-1] >= -5.0 + 10.0 + 4.0
    assert model.linear_ticks[0] <= -5.0


def test_a_cox_table_needs_the_survival_of_somebody() -> None:
    model = vr.RiskModel.from_table(
        {"age": 0.05, "ivc": 0.7},
        kind="cox",
        ranges={"age": (50, 90), "ivc": (0, 1)},
        baseline_survival={12: 0.9, 24: 0.8},
        centre=0.05 * 70,
        time_unit="months",
    )
    patient = pd.DataFrame({"age": [70.0, 80.0], "ivc": [0, 1]})
    found = model.predict(patient, horizon=24)["risk"].to_list()
    assert found == pytest.approx([0.2, 1 - 0.8 ** np.exp(0.5 + 0.7)], abs=1e-14)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: vr.RiskModel.from_table({"age": 0.1}, ranges={"age": (1, 2)}), "no intercept"),
        (lambda: vr.RiskModel.from_table({}), "holds no coefficients"),
        (
            lambda: vr.RiskModel.from_table({"(Intercept)": 0.0, "age": 0.1}),
            "Nothing is known of the values of 'age'",
        ),
        (
            lambda: vr.RiskModel.from_table({"(Intercept)": 0.0, "g": {"b": 1.0}}),
            "is the reference cannot be told",
        ),
        (
            lambda: vr.RiskModel.from_table(
                {"(Intercept)": 0.0, "g": {"b": 1.0}}, levels={"g": ("a", "b", "c")}
            ),
            "no coefficient of g .c.",
        ),
        (
            lambda: vr.RiskModel.from_table(
                {"(Intercept)": 0.0, "age": float("nan")}, ranges={"age": (1, 2)}
            ),
            "a number is needed",
        ),
        (
            lambda: vr.RiskModel.from_table(
                {"(Intercept)": 0.0, "age": 1.0}, ranges={"age": (9, 2)}
            ),
            "the lower first",
        ),
        (
            lambda: vr.RiskModel.from_table(
                {"(Intercept)": 0.0, "rcs(age, 4)": {"age": 1.0, "age'": 2.0, "age''": 3.0}},
                ranges={"age": (50, 90)},
            ),
            "has 4 knots, and 0 are given",
        ),
        (
            lambda: vr.RiskModel.from_table({"age": 0.1}, kind="cox", ranges={"age": (1, 2)}),
            "needs baseline_survival",
        ),
        (
            lambda: vr.RiskModel.from_table(
                {"age": 0.1},
                kind="cox",
                ranges={"age": (1, 2)},
                baseline_survival={12: 0.8, 24: 0.9},
            ),
            "must not rise",
        ),
        (
            lambda: vr.RiskModel.from_table(pd.DataFrame({"name": ["age"], "b": [1.0]})),
            "has no column 'term'",
        ),
        (
            lambda: vr.RiskModel.from_table({"(Intercept)": 0.0, "a*b": 1.0}),
            "give each its own coefficient",
        ),
    ],
)
def test_what_is_missing_is_said(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        call()
