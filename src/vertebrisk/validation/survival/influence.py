"""Standard errors at a horizon, the estimation of the censoring weights included.

A measure changes with a patient in two ways: as one of the patients who are measured, and as
one of those from whom the censoring curve is read. The second part is the martingale of the
patient's censoring, times what the patients followed for longer contribute.

References
----------
Blanche et al. 2013, doi:10.1002/sim.5958. Gerds and Schumacher 2006,
doi:10.1002/bimj.200610301.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.survival.censoring import CENSORED
from vertebrisk.validation.survival.horizon import AtHorizon


def standard_error(own: FloatArray, shared: FloatArray, at: AtHorizon) -> float:
    """Standard error of a mean over the patients of the first replicate.

    Parameters
    ----------
    own : array, shape (n,)
        What each patient contributes to the mean, less the mean.
    shared : array, shape (n,)
        The derivative of the sum by the logarithm of each patient's censoring weight.
    at : AtHorizon
        With weights of one.
    """
    total = own + _censoring_part(shared, at)
    size = total.size
    if size < 2:
        return float("nan")
    return float(np.sqrt(np.sum((total - total.mean()) ** 2) / (size - 1.0) / size))


def _censoring_part(shared: FloatArray, at: AtHorizon) -> FloatArray:
    """What each patient contributes by way of the censoring curve, shape (n,)."""
    grid, at_risk = at.curve.times, at.curve.at_risk[0]
    before = grid < at.horizon
    order = np.argsort(at.exit, kind="stable")
    later = np.cumsum(shared[order][::-1])[::-1]
    place = np.searchsorted(at.exit[order], grid, side="right")
    beyond = np.append(later, 0.0)[place]
    safe = np.where(at_risk > 0, at_risk, 1.0)
    jump = np.where(before & (at_risk > 0), beyond / safe, 0.0)
    drift = np.cumsum(jump * at.curve.censored[0] / safe)
    own = np.searchsorted(grid, at.exit)
    censored = at.status == CENSORED
    lived = np.concatenate([[0.0], drift])[own + censored]
    return np.asarray(np.where(censored, jump[own], 0.0) - lived)


def brier_error(at: AtHorizon, risk: FloatArray) -> float:
    """Standard error of the Brier score of fixed risks, shape (n,)."""
    loss = at.stands_for[0] * np.where(at.cases, (1.0 - risk) ** 2, risk**2)
    return standard_error(loss - loss.mean(), loss, at)


def auc_error(at: AtHorizon, risk: FloatArray, auc: float) -> float:
    """Standard error of the time-dependent AUC of a score, shape (n,)."""
    mass = at.stands_for[0]
    case, other = mass * at.cases, mass * at.others
    values, place = np.unique(risk, return_inverse=True)
    cases = np.bincount(place, case, values.size)
    others = np.bincount(place, other, values.size)
    lower = (np.cumsum(others) - 0.5 * others)[place]
    higher = (np.cumsum(cases[::-1])[::-1] - 0.5 * cases)[place]
    n_cases, n_others = case.sum(), other.sum()
    pairs = (case * lower + other * higher) / (n_cases * n_others)
    change = risk.size * (pairs - auc * (case / n_cases + other / n_others))
    return standard_error(change, change, at)
