"""Gray's test of equal cumulative incidence in several groups.

The groups' subdistribution hazards of one cause are compared, each patient's weight being
what the competing event has left of the group: the counterpart of the log-rank test where
patients can leave by another cause. Weight function 1 (Gray's rho = 0).

References
----------
Gray 1988, doi:10.1214/aos/1176350951; the numbers are those of ``cmprsk::cuminc``.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.cumulative_incidence import (
    aalen_johansen,
    binomial_variance,
    risk_table,
)


def gray_score(
    exit: FloatArray,
    status: IntArray,
    group: IntArray,
    groups: int,
    cause: int = 1,
    strata: IntArray | None = None,
    weights: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Score of each group and its covariance, summed over strata.

    Parameters
    ----------
    exit : array, shape (n,)
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    group : int array, shape (n,)
        Codes from 0 to `groups` - 1; a group may be absent from a stratum.
    groups : int
    cause : {1, 2}
        The cause whose cumulative incidence is compared.
    strata : int array, shape (n,), optional
        Patients are compared within strata only.
    weights : array, shape (n,), optional
        Frequencies.

    Returns
    -------
    score : array, shape (groups,)
        Failures less those expected were the incidence equal; adds up to zero.
    covariance : array, shape (groups, groups)
    """
    weights = np.ones(exit.size) if weights is None else weights
    strata = np.zeros(exit.size, dtype=np.int64) if strata is None else strata
    score, covariance = np.zeros(groups), np.zeros((groups, groups))
    for stratum in np.unique(strata):
        inside = strata == stratum
        counts = (group[inside] == np.arange(groups)[:, None]) * weights[inside]
        added = _stratum(exit[inside], status[inside], counts, cause)
        score += added[0]
        covariance += added[1]
    return score, covariance


def _stratum(
    exit: FloatArray, status: IntArray, counts: FloatArray, cause: int
) -> tuple[FloatArray, FloatArray]:
    """One stratum; `counts` has a row a group, all on the grid of the stratum's times."""
    table = risk_table(exit, status, counts)
    curves = aalen_johansen(table)
    at_risk, survival = table.at_risk, curves.survival
    own, other = table.failures[:, cause - 1], table.failures[:, 2 - cause]
    before = _shifted(survival, 1.0)
    free = 1.0 - _shifted(curves.estimate[:, cause - 1], 0.0)  # of the cause, just before
    present = at_risk > 0.0
    # those at risk, and those at risk or gone by the competing event (Gray's R)
    adjusted = np.where(present, at_risk / np.where(present, before, 1.0), 0.0)
    kept = adjusted * free
    failed = own.sum(axis=0)
    expected = failed * kept / _positive(kept.sum(axis=0))
    total = _positive(adjusted.sum(axis=0))
    increments = failed / total
    pooled = np.cumsum(increments)
    pooled_before = _shifted(pooled, 0.0)
    share = adjusted / total
    # influence of a failure in group k on the score of group i, (i, k, m)
    direct = adjusted * (np.eye(len(counts))[:, :, None] - share[:, None, :])
    direct *= present[:, None, :] & present[None, :, :]
    through = np.cumsum(direct * (increments / _positive(1.0 - pooled_before)), axis=2)
    remaining = through[:, :, -1:] - through
    alive = survival > 0.0
    ratio = np.where(alive, (1.0 - pooled) / np.where(alive, survival, 1.0), 0.0)
    by_cause = np.where(alive, 1.0 - ratio, 1.0)
    others = _positive(total * before - 1.0)
    tied = np.where(failed > 1.0, 1.0 - (failed - 1.0) / others, 1.0)
    own_variance = np.where(present, tied * before * increments / _positive(at_risk), 0.0)
    other_variance = np.where(alive, before**2 * binomial_variance(other, at_risk), 0.0)
    own_terms = direct + by_cause * remaining
    other_terms = ratio * remaining
    covariance = np.einsum("ikt,jkt,kt->ij", own_terms, own_terms, own_variance)
    covariance += np.einsum("ikt,jkt,kt->ij", other_terms, other_terms, other_variance)
    return (own - expected).sum(axis=1), covariance


def _shifted(values: FloatArray, first: float) -> FloatArray:
    """Values just before each time."""
    begin = np.full((*values.shape[:-1], 1), first)
    return np.concatenate([begin, values[..., :-1]], axis=-1)


def _positive(values: FloatArray) -> FloatArray:
    return np.where(values > 0.0, values, 1.0)
