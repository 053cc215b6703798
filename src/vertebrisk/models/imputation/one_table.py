"""What pooling asks of the model in one completed table, whatever its kind."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.newton import log_likelihood
from vertebrisk.kernels.ranks import delong_covariance
from vertebrisk.kernels.survival.partial import PartialSums
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.validation.survival.concordance import ConcordanceKind, concordance


def estimate_of(fit: LogisticFit | CoxFit) -> FloatArray:
    """Coefficients, the intercept first where there is one."""
    if isinstance(fit, LogisticFit):
        return np.concatenate([[fit.intercept], fit.beta])
    return fit.beta


def refitted(fit: LogisticFit | CoxFit, columns: IntArray) -> tuple[FloatArray, float]:
    """Coefficients and log-likelihood with some columns only."""
    small = fit.development.likelihood.fit(fit.matrix[:, columns], np.ones((1, fit.n))).fits
    return small.beta[0], float(small.log_likelihood[0])


def likelihood_at(fit: LogisticFit | CoxFit, columns: IntArray, beta: FloatArray) -> float:
    """Log-likelihood of given coefficients of some columns."""
    matrix = fit.matrix[:, columns]
    if isinstance(fit, LogisticFit):
        linear = beta[0] + matrix @ beta[1:]
        return float(log_likelihood(linear, fit.development.event, np.ones(fit.n)))
    sums = PartialSums.of(
        (matrix @ beta)[None], fit.times, np.ones((1, fit.n)), ties=fit.likelihood.ties
    )
    return float(sums.log_likelihood()[0])


def concordance_of(
    fit: LogisticFit | CoxFit, score: FloatArray, kind: ConcordanceKind, tau: float | None
) -> tuple[float, float]:
    """C-index of a score in one table, and its standard error."""
    if isinstance(fit, LogisticFit):
        areas, covariance = delong_covariance(fit.event, score[None])
        return float(areas[0]), float(np.sqrt(covariance[0, 0]))
    times = fit.times
    found = concordance(
        times.exit, times.event, score, kind=kind, tau=tau, entry=times.entry, strata=times.strata
    )
    return found.estimate, found.std_error
