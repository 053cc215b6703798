"""Risks and their limits, on the scale of log-odds or of the log cumulative hazard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray
from vertebrisk.kernels.distributions import normal_quantile

if TYPE_CHECKING:
    from vertebrisk.models.portable.baseline import Baseline
    from vertebrisk.models.portable.risk_model import RiskModel

CHUNK = 500_000  # numbers of draws by patients held at once
GROUP = 16  # patients of one matrix product

Risks = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class LinkScale:
    """Where the limits of a model's risks are made.

    Attributes
    ----------
    model : RiskModel
    baseline : (hazard, variance, mean integral) or None
        At the horizon; None for log-odds.
    draws : array, shape (draws, 1 + p), or None
        Coefficients of the repeated procedure, the constant first.
    """

    model: RiskModel
    baseline: tuple[float, float, FloatArray] | None
    draws: FloatArray | None

    @classmethod
    def log_odds(cls, model: RiskModel) -> LinkScale:
        """The scale of a logistic model."""
        return cls(model, None, model.draws)

    @classmethod
    def log_hazard(cls, model: RiskModel, baseline: Baseline, horizon: float) -> LinkScale:
        """The scale of a model of time to event: log cumulative hazard by a horizon."""
        return cls(model, baseline.at(horizon), _draws_at(model, baseline, horizon))

    @property
    def has_limits(self) -> bool:
        """False where nothing happened yet, or too little for a relative error."""
        return self.baseline is None or self.baseline[0] ** 2 != 0.0

    def centre(self, linear: FloatArray) -> FloatArray:
        """Linear predictors on the scale."""
        if self.baseline is None:
            return linear
        hazard = self.baseline[0]
        return linear + (np.log(hazard) if hazard > 0 else -np.inf)

    def variance(self, matrix: FloatArray) -> FloatArray | None:
        """Of each row on the scale; None where the limits do not come from a covariance.

        The variance of a patient's cumulative hazard is that of ``survfit`` of a ``coxph``
        model.
        """
        covariance = self.model.covariance
        if self.model.interval_kind != "model-based" or covariance is None or not self.has_limits:
            return None
        if self.baseline is None:
            return quadratic_forms(covariance, with_ones(matrix))
        hazard, variance, mean = self.baseline
        return variance / hazard**2 + quadratic_forms(covariance, matrix - mean / hazard)

    def coefficient_draws(self) -> FloatArray | None:
        """The draws that the limits come from, if they do."""
        if self.model.interval_kind != "procedure-bootstrap" or not self.has_limits:
            return None
        return self.draws

    def risk(self, values: FloatArray) -> FloatArray:
        """Risk, 0 to 1, of values on the scale."""
        if self.baseline is None:
            return np.asarray(expit(values))
        return np.asarray(-np.expm1(-np.exp(np.minimum(values, 700.0))))


def risks_with_limits(
    scale: LinkScale, matrix: FloatArray, linear: FloatArray, level: float
) -> Risks:
    """Risk of each row with its limits, NaN where there are none."""
    centre = scale.centre(linear)
    low = high = np.full(linear.size, np.nan)
    variance, draws = scale.variance(matrix), scale.coefficient_draws()
    if variance is not None:
        reach = float(normal_quantile(0.5 + level / 2.0)) * np.sqrt(np.maximum(variance, 0.0))
        low, high = centre - reach, centre + reach
    elif draws is not None:
        low, high = _percentiles(draws, with_ones(matrix), level)
    return scale.risk(centre), scale.risk(low), scale.risk(high)


def with_ones(matrix: FloatArray) -> FloatArray:
    """Columns after a column of ones."""
    return np.column_stack([np.ones(matrix.shape[0]), matrix])


def quadratic_forms(matrix: FloatArray, rows: FloatArray) -> FloatArray:
    """Quadratic form of every row, summed term by term.

    The terms of nearly collinear columns cancel, so another order gives other digits: the
    calculator and the service sum in this one.
    """
    columns = np.ascontiguousarray(rows.T)
    found, product = np.zeros(rows.shape[0]), np.empty(rows.shape[0])
    for weights, own in zip(matrix, columns, strict=True):
        inner = np.zeros(rows.shape[0])
        for weight, column in zip(weights, columns, strict=True):
            inner += np.multiply(column, weight, out=product)
        found += np.multiply(inner, own, out=product)
    return found


def _draws_at(model: RiskModel, baseline: Baseline, horizon: float) -> FloatArray | None:
    """Log baseline hazard and coefficients of every draw; only the horizons have one."""
    if model.draws is None or horizon not in model.horizons:
        return None
    size = model.beta.size
    place = model.baselines.index(baseline) * len(model.horizons) + model.horizons.index(horizon)
    return np.column_stack([model.draws[:, size + place], model.draws[:, :size]])


def _percentiles(
    draws: FloatArray, columns: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of every row, as `numpy.quantile` interpolates them."""
    block = max(1, CHUNK // draws.shape[0] // GROUP) * GROUP
    limits = np.empty((2, columns.shape[0]))
    for start in range(0, columns.shape[0], block):
        found = _by_draw(draws, columns[start : start + block])
        limits[:, start : start + block] = ends(found, level)
    return limits[0], limits[1]


def ends(values: FloatArray, level: float) -> FloatArray:
    """Limits of the values of every row, which are sorted in place, shape (2, n)."""
    values.sort(axis=1)
    tail, last = (1.0 - level) / 2.0, values.shape[1] - 1
    limits = np.empty((2, values.shape[0]))
    for limit, share in zip(limits, (tail, 1.0 - tail), strict=True):
        place = share * last
        below = math.floor(place)
        low, high = values[:, below], values[:, min(below + 1, last)]
        limit[:] = low + (high - low) * (place - below)
    return limits


def _by_draw(draws: FloatArray, columns: FloatArray) -> FloatArray:
    """Linear predictor of every row by every draw, shape (n, draws).

    A product of a few rows at a time is too small for the threads of a BLAS, which on a busy
    machine wait for one another longer than they work.
    """
    whole = columns.shape[0] // GROUP * GROUP
    found = np.empty((columns.shape[0], draws.shape[0]))
    groups = columns[:whole].reshape(-1, GROUP, columns.shape[1])
    np.matmul(groups, draws.T, out=found[:whole].reshape(-1, GROUP, draws.shape[0]))
    np.matmul(columns[whole:], draws.T, out=found[whole:])
    return found
