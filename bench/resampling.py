"""Validation by resampling, the model held fixed or developed anew: NumPy and compiled kernels."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl
from timings import Measured, Timing, shown, timed

from vertebrisk.kernels import compiled
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.logistic.fitting import fit_logistic
from vertebrisk.studies import embedded_protocol

RESAMPLES = 1000
FACTORS = ("ivc", "fascia_oedema", "goutallier", "cement_distribution")
OTHERS = (
    *("sex", "nationality", "age_group", "diabetes", "hypertension", "fracture_history"),
    *("level_group", "bmi", "t_score", "vas_pre", "odi_pre", "avh", "avhr", "cobb"),
    *("cement_volume", "leakage", "avhrr", "cobb_change"),
)
NO_CURVE = np.empty(0)


def measure() -> Measured:
    frame = patients()
    found = Measured()
    kernels(frame, found)
    if not compiled.available():
        found.missing.append("NO COMPILED KERNELS: numba is not installed. They WERE NOT MEASURED.")
    return found


def patients() -> pl.DataFrame:
    """The embedded study's patients with their outcome."""
    with embedded_protocol() as path:
        frame = pl.read_csv(path.with_name("patients.csv"))
    mean = pl.mean_horizontal("vas_24h", "vas_3d", "vas_1m")
    return frame.with_columns((mean >= 4.0).cast(pl.Int64).alias("pain"))


def kernels(frame: pl.DataFrame, found: Measured) -> None:
    """Resampling by NumPy and, where numba is installed, by the compiled kernels."""
    fixed = fit_logistic("pain ~ " + " + ".join(FACTORS), frame)
    whole = fit_logistic("pain ~ " + " + ".join((*FACTORS, *OTHERS)), frame, select="univariable")
    kinds = ["NumPy"]
    if compiled.available():
        seconds = timed(compiled.warm_up)
        name = "compiled kernels, import of numba and load or compile"
        found.numbers[name] = seconds
        found.notes.append(f"{name}: {shown(seconds)} (once a process)")
        kinds.append("compiled")
    for kind in kinds:
        switch(kind)
        name = f"{RESAMPLES} resamples, model held fixed, {kind}"
        found.add(validations(name, fixed, 15, fixed=True))
        name = f"{RESAMPLES} resamples, whole procedure, {kind}"
        found.add(validations(name, whole, 5, fixed=False))


def validations(name: str, fit: LogisticFit, runs: int, *, fixed: bool) -> Timing:
    """Validations with one seed after another; the first one, which fills caches, is left out."""
    validate(fit, 0, fixed=fixed)
    actions = (partial(validate, fit, seed, fixed=fixed) for seed in range(1, runs + 1))
    return Timing(name, tuple(timed(action) for action in actions))


def validate(fit: LogisticFit, seed: int, *, fixed: bool) -> object:
    return fit.validate(RESAMPLES, seed, fixed=fixed, thresholds=NO_CURVE)


def switch(kind: str) -> None:
    if kind == "compiled":
        compiled.warm_up()
    else:
        compiled.switch_off()
