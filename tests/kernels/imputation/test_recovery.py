"""What imputation is for: values missing by the outcome bias complete cases, not the imputed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from vertebrisk._types import FloatArray
from vertebrisk.kernels.imputation import rubin
from vertebrisk.kernels.imputation.chained import Variable, impute
from vertebrisk.kernels.newton import fit_logistic_batch

TRUTH = np.array([-1.0, 0.05, 0.7, 0.4, 0.9, 0.05])
VARIABLES = (Variable(0, "pmm"), Variable(2, "polytomous"), Variable(3, "ordered"),
             Variable(0, "linear"))  # fmt: skip
N, STUDIES, IMPUTATIONS = 400, 60, 10


def predictors(values: FloatArray) -> FloatArray:
    one, two = values[:, 2] == 1, values[:, 2] == 2
    return np.column_stack([np.ones(len(values)), values[:, 0] - 50, values[:, 1], one, two,
                            values[:, 3] - 27])  # fmt: skip


def fitted(values: FloatArray, event: FloatArray) -> tuple[FloatArray, FloatArray]:
    fit = fit_logistic_batch(predictors(values), event, np.ones((1, event.size)))
    return fit.beta[0], np.diag(fit.covariance())


def study(seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pooled estimate, half of its interval, and the estimate of the complete cases."""
    rng = np.random.default_rng(seed)
    a = rng.normal(50, 10, N)
    b = (rng.random(N) < 1 / (1 + np.exp(-(a - 50) / 10))).astype(np.float64)
    c = np.clip(np.round(1 + 0.05 * (a - 50) + b / 2 + rng.logistic(size=N)), 0, 2)
    d = a / 2 + 3 * b + rng.normal(0, 5, N)
    values = np.column_stack([a, b, c, d])
    event = (rng.random(N) < 1 / (1 + np.exp(-predictors(values) @ TRUTH))).astype(np.float64)
    often = 1 / (1 + np.exp(1.2 - 1.5 * event))
    missing = rng.random((N, 4)) < often[:, None] * [0.5, 0.7, 0.7, 1.0]
    known, chains = np.where(missing, np.nan, values), np.arange(IMPUTATIONS)
    found = impute(known, missing, event[:, None], VARIABLES, chains, seed)
    each = [fitted(filled, event) for filled in found.values]
    pooled = rubin.pool(np.array([e for e, _ in each]), np.array([v for _, v in each]), N - 6.0)
    half = stats.t.ppf(0.975, pooled.df) * np.sqrt(pooled.total)
    whole = ~missing.any(axis=1)
    return pooled.estimate, half, fitted(values[whole], event[whole])[0]


@pytest.mark.slow
def test_imputation_removes_the_bias_of_complete_cases_and_covers() -> None:
    found = [study(seed) for seed in range(STUDIES)]
    estimates = np.array([each[0] for each in found])
    halves = np.array([each[1] for each in found])
    complete = np.array([each[2] for each in found])
    error = estimates.std(axis=0) / np.sqrt(STUDIES)
    assert (np.abs(estimates.mean(axis=0) - TRUTH) < 3.5 * error + 0.03 * np.abs(TRUTH)).all()
    assert complete.mean(axis=0)[0] < TRUTH[0] - 1.0  # cases lose more rows, so risks are too low
    covered = (np.abs(estimates - TRUTH) < halves).mean(axis=0)
    assert (covered > 0.95 - 3.5 * np.sqrt(0.95 * 0.05 / STUDIES)).all()
