"""Effects where values are missing: complete cases, and multiple imputation by Rubin's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tests.simulation.estimating import LEVEL, Estimator, with_ones
from tests.simulation.scenarios import PREDICTORS, Cohort, Missingness

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import t_quantile
from vertebrisk.kernels.firth.cox import fit_firth_cox_batch
from vertebrisk.kernels.firth.logistic import fit_firth_batch
from vertebrisk.kernels.imputation import chained, rubin
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.kernels.steps import inverse_information
from vertebrisk.kernels.survival.cox import fit_cox_batch
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.imputation.outcomes import nelson_aalen

IMPUTATIONS = 20
ITERATIONS = 10
STREAM = 17  # of random numbers, by which the kernel draws
VARIABLES = tuple(
    chained.Variable(0, "pmm") if each.share is None else chained.Variable(2, "polytomous")
    for each in PREDICTORS
)


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """One model of all imputed tables; NaN where one of them has no finite estimate."""

    beta: FloatArray
    error: FloatArray
    limits: FloatArray


def imputed(
    cohorts: Sequence[Cohort], how: Missingness, *, outcome: bool = True
) -> list[FloatArray]:
    """Completed columns of each cohort, shape (imputations, n, 5).

    The cohorts are of one scenario. Without `outcome` the imputation does not know it.
    """
    gaps = np.array([each.missing(how) for each in cohorts])
    always = np.array([_known(each) if outcome else _known(each)[:, :0] for each in cohorts])
    values = np.array([each.columns for each in cohorts])
    m = IMPUTATIONS
    chains = np.concatenate([each.number * m + np.arange(m) for each in cohorts])
    found = chained.impute(
        np.repeat(values, m, axis=0),
        np.repeat(gaps, m, axis=0),
        np.repeat(always, m, axis=0),
        VARIABLES,
        chains,
        STREAM,
        ITERATIONS,
    )
    return list(found.values.reshape(len(cohorts), m, *values.shape[1:]))


def _known(cohort: Cohort) -> FloatArray:
    """What the imputation knows of the outcome, as the product gives it."""
    if cohort.scenario.kind == "logistic":
        return cohort.outcome[:, None]
    return np.column_stack([cohort.outcome, nelson_aalen(cohort.times)])


def pooled(cohort: Cohort, tables: FloatArray, estimator: Estimator) -> Pooled:
    """The model of all predictors in each table, and Rubin's rules."""
    beta, variance = _fitted(cohort, tables, estimator)
    parameters = beta.shape[1] + (cohort.scenario.kind == "logistic")
    found = rubin.pool(beta, variance, cohort.event.size - parameters)
    error = np.sqrt(found.total)
    reach = t_quantile(0.5 + LEVEL / 2.0, found.df) * error
    return Pooled(
        found.estimate, error, np.column_stack([found.estimate - reach, found.estimate + reach])
    )


def _fitted(
    cohort: Cohort, tables: FloatArray, estimator: Estimator
) -> tuple[FloatArray, FloatArray]:
    """Estimates and their variances, shape (tables, 5) each; all tables are fitted together.

    They stand below one another as one table, of which each replicate has its own part.
    """
    count, n, size = tables.shape
    rows = tables.reshape(count * n, size)
    own: FloatArray = np.repeat(np.eye(count), n, axis=1)
    if cohort.scenario.kind == "cox":
        times = SurvivalTimes(np.tile(cohort.time, count), np.tile(cohort.event, count))
        cox = (
            fit_cox_batch(rows, times, own)
            if estimator == "ml"
            else fit_firth_cox_batch(rows, times, own).fits
        )
        lost = cox.separated | cox.deficient
        inverse = np.array([cox.covariance(each) for each in range(count)])
        beta, variance = cox.beta, np.diagonal(inverse, axis1=1, axis2=2)
        return np.where(lost[:, None], np.nan, beta), np.where(lost[:, None], np.nan, variance)
    design, target = with_ones(rows), np.tile(cohort.outcome, count)
    if estimator == "ml":
        found = fit_logistic_batch(design, target, own)
        lost = found.separated | found.deficient
        beta, information, scaling = found.beta, found.scaled_information, found.scaling
    else:
        firth = fit_firth_batch(design, target, own)
        lost = ~firth.converged
        beta, information, scaling = firth.beta, firth.scaled_information, firth.scaling
    back = scaling.back()
    inverse = np.array([back @ inverse_information(each) @ back.T for each in information])
    variance = np.diagonal(inverse, axis1=1, axis2=2)[:, 1:]
    return np.where(lost[:, None], np.nan, beta[:, 1:]), np.where(lost[:, None], np.nan, variance)
