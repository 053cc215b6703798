"""Models, services and requests of the tests: invented patients, no network."""

from __future__ import annotations

import asyncio
import json
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl

from vertebrisk import fit_cox, fit_logistic
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.settings import Settings
from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.design.design import Design
from vertebrisk.errors import VertebriskWarning
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fit import CoxFit

URL = "http://localhost"
QUIET = Settings(rate=None, log_requests=False)


@cache
def patients(n: int = 400) -> pl.DataFrame:
    """Invented patients: two numbers, two categories, an outcome, and its time."""
    rng = np.random.default_rng(20)
    age, volume = rng.normal(72, 8, n).round(1), rng.gamma(4.0, 1.2, n).round(2) + 0.1
    cleft, grade = rng.integers(0, 2, n), rng.integers(0, 3, n)
    eta = -1.2 + 0.04 * (age - 72) + 0.15 * volume + 0.7 * cleft + 0.4 * grade
    event = rng.random(n) < 1.0 / (1.0 + np.exp(-eta))
    time = rng.exponential(30 * np.exp(-eta)).clip(0.1, 36).round(1)
    return pl.DataFrame(
        {
            "age": age,
            "volume": volume,
            "cleft": np.array(["No", "Yes"])[cleft],
            "grade": np.array(["0-1", "2", "3-4"])[grade],
            "ward": np.array([1, 2])[rng.integers(0, 2, n)],
            "pain": event,
            "months": time,
            "died": time < 36,
        }
    ).with_columns(
        pl.col("cleft").cast(pl.Enum(["No", "Yes"])),
        pl.col("grade").cast(pl.Enum(["0-1", "2", "3-4"])),
    )


FORMULAS = {
    "plain": "pain ~ age + cleft + grade",
    "spline": "pain ~ rcs(age, 4) + log(volume) + sqrt(age) + volume**2 + cleft",
    "fractional": "pain ~ powers(age, -2, -2) + powers(volume, 0, 0.5, shift=1) + cleft",
    "interaction": "pain ~ age*cleft + rcs(volume, 3):grade + grade",
    "cox": "Surv(months, died) ~ rcs(age, 4) + cleft + grade",
    "strata": "Surv(months, died) ~ age + cleft + strata(ward)",
}


@cache
def model(name: str) -> RiskModel:
    """One of the models; ``name-draws`` is that with intervals of invented draws.

    ``name-averages`` averages over missing inputs.
    """
    if name == "nobody":
        whole = model("plain")
        covariance = None if whole.covariance is None else whole.covariance[:1, :1]
        alone = replace(whole, design=Design((), ()), similar_patients=None)
        return replace(alone, beta=np.empty(0), covariance=covariance)
    base, _, drawn = name.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VertebriskWarning)
        fit: LogisticFit | CoxFit
        if FORMULAS[base].startswith("Surv"):
            fit = fit_cox(FORMULAS[base], patients(), horizons=[6, 12, 24], time_unit="months")
        else:
            fit = fit_logistic(FORMULAS[base], patients())
    if drawn == "averages":
        return fit.model.with_missing_inputs(fit)
    return _with_draws(fit.model) if drawn else fit.model


def _with_draws(made: RiskModel) -> RiskModel:
    rng = np.random.default_rng(3)
    centre = made.beta if made.kind != "logistic" else np.array([made.intercept, *made.beta])
    if made.kind != "logistic":
        hazards = [np.log(b.at(h)[0]) for b in made.baselines for h in made.horizons]
        centre = np.array([*centre, *hazards])
    return made.with_draws(centre + rng.normal(0, 0.02, (204, centre.size)) * np.abs(centre))


NAMES = (*FORMULAS, "nobody", "plain-draws", "spline-draws", "cox-draws", "strata-draws")


def rows(made: RiskModel, n: int) -> list[dict[str, Any]]:
    """The first patients as a request has them, with the columns that the model reads."""
    names = [*made.design.variables, *made.strata]
    return patients().select(names).head(n).to_dicts() if names else [{} for _ in range(n)]


def saved(folder: Path, *names: str) -> list[tuple[str, Path]]:
    """Files of models, with their ids."""
    for name in names:
        model(name).save(folder / f"{name}.json")
    return [(name, folder / f"{name}.json") for name in names]


def service(folder: Path, *names: str, settings: Settings = QUIET, **store: Any) -> Service:
    """A service of these models without the library."""
    return Service(ModelStore(saved(folder, *names), with_library=False, **store), settings)


def ask(
    app: Service, method: str, path: str, *, client: str = "127.0.0.1", **options: Any
) -> httpx.Response:
    """One request, answered in this process."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(client, 50000))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            return await http.request(method, path, **options)

    return asyncio.run(asked())


def predict(app: Service, name: str, body: object, **options: Any) -> httpx.Response:
    """A prediction; `body` is a document, or the bytes of one."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8")
    headers = {"Content-Type": "application/json", **options.pop("headers", {})}
    return ask(
        app,
        "POST",
        f"/api/v1/models/{name}/predict",
        content=content,
        headers=headers,
        **options,
    )
