"""Kaplan-Meier curves for many weightings of the same patients at once.

Events precede censorings at the same time; a patient is at risk in (entry, exit]. Weights
are frequencies, equal to repeated rows. The numbers are those of R's ``survival::survfit``.

References
----------
Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.times import SurvivalTimes

ConfType = Literal["log-log", "log", "plain"]
NOISE = 1e-12  # of weights at risk that are differences of sums
SAME = 1.5e-8  # survival this near to a quantile has reached it, as in survfit


@dataclass(frozen=True, slots=True, eq=False)
class LifeTable:
    """Who is at risk, and what happens, at each distinct time of exit.

    Attributes
    ----------
    times : array, shape (m,)
        Ascending.
    at_risk, events, censored : arrays, shape (replicates, m)
        Weight at risk just before the time, with the event at it, and censored at it.
    """

    times: FloatArray
    at_risk: FloatArray
    events: FloatArray
    censored: FloatArray

    @property
    def survival(self) -> FloatArray:
        """Probability of no event up to and at each time, shape (replicates, m)."""
        left = 1.0 - self.events / _positive(self.at_risk)
        return np.asarray(np.cumprod(left, axis=1), dtype=np.float64)

    @property
    def greenwood(self) -> FloatArray:
        """Variance of log survival (Greenwood's), shape (replicates, m); NaN at survival 0."""
        left = self.at_risk - self.events
        with np.errstate(invalid="ignore", divide="ignore"):
            terms = np.where(self.events > 0, self.events / (self.at_risk * left), 0.0)
        total = np.cumsum(terms, axis=1)
        return np.where(np.isfinite(total), total, np.nan)


def life_table(times: SurvivalTimes, weights: FloatArray | None = None) -> LifeTable:
    """Count the patients at risk; strata are not looked at.

    Parameters
    ----------
    times : SurvivalTimes
        Follow-up of n patients.
    weights : array, shape (replicates, n), optional
        Frequencies; one replicate of ones by default.
    """
    counts = np.ones((1, times.size)) if weights is None else weights
    grid, place = np.unique(times.exit, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(grid.size))

    def sums(amount: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(amount[:, order], starts, axis=1))

    leaving, events = sums(counts), sums(counts * times.event)
    at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1]
    if times.entry is not None:
        at_risk = at_risk - _waiting(grid, counts, times.entry)
        alone = at_risk - leaving < NOISE * at_risk.max(axis=1, keepdims=True)
        at_risk = np.where(alone, leaving, at_risk)
    return LifeTable(grid, at_risk, events, leaving - events)


def _waiting(grid: FloatArray, counts: FloatArray, entry: FloatArray) -> FloatArray:
    """Weight of those who enter at or after each time, shape (replicates, m)."""
    order = np.argsort(entry, kind="stable")
    entered = np.zeros((counts.shape[0], entry.size + 1))
    np.cumsum(counts[:, order], axis=1, out=entered[:, 1:])
    before = np.searchsorted(entry[order], grid, side="left")
    return np.asarray(entered[:, -1:] - entered[:, before])


def _positive(at_risk: FloatArray) -> FloatArray:
    return np.where(at_risk > 0, at_risk, 1.0)


def step_at(
    grid: FloatArray, values: FloatArray, at: FloatArray, *, left: bool = False
) -> FloatArray:
    """Value of step functions that start at 1 and change at the times of a grid.

    Parameters
    ----------
    grid : array, shape (m,)
    values : array, shape (replicates, m)
    at : array, shape (k,)
    left : bool
        True for the value just before each time.

    Returns
    -------
    array, shape (replicates, k)
    """
    place = np.searchsorted(grid, at, side="left" if left else "right")
    started = np.concatenate([np.ones((values.shape[0], 1)), values], axis=1)
    return np.asarray(started[:, place])


def jackknife_variance(table: LifeTable, times: SurvivalTimes, weights: FloatArray) -> FloatArray:
    """Variance of log survival of the first replicate by the infinitesimal jackknife, (m,).

    For weights that are not frequencies; as ``survfit(robust = TRUE)``, whose standard error
    takes each weighted patient as one.
    """
    at_risk, events = table.at_risk[0], table.events[0]
    left = at_risk - events
    with np.errstate(invalid="ignore", divide="ignore"):
        hit = np.where(events > 0, 1.0 / left, 0.0)
        exposed = np.cumsum(np.where(events > 0, events / (at_risk * left), 0.0))
    own = np.searchsorted(table.times, times.exit)
    place = np.arange(table.times.size)
    gone = np.minimum(own[:, None], place)
    total = exposed[gone]
    if times.entry is not None:
        first = np.searchsorted(table.times, times.entry, side="right")
        before = np.concatenate([[0.0], exposed])
        total = np.maximum(total - before[np.minimum(first[:, None], gone + 1)], 0.0)
    struck = (times.event[:, None] & (own[:, None] <= place)) * hit[own][:, None]
    change = weights[:, None] * (total - struck)
    return np.asarray(np.sum(change**2, axis=0))


def survival_limits(
    survival: FloatArray, std_error: FloatArray, level: float, conf_type: ConfType
) -> tuple[FloatArray, FloatArray]:
    """Pointwise limits of survival; `std_error` is that of log survival.

    As survfit: "log-log" has none where survival is 0 or 1, "log" none where it is 0.
    """
    reach = float(normal_quantile(0.5 + level / 2.0)) * std_error
    if conf_type == "plain":
        low, high = survival - reach * survival, survival + reach * survival
        return np.maximum(low, 0.0), np.minimum(high, 1.0)
    inside = (survival > 0.0) & ((survival < 1.0) | (conf_type == "log"))
    logs = np.log(np.where(inside, survival, 0.5))
    if conf_type == "log":
        low, high = np.exp(logs - reach), np.minimum(np.exp(logs + reach), 1.0)
    else:
        spread = reach / -logs
        low, high = np.exp(logs * np.exp(spread)), np.exp(logs * np.exp(-spread))
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def time_below(grid: FloatArray, survival: FloatArray, probability: float) -> float:
    """Time at which a curve falls to a probability; NaN where it stays above it.

    Where the curve rests exactly on the probability, the middle of that rest, as
    ``quantile`` of survfit.
    """
    known = np.isfinite(survival)
    times, curve = grid[known], survival[known]
    reached = np.flatnonzero(curve <= probability + SAME)
    if reached.size == 0:
        return float("nan")
    first = float(times[reached[0]])
    if abs(curve[reached[0]] - probability) >= SAME:
        return first
    below = np.flatnonzero(curve < probability - SAME)
    return (first + float(times[below[0]] if below.size else grid[-1])) / 2.0


def restricted_mean(
    times: FloatArray, at_risk: FloatArray, events: FloatArray, horizon: float
) -> tuple[float, float]:
    """Area below a curve up to a horizon, and its standard error; arrays of shape (m,).

    As ``print(survfit, rmean = horizon)``.
    """
    kept = times <= horizon
    risk, dying = at_risk[kept], events[kept]
    left = risk - dying
    survival = np.concatenate([[1.0], np.cumprod(1.0 - dying / _positive(risk))])
    areas = np.diff(np.concatenate([[0.0], times[kept], [horizon]])) * survival
    hazard = np.where(left > 0, dying / (_positive(risk) * np.where(left > 0, left, 1.0)), 0.0)
    beyond = np.cumsum(areas[:0:-1])[::-1]
    return float(areas.sum()), float(np.sqrt(np.sum(beyond**2 * hazard)))
