"""Baseline cumulative hazard of a Cox model, with what its variance needs.

As ``survfit`` of a ``coxph`` model: Breslow's or Efron's estimate, by the ties of the
model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.survival.moments import Moments


@dataclass(frozen=True, slots=True, eq=False)
class BaselineHazard:
    """Cumulative hazard of one stratum, a step at each event time, for covariates of zero.

    Attributes
    ----------
    stratum : int
    times : array, shape (g,)
        Event times, ascending.
    cumulative_hazard, variance : array, shape (g,)
        At and after each event time; the variance is that for known coefficients.
    mean_integral : array, shape (g, p)
        Integral of the mean covariates of the risk set over the cumulative hazard.
    last_time : float
        Longest follow-up of the stratum; nothing is known beyond it.
    """

    stratum: int
    times: FloatArray
    cumulative_hazard: FloatArray
    variance: FloatArray
    mean_integral: FloatArray
    last_time: float

    def at(self, times: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cumulative hazard, variance and mean integral at some times, as step functions."""
        place = np.searchsorted(self.times, times, side="right")
        steps = (self.cumulative_hazard, self.variance, self.mean_integral)
        hazard, variance, mean = (
            np.concatenate([np.zeros((1, *each.shape[1:])), each])[place] for each in steps
        )
        return hazard, variance, mean


def baseline_hazards(
    moments: Moments, beta: FloatArray, last_times: FloatArray
) -> tuple[BaselineHazard, ...]:
    """Baseline of every stratum, those without events among them.

    Parameters
    ----------
    moments : Moments
        At the estimate.
    beta : array, shape (p,)
    last_times : array, shape (strata,)
        Longest follow-up of each stratum.
    """
    sets = moments.risk_sets
    to_zero = float(np.exp(-moments.centre @ beta))
    found = []
    for stratum, last_time in enumerate(last_times):
        inside = sets.stratum == stratum
        hazard = np.cumsum(moments.increment[inside])
        drift = np.cumsum(moments.drift[inside], axis=0)
        found.append(
            BaselineHazard(
                stratum=stratum,
                times=sets.times[inside],
                cumulative_hazard=to_zero * hazard,
                variance=to_zero**2 * np.cumsum(moments.variance[inside]),
                mean_integral=to_zero * (drift + hazard[:, None] * moments.centre),
                last_time=float(last_time),
            )
        )
    return tuple(found)


def hazard_variance(
    baseline: tuple[FloatArray, FloatArray, FloatArray],
    columns: FloatArray,
    beta: FloatArray,
    covariance: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Cumulative hazard of patients at some times, and its variance, shape (n, times) each.

    The variance holds that of the baseline and that of the coefficients.

    Parameters
    ----------
    baseline : tuple of arrays
        As given by `BaselineHazard.at`.
    columns : array, shape (n, p)
    beta : array, shape (p,)
    covariance : array, shape (p, p)
    """
    hazard, variance, mean = baseline
    relative = np.exp(columns @ beta)[:, None]
    gap = hazard[None, :, None] * columns[:, None, :] - mean[None]
    spread = np.einsum("ntp,pq,ntq->nt", gap, covariance, gap)
    return relative * hazard, relative**2 * (variance + spread)
