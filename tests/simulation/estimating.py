"""Effects in one data set: maximum likelihood and Firth's, with Wald and profile limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from tests.simulation.objectives import peak, with_ones
from tests.simulation.scenarios import PREDICTORS, Cohort

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.firth.cox import fit_firth_cox_batch
from vertebrisk.kernels.firth.logistic import fit_firth_batch
from vertebrisk.kernels.firth.profiles import Peak, profile_limits
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.steps import inverse_information
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch

Estimator = Literal["ml", "firth"]

LEVEL = 0.95
SAME = 1e-3  # movement along a separating direction, relative to the greatest, that is none
ROOT = float(normal_quantile(0.5 + LEVEL / 2.0))


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One model of one data set; coefficients of the predictors, without the intercept.

    Attributes
    ----------
    beta, error : array, shape (5,)
        NaN where no finite or unique estimate exists.
    limit : array, shape (5,)
        The estimate, infinite where the likelihood rises for ever in its direction; NaN where
        the columns depend on one another.
    intercept : float
        NaN in a Cox model.
    gain : float
        Likelihood-ratio statistic of all predictors; NaN under Firth's method.
    """

    beta: FloatArray
    error: FloatArray
    limit: FloatArray
    intercept: float
    gain: float = np.nan

    @property
    def exists(self) -> bool:
        """Whether there is a finite, unique estimate."""
        return bool(np.isfinite(self.beta).all())

    @property
    def wald(self) -> FloatArray:
        """Limits, shape (5, 2)."""
        reach = ROOT * self.error
        return np.column_stack([self.beta - reach, self.beta + reach])


def _dependent(columns: FloatArray) -> Fitted:
    """Where no estimate is unique."""
    nothing = np.full(columns.shape[1], np.nan)
    return Fitted(nothing, nothing, nothing, np.nan)


def _without(found: LogisticFits | CoxFits, columns: FloatArray) -> Fitted:
    """Where there is no finite or unique estimate."""
    nothing = _dependent(columns)
    size, limit = columns.shape[1], nothing.limit
    if not found.deficient[0]:
        reach = found.direction[0, -size:] * columns.std(axis=0)
        runs = np.abs(reach) > SAME * np.abs(reach).max()
        limit = np.where(runs, np.copysign(np.inf, reach), found.beta[0, -size:])
    return replace(nothing, limit=limit)


def fitted(cohort: Cohort, estimator: Estimator) -> Fitted:
    """The model of all predictors."""
    if cohort.scenario.kind == "cox":
        return _cox(cohort, estimator)
    return _logistic(cohort, estimator)


def _logistic(cohort: Cohort, estimator: Estimator) -> Fitted:
    design, everyone = with_ones(cohort.columns), np.ones((1, cohort.event.size))
    if estimator == "firth":
        firth = fit_firth_batch(design, cohort.outcome, everyone)
        assert firth.converged.all()
        if firth.rank[0] < design.shape[1]:
            return _dependent(cohort.columns)
        inverse = inverse_information(firth.scaled_information[0])
        back = firth.scaling.back()
        covariance, beta, gain = back @ inverse @ back.T, firth.beta[0], np.nan
    else:
        found = fit_logistic_batch(design, cohort.outcome, everyone)
        if found.separated[0] or found.deficient[0]:
            return _without(found, cohort.columns)
        share = cohort.outcome.mean()
        null = cohort.event.size * (share * np.log(share) + (1 - share) * np.log1p(-share))
        covariance, beta = found.covariance(), found.beta[0]
        gain = 2.0 * (float(found.log_likelihood[0]) - null)
    error = np.sqrt(np.diag(covariance))
    return Fitted(beta[1:], error[1:], beta[1:], float(beta[0]), gain)


def _cox(cohort: Cohort, estimator: Estimator) -> Fitted:
    everyone = np.ones((1, cohort.event.size))
    if estimator == "firth":
        found = fit_firth_cox_batch(cohort.columns, cohort.times, everyone).fits
        assert found.converged.all()
    else:
        found = fit_cox_batch(cohort.columns, cohort.times, everyone)
    if found.separated[0] or found.deficient[0]:
        return _without(found, cohort.columns)
    gain = 2.0 * float(found.log_likelihood[0] - found.null_log_likelihood[0])
    error = np.sqrt(np.diag(found.covariance()))
    beta = found.beta[0]
    return Fitted(beta, error, beta, np.nan, gain if estimator == "ml" else np.nan)


def profile(cohort: Cohort, fit: Fitted, estimator: Estimator) -> FloatArray:
    """Profile limits of all predictors, shape (5, 2)."""
    own = peak(cohort, fit.beta, fit.intercept, penalised=estimator == "firth")
    return profile_limits(own, sloping(own), ROOT)


def sloping(own: Peak) -> BoolArray:
    """Coefficients that are no intercept."""
    return np.arange(own.beta.size) >= own.beta.size - len(PREDICTORS)
