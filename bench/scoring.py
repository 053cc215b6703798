"""A million patients scored by one `RiskModel.predict`, for models of every kind."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from functools import partial

import numpy as np
import polars as pl
from peaks import forget_peak, peak_bytes
from timings import Measured, Timing, environment, timed

from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.errors import VertebriskWarning
from vertebrisk.models.logistic.fitting import fit_logistic
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.survival.fitting import fit_cox

PATIENTS = 1_000_000
DRAWS = 500
RUNS = 3
GOAL = 2.0
NUMBERS = tuple(f"number_{place}" for place in range(5))
CATEGORIES = tuple(f"category_{place}" for place in range(5))
SPLINES = " + ".join([*(f"rcs({name}, 4)" for name in NUMBERS), *CATEGORIES])


def measure() -> Measured:
    """Each kind in a process of its own, so that its memory is its own."""
    found = Measured()
    for kind in KINDS:
        done = subprocess.run(
            [sys.executable, __file__, kind],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        document = json.loads(done.stdout)
        found.add(Timing(f"predict, 10^6: {document['name']}", tuple(document["seconds"]), GOAL))
        found.numbers[f"{document['name']}: most memory beyond the data, MB"] = document["memory"]
        found.notes.append(
            f"predict of 10^6, {document['name']}: at most {document['memory']} MB beyond the data"
        )
    return found


def invented(n: int, seed: int) -> pl.DataFrame:
    """Patients with five numbers, five categories, an outcome, and its time."""
    rng = np.random.default_rng(seed)
    numbers = {name: rng.normal(60.0, 8.0, n).round(1) for name in NUMBERS}
    codes = {name: rng.integers(0, 3, n) for name in CATEGORIES}
    linear = sum((each - 60.0) / 20.0 for each in numbers.values()) - 2.0
    linear = linear + sum(0.4 * (each == 1) for each in codes.values())
    months = rng.exponential(30.0 * np.exp(-linear / 2.0)).clip(0.1, 36.0).round(1)
    levels = np.array(["no", "yes", "unclear"])
    return pl.DataFrame(
        numbers
        | {name: levels[each] for name, each in codes.items()}
        | {
            "pain": rng.random(n) < 1.0 / (1.0 + np.exp(-linear)),
            "months": months,
            "refracture": months < 36.0,
        }
    )


def splines() -> RiskModel:
    return fit_logistic(f"pain ~ {SPLINES}", invented(2000, 1)).model


def cox() -> RiskModel:
    formula = f"Surv(months, refracture) ~ {SPLINES}"
    fit = fit_cox(formula, invented(2000, 1), horizons=[12, 24], time_unit="months")
    return fit.model


def categories() -> RiskModel:
    return fit_logistic(f"pain ~ {' + '.join(CATEGORIES)}", invented(2000, 1)).model


def drawn(model: RiskModel) -> RiskModel:
    """The model with intervals of as many draws as a repeated procedure leaves."""
    rng = np.random.default_rng(3)
    centre = np.array([model.intercept, *model.beta])
    return model.with_draws(centre + rng.normal(0.0, 0.02, (DRAWS, centre.size)))


def embedded() -> tuple[RiskModel, pl.DataFrame]:
    """The published four-factor model with patients of every pattern."""
    model = ModelStore().get("li2021").model
    rng = np.random.default_rng(2)
    columns = {
        each.name: np.array(each.levels)[rng.integers(0, len(each.levels), PATIENTS)]
        for each in model.design.predictors
    }
    return model, pl.DataFrame(columns)


def for_invented(model: RiskModel) -> tuple[RiskModel, pl.DataFrame]:
    return model, invented(PATIENTS, 2).select(model.design.variables)


KINDS = {
    "embedded": ("li2021, 4 categories", embedded),
    "splines": ("5 splines and 5 categories", lambda: for_invented(splines())),
    "cox": ("Cox, 5 splines and 5 categories", lambda: for_invented(cox())),
    "drawn": (f"5 categories, {DRAWS} draws", lambda: for_invented(drawn(categories()))),
    "all-distinct": (
        f"5 splines and 5 categories, {DRAWS} draws",
        lambda: for_invented(drawn(splines())),
    ),
}


def scored(kind: str) -> dict[str, object]:
    """Seconds of each run, and how far memory rose above what the data take."""
    name, make = KINDS[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VertebriskWarning)
        model, data = make()
    model.predict(data.head(10))
    forget_peak()
    before = peak_bytes()
    seconds = [timed(partial(model.predict, data)) for _ in range(RUNS)]
    return {"name": name, "seconds": seconds, "memory": round((peak_bytes() - before) / 1e6)}


if __name__ == "__main__":
    print(json.dumps(scored(sys.argv[1])))
