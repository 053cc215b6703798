"""Peer of univariable screening in every resample: a loop over statsmodels.

    python screen_statsmodels.py 20        resamples

In each resample every candidate is tested by its likelihood ratio, those below 0.05 enter a
model, and the model is measured in the resample and in all patients: area, Nagelkerke's R2,
calibration intercept and slope, Brier score, and the distance of a lowess curve. Matrices are
handed over ready, without formulas and data frames, and a model starts where statsmodels starts it.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
import statsmodels.api as sm
from scipy.stats import chi2
from statsmodels.nonparametric.smoothers_lowess import lowess
from turns import given, turns

warnings.simplefilter("ignore")
x, y, owner = given("x"), given("event"), given("owner").astype(int)
parts = [np.flatnonzero(owner == each) for each in range(owner.max() + 1)]
resamples = int(sys.argv[1])
rng = np.random.default_rng(1)


def fitted(columns: np.ndarray, event: np.ndarray) -> sm.Logit | None:
    try:
        return sm.Logit(event, sm.add_constant(columns, has_constant="add")).fit(disp=0)
    except (np.linalg.LinAlgError, sm.tools.sm_exceptions.PerfectSeparationError):
        return None


def chosen(columns: np.ndarray, event: np.ndarray) -> np.ndarray:
    kept = []
    for part in parts:
        fit = fitted(columns[:, part], event)
        if fit is not None and chi2.sf(2 * (fit.llf - fit.llnull), part.size) < 0.05:
            kept.append(part)
    return np.concatenate(kept) if kept else np.empty(0, int)


def area(event: np.ndarray, linear: np.ndarray) -> float:
    higher = linear[event == 1][:, None] - linear[event == 0]
    return float((higher > 0).mean() + 0.5 * (higher == 0).mean())


def measures(event: np.ndarray, linear: np.ndarray) -> list[float]:
    risk = 1 / (1 + np.exp(-linear))
    line = fitted(linear[:, None], event)
    curve = lowess(event, risk, frac=2 / 3, it=0, return_sorted=False)
    n, away = event.size, np.abs(curve - risk)
    size = 1 - np.exp(2 / n * (line.llnull - line.llf))
    return [
        area(event, linear),
        size / (1 - np.exp(2 / n * line.llnull)),
        *line.params,
        np.mean((event - risk) ** 2),
        away.mean(),
        np.median(away),
        np.quantile(away, 0.9),
        away.max(),
    ]


def developed(rows: np.ndarray) -> list[float] | None:
    columns = chosen(x[rows], y[rows])
    fit = fitted(x[rows][:, columns], y[rows]) if columns.size else None
    if fit is None:
        return None
    linear = fit.params[0] + x[:, columns] @ fit.params[1:]
    return measures(y[rows], linear[rows]) + measures(y, linear)


def work() -> np.ndarray:
    everyone = np.arange(y.size)
    for _ in range(resamples):
        developed(rng.integers(0, y.size, y.size))
    return np.array(developed(everyone)[:1])


turns(["statsmodels"], work, lambda found: found)
