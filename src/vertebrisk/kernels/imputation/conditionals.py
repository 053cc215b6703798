"""One input of a model given the others: regressions of one table, mildly penalised.

The penalty of every slope is that of one patient who knows nothing: half the squared
coefficient per standard deviation of its column is taken off the log-likelihood. It does not
touch constants and thresholds, so that shares and means stay those of the data, and it keeps
the coefficients finite where levels are separated or columns are dependent.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.imputation.categories import fit_ordered, fit_polytomous

LEAST_SPREAD = 1e-4  # variance of a column below which the penalty is that of this one
EMPTY = 1e-4  # penalty of the constants where a level has no patient
SKEWED = 0.5  # skewness from which a number is regressed on a logarithmic scale
NEAREST, FARTHEST = 0.01, 100.0  # of the shift from the values, in ranges of them


def normal_regression(
    columns: FloatArray, values: FloatArray, weights: FloatArray
) -> tuple[FloatArray, float]:
    """Coefficients, the constant first, and the residual variance.

    Parameters
    ----------
    columns : array, shape (n, q)
    values : array, shape (n,)
    weights : array, shape (n,)
        Their mean is 1.
    """
    design, heavy = _with_constant(columns, weights)
    weighted = design.T * weights
    information = weighted @ design + np.diag(heavy)
    coefficients = np.asarray(np.linalg.solve(information, weighted @ values), dtype=np.float64)
    used = float(np.trace(np.linalg.solve(information, weighted @ design)))
    squares = float(weights @ (values - design @ coefficients) ** 2)
    return coefficients, squares / max(values.size - used, 1.0)


def level_regression(
    columns: FloatArray, codes: IntArray, levels: int, weights: FloatArray
) -> FloatArray:
    """Multinomial coefficients against level 0, shape (levels - 1, 1 + q), constants first."""
    design, heavy = _with_constant(columns, weights)
    if np.bincount(codes, weights, minlength=levels).min() <= 0.0:
        heavy[0] = EMPTY
    beta, _ = fit_polytomous(design[None], codes[None], weights[None], levels, heavy)
    return np.asarray(beta[0].reshape(levels - 1, -1))


def ordered_regression(
    columns: FloatArray, codes: IntArray, levels: int, weights: FloatArray
) -> FloatArray:
    """Proportional odds: thresholds, shape (levels - 1,), then slopes, shape (q,)."""
    _, heavy = _with_constant(columns, weights)
    theta, _ = fit_ordered(columns[None], codes[None], weights[None], levels, heavy[1:])
    return np.asarray(theta[0])


def _with_constant(columns: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The columns after ones, and the penalty of each, shape (1 + q,)."""
    share = weights / weights.sum()
    variance = share @ (columns - share @ columns) ** 2
    heavy = np.concatenate([[0.0], np.maximum(variance, LEAST_SPREAD)])
    return np.column_stack([np.ones(columns.shape[0]), columns]), heavy


def zero_skewness(values: FloatArray, weights: FloatArray) -> tuple[float, float] | None:
    """Where the logarithm of the distance from a point has no skewness: that point and side.

    Returns
    -------
    (shift, side) of ``side * log(side * (x - shift))`` with side 1 for a long upper tail and
    -1 for a long lower one, or None where the values are hardly skewed. The shift is at least
    a hundredth of their range away from them, and at most a hundred ranges.
    """
    skewness = _skewness(values, weights)
    if not abs(skewness) > SKEWED:
        return None
    side = 1.0 if skewness > 0 else -1.0
    turned = side * values
    least, wide = float(turned.min()), float(np.ptp(turned))

    def left(away: float) -> float:
        return _skewness(np.log(turned - least + wide * np.exp(away)), weights)

    low, high = float(np.log(NEAREST)), float(np.log(FARTHEST))
    if left(low) >= 0.0:
        away = low
    elif left(high) <= 0.0:
        away = high
    else:
        from scipy.optimize import brentq

        away = float(brentq(left, low, high, xtol=1e-6))
    return side * (least - wide * float(np.exp(away))), side


def _skewness(values: FloatArray, weights: FloatArray) -> float:
    share = weights / weights.sum()
    apart = values - share @ values
    variance = float(share @ apart**2)
    return float(share @ apart**3) / variance**1.5 if variance > 0 else 0.0
