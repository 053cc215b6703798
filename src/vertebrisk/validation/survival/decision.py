"""Decision curves where the event comes over time, at one horizon.

Of the patients whose risk reaches the threshold, the share with the event by the horizon is
read from their own cumulative incidence curve: one less Kaplan-Meier, or Aalen-Johansen where
there are competing events.

References
----------
Vickers AJ et al. 2008, doi:10.1186/1472-6947-8-53. Vickers AJ, Elkin EB 2006,
doi:10.1177/0272989X06295361.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import (
    as_risks,
    as_thresholds,
    check_fraction,
    check_positive_int,
    check_seed,
)
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.resamples import weight_blocks
from vertebrisk.kernels.survival.censoring import CENSORED
from vertebrisk.kernels.survival.cumulative_incidence import aalen_johansen, risk_table
from vertebrisk.validation.decision import DecisionPlan, Strategies
from vertebrisk.validation.survival.inputs import as_followed, as_horizon

SAME = 1e-12  # a risk this little below a threshold reaches it: sums in another order


def incidence_by(
    exit: FloatArray, status: IntArray, horizon: float, weights: FloatArray
) -> FloatArray:
    """Cumulative incidence of the event by a horizon, shape (replicates,).

    NaN where nobody is followed up to the horizon and some were censored before; 0 where
    there is nobody at all.
    """
    return incidences_by(exit, status, np.array([horizon]), weights)[:, 0]


def incidences_by(
    exit: FloatArray, status: IntArray, horizons: FloatArray, weights: FloatArray
) -> FloatArray:
    """The same by each of several horizons, shape (replicates, h)."""
    if horizons.size == 0:
        return np.empty((weights.shape[0], 0))
    last = horizons.max()
    beyond = exit > last
    seen = np.where(beyond, np.nextafter(last, np.inf), exit)
    why = np.where(beyond, CENSORED, status)
    shares = aalen_johansen(risk_table(seen, why, weights)).at(horizons)[:, 0]
    known = np.empty(shares.shape, dtype=np.bool_)
    for place, horizon in enumerate(horizons):
        reached = weights[:, exit >= horizon].sum(axis=1) > 0
        lost = weights[:, (exit < horizon) & (status == CENSORED)].sum(axis=1) > 0
        known[:, place] = reached | ~lost
    return np.where(known, shares, np.nan)


def net_benefits(
    exit: FloatArray,
    status: IntArray,
    risk: FloatArray,
    horizon: float,
    thresholds: FloatArray,
    weights: FloatArray,
) -> FloatArray:
    """Net benefit of acting on risks that reach each threshold, (replicates, thresholds).

    Parameters
    ----------
    exit : array, shape (n,)
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    risk : array, shape (replicates, n) or (1, n)
        Risks by the horizon of each replicate's model.
    horizon : float
    thresholds : array, shape (k,)
    weights : array, shape (replicates, n)
        Frequencies, equal to repeated rows.

    Returns
    -------
    NaN where the patients at or above a threshold are not followed up to the horizon.
    """
    total = weights.sum(axis=1)
    found = np.empty((weights.shape[0], thresholds.size))
    for place, threshold in enumerate(thresholds):
        acted = weights * (risk >= threshold - SAME)
        share = acted.sum(axis=1) / total
        incidence = incidence_by(exit, status, horizon, acted)
        found[:, place] = benefit_of(share, incidence, threshold)
    return found


def benefit_of(
    share: FloatArray, incidence: FloatArray, threshold: FloatArray | float
) -> FloatArray:
    """Net benefit of acting on a share of the patients of whom so many have the event."""
    odds = DecisionPlan(np.asarray(threshold)).odds
    return np.asarray(share * (incidence - (1.0 - incidence) * odds))


def decision_curve_survival(
    time: ArrayLike,
    status: ArrayLike,
    risk: ArrayLike,
    horizon: float,
    thresholds: ArrayLike,
    *,
    resamples: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> pl.DataFrame:
    """Is it worth acting on these risks of an event by a horizon?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient to the first of event, competing event and censoring.
    status : array-like, shape (n,)
        0 censored, 1 the event, 2 a competing event; or booleans, True for the event.
    risk : array-like, shape (n,)
        Predicted probability of the event by the horizon, 0 to 1 (not percent).
    horizon : float
        In the unit of `time`, inside follow-up.
    thresholds : array-like, shape (k,)
        Risks at which acting becomes worthwhile, strictly between 0 and 1. A risk equal to
        the threshold counts as acting.
    resamples, seed, level
        Percentile bootstrap interval of patients, the risks held fixed.

    Returns
    -------
    polars.DataFrame
        The columns of `decision_curve`; what is standardised is divided by the share of
        patients with the event by the horizon. Null where the patients at or above a threshold
        are not followed up to the horizon, so that their incidence is not known.

    Raises
    ------
    ArgumentError
        For a horizon beyond follow-up or before the first event, and values that are not
        times, statuses, probabilities or thresholds.

    References
    ----------
    Vickers et al. 2008, doi:10.1186/1472-6947-8-53
    """
    exit, codes = as_followed(time, status)
    at = as_horizon(horizon, exit, codes)
    values = as_risks(risk, "risk", exit.size)
    check_positive_int(resamples, "resamples")
    check_fraction(level, "level")
    check_seed(seed)
    cuts = as_thresholds(thresholds)
    if cuts.size == 0:
        raise ArgumentError("thresholds is empty; give at least one.")
    plan = DecisionPlan(cuts)
    benefits, incidences = [], []
    for weights in weight_blocks(exit.size, resamples, seed):
        benefits.append(net_benefits(exit, codes, values[None], at, cuts, weights))
        incidences.append(incidence_by(exit, codes, at, weights))
    return Strategies(plan, np.concatenate(incidences), level).rows(np.concatenate(benefits))
