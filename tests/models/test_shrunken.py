"""Uniform shrinkage: the factor, the intercept or baseline that goes with it, the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame, load

from vertebrisk import RiskModel, SourcePopulation, fit_cox, fit_logistic
from vertebrisk.errors import ArgumentError, FitError

pytestmark = pytest.mark.filterwarnings("ignore::vertebrisk.errors.FewEventsWarning")

REFERENCE = load("penalties")["shrinkage"]
PIMA = 'type == "Yes" ~ npreg + glu + bp + skin + bmi + ped + age'
GBSG = "Surv(rfstime, status) ~ age + meno + size + nodes + pgr + er"


def test_the_heuristic_factor_of_a_logistic_model() -> None:
    found = fit_logistic(PIMA, frame("pima_tr")).shrunken()
    assert found.kind == "heuristic"
    assert_allclose(found.factor, REFERENCE["factor"], rtol=1e-9)
    assert_allclose(found.model.intercept, REFERENCE["intercept"], rtol=1e-8)
    assert_allclose(found.model.beta, REFERENCE["coef"], rtol=1e-8)
    assert found.coefficients.columns == ["term", "level", "estimate", "shrunken"]


def test_the_heuristic_factor_of_a_cox_model() -> None:
    found = fit_cox(GBSG, frame("gbsg"), horizons=REFERENCE["times"]).shrunken()
    assert_allclose(found.factor, REFERENCE["factor_cox"], rtol=1e-9)
    assert_allclose(found.model.beta, REFERENCE["coef_cox"], rtol=1e-8)
    hazards = [found.model.baselines[0].at(time)[0] for time in REFERENCE["times"]]
    assert_allclose(hazards, REFERENCE["hazard"], rtol=1e-8)
    assert found.model.interval_kind == "none"


def test_the_slope_of_a_validation_and_a_mean_risk_that_stays(tmp_path: Any) -> None:
    data = frame("pima_tr")
    fit = fit_logistic(PIMA, data)
    validation = fit.validate(40, 1)
    found = fit.shrunken(validation)
    assert found.kind == "bootstrap"
    assert found.factor == found.estimated == validation.corrected("slope") < 1.0
    assert_allclose(found.model.beta, found.factor * fit.beta)
    risks = found.model.predict(data)
    assert risks["risk"].mean() == pytest.approx(fit.n_events / fit.n, abs=1e-9)
    assert risks["risk"].std() < float(fit.risk.std(ddof=1))  # type: ignore[operator]
    assert (risks["conf_low"] < risks["risk"]).all()
    assert (risks["risk"] < risks["conf_high"]).all()
    found.model.save(tmp_path / "model.json")
    again = RiskModel.load(tmp_path / "model.json")
    assert again.provenance.estimator.startswith("ml, coefficients times 0.")
    assert again.nomogram().points.height > 0


def test_each_draw_keeps_its_mean_risk() -> None:
    data = frame("pima_tr")
    fit = fit_logistic(PIMA, data)
    validation = fit.validate(5, 1)
    found = fit.shrunken(validation)
    assert validation.draws is not None
    assert found.model.draws is not None
    for before, after in zip(validation.draws, found.model.draws, strict=True):
        plain = 1 / (1 + np.exp(-(before[0] + fit.matrix @ before[1:])))
        moved = 1 / (1 + np.exp(-(after[0] + fit.matrix @ after[1:])))
        assert moved.mean() == pytest.approx(plain.mean(), abs=1e-6)  # draws keep 8 digits
        assert_allclose(after[1:], found.factor * before[1:], rtol=1e-7)


def test_a_cox_model_by_its_validation() -> None:
    fit = fit_cox(GBSG, frame("gbsg"))
    validation = fit.validate(6, 1)
    found = fit.shrunken(validation)
    assert found.factor == pytest.approx(min(1.0, validation.corrected("slope")))
    risk = found.model.predict(frame("gbsg"))["risk"]
    assert risk.std() < fit.model.predict(frame("gbsg"))["risk"].std()  # type: ignore[operator]


def test_sampled_controls_keep_their_population() -> None:
    source = SourcePopulation(prevalence=0.05)
    formula = 'pain ~ cleft + fascia + C(muscle) + C(cement, ref="Spongy")'
    plain = fit_logistic(formula, frame("pvp")).shrunken()
    moved = fit_logistic(formula, frame("pvp"), source=source).shrunken()
    assert_allclose(moved.model.beta, plain.model.beta)
    offset = np.log(37 / 231) - np.log(0.05 / 0.95)
    assert plain.model.intercept - moved.model.intercept == pytest.approx(offset)


def test_what_cannot_be_shrunken() -> None:
    data = frame("pima_tr")
    with pytest.raises(ArgumentError, match="shrunken by a penalty already"):
        fit_logistic(PIMA, data, estimator="ridge", penalty=0.1).shrunken()
    with pytest.raises(ArgumentError, match="is that of maximum likelihood"):
        fit_logistic(PIMA, data, estimator="firth").shrunken()
    rng = np.random.default_rng(1)
    noise = pl.DataFrame({"x": rng.normal(size=80), "z": rng.normal(size=80)})
    noise = noise.with_columns(y=pl.Series(rng.random(80) < 0.4))
    with pytest.raises(FitError, match="no more than its 2 degrees of freedom"):
        fit_logistic("y ~ x + z", noise).shrunken()
    clustered = fit_logistic(
        "leak == 1 ~ age + height_loss_pct + C(grade)", frame("clusters"), cluster="patient"
    )
    with pytest.raises(ArgumentError, match="needs the likelihood of independent patients"):
        clustered.shrunken()
    assert clustered.shrunken(clustered.validate(20, 1)).factor > 0.0


def test_a_slope_above_one_shrinks_nothing() -> None:
    data = frame("pima_tr")
    fit = fit_logistic(PIMA, data)
    validation = fit.validate(3, 1, indices=np.tile(np.arange(200), (3, 1)))
    found = fit.shrunken(validation)
    assert found.factor == pytest.approx(1.0)
    assert_allclose(found.model.beta, fit.beta, rtol=1e-9)
