"""The log-rank test and its weighted family, as ``survival::survdiff``.

References
----------
Mantel 1966, Cancer Chemotherapy Reports 50:163-170.
Harrington and Fleming 1982, doi:10.1093/biomet/69.3.553.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.times import SurvivalTimes

CUTOFF = 1e-10  # of eigenvalues of the variance, relative to the largest


@dataclass(frozen=True, slots=True, eq=False)
class RankTest:
    """Observed and expected events of each group, shape (groups,), and their covariance."""

    observed: FloatArray
    expected: FloatArray
    covariance: FloatArray

    @property
    def statistic(self) -> float:
        """Chi-square statistic; 0 where no risk set held two groups."""
        gap = self.observed - self.expected
        values, vectors = np.linalg.eigh(self.covariance)
        kept = values > CUTOFF * max(float(values[-1]), 0.0)
        if not kept.any() or values[-1] <= 0.0:
            return 0.0
        return float(np.sum((vectors[:, kept].T @ gap) ** 2 / values[kept]))

    @property
    def df(self) -> int:
        """Groups in which an event was possible, less one."""
        return max(int((self.expected > 0).sum()) - 1, 0)


def rank_test(
    times: SurvivalTimes,
    group: IntArray,
    groups: int,
    rho: float = 0.0,
    weights: FloatArray | None = None,
) -> RankTest:
    """Compare survival between groups, within strata where there are any.

    Parameters
    ----------
    times : SurvivalTimes
        Who enters late is at risk from then on; strata are added up.
    group : int array, shape (n,)
        Codes from 0.
    groups : int
        Number of groups.
    rho : float
        Events count survival before them to this power: 0 log-rank, 1 Peto and Peto.
    weights : array, shape (n,), optional
        Frequencies, equal to repeated rows.
    """
    mass = np.ones(times.size) if weights is None else weights
    observed, expected = np.zeros(groups), np.zeros(groups)
    covariance = np.zeros((groups, groups))
    for stratum in np.unique(times.groups):
        inside = times.groups == stratum
        part = _stratum(times.take(inside), group[inside], mass[inside], groups, rho)
        observed += part.observed
        expected += part.expected
        covariance += part.covariance
    return RankTest(observed, expected, covariance)


def _stratum(
    times: SurvivalTimes, group: IntArray, mass: FloatArray, groups: int, rho: float
) -> RankTest:
    grid, place = np.unique(times.exit, return_inverse=True)
    cell = place * groups + group
    shape = grid.size, groups
    leaving = np.bincount(cell, mass, grid.size * groups).reshape(shape).astype(np.float64)
    events = np.bincount(cell, mass * times.event, grid.size * groups).reshape(shape)
    at_risk: FloatArray = np.cumsum(leaving[::-1], axis=0)[::-1]
    if times.entry is not None:
        for code in range(groups):
            at_risk[:, code] -= _waiting(times.entry[group == code], mass[group == code], grid)
    deaths, total = events.sum(axis=1), at_risk.sum(axis=1)
    before = np.concatenate([[1.0], np.cumprod(1.0 - deaths / total)[:-1]])
    weight = before**rho if rho else np.ones(grid.size)
    share = at_risk / total[:, None]
    others = np.where(total > 1, total - 1, 1.0)
    spread = weight**2 * deaths * np.where(total > 1, (total - deaths) / others, 0.0)
    covariance = np.diag(spread @ share) - share.T @ (spread[:, None] * share)
    return RankTest(weight @ events, (weight * deaths) @ share, covariance)


def _waiting(entry: FloatArray, mass: FloatArray, grid: FloatArray) -> FloatArray:
    """Weight of those who enter at or after each time of the grid."""
    order = np.argsort(entry, kind="stable")
    entered = np.append(0.0, np.cumsum(mass[order]))
    return np.asarray(entered[-1] - entered[np.searchsorted(entry[order], grid, side="left")])
