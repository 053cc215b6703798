"""Missing inputs averaged over in a browser, against Python's draws."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.bedside.calculator.conftest import Engine
from tests.bedside.calculator.models import COMPETING, COX, GBSG, PEOPLE, drawn
from tests.models.cases import quiet_fit

import vertebrisk as vr
from vertebrisk.bedside.calculator.packing import kept_draws
from vertebrisk.models.risk_model import RiskModel

# As in test_engine: a few units in the last place of the parts of sums. The draws of both are
# the same ones, so that a mean over them adds nothing to that.
TIGHT = 1e-12

NAMES = ("logistic", "bootstrap", "firth", "lasso", "cox", "cox-strata", "cox-drawn", "fine-gray")


@cache
def averaging(name: str) -> RiskModel:
    """A model of each kind that averages; numbers, skewed and of few values, and levels."""
    if name in ("logistic", "bootstrap"):
        frame = PEOPLE.with_columns(f=(pl.col("b") * 2).round().clip(-2, 2))
        fit = quiet_fit("y ~ rcs(a, 4) + log(c) + b*g + f", skewed(frame))
        model = fit.model.with_missing_inputs(fit, ordered=["g"])
        return model if name == "logistic" else drawn(model, 300)
    if name in ("firth", "lasso"):
        fit = quiet_fit("y ~ a + c + C(e) + g", skewed(PEOPLE), estimator=name)
        return fit.model.with_missing_inputs(fit)
    if name == "fine-gray":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            competing = vr.fit_fine_gray(
                "Surv(months, ended) ~ arm + rcs(age, 3) + volume_ml", COMPETING,
                event="leakage", competing="death", time_unit="months",
            )  # fmt: skip
        return competing.model.with_missing_inputs(competing)
    plain = {"cox-drawn": "cox"}.get(name, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        followed = vr.fit_cox(
            f"Surv(rfstime, status) ~ {COX[plain]}", GBSG, horizons=[730, 1500], time_unit="days"
        )
    model = followed.model.with_missing_inputs(followed)
    return drawn(model, 200) if name == "cox-drawn" else model


def skewed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(c=pl.col("a").exp() + 1, e=pl.col("b") > 0)


def patients(model: RiskModel, seed: int = 3) -> list[dict[str, Any]]:
    """Patients who miss every number of inputs from none to all."""
    rng = np.random.default_rng(seed)
    found = []
    for row in range(24):
        patient: dict[str, Any] = {}
        for each in model.design.predictors:
            low, high = each.limits or (0.0, 0.0)
            patient[each.name] = (
                str(rng.choice(each.levels)) if each.categorical
                else float(rng.choice(each.ticks)) if each.discrete
                else float(rng.uniform(low, high))
            )  # fmt: skip
        count = row % (len(model.design.predictors) + 1)
        for name in rng.permutation(list(model.design.variables))[:count]:
            patient[name] = None
        for name in model.strata:
            patient[name] = str(rng.choice([each.stratum for each in model.baselines]))
        found.append(patient)
    return found


def frame_of(model: RiskModel, found: list[dict[str, Any]]) -> pl.DataFrame:
    types = {
        each.name: pl.String if each.categorical else pl.Float64 for each in model.design.predictors
    }
    return pl.DataFrame(found, schema_overrides=types)


def on_the_page(model: RiskModel) -> RiskModel:
    """The model with its draws as the page has them."""
    return model if model.draws is None else replace(model, draws=kept_draws(model.draws))


def numbers(values: list[float | None]) -> Any:
    return np.array([np.nan if each is None else each for each in values])


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_averages_as_python_does(engine: Engine, name: str) -> None:
    model = averaging(name)
    everybody = patients(model)
    horizons = [None, *model.horizons[1:]]
    found = engine.answers(model, everybody, horizons)
    there = on_the_page(model)
    for place, horizon in enumerate(horizons):
        expected = there.predict(frame_of(model, everybody), horizon)
        at = [each["at"][place] for each in found]
        averaged = expected["flags"].str.contains("averaged over").to_numpy()
        assert averaged.sum() >= 8
        assert expected["risk"].is_not_null().to_numpy()[averaged].all()
        assert_allclose(
            numbers([each["risk"] for each in at]), expected["risk"], rtol=TIGHT, atol=TIGHT
        )
        limits = [each["interval"] or {"low": None, "high": None} for each in at]
        for key in ("low", "high"):
            assert_allclose(
                numbers([each[key] for each in limits]), expected[f"conf_{key}"],
                rtol=TIGHT, atol=TIGHT,
            )  # fmt: skip
        for each, told in zip(at, expected["flags"], strict=True):
            said = {flag["name"] for flag in each["flags"] if flag["kind"] == "averaged"}
            assert said == {
                part.removeprefix("averaged over: ")
                for part in told.split("; ")
                if part.startswith("averaged over: ")
            }
