"""Cumulative incidence of each cause of failure (Aalen-Johansen), for many weightings at once.

A competing event takes a patient out of the race for good, so one minus Kaplan-Meier, which
waits for it as for a censored one, is too high. Status is 0 censored, 1 the event, 2 the
competing event; a patient is at risk in (entry, exit]. A failure precedes a censoring at the
same time. Weights are frequencies, equal to repeated rows.

References
----------
Aalen and Johansen 1978, Scandinavian Journal of Statistics 5:141-150.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.distributions import normal_quantile

EVENT, COMPETING = 1, 2
CAUSES = (EVENT, COMPETING)
ROUNDED = 1e-12  # a sum of shares that stays this near to 1 is 1


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """Patients at risk and failing at every distinct time of exit.

    Attributes
    ----------
    times : array, shape (m,)
        Ascending.
    at_risk : array, shape (replicates, m)
        Just before the time.
    failures : array, shape (replicates, 2, m)
        By the event, and by the competing event.
    """

    times: FloatArray
    at_risk: FloatArray
    failures: FloatArray

    @property
    def hazards(self) -> FloatArray:
        """Share of those at risk that fails of each cause, shape (replicates, 2, m)."""
        present = np.where(self.at_risk > 0.0, self.at_risk, 1.0)
        return self.failures / present[:, None, :]


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """Cumulative incidence at the times of a risk table.

    Attributes
    ----------
    table : RiskTable
    estimate : array, shape (replicates, 2, m)
        Probability of having failed of each cause by each time.
    survival : array, shape (replicates, m)
        Probability of neither.
    """

    table: RiskTable
    estimate: FloatArray
    survival: FloatArray

    def at(self, times: FloatArray) -> FloatArray:
        """The step functions at any times, shape (replicates, 2, k); zero before the first."""
        return np.asarray(with_zero(self.estimate)[..., places(self.table.times, times)])


def places(grid: FloatArray, times: FloatArray) -> IntArray:
    """Number of grid times that are no later than each time."""
    return np.searchsorted(grid, times, side="right")


def risk_table(
    exit: FloatArray,
    status: IntArray,
    weights: FloatArray | None = None,
    entry: FloatArray | None = None,
) -> RiskTable:
    """Count who is at risk and who fails.

    Parameters
    ----------
    exit : array, shape (n,)
        Time of failure or censoring.
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    weights : array, shape (replicates, n), optional
        Frequency of each row in each replicate; one replicate of ones by default.
    entry : array, shape (n,), optional
        Time of entry, before `exit`; at the origin by default.
    """
    counts = np.ones((1, exit.size)) if weights is None else weights
    times, place = np.unique(exit, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(times.size))

    def sums(amount: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(amount[:, order], starts, axis=1))

    at_risk = from_the_end(sums(counts))
    if entry is not None:
        at_risk = at_risk - _not_entered(times, counts, entry)
    failures = np.stack([sums(counts * (status == cause)) for cause in CAUSES], axis=1)
    return RiskTable(times, at_risk, failures)


def from_the_end(values: FloatArray) -> FloatArray:
    """Sums over this and all later places of the last axis."""
    return np.asarray(np.cumsum(values[..., ::-1], axis=-1)[..., ::-1])


def _not_entered(times: FloatArray, counts: FloatArray, entry: FloatArray) -> FloatArray:
    """Weight of the patients whose entry is no earlier than each time, (replicates, m)."""
    place = places(times, entry)
    order = np.argsort(place, kind="stable")
    running = with_zero(np.cumsum(counts[:, order], axis=1))
    before = np.searchsorted(place[order], np.arange(times.size), side="right")
    return running[:, -1:] - running[:, before]


def with_zero(values: FloatArray) -> FloatArray:
    """A zero put before the last axis of running sums."""
    zero = np.zeros((*values.shape[:-1], 1))
    return np.concatenate([zero, values], axis=-1)


def aalen_johansen(table: RiskTable) -> Incidence:
    """The estimator of Aalen and Johansen; its two causes and survival add up to one."""
    hazards = table.hazards
    survival = np.cumprod(1.0 - hazards.sum(axis=1), axis=1)
    before = np.concatenate([np.ones((survival.shape[0], 1)), survival[:, :-1]], axis=1)
    return Incidence(table, np.cumsum(before[:, None, :] * hazards, axis=2), survival)


def aalen_variance(incidence: Incidence, cause: int) -> FloatArray:
    """Variance of the cumulative incidence of one cause, shape (replicates, m).

    Aalen's, with the hypergeometric correction for ties, as ``cmprsk::cuminc`` prints it: the
    sum over earlier failures of the binomial variance of each, times the square of what it
    adds to the estimate. It takes no part of the design into account; where patients are
    clustered or weighted, `influence` does.

    References
    ----------
    Aalen 1978, doi:10.1214/aos/1176344247.
    """
    table, survival = incidence.table, incidence.survival
    before = np.concatenate([np.ones((survival.shape[0], 1)), survival[:, :-1]], axis=1)
    estimate = incidence.estimate[:, cause - 1]
    own, other = table.failures[:, cause - 1], table.failures[:, 2 - cause]
    left = survival > 0.0
    inverse = np.where(left, 1.0 / np.where(left, survival, 1.0), 0.0)
    own_variance = before**2 * binomial_variance(own, table.at_risk)
    other_variance = np.where(left, before**2 * binomial_variance(other, table.at_risk), 0.0)
    # the terms are (added - estimate at t * inverse)^2, summed over the failures up to t
    ratio = estimate * inverse
    square = np.cumsum((1.0 + ratio) ** 2 * own_variance + ratio**2 * other_variance, axis=1)
    mixed = (1.0 + ratio) * own_variance + ratio * other_variance
    cross = np.cumsum(inverse * mixed, axis=1)
    scale = np.cumsum(inverse**2 * (own_variance + other_variance), axis=1)
    return np.maximum(square - 2.0 * estimate * cross + estimate**2 * scale, 0.0)


def binomial_variance(failures: FloatArray, at_risk: FloatArray) -> FloatArray:
    """Variance of the share of those at risk that fails, with the correction for ties."""
    present = np.where(at_risk > 0.0, at_risk, 1.0)
    others = np.where(at_risk > 1.0, at_risk - 1.0, 1.0)
    tied = np.where(failures > 1.0, 1.0 - (failures - 1.0) / others, 1.0)
    return np.asarray(tied * failures / present**2)


def influence(
    incidence: Incidence,
    exit: FloatArray,
    status: IntArray,
    times: FloatArray,
    cause: int,
    entry: FloatArray | None = None,
) -> FloatArray:
    """Derivative of the estimate by the weight of each patient, shape (n, k).

    For the first replicate. The sum of its squares, each times the patient's weight, is the
    variance by the infinitesimal jackknife: that of ``survival::survfit``.

    Parameters
    ----------
    incidence : Incidence
    exit, status, entry : arrays, shape (n,)
        Those of the risk table.
    times : array, shape (k,)
    cause : {1, 2}
    """
    table = incidence.table
    at_risk = np.where(table.at_risk[0] > 0.0, table.at_risk[0], 1.0)
    hazard = table.hazards[0]
    survival = incidence.survival[0]
    before = np.concatenate([[1.0], survival[:-1]])
    estimate = incidence.estimate[0, cause - 1]
    total = hazard.sum(axis=0)
    spared = np.where(total < 1.0, at_risk * np.where(total < 1.0, 1.0 - total, 1.0), np.inf)
    # a patient's failure and exposure, in the estimate's increments and in survival after them
    direct = before / at_risk
    running = [
        with_zero(np.cumsum(part))
        for part in (direct * hazard[cause - 1], total / spared, estimate * total / spared)
    ]
    last = np.searchsorted(table.times, exit)
    first = 0 if entry is None else places(table.times, entry)
    seen = places(table.times, times)
    end = np.maximum(np.minimum(last[:, None] + 1, seen), np.reshape(first, (-1, 1)))
    added, lost, lost_from = (part[end] - part[first][..., None] for part in running)
    value = with_zero(estimate)[seen]
    failed = (last[:, None] < seen) & (status[:, None] > 0)
    own = failed & (status[:, None] == cause)
    later = (value - estimate[last][:, None]) / spared[last][:, None]
    return np.asarray(
        own * direct[last][:, None] - added - failed * later + value * lost - lost_from
    )


def incidence_limits(
    estimate: FloatArray, std_error: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits on the scale log(-log(1 - F)): between 0 and 1, and Kaplan-Meier's without causes.

    NaN where the estimate is 0 or 1, or has no standard error.
    """
    inside = (estimate > 0.0) & (estimate < 1.0 - ROUNDED)
    safe = np.where(inside, estimate, 0.5)
    hazard = -np.log1p(-safe)
    reach = float(normal_quantile(0.5 + level / 2.0)) * std_error / ((1.0 - safe) * hazard)
    low, high = (-np.expm1(-hazard * np.exp(sign * reach)) for sign in (-1.0, 1.0))
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)
