"""A bootstrap whose resamples are fitted by maximum likelihood, or by Firth's method."""

from __future__ import annotations

from functools import partial

from resampling import FACTORS, NO_CURVE, RESAMPLES, patients, switch
from timings import Measured, Timing, timed

from vertebrisk.kernels import compiled
from vertebrisk.models.logistic.fitting import fit_logistic


def measure() -> Measured:
    found = Measured()
    formula = "pain ~ " + " + ".join((*FACTORS, "leakage"))
    kinds = {"NumPy": "", **({"compiled": ", compiled"} if compiled.available() else {})}
    for estimator in ("ml", "firth", "auto"):
        fit = fit_logistic(formula, patients(), estimator=estimator)
        for kind, said in kinds.items():
            switch(kind)
            actions = [partial(fit.validate, RESAMPLES, i, thresholds=NO_CURVE) for i in range(6)]
            actions[0]()
            columns = fit.beta.size
            name = (
                f"{RESAMPLES} resamples of {fit.n} patients, {columns} columns, {estimator}{said}"
            )
            found.add(Timing(name, tuple(timed(action) for action in actions[1:])))
    return found
