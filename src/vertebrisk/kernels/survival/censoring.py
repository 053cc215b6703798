"""Inverse probability of censoring weights from the Kaplan-Meier curve of the censorings.

A patient whose fate at the horizon is known stands for those who would have been like him
but were censored before. An event precedes a censoring at the same time, so who has the
event at a time is no longer at risk of being censored at it.

References
----------
Graf et al. 1999, doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5.
Gerds and Schumacher 2006, doi:10.1002/bimj.200610301.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.survival.kaplan_meier import life_table, step_at
from vertebrisk.kernels.survival.times import SurvivalTimes

CENSORED, EVENT, COMPETING = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class CensoringCurve:
    """Probability of not being censored.

    Attributes
    ----------
    times : array, shape (m,)
        Distinct times of exit, ascending.
    at_risk : array, shape (replicates, m)
        At risk of being censored: the events of that time have left.
    censored : array, shape (replicates, m)
    free : array, shape (replicates, m)
        Probability of being uncensored up to and at each time.
    """

    times: FloatArray
    at_risk: FloatArray
    censored: FloatArray
    free: FloatArray

    @classmethod
    def of(
        cls, exit: FloatArray, status: IntArray, weights: FloatArray | None = None
    ) -> CensoringCurve:
        """Reverse Kaplan-Meier curve; every failure, competing or not, ends the exposure.

        Parameters
        ----------
        exit : array, shape (n,)
        status : int array, shape (n,)
            0 censored, 1 the event, 2 the competing event.
        weights : array, shape (replicates, n), optional
            Frequencies; one replicate of ones by default.
        """
        table = life_table(SurvivalTimes(exit, status != CENSORED), weights)
        at_risk = table.at_risk - table.events
        hazard = table.censored / np.where(at_risk > 0, at_risk, 1.0)
        free = np.asarray(np.cumprod(1.0 - hazard, axis=1), dtype=np.float64)
        return cls(table.times, at_risk, table.censored, free)

    def before(self, times: FloatArray) -> FloatArray:
        """Probability of being uncensored just before each time, shape (replicates, k)."""
        return step_at(self.times, self.free, times, left=True)

    def at(self, times: FloatArray) -> FloatArray:
        """Probability of being uncensored up to and at each time, shape (replicates, k)."""
        return step_at(self.times, self.free, times)


def followed_to(exit: FloatArray, status: IntArray, horizon: float) -> BoolArray:
    """Patients known to be without any failure at a horizon, shape (n,).

    Followed beyond it, or censored at it: whoever is seen at 12 months without the event is
    known to be without it by then.
    """
    return np.asarray((exit > horizon) | ((exit == horizon) & (status == CENSORED)))


def horizon_weights(
    curve: CensoringCurve, exit: FloatArray, status: IntArray, horizon: float
) -> FloatArray:
    """What each patient stands for at a horizon, shape (replicates, n).

    One over the probability of being uncensored: just before the failure of a patient who
    failed by the horizon, just before the horizon of one who is followed up to it. Zero for
    who was censored before: what would have become of him is not known.
    """
    later = followed_to(exit, status, horizon)
    known = later | (exit <= horizon) & (status != CENSORED)
    free = curve.before(np.where(later, horizon, exit))
    known = known & (free > 0)
    return np.where(known, 1.0 / np.where(known, free, 1.0), 0.0)
