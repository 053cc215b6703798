"""The logistic likelihood with Jeffreys' penalty of one replicate's rows, compiled.

As `firth.problem`; the rows are the last axis.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import (
    factored,
    gradient_of,
    information_of,
    inverted,
    linear,
)
from vertebrisk.kernels.compiled.elementary import exponential, log_of_one_and
from vertebrisk.kernels.compiled.jit import jit


@jit(
    "float64(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])",
    sums=True,
)
def likelihood_with_spread(
    eta: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    spread: FloatArray,
    above: FloatArray,
) -> float:
    """Log-likelihood; leaves the rows' information in `spread`, risks over a half in `above`."""
    total = 0.0
    for row in range(eta.size):
        small = exponential(-abs(eta[row]))
        larger = 1.0 / (1.0 + small)
        spread[row] = weights[row] * (small * larger * larger)
        above[row] = math.copysign(larger - 0.5, eta[row])
        loss = max(eta[row], 0.0) + log_of_one_and(small)
        total += weights[row] * (target[row] * eta[row] - loss)
    return total


@jit("void(float64[:, ::1], int64[::1], float64[:, ::1], float64[::1])", sums=True)
def _quadratic(x: FloatArray, columns: IntArray, covariance: FloatArray, found: FloatArray) -> None:
    """Value of x'Cx for every row; two columns meet four at once."""
    last, rows = columns.size - 1, found.size
    found[:] = 0.0
    factors = np.empty((2, 4))
    for i in range(0, columns.size, 2):
        after = min(i + 1, last)
        own, other = x[columns[i]], x[columns[after]]
        for j in range(i, columns.size, 4):
            for k in range(4):
                at = min(j + k, last)
                value = covariance[columns[i], columns[at]]
                factors[0, k] = value if at == i else 2.0 * value
                value = covariance[columns[after], columns[at]]
                factors[1, k] = value if at == after else 2.0 * value
                if j + k > last:
                    factors[0, k] = 0.0
                if j + k > last or at < after or after == i:
                    factors[1, k] = 0.0
            a, b = x[columns[j]], x[columns[min(j + 1, last)]]
            c, d = x[columns[min(j + 2, last)]], x[columns[min(j + 3, last)]]
            p, q, r, s = factors[0, 0], factors[0, 1], factors[0, 2], factors[0, 3]
            t, u, v, w = factors[1, 0], factors[1, 1], factors[1, 2], factors[1, 3]
            for row in range(rows):
                found[row] += own[row] * (
                    p * a[row] + q * b[row] + r * c[row] + s * d[row]
                ) + other[row] * (t * a[row] + u * b[row] + v * c[row] + w * d[row])


@jit(
    "float64(float64[:, ::1], int64[::1], float64[::1], float64[::1], float64[::1],"
    " float64[:, ::1], float64[::1], float64[:, ::1], float64[::1])"
)
def penalised_at(
    x: FloatArray,
    columns: IntArray,
    target: FloatArray,
    weights: FloatArray,
    beta: FloatArray,
    rows: FloatArray,
    gradient: FloatArray,
    covariance: FloatArray,
    trace: FloatArray,
) -> float:
    """Penalised log-likelihood, or minus infinity where the information has no factor.

    `rows`, shape (5, n or more), is left with linear predictors, the rows' information, risks
    over a half, x'Cx and what is left of the outcomes; `gradient` is that of the columns in
    their order, and `trace` that of the scaled information's inverse.
    """
    size = target.size
    eta, spread, above = rows[0][:size], rows[1][:size], rows[2][:size]
    quadratic, residual = rows[3][:size], rows[4][:size]
    upper, scale = np.empty((columns.size, columns.size)), np.empty(columns.size)
    linear(x, columns, beta, eta)
    value = likelihood_with_spread(eta, target, weights, spread, above)
    trace[0] = math.inf
    if not factored(x, spread, columns, upper, scale):
        return -math.inf
    for i in range(columns.size):
        value += math.log(upper[i, i] / scale[i])
    trace[0] = inverted(upper, scale, columns, covariance)
    _quadratic(x, columns, covariance, quadratic)
    for row in range(size):
        left = weights[row] * (target[row] - 0.5 - above[row])
        residual[row] = left - quadratic[row] * spread[row] * above[row]
    gradient_of(x, residual, columns, gradient)
    return value


@jit("void(float64[:, ::1], float64[::1], int64[::1], float64[:, ::1])")
def informed(x: FloatArray, spread: FloatArray, columns: IntArray, information: FloatArray) -> None:
    """The information of some columns, both triangles."""
    upper = np.empty((columns.size, columns.size))
    information_of(x, spread, columns, upper)
    for i in range(columns.size):
        for j in range(i, columns.size):
            information[columns[i], columns[j]] = upper[i, j]
            information[columns[j], columns[i]] = upper[i, j]
