"""Instability of imputed fits: that of a plain fit where nothing is missing, and by hand."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit
from tests.models.cases import simulated

import vertebrisk as vr
from vertebrisk._types import IntArray
from vertebrisk.errors import ArgumentError, FewEventsWarning
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.instability import imputed as module

TIMED = "Surv(t, d) ~ a + b"


def patients(n: int = 90, *, missing: str) -> pl.DataFrame:
    random = np.random.default_rng(4)
    frame = simulated(n, 7)
    time = random.exponential(np.exp(2.0 - 0.8 * frame["a"].to_numpy())).round(2) + 0.01
    frame = frame.with_columns(
        other=pl.Series(random.normal(size=n)), t=np.minimum(time, 12.0), d=time <= 12.0
    )
    gone = pl.Series(random.random(n) < 0.15)
    return frame.with_columns(pl.when(~gone).then(missing).alias(missing))


def fitted(formula: str, frame: pl.DataFrame, **options: Any) -> PooledFit:
    auxiliary = ["other"] if frame["other"].null_count() else []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        made = vr.impute(formula, frame, imputations=3, iterations=2, auxiliary=auxiliary)
        return vr.fit_imputed(formula, made, **options)


def drawn(n: int, resamples: int = 8) -> IntArray:
    return np.random.default_rng(3).integers(0, n, (resamples, n))


@pytest.mark.parametrize("select", ["prespecified", "backward"])
def test_with_complete_predictors_it_is_that_of_the_plain_model(select: Any) -> None:
    frame = patients(missing="other")  # which the imputation reads, and the model does not
    formula = "y ~ a + b + C(g)"
    if select == "backward":
        formula = "y ~ a"  # by D1 there and by the likelihood ratio here: one sure predictor
    asked: dict[str, Any] = {"indices": drawn(90), "curve_thresholds": [0.3, 0.5]}
    found = fitted(formula, frame, select=select).instability(imputations=2, **asked)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewEventsWarning)
        plain = vr.fit_logistic(formula, frame, select=select).instability(**asked)
    assert_allclose(found.risks, plain.risks, rtol=1e-6)  # both iterate to 1e-8 in the score
    assert found.mape == pytest.approx(plain.mape, rel=1e-6)
    assert_allclose(found.curves, plain.curves, rtol=1e-5, atol=1e-8)
    assert_allclose(found.benefits, plain.benefits, atol=1e-9)
    assert_allclose(found.calibration["final"], plain.calibration["final"], atol=1e-8)
    assert found.procedure == plain.procedure


def test_with_complete_predictors_it_is_that_of_the_cox_model() -> None:
    frame = patients(missing="other")
    asked: dict[str, Any] = {"indices": drawn(90), "horizon": 5.0, "curve_thresholds": [0.3, 0.5]}
    found = fitted(TIMED, frame, horizons=[5]).instability(imputations=2, **asked)
    plain = vr.fit_cox(TIMED, frame, horizons=[5]).instability(**asked)
    assert_allclose(found.risks, plain.risks, rtol=1e-6)
    assert_allclose(found.patients["risk"], plain.patients["risk"], rtol=1e-6)
    assert_allclose(found.curves, plain.curves, rtol=1e-5, atol=1e-8)
    assert_allclose(found.benefits, plain.benefits, atol=1e-9)
    assert found.horizon == 5.0


def test_missing_values_are_imputed_in_every_resample_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted("y ~ a + b", patients(missing="b"))
    found = fit.instability(6, seed=2, imputations=2, iterations=2)
    known = fit.imputations.data["b"].is_not_null().to_numpy()
    columns = np.column_stack([np.ones(90), fit.imputations.data["a"], fit.imputations.data["b"]])
    by_hand = expit(columns[known] @ fit.pooled.estimate)
    assert_allclose(found.patients["risk"].to_numpy()[known], by_hand, rtol=1e-9)
    monkeypatch.setattr(module, "NUMBERS", 1)  # one resample a block: the same draws
    again = fit.instability(6, seed=2, imputations=2, iterations=2)
    assert_allclose(again.risks, found.risks, rtol=1e-12)
    assert fit.instability(6, seed=3, imputations=2, iterations=2).mape != found.mape
    assert (found.n, found.resamples, found.procedure) == (90, 6, "model held fixed")


def test_resamples_without_a_model_are_left_out_and_counted() -> None:
    frame = pl.DataFrame(
        {
            "x": [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1],
            "y": [0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1],
            "other": [0.1, 0.4, None, 0.3, 0.9, 1.2, 0.7, 0.5, 0.2, None, 0.6, 0.8],
        }
    )
    fit = fitted("y ~ x", frame)
    apart = [0, 1, 2, 3, 0, 5, 6, 7, 9, 5, 0, 5]
    ill = [4, 5, 6, 7, 9, 11] * 2
    found = fit.instability(indices=np.array([range(12), range(12), apart, ill]), imputations=2)
    assert (found.n_separated, found.n_failed, found.risks.shape[0]) == (1, 2, 2)
    with pytest.raises(ArgumentError, match="its risk has no horizon"):
        fit.instability(4, horizon=3)
    with pytest.raises(ArgumentError, match="imputations is 0"):
        fit.instability(4, imputations=0)
