"""Fine and Gray's regression of the cumulative incidence, for many weightings at once.

Proportional hazards of the subdistribution: covariates multiply -log(1 - F(t)), F being the
cumulative incidence of the event. The pseudo-likelihood is Cox's with Breslow's ties over the
risk sets of `subdistribution`, in which every replicate has a censoring curve of its own. The
estimates are those of ``cmprsk::crr``, and of ``survival::coxph(ties = "breslow")`` on the
data of ``survival::finegray`` where no failure and censoring are tied.

References
----------
Fine and Gray 1999, doi:10.1080/01621459.1999.10474144.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.narrow import fitted_apart
from vertebrisk.kernels.steps import information, kept_products
from vertebrisk.kernels.survival.cox import (
    CELLS,
    CoxFits,
    gathered,
    lowered,
    standardised,
    without_events,
)
from vertebrisk.kernels.survival.cumulative_incidence import with_zero
from vertebrisk.kernels.survival.maximum import largest_change, maximised
from vertebrisk.kernels.survival.runaway import proves_monotone
from vertebrisk.kernels.survival.subdistribution import SubdistributionSets


def fit_fine_gray_batch(
    columns: FloatArray,
    exit: FloatArray,
    status: IntArray,
    weights: FloatArray | None = None,
    *,
    censoring_strata: IntArray | None = None,
    offset: FloatArray | None = None,
    mask: BoolArray | None = None,
) -> CoxFits:
    """Fit every replicate of a Fine-Gray model.

    Parameters
    ----------
    columns : array, shape (n, p)
        Covariates; there is no intercept.
    exit : array, shape (n,)
        Time of the first of event, competing event and censoring.
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    weights : array, shape (replicates, n), optional
        Frequencies, equal to repeated rows; all 1 by default.
    censoring_strata : int array, shape (n,), optional
        Groups with a censoring curve each, as ``cengroup`` of crr; one curve by default.
    offset : array, shape (n,) or (replicates, n), optional
        Added to the linear predictor.
    mask : bool array, shape (replicates, p), optional
        Columns that each replicate uses; all by default.

    Returns
    -------
    CoxFits
        As of a Cox model. The log-likelihoods are pseudo-likelihoods: differences have no
        chi-square distribution, and the inverse information is not the covariance, which
        `fine_gray_inference` gives.
    """
    weights = np.ones((1, exit.size)) if weights is None else weights
    replicates, size = weights.shape[0], columns.shape[1]
    use = np.ones((replicates, size), np.bool_) if mask is None else mask
    sets = SubdistributionSets.of(exit, status, weights, censoring_strata)
    if sets.count == 0:
        return without_events(replicates, size, use)
    order = sets.order
    scaled, scale = standardised(columns[order], weights[:, order])
    moved = np.zeros((1, order.size)) if offset is None else np.atleast_2d(offset)[:, order]
    problem = _Problem(sets, scaled, kept_products(scaled.T), weights[:, order], moved, use)
    fits = gathered(maximised(problem), problem, scale)
    for group in fitted_apart(columns[order], scaled, problem.weights, use):
        others = fit_fine_gray_batch(
            columns,
            exit,
            status,
            weights[group],
            censoring_strata=censoring_strata,
            offset=offset if moved.shape[0] == 1 else moved[group],
            mask=use[group],
        )
        fits.put(group, others)
    return fits


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """What stays fixed while Newton's method runs; columns centred, scaled and transposed."""

    sets: SubdistributionSets
    columns: FloatArray
    products: FloatArray | None
    weights: FloatArray
    offset: FloatArray
    mask: BoolArray

    def take(self, active: IntArray) -> _Problem:
        if active.size == self.weights.shape[0]:
            return self
        return _Problem(
            self.sets.take(active),
            self.columns,
            self.products,
            self.weights[active],
            self.offset if self.offset.shape[0] == 1 else self.offset[active],
            self.mask[active],
        )

    def eta(self, beta: FloatArray) -> FloatArray:
        return lowered(beta @ self.columns + self.offset, self.weights)

    @property
    def _events(self) -> FloatArray:
        return self.weights[:, self.sets.events]

    def likelihood(self, eta: FloatArray) -> FloatArray:
        gain = np.einsum("rd,rd->r", self._events, eta[:, self.sets.events])
        deaths, total = self._sums(self.weights * np.exp(eta))
        return np.asarray(gain - np.sum(deaths * np.log(total), axis=1))

    def _sums(self, hazard: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Events, and the sum over the risk set, at each event time."""
        deaths = self.sets.dying(self._events)
        return deaths, np.where(deaths > 0.0, self.sets.at_risk(hazard), 1.0)

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        hazard = self.weights * np.exp(eta)
        deaths, total = self._sums(hazard)
        expected = hazard * self.sets.lived(deaths / total)
        square = information(self.columns.T, self.products, expected)
        residual = -expected
        residual[:, self.sets.events] += self._events
        size = max(1, CELLS // max(1, self.columns.size))
        for start in range(0, hazard.shape[0], size):
            part = slice(start, start + size)
            whole = self.sets.take(part).at_risk(hazard[part, None, :] * self.columns)
            squared = whole * (deaths[part] / total[part] ** 2)[:, None]
            square[part] -= squared @ whole.transpose(0, 2, 1)
        return residual @ self.columns.T, square

    def squares(self, eta: FloatArray) -> FloatArray:
        hazard = self.weights * np.exp(eta)
        deaths, total = self._sums(hazard)
        return np.asarray((hazard * self.sets.lived(deaths / total)) @ (self.columns**2).T)

    def apart(self, eta: FloatArray, before: FloatArray) -> FloatArray:
        return largest_change(eta, before)

    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        sets = self.sets
        return proves_monotone(
            step, self.columns, gain, self.weights, sets, sets.events, nearly=nearly
        )


def log_baseline_hazards(
    linear: FloatArray,
    exit: FloatArray,
    status: IntArray,
    times: FloatArray,
    weights: FloatArray,
    *,
    censoring_strata: IntArray | None = None,
) -> FloatArray:
    """Logarithm of the cumulative subdistribution hazard for a linear predictor of zero.

    Parameters
    ----------
    linear : array, shape (replicates, n)
        Linear predictors of the patients, under each replicate's model.
    exit, status, censoring_strata : arrays, shape (n,)
    times : array, shape (k,)
    weights : array, shape (replicates, n)
        Frequencies.

    Returns
    -------
    array, shape (replicates, k)
        Minus infinity before the first event.
    """
    sets = SubdistributionSets.of(exit, status, weights, censoring_strata)
    if sets.count == 0:
        return np.full((linear.shape[0], times.size), -np.inf)
    top = np.where(weights > 0, linear, -np.inf).max(axis=1)
    eta = lowered(linear.copy(), weights)
    hazard = (weights * np.exp(eta))[:, sets.order]
    deaths = sets.dying(weights[:, sets.order][:, sets.events])
    total = np.where(deaths > 0.0, sets.at_risk(hazard), 1.0)
    steps = with_zero(np.cumsum(deaths / total, axis=1))
    found = steps[:, np.searchsorted(sets.times, times, side="right")]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(found) - top[:, None])
