"""Measures of risks by a horizon, for many weightings and many models at once.

Whether a patient has the event by the horizon is not known where follow-up ends before it;
those of whom it is known stand in for the others by inverse probability of censoring weights
(`kernels.survival.censoring`). A competing failure before the horizon means that the event
will not come: it counts as a non-event.

Every function takes risks of shape (replicates, n) or (1, n), where each replicate may have a
model of its own, and gives arrays of shape (replicates,). Replicates whose patients are not
followed up to the horizon are NaN.

References
----------
Blanche et al. 2013 (AUC), doi:10.1002/sim.5958. Graf et al. 1999 (Brier score),
doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5.
Kattan and Gerds 2018 (scaled Brier score), doi:10.1186/s41512-018-0029-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.survival.censoring import (
    CENSORED,
    COMPETING,
    EVENT,
    CensoringCurve,
    followed_to,
    horizon_weights,
)
from vertebrisk.kernels.tied import TiedScores, collapse_counts

SAME = 1e-12  # risks of one covariate pattern, computed in another order


class Performance(NamedTuple):
    """Measures of risks by a horizon, shape (replicates,) each; see the methods of `AtHorizon`.

    `low` and `high` are the range of the risks of the patients who count.
    """

    auc: FloatArray
    brier: FloatArray
    brier_scaled: FloatArray
    observed_expected: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def measures(self) -> dict[str, FloatArray]:
        """The measures by name."""
        names = ("auc", "brier", "brier_scaled", "observed_expected")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, eq=False)
class AtHorizon:
    """What is known of the patients at one horizon, under every weighting.

    Attributes
    ----------
    exit : array, shape (n,)
        Follow-up of each patient, all from time 0.
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event, at `exit`.
    horizon : float
    weights : array, shape (replicates, n)
        Frequencies, equal to repeated rows.
    stands_for : array, shape (replicates, n)
        `weights` times the censoring weights; zero where the fate is not known.
    cases, others : bool array, shape (n,)
        With the event by the horizon, and known to be without it.
    curve : CensoringCurve
    """

    exit: FloatArray
    status: IntArray
    horizon: float
    weights: FloatArray
    stands_for: FloatArray
    cases: BoolArray
    others: BoolArray
    curve: CensoringCurve

    @classmethod
    def of(
        cls,
        exit: FloatArray,
        status: IntArray,
        horizon: float,
        weights: FloatArray | None = None,
        curve: CensoringCurve | None = None,
    ) -> AtHorizon:
        """Weigh the patients; one replicate of ones by default.

        `curve` is that of the same patients and weights, where it is known already; one row of it
        stands for replicates of the same weights.
        """
        mass = np.ones((1, exit.size)) if weights is None else weights
        curve = CensoringCurve.of(exit, status, mass) if curve is None else curve
        stands_for = mass * horizon_weights(curve, exit, status, horizon)
        by_then = exit <= horizon
        cases = by_then & (status == EVENT)
        others = followed_to(exit, status, horizon) | (by_then & (status == COMPETING))
        return cls(exit, status, horizon, mass, stands_for, cases, others, curve)

    @property
    def total(self) -> FloatArray:
        """Weight of all patients, shape (replicates,)."""
        return np.asarray(self.weights.sum(axis=1))

    @property
    def known(self) -> BoolArray:
        """True where somebody is followed up to the horizon, or all have failed before it."""
        seen = self.exit >= self.horizon
        censored = (self.status == CENSORED) & ~seen
        followed = self.weights[:, seen].sum(axis=1) > 0
        return np.asarray(followed | (self.weights[:, censored].sum(axis=1) == 0))

    @property
    def observed(self) -> FloatArray:
        """Share with the event by the horizon, (replicates,): the null model's risk.

        The cumulative incidence of Aalen and Johansen; without competing events one less
        Kaplan-Meier.
        """
        share = self.stands_for[:, self.cases].sum(axis=1) / self.total
        return self._only_known(share)

    def expected(self, risk: FloatArray) -> FloatArray:
        """Mean risk, shape (replicates,)."""
        return np.asarray(np.sum(self.weights * risk, axis=1) / self.total)

    def _only_known(self, values: FloatArray) -> FloatArray:
        return np.where(self.known, values, np.nan)

    def tied(self, risk: FloatArray) -> TiedScores:
        """Risks with ties collapsed, counted by what the patients stand for."""
        shape = self.stands_for.shape
        score = np.broadcast_to(risk, shape)
        return collapse_counts(score, self.stands_for, self.stands_for * self.cases, SAME)

    def auc(self, risk: FloatArray) -> FloatArray:
        """Share of pairs of a case and a non-case in which the case has the higher risk."""
        if compiled.enabled():
            from vertebrisk.kernels.compiled.ordered import areas

            score = np.broadcast_to(risk, self.stands_for.shape)
            return self._only_known(
                areas(score, self.stands_for, self.stands_for * self.cases, SAME)
            )
        return self._only_known(auc_batch(self.tied(risk)))

    def brier(self, risk: FloatArray) -> FloatArray:
        """Mean squared distance of the risk from what happened."""
        loss = np.where(self.cases, (1.0 - risk) ** 2, risk**2)
        return self._only_known(np.sum(self.stands_for * loss, axis=1) / self.total)

    def brier_null(self) -> FloatArray:
        """Brier score of giving everyone the observed share."""
        return self.brier(self.observed[:, None])

    def brier_scaled(self, risk: FloatArray) -> FloatArray:
        """One less the Brier score over that of the null model: 1 perfect, 0 no better."""
        return self._scaled(self.brier(risk))

    def _scaled(self, brier: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(1.0 - brier / self.brier_null())

    def observed_expected(self, risk: FloatArray) -> FloatArray:
        """Observed share over the mean risk."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.observed / self.expected(risk))

    def performance(self, risk: FloatArray, orders: IntArray | None = None) -> Performance:
        """All of these at once; what `room_for_orders` gave serves all horizons."""
        if orders is None:
            brier = self.brier(risk)
            return Performance(
                self.auc(risk),
                brier,
                self._scaled(brier),
                self.observed_expected(risk),
                *extent(self.weights, risk),
            )
        from vertebrisk.kernels.compiled import horizon as kernel

        shape = self.weights.shape
        score = risk if risk.shape == shape else np.broadcast_to(risk, shape)
        known = self.known
        found = kernel.scored(score, self.stands_for, self.cases, self.weights, SAME, orders)
        total, ill, well = found[[kernel.TOTAL, kernel.ILL, kernel.WELL]]
        observed, brier = ill / total, found[kernel.LOSS] / total
        null = (ill * (1.0 - observed) ** 2 + well * observed**2) / total
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled, ratio = 1.0 - brier / null, observed / (found[kernel.EXPECTED] / total)
        area, low, high = found[[kernel.AREA, kernel.LOW, kernel.HIGH]]
        area, brier, scaled, ratio = (
            np.where(known, values, np.nan) for values in (area, brier, scaled, ratio)
        )
        return Performance(area, brier, scaled, ratio, low, high)


def extent(weights: FloatArray, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest risk of the patients who count, shape (replicates,) each."""
    present = weights > 0
    low = np.where(present, risk, np.inf).min(axis=1)
    return low, np.where(present, risk, -np.inf).max(axis=1)


def room_for_orders(shape: tuple[int, ...]) -> IntArray | None:
    """Room for the orders of the risks of replicates, where the compiled kernels are used."""
    if not compiled.enabled():
        return None
    from vertebrisk.kernels.compiled.horizon import unordered

    return unordered(shape)
