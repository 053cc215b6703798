"""Models of every kind that average over missing inputs, and patients with gaps."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from tests.bedside.calculator.models import COMPETING, COX, GBSG, PEOPLE, drawn
from tests.models.cases import quiet_fit

import vertebrisk as vr
from vertebrisk.models.portable.risk_model import RiskModel

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
