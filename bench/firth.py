"""A bootstrap whose resamples are fitted by maximum likelihood, or by Firth's method."""

from __future__ import annotations

from functools import partial

from resampling import FACTORS, NO_CURVE, RESAMPLES, patients
from timings import Measured, Timing, timed

from vertebrisk.models.logistic.fitting import fit_logistic


def measure() -> Measured:
    found = Measured()
    formula = "pain ~ " + " + ".join((*FACTORS, "leakage"))
    for estimator in ("ml", "firth", "auto"):
        fit = fit_logistic(formula, patients(), estimator=estimator)
        actions = [partial(fit.validate, RESAMPLES, seed, thresholds=NO_CURVE) for seed in range(6)]
        actions[0]()
        name = f"{RESAMPLES} resamples of {fit.n} patients, {fit.beta.size} columns, {estimator}"
        found.add(Timing(name, tuple(timed(action) for action in actions[1:])))
    return found
