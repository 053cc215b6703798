"""Partial likelihoods and baseline hazards of given linear predictors, for many replicates.

Where each replicate has a model of its own, so has it a linear predictor of its own; here
these are taken as they are, and nothing is estimated but the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels.survival.risk_sets import RiskSets
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
        number = weights if counts is None else counts
        shape = (max(linear.shape[0], weights.shape[0]), sets.rows.size)
        mass = np.broadcast_to(weights[:, sets.rows], shape)
        eta = np.broadcast_to(linear[:, sets.rows], shape)
        top = np.where(mass > 0, eta, -np.inf).max(axis=1, initial=-1e300)
        lowered = np.clip(eta - top[:, None], FLOOR, 0.0)
        own = np.broadcast_to(number[:, sets.rows], shape)[:, sets.deaths]
        terms = TiedTerms.of(sets, mass[:, sets.deaths], own, ties)
        return cls(sets, lowered, top, mass, terms)

    def _hazard(self) -> tuple[FloatArray, FloatArray]:
        """Sums over the risk sets and over the events."""
        hazard = self.weights * np.exp(self.linear)
        sets = self.risk_sets
        return sets.at_risk(hazard), sets.dying(hazard[:, sets.deaths])

    def log_likelihood(self) -> FloatArray:
        """Log partial likelihood of each replicate, shape (replicates,); 0 without events."""
        if self.risk_sets.count == 0:
            return np.zeros(self.weights.shape[0])
        deaths = self.risk_sets.deaths
        gain = np.einsum("rd,rd->r", self.weights[:, deaths], self.linear[:, deaths])
        return np.asarray(gain - self.terms.log_sum(*self._hazard()))

    def log_cumulative_hazards(self, times: FloatArray, strata: int = 1) -> FloatArray:
        """Logarithm of the baseline cumulative hazard, (replicates, strata, times).

        For a linear predictor of 0; minus infinity before the first event.
        """
        found = np.zeros((self.weights.shape[0], strata, times.size))
        if self.risk_sets.count:
            steps = Hazards.of(self.terms, *self._hazard()).increment
            for block in self.risk_sets.blocks:
                stratum = self.risk_sets.stratum[block][0]
                total = np.cumsum(steps[:, block], axis=1)
                place = np.searchsorted(self.risk_sets.times[block], times, side="right")
                known = np.concatenate([np.zeros((total.shape[0], 1)), total], axis=1)
                found[:, stratum] = known[:, place]
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(found) - self.top[:, None, None])
