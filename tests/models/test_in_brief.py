"""A fit or a model at the prompt is one line: no matrices, and no patients."""

from __future__ import annotations

import pytest
from tests.reference import loader

import vertebrisk as vr
from vertebrisk._types import Estimator
from vertebrisk.models.fitted import Counted


@pytest.mark.parametrize("estimator", ["ml", "firth", "ridge"])
def test_logistic_fits_and_their_models(estimator: Estimator) -> None:
    frame = loader.frame("pima_tr")
    fit = vr.fit_logistic('type == "Yes" ~ glu + bmi', frame, estimator=estimator)
    assert repr(fit) == f"<{type(fit).__name__} {fit.formula!r}: 200 patients, 68 events>"
    assert "2 inputs; 200 patients, 68 events" in repr(fit.model)


@pytest.mark.parametrize("estimator", ["ml", "firth", "lasso"])
def test_cox_fits(estimator: Estimator) -> None:
    frame = loader.frame("gbsg")
    fit = vr.fit_cox("Surv(rfstime, status) ~ age + nodes", frame, estimator=estimator)
    assert repr(fit) == f"<{type(fit).__name__} {fit.formula!r}: 686 patients, 299 events>"


def test_fits_of_sets_imputed_tables_and_competing_events() -> None:
    formula = 'type == "Yes" ~ glu + bmi'
    completed = vr.impute(formula, loader.frame("pima_missing"), imputations=2, iterations=2)
    fits: list[Counted] = [
        vr.fit_conditional("case ~ spontaneous", loader.frame("infert"), sets="stratum"),
        vr.fit_imputed(formula, completed),
        vr.fit_fine_gray(
            "Surv(months, status) ~ age", loader.frame("competing"), event=1, competing=2
        ),
    ]
    for fit in fits:
        assert repr(fit).startswith(f"<{type(fit).__name__} {fit.formula!r}: ")
        assert len(repr(fit)) < 150


def test_a_model_whose_patients_are_not_known() -> None:
    model = vr.RiskModel.from_table(
        {"(Intercept)": -1.0, "x": 0.5}, outcome="pain", ranges={"x": (0.0, 9.0)}
    )
    assert repr(model) == "<RiskModel of 'pain' (logistic): 1 input>"
