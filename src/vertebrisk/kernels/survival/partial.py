"""Partial likelihoods and baseline hazards of given linear predictors, for many replicates.

Where each replicate has a model of its own, so has it a linear predictor of its own; here
these are taken as they are, and nothing is estimated but the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.spread import log_likelihoods
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms
from vertebrisk.kernels.survival.times import SurvivalTimes

FLOOR = -300.0  # lowest linear predictor below the highest; exp of it can still be squared


@dataclass(frozen=True, slots=True, eq=False)
class PartialSums:
    """Weighted patients with a linear predictor each, ready to be summed.

    Attributes
    ----------
    risk_sets : RiskSets
    linear : array, shape (replicates, m)
        Of the rows of the risk sets, the highest of each replicate at 0.
    top : array, shape (replicates,)
        What was taken off.
    weights : array, shape (replicates, m)
    terms : TiedTerms
    """

    risk_sets: RiskSets
    linear: FloatArray
    top: FloatArray
    weights: FloatArray
    terms: TiedTerms

    @classmethod
    def of(
        cls,
        linear: FloatArray,
        times: SurvivalTimes,
        weights: FloatArray,
        *,
        ties: Ties = "efron",
        counts: FloatArray | None = None,
    ) -> PartialSums:
        """Sums for linear predictors and weights of shape (replicates, n), or one row for all.

        `counts` says how many rows stand behind each weight, for the number of tied events;
        the weights themselves by default.
        """
        sets = RiskSets.of(times)
        shape = (max(linear.shape[0], weights.shape[0]), sets.rows.size)
        mass = np.broadcast_to(np.take(weights, sets.rows, 1), shape)
        died = np.take(mass, sets.deaths, 1)
        own = died if counts is None else np.take(counts, sets.rows[sets.deaths], 1)
        terms = TiedTerms.of(sets, died, np.broadcast_to(own, died.shape), ties)
        return cls(sets, *_lowered(linear, sets, mass), mass, terms)

    def at(self, linear: FloatArray) -> PartialSums:
        """Sums for other linear predictors of the same patients."""
        eta, top = _lowered(linear, self.risk_sets, self.weights)
        return PartialSums(self.risk_sets, eta, top, self.weights, self.terms)

    def log_likelihood(self) -> FloatArray:
        """Log partial likelihood of each replicate, shape (replicates,); 0 without events."""
        if self.risk_sets.count == 0:
            return np.zeros(self.weights.shape[0])
        sets = self.risk_sets
        return log_likelihoods(sets, sets.deaths, self.terms, self.weights, self.linear)

    def log_cumulative_hazards(self, times: FloatArray, strata: int = 1) -> FloatArray:
        """Logarithm of the baseline cumulative hazard, (replicates, strata, times).

        For a linear predictor of 0; minus infinity before the first event.
        """
        found = np.zeros((self.weights.shape[0], strata, times.size))
        if self.risk_sets.count:
            sets, hazard = self.risk_sets, self.weights * np.exp(self.linear)
            dying = sets.dying(np.take(hazard, sets.deaths, 1))
            steps = Hazards.of(self.terms, sets.at_risk(hazard), dying).increment
            for block in self.risk_sets.blocks:
                stratum = self.risk_sets.stratum[block][0]
                total = np.cumsum(steps[:, block], axis=1)
                place = np.searchsorted(self.risk_sets.times[block], times, side="right")
                known = np.concatenate([np.zeros((total.shape[0], 1)), total], axis=1)
                found[:, stratum] = known[:, place]
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(found) - self.top[:, None, None])


def log_cumulative_hazards(
    linear: FloatArray,
    times: SurvivalTimes,
    weights: FloatArray,
    horizons: FloatArray,
    *,
    ties: Ties,
    counts: FloatArray,
    strata: int,
) -> FloatArray:
    """See `PartialSums.log_cumulative_hazards`; the arguments are those of `PartialSums.of`."""
    plain = strata == 1 and times.entry is None and counts is weights
    if not plain or not times.event.any() or not compiled.enabled():
        sums = PartialSums.of(linear, times, weights, ties=ties, counts=counts)
        return sums.log_cumulative_hazards(horizons, strata)
    from vertebrisk.kernels.compiled.rowwise import fit_narrow

    one = np.ones((max(linear.shape[0], weights.shape[0]), 1))
    own, mass = (np.broadcast_to(each, (one.size, times.size)) for each in (linear, weights))
    sets, columns, efron = RiskSets.of(times), own[:, :, None], ties == "efron"
    fits = fit_narrow(
        sets, columns, mass, one > 0.0, one, efron=efron, until=horizons, search=False
    )
    odd = np.flatnonzero(~fits.regular)
    if odd.size:
        sums = PartialSums.of(own[odd], times, mass[odd], ties=ties)
        fits.level[odd] = sums.log_cumulative_hazards(horizons)[:, 0]
    return fits.level[:, None]


def _lowered(
    linear: FloatArray, sets: RiskSets, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Linear predictors of the rows of the risk sets, the highest at 0, and what that was."""
    eta = np.broadcast_to(np.take(linear, sets.rows, 1), weights.shape)
    top = np.where(weights > 0, eta, -np.inf).max(axis=1, initial=-1e300)
    return np.clip(eta - top[:, None], FLOOR, 0.0), top
