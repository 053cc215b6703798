"""Models of every kind with patients for them, and what Python says of those."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import PaperError
from vertebrisk.evidence.export import find_model
from vertebrisk.evidence.library import library_ids
from vertebrisk.models.portable.describing import Consistency
from vertebrisk.models.portable.risk_model import RiskModel

Patients = list[dict[str, Any]]

PEOPLE = simulated(250, 6).with_columns(c=pl.col("a").exp() + 1, e=pl.col("b") > 0)
GBSG = loader.frame("gbsg")
ENDS = {0: "followed", 1: "leakage", 2: "death"}
COMPETING = loader.frame("competing").with_columns(
    pl.col("status").replace_strict(ENDS, return_dtype=pl.String).alias("ended")
)

LOGISTIC = {
    "plain": "a + b",
    "levels": 'a + C(g, ref="high")',
    "truth": "a + C(e)",
    "spline": "rcs(a, 4) + b",
    "spline-5": "rcs(a, 5) + C(g)",
    "numbers-interact": "a*b",
    "level-interacts": "a + b*g",
    "spline-interacts": "rcs(a, 3)*g + b",
    "three-interact": "a*b*g",
    "chain": "a + b + c + a:b + b:c",
    "transformed": "log(c) + sqrt(c) + c**2 + b**3",
    "power": "c**0.5 + c**-1",
    "fractional": "powers(c, -2, -0.5) + powers(a, 0, 0, 3) + powers(b, 1, 1)",
    "fractional-interacts": "powers(c, -1, 0)*g + b",
}
COX = {
    "cox": "rcs(age, 4) + C(grade) + nodes + hormon",
    "cox-fractional": "powers(age, -2, -0.5) + powers(nodes, 0) + powers(pgr, 0.5, 3)",
    "cox-strata": "age + nodes + strata(grade)",
    "cox-two-strata": "age + log(nodes) + strata(grade) + strata(hormon)",
    "cox-interacts": "age*hormon + sqrt(nodes)",
}


@cache
def logistic(name: str) -> RiskModel:
    return quiet_fit(f"y ~ {LOGISTIC[name]}", PEOPLE).model


@cache
def cox(name: str) -> RiskModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return vr.fit_cox(
            f"Surv(rfstime, status) ~ {COX[name]}", GBSG, horizons=[730, 1500], time_unit="days"
        ).model


@cache
def fine_gray() -> RiskModel:
    return vr.fit_fine_gray(
        "Surv(months, ended) ~ arm + rcs(age, 3) + volume_ml",
        COMPETING,
        event="leakage",
        competing="death",
        time_unit="months",
    ).model


def drawn(model: RiskModel, count: int, seed: int = 5) -> RiskModel:
    """The model with draws around its estimates, as a repeated procedure would leave."""
    rng = np.random.default_rng(seed)
    assert model.covariance is not None
    centre = np.append([model.intercept], model.beta) if model.kind == "logistic" else model.beta
    draws = rng.multivariate_normal(centre, model.covariance, count)
    logs = [
        np.log(each.at(horizon)[0]) + 0.1 * rng.normal(size=count)
        for each in model.baselines
        for horizon in model.horizons
    ]
    return model.with_draws(np.column_stack([draws, *logs]))


@cache
def library_model(name: str) -> RiskModel | None:
    """A model of the library; None where the paper gives none."""
    try:
        return find_model(name)[0]
    except PaperError:
        return None


def random_patients(model: RiskModel, count: int, seed: int = 1) -> Patients:
    """Invented patients over the limits of every predictor and somewhat beyond."""
    rng = np.random.default_rng(seed)
    patients = []
    for _ in range(count):
        patient: dict[str, Any] = {}
        for each in model.design.predictors:
            if each.categorical:
                patient[each.name] = str(rng.choice(each.levels))
                continue
            low, high = each.limits or (min(each.ticks), max(each.ticks))
            patient[each.name] = float(rng.uniform(1.1 * low - 0.1 * high, 1.1 * high - 0.1 * low))
        if model.strata:
            chosen = model.baselines[rng.integers(len(model.baselines))].stratum
            patient |= dict(zip(model.strata, chosen.split(", "), strict=True))
        patients.append(patient)
    return patients


def without(model: RiskModel, **population: Any) -> RiskModel:
    """The model of another population."""
    return replace(model, population=replace(model.population, **population))


def _of_library(name: str) -> RiskModel:
    model = library_model(name)
    assert model is not None
    return model


RULES = (
    "a <= b + 1 or g != 'low'",
    "not (g in ['high', 'none'] and b < 0)",
    "a / b > -5",
    "log(a) < sqrt(b) - 0.2 or b is missing",
    "max(a, b, -0.2) - min(a, b) <= 1.5",
    "mean(a, b) * 2 < 1.5 and -a < 1",
    "abs(a) ** 2 < 1 or exp(b) >= 0.5",
    "(a > 0) + (b > 0) == 1 or g == 'low'",
    "a is not missing",
)


def consistent() -> RiskModel:
    """A model with a rule of every kind that its patients should satisfy."""
    rules = (Consistency(each, f"for reason {place}") for place, each in enumerate(RULES))
    return replace(logistic("level-interacts"), consistency=tuple(rules))


CASES: dict[str, Callable[[], RiskModel]] = {
    **{name: partial(logistic, name) for name in LOGISTIC},
    **{name: partial(cox, name) for name in COX},
    "fine-gray": fine_gray,
    "draws": lambda: drawn(logistic("spline-interacts"), 400),
    "consistent": consistent,
    "cox-draws": lambda: drawn(cox("cox"), 300),
    "cox-strata-draws": lambda: drawn(cox("cox-strata"), 200),
    **{name: partial(_of_library, name) for name in library_ids() if library_model(name)},
}
# One of each kind is looked at each time, the others with the slow tests.
KINDS = {"three-interact", "cox-strata", "fine-gray", "cox-draws", "consistent", "li2021"}
some_cases = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in KINDS else pytest.mark.slow) for name in CASES],
)
