"""One Cox model at given coefficients: what residuals, curves and tests are made of.

Everything is a sum over the terms of the likelihood at each event time, so Breslow's and
Efron's approximations share all formulas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms
from vertebrisk.kernels.survival.times import SurvivalTimes


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Risk-set sums of one model; rows are those of `risk_sets`, in its order.

    Attributes
    ----------
    risk_sets : RiskSets
    columns : array, shape (m, p)
        Covariates less `centre`.
    centre : array, shape (p,)
        Mean of those at risk at any event.
    weights : array, shape (m,)
        Case weights.
    relative : array, shape (m,)
        Hazard relative to a patient at `centre`.
    increment, variance : array, shape (g,)
        Rise of the cumulative hazard of a patient at `centre`, and of its variance
        for known coefficients.
    returned : array, shape (g,)
        What Efron's approximation spares those who die.
    mean : array, shape (g, p)
        Mean covariates of the risk set, averaged over the terms.
    drift, drift_returned : array, shape (g, p)
        Mean covariates times the rise of the hazard, and what those who die are spared.
    at_risk, dying : array, shape (g, p)
        Covariates summed over the risk set and over the events, by hazard.
    """

    risk_sets: RiskSets
    columns: FloatArray
    centre: FloatArray
    weights: FloatArray
    relative: FloatArray
    increment: FloatArray
    variance: FloatArray
    returned: FloatArray
    mean: FloatArray
    drift: FloatArray
    drift_returned: FloatArray
    at_risk: FloatArray
    dying: FloatArray

    @classmethod
    def of(
        cls,
        columns: FloatArray,
        times: SurvivalTimes,
        beta: FloatArray,
        *,
        weights: FloatArray | None = None,
        ties: Ties = "efron",
        offset: FloatArray | None = None,
    ) -> Moments:
        """Sums at coefficients `beta`; weights are case weights, as those of ``coxph``."""
        everyone = np.ones(times.size) if weights is None else weights
        sets = RiskSets.of(times)
        rows, mass = columns[sets.rows], everyone[sets.rows]
        centre = mass @ rows / mass.sum() if sets.count else columns.mean(axis=0)
        rows = rows - centre
        linear = rows @ beta + (0.0 if offset is None else offset[sets.rows])
        relative = np.exp(linear)
        hazard = mass * relative
        if sets.count == 0:
            none, nothing = np.empty(0), np.empty((0, columns.shape[1]))
            return cls(
                sets, rows, centre, mass, relative, none, none, none, nothing, nothing, nothing,
                nothing, nothing,
            )  # fmt: skip
        own = mass[None, sets.deaths]
        terms = TiedTerms.of(sets, own, np.ones_like(own), ties)
        dying = sets.dying(hazard[None, sets.deaths])
        sums = Hazards.of(terms, sets.at_risk(hazard[None]), dying)
        weighted = (hazard[:, None] * rows).T
        whole, lost = sets.at_risk(weighted).T, sets.dying(weighted[:, sets.deaths]).T
        increment, returned = sums.increment[0][:, None], sums.returned[0][:, None]
        events = sets.dying(mass[sets.deaths])[:, None]
        square, cross, last = (each[0][:, None] for each in (sums.square, sums.cross, sums.own))
        return cls(
            risk_sets=sets,
            columns=rows,
            centre=centre,
            weights=mass,
            relative=relative,
            increment=sums.increment[0],
            variance=sums.square[0],
            returned=sums.returned[0],
            mean=(whole * increment - lost * returned) / events,
            drift=whole * square - lost * cross,
            drift_returned=whole * cross - lost * last,
            at_risk=whole,
            dying=lost,
        )

    @property
    def expected(self) -> FloatArray:
        """Events expected of each row over its time at risk, shape (m,), before weights."""
        return np.asarray(self.relative * self.spared(self.increment, self.returned))

    def spared(self, increments: FloatArray, returned: FloatArray) -> FloatArray:
        """What each row accumulates at risk, less what those who die are spared."""
        sets = self.risk_sets
        total = np.asarray(sets.lived(increments.T)).T
        total[sets.deaths] -= returned[sets.last[sets.deaths]]
        return np.asarray(total)

    def gradient(self, by: FloatArray | None = None) -> FloatArray:
        """Score, shape (p,); each event time weighted by `by`, shape (g,)."""
        sets = self.risk_sets
        factor = np.ones(sets.count) if by is None else by
        own = (self.weights * factor[sets.last])[sets.deaths, None]
        residual = self.columns[sets.deaths] - self.mean[sets.last[sets.deaths]]
        return np.asarray((own * residual).sum(axis=0))

    def information(self, by: FloatArray | None = None) -> FloatArray:
        """Information, shape (p, p); each event time weighted by `by`, shape (g,)."""
        factor = np.ones(self.risk_sets.count) if by is None else by
        expected = self.relative * self.spared(factor * self.increment, factor * self.returned)
        whole = self.columns.T @ ((self.weights * expected)[:, None] * self.columns)
        means = (factor[:, None] * self.drift).T @ self.at_risk
        means -= (factor[:, None] * self.drift_returned).T @ self.dying
        return np.asarray(whole - means)
