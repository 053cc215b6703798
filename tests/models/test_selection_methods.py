"""Backward elimination by BIC against R, and the lasso as a way to choose predictors."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, reference_frame
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.models.development import Selection
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.penalised.fit import PenalisedLogisticFit
from vertebrisk.models.penalised.penalty import Penalty
from vertebrisk.models.survival.fit import CoxFit

REFERENCE = loader.load("selection_bic")
LASSO = Selection("lasso")


def pima(name: str = "pima_noise") -> pl.DataFrame:
    study: dict[str, Any] = REFERENCE[name]
    categories = REFERENCE["categories"] if name == "pima_groups" else {}
    return reference_frame({**study, "categories": categories})


def formula(name: str = "pima_noise") -> str:
    return str(REFERENCE[name]["formula"])


def gbsg(select: Selection, **more: Any) -> CoxFit:
    return vr.fit_cox(formula("gbsg"), reference_frame(REFERENCE["gbsg"]), select=select, **more)


def names(fit: LogisticFit | CoxFit) -> list[str]:
    return [term.name for term in fit.design.terms]


# ------------------------------------------------------------------ BIC


@pytest.mark.parametrize("name", ["pima_noise", "pima_groups"])
def test_backward_by_bic(name: str) -> None:
    expected = REFERENCE[name]
    fit = quiet_fit(formula(name), pima(name), select=Selection("backward", criterion="bic"))
    assert names(fit) == expected["kept"]
    assert_allclose(fit.summary().bic, expected["bic"], rtol=1e-10)
    assert_allclose([fit.intercept, *fit.beta], expected["coef"], rtol=1e-7)


def test_backward_by_bic_of_a_cox_model_counts_events() -> None:
    expected = REFERENCE["gbsg"]
    fit = gbsg(Selection("backward", criterion="bic"))
    assert names(fit) == expected["kept"]
    assert fit.n_events == expected["size"]
    assert_allclose(fit.summary().bic, expected["bic"], rtol=1e-10)
    assert_allclose(fit.beta, expected["coef"], rtol=1e-7)


def test_events_and_not_patients_decide_in_a_cox_model() -> None:
    expected = REFERENCE["rotterdam"]
    fifth = reference_frame(expected).gather_every(5)
    fit = vr.fit_cox(formula("rotterdam"), fifth, select=Selection("backward", criterion="bic"))
    assert fit.n_events == expected["size"] < fit.n
    kept = [label.removeprefix("factor(").removesuffix(")") for label in expected["kept"]]
    assert names(fit) == kept
    assert_allclose(fit.summary().bic, expected["bic"], rtol=1e-10)
    assert_allclose(fit.beta, expected["coef"], rtol=1e-7)


def test_bic_counts_the_patients_of_each_resample() -> None:
    """A resample twice as large keeps what a table of twice the rows keeps."""
    bic = Selection("backward", criterion="bic")
    fit = quiet_fit(formula(), pima(), select=bic)
    tripled = quiet_fit(formula(), pl.concat([pima()] * 3), select=bic)
    chosen = fit.development.select(np.array([np.ones(fit.n), np.full(fit.n, 3.0)]))
    assert_allclose(chosen[0], fit.chosen)
    assert_allclose(chosen[1], tripled.chosen)
    assert chosen[1].sum() > chosen[0].sum()


# ------------------------------------------------------------------ lasso


def test_lasso_chooses_what_the_penalised_fit_keeps() -> None:
    asked = Penalty(rule="1se", seed=3)
    penalised = quiet_fit(formula(), pima(), estimator="lasso", penalty=asked)
    assert isinstance(penalised, PenalisedLogisticFit)
    fit = quiet_fit(formula(), pima(), select=Selection("lasso", penalty=asked))
    assert names(fit) == names(penalised)
    assert 0 < len(names(fit)) < 11
    plain = quiet_fit(f"{formula().split('~')[0]} ~ {' + '.join(names(fit))}", pima())
    assert_allclose(fit.beta, plain.beta, rtol=1e-10)
    assert np.abs(fit.beta).sum() > np.abs(penalised.beta).sum()
    finding = next(each for each in fit.findings if each.code == "refit-after-lasso")
    assert finding.message.startswith(f"{len(names(fit))} of 11 candidates were chosen by the")
    assert fit.model.interval_kind == "none"


def test_lasso_takes_whole_categories() -> None:
    fit = quiet_fit(formula("pima_groups"), pima("pima_groups"), select=LASSO)
    whole = fit.development.select(np.ones((1, fit.n)))[0]
    assert_allclose(whole, fit.chosen)
    assert {len(term.column_levels) for term in fit.design.terms} == {1, 2}


def test_lasso_of_a_cox_model() -> None:
    fit = gbsg(Selection("lasso", penalty=0.1))
    penalised = vr.fit_cox(
        formula("gbsg"), reference_frame(REFERENCE["gbsg"]), estimator="lasso", penalty=0.1,
        ties="efron",
    )  # fmt: skip
    assert names(fit) == names(penalised)
    assert "refit-after-lasso" in {each.code for each in fit.findings}
    validation = fit.validate(10, 1)
    assert validation.procedure == "whole procedure"
    assert validation.selected["frequency"].max() == 1.0


def test_lasso_is_repeated_in_every_resample() -> None:
    fit = quiet_fit(formula(), pima(), select=LASSO)
    validation = fit.validate(8, 1)
    assert validation.procedure == "whole procedure"
    candidates = {term.name for term in fit.development.design.terms}
    assert set(validation.selected["predictor"]) == candidates
    assert min(validation.selected["frequency"].to_list()) < 1.0
    again = fit.validate(8, 1)
    assert again.selected.equals(validation.selected)


def test_larger_penalty_keeps_less() -> None:
    few = quiet_fit(formula(), pima(), select=Selection("lasso", penalty=0.1))
    many = quiet_fit(formula(), pima(), select=Selection("lasso", penalty=0.01))
    assert set(names(few)) < set(names(many))


def test_row_order_does_not_change_a_given_penalty() -> None:
    fit = quiet_fit(formula(), pima(), select=Selection("lasso", penalty=0.05))
    turned = quiet_fit(formula(), pima().reverse(), select=Selection("lasso", penalty=0.05))
    assert names(turned) == names(fit)


def test_lasso_with_a_penalised_estimator_is_refused() -> None:
    with pytest.raises(ArgumentError, match="select is 'lasso' and the estimator 'lasso'"):
        quiet_fit(formula(), pima(), select="lasso", estimator="lasso")


def test_lasso_of_a_fine_gray_model_is_refused() -> None:
    frame = pl.DataFrame(
        {"t": np.arange(1.0, 41.0), "s": ["a", "b", "c", "c"] * 10, "x": np.arange(40.0) % 7}
    )
    with pytest.raises(ArgumentError, match="by the lasso in logistic and Cox models only"):
        vr.fit_fine_gray(
            "Surv(t, s) ~ x", frame, event="a", competing="b", censored="c", select="lasso"
        )


def test_two_events_find_no_penalty() -> None:
    frame = pl.DataFrame({"y": [1, 1] + [0] * 30, "x": np.arange(32.0) % 5})
    with pytest.raises(FitError, match="cross-validation on 2 patients of one outcome"):
        quiet_fit("y ~ x", frame, select="lasso")


def test_backward_needs_fewer_candidates_than_patients() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({f"x{j}": rng.normal(size=30) for j in range(30)}).with_columns(
        y=pl.Series(np.arange(30) % 3 == 0)
    )
    right = " + ".join(f"x{j}" for j in range(30))
    with pytest.raises(FitError, match="begins with all 30 candidate parameters"):
        quiet_fit(f"y ~ {right}", frame, select="backward")
    chosen = quiet_fit(f"y ~ {right}", frame, select=Selection("lasso", penalty=0.14))
    assert 0 < len(chosen.design.terms) < 29
