"""Effects where values are missing: complete cases, and multiple imputation by Rubin's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from tests.simulation.estimating import LEVEL, ROOT, Estimator, sloping
from tests.simulation.objectives import peak, with_ones
from tests.simulation.scenarios import PREDICTORS, Cohort, Missingness

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.distributions import t_quantile
from vertebrisk.kernels.firth.combined import combined_limits
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
    """One model of all imputed tables; NaN where one of them has no finite estimate.

    `limits` are Rubin's, shape (5, 2); `each` are the estimates of the tables with their
    intercepts first, NaN in a Cox model, shape (tables, 6).
    """

    beta: FloatArray
    error: FloatArray
    limits: FloatArray
    each: FloatArray


def imputed(
    cohorts: Sequence[Cohort], how: Missingness, *, outcome: bool = True
) -> list[FloatArray]:
    """Completed columns of each cohort, shape (imputations, n, 5).

    Without `outcome` the imputation does not know it.
    """

    def filled(cohort: Cohort) -> FloatArray:
        known = _known(cohort) if outcome else _known(cohort)[:, :0]
        chains = cohort.number * IMPUTATIONS + np.arange(IMPUTATIONS)
        return chained.impute(
            cohort.columns, cohort.missing(how), known, VARIABLES, chains, STREAM, ITERATIONS
        ).values

    return list(map(filled, cohorts))


def _known(cohort: Cohort) -> FloatArray:
    """What the imputation knows of the outcome, as the product gives it."""
    if cohort.scenario.kind == "logistic":
        return cohort.outcome[:, None]
    return np.column_stack([cohort.outcome, nelson_aalen(cohort.times)])


def pooled(cohort: Cohort, tables: FloatArray, estimator: Estimator) -> Pooled:
    """The model of all predictors in each table, and Rubin's rules."""
    fit = _cox if cohort.scenario.kind == "cox" else _logistic
    each, variance = fit(cohort, tables, estimator)
    parameters = variance.shape[1] + (cohort.scenario.kind == "logistic")
    found = rubin.pool(each[:, 1:], variance, cohort.event.size - parameters)
    error = np.sqrt(found.total)
    reach = t_quantile(0.5 + LEVEL / 2.0, found.df) * error
    limits = np.column_stack([found.estimate - reach, found.estimate + reach])
    return Pooled(found.estimate, error, limits, each)


def combined(cohort: Cohort, tables: FloatArray, found: Pooled) -> FloatArray:
    """Limits of Firth's profiles, combined over the tables, shape (5, 2)."""
    peaks = [
        peak(replace(cohort, columns=table), own[1:], float(own[0]), penalised=True)
        for table, own in zip(tables, found.each, strict=True)
    ]
    return combined_limits(peaks, sloping(peaks[0]), ROOT)


def _stacked(tables: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The tables below one another, and the part of each replicate: all are fitted together."""
    count, n, size = tables.shape
    return tables.reshape(count * n, size), np.repeat(np.eye(count), n, axis=1)


def _cox(cohort: Cohort, tables: FloatArray, estimator: Estimator) -> tuple[FloatArray, FloatArray]:
    """Estimates after an intercept of NaN, shape (tables, 6), and variances, (tables, 5)."""
    rows, own = _stacked(tables)
    count = tables.shape[0]
    times = SurvivalTimes(np.tile(cohort.time, count), np.tile(cohort.event, count))
    if estimator == "ml":
        found = fit_cox_batch(rows, times, own)
    else:
        found = fit_firth_cox_batch(rows, times, own).fits
    lost = found.separated | found.deficient
    inverse = np.array([found.covariance(each) for each in range(count)])
    beta = np.column_stack([np.full(count, np.nan), found.beta])
    return _where(~lost, beta), _where(~lost, np.diagonal(inverse, axis1=1, axis2=2))


def _logistic(
    cohort: Cohort, tables: FloatArray, estimator: Estimator
) -> tuple[FloatArray, FloatArray]:
    """Estimates after their intercept, shape (tables, 6), and variances, (tables, 5)."""
    rows, own = _stacked(tables)
    design, target = with_ones(rows), np.tile(cohort.outcome, tables.shape[0])
    if estimator == "ml":
        plain = fit_logistic_batch(design, target, own)
        known = ~(plain.separated | plain.deficient)
        beta, information, scaling = plain.beta, plain.scaled_information, plain.scaling
    else:
        firth = fit_firth_batch(design, target, own)
        known = firth.converged & (firth.rank == design.shape[1])
        beta, information, scaling = firth.beta, firth.scaled_information, firth.scaling
    back = scaling.back()
    inverse = np.array([back @ inverse_information(each) @ back.T for each in information])
    return _where(known, beta), _where(known, np.diagonal(inverse, axis1=1, axis2=2)[:, 1:])


def _where(known: BoolArray, values: FloatArray) -> FloatArray:
    return np.where(known[:, None], values, np.nan)
