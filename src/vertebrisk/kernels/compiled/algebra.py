"""Newton's method on some columns of one replicate's rows, compiled.

The rows are the last axis: sums run over them, and a processor adds up several at once.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.compiled.elementary import exponential, log_of_one_and
from vertebrisk.kernels.compiled.jit import jit
from vertebrisk.kernels.elimination.refits import HALVINGS
from vertebrisk.kernels.newton import DECREMENT_TOLERANCE, RESTING
from vertebrisk.kernels.steps import RANK_TOLERANCE

PIVOT = 1e-15  # squared pivot of the scaled information below which a step is noise
NEAR = 1e-3  # squared decrement from which on an information serves later steps, too
FALLS = 0.1  # part of it that such a step leaves at most
SLOWER = 1e-2  # part of the tolerance that is asked of them, whose errors are not squared
MARGIN = 10.0  # how far the smallest eigenvalue must clear the limit of full rank


@jit("float64(float64[::1], float64[::1], int64)")
def dot(first: FloatArray, second: FloatArray, size: int) -> float:
    """Sum of products, in eight lanes."""
    a = b = c = d = e = f = g = h = 0.0
    whole = size - size % 8
    for k in range(0, whole, 8):
        a += first[k] * second[k]
        b += first[k + 1] * second[k + 1]
        c += first[k + 2] * second[k + 2]
        d += first[k + 3] * second[k + 3]
        e += first[k + 4] * second[k + 4]
        f += first[k + 5] * second[k + 5]
        g += first[k + 6] * second[k + 6]
        h += first[k + 7] * second[k + 7]
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for k in range(whole, size):
        total += first[k] * second[k]
    return total


@jit("void(float64[:, ::1], float64[::1], int64[::1], float64[:, ::1])", sums=True)
def information_of(x: FloatArray, spread: FloatArray, columns: IntArray, upper: FloatArray) -> None:
    """Upper triangle of the information of some columns, whose rows have these weights.

    Two columns meet four at once; where fewer are left, the last one stands for them.
    """
    last, rows = columns.size - 1, spread.size
    both = np.empty((2, rows))
    own, other = both[0], both[1]
    for i in range(0, columns.size, 2):
        after = min(i + 1, last)
        first, second = x[columns[i]], x[columns[after]]
        for row in range(rows):
            own[row] = spread[row] * first[row]
            other[row] = spread[row] * second[row]
        for j in range(i, columns.size, 4):
            k, m, n = min(j + 1, last), min(j + 2, last), min(j + 3, last)
            a, b, c, d = x[columns[j]], x[columns[k]], x[columns[m]], x[columns[n]]
            own_a = own_b = own_c = own_d = other_a = other_b = other_c = other_d = 0.0
            for row in range(rows):
                own_a += own[row] * a[row]
                own_b += own[row] * b[row]
                own_c += own[row] * c[row]
                own_d += own[row] * d[row]
                other_a += other[row] * a[row]
                other_b += other[row] * b[row]
                other_c += other[row] * c[row]
                other_d += other[row] * d[row]
            upper[i, j], upper[i, k], upper[i, m], upper[i, n] = own_a, own_b, own_c, own_d
            upper[after, j], upper[after, k] = other_a, other_b
            upper[after, m], upper[after, n] = other_c, other_d


@jit("boolean(float64[:, ::1], float64[::1], int64[::1], float64[:, ::1], float64[::1])")
def factored(
    x: FloatArray, spread: FloatArray, columns: IntArray, upper: FloatArray, scale: FloatArray
) -> bool:
    """Factor U'U of the information of some columns, scaled to a unit diagonal; False if none."""
    size = columns.size
    information_of(x, spread, columns, upper)
    for i in range(size):
        scale[i] = 1.0 / math.sqrt(upper[i, i]) if upper[i, i] > 0 else 1.0
    for i in range(size):
        for j in range(i, size):
            upper[i, j] *= scale[i] * scale[j]
    for k in range(size):
        pivot = upper[k, k]
        if not pivot > PIVOT:
            return False
        turned = 1.0 / math.sqrt(pivot)
        for j in range(k, size):
            upper[k, j] *= turned
        for i in range(k + 1, size):
            factor = upper[k, i]
            for j in range(i, size):
                upper[i, j] -= factor * upper[k, j]
    return True


@jit("float64(float64[:, ::1], float64[::1], int64[::1], float64[:, ::1])")
def inverted(
    upper: FloatArray, scale: FloatArray, columns: IntArray, covariance: FloatArray
) -> float:
    """Covariance, zero for other columns; returns the trace of the scaled information's inverse."""
    size = columns.size
    turned = np.zeros((size, size))
    inverse = np.zeros((size, size))
    trace = 0.0
    for i in range(size):
        turned[i, i] = 1.0
        for k in range(i):
            factor = upper[k, i]
            for j in range(k + 1):
                turned[i, j] -= factor * turned[k, j]
        for j in range(i + 1):
            turned[i, j] /= upper[i, i]
        for k in range(i + 1):
            factor = turned[i, k]
            for j in range(k + 1):
                inverse[k, j] += factor * turned[i, j]
    covariance[:] = 0.0
    for i in range(size):
        trace += inverse[i, i]
        for j in range(i + 1):
            value = inverse[i, j] * scale[i] * scale[j]
            covariance[columns[i], columns[j]] = covariance[columns[j], columns[i]] = value
    return trace


@jit("boolean(float64[:, ::1], float64[::1], int64[::1], float64[:, ::1])")
def independent(
    x: FloatArray, weights: FloatArray, columns: IntArray, covariance: FloatArray
) -> bool:
    """True where columns are clearly independent at risks of a half, as `steps.ranks` asks."""
    size = covariance.shape[0]
    upper, scale = np.empty((size, size)), np.empty(size)
    if not factored(x, 0.25 * weights, columns, upper, scale):
        return False
    return inverted(upper, scale, columns, covariance) * RANK_TOLERANCE * MARGIN <= 1.0


@jit("void(float64[:, ::1], int64[::1], float64[::1], float64[::1])", sums=True)
def linear(x: FloatArray, columns: IntArray, beta: FloatArray, eta: FloatArray) -> None:
    """Linear predictor from some columns."""
    eta[:] = 0.0
    size, start = columns.size, 0
    while start + 4 <= size:
        at = columns[start : start + 4]
        a, b, c, d = x[at[0]], x[at[1]], x[at[2]], x[at[3]]
        p, q, r, s = beta[at[0]], beta[at[1]], beta[at[2]], beta[at[3]]
        for row in range(eta.size):
            eta[row] += p * a[row] + q * b[row] + r * c[row] + s * d[row]
        start += 4
    for place in range(start, size):
        a, p = x[columns[place]], beta[columns[place]]
        for row in range(eta.size):
            eta[row] += p * a[row]


@jit("float64(float64[::1], float64[::1], float64[::1], float64[::1])", sums=True)
def likelihood_of(
    eta: FloatArray, target: FloatArray, weights: FloatArray, risk: FloatArray
) -> float:
    """Log-likelihood; leaves the risks in `risk`."""
    total = 0.0
    for row in range(eta.size):
        small = exponential(-abs(eta[row]))
        risk[row] = (1.0 if eta[row] >= 0 else small) / (1.0 + small)
        loss = max(eta[row], 0.0) + log_of_one_and(small)
        total += weights[row] * (target[row] * eta[row] - loss)
    return total


@jit("void(float64[:, ::1], float64[::1], int64[::1], float64[::1])", sums=True)
def gradient_of(
    x: FloatArray, residual: FloatArray, columns: IntArray, gradient: FloatArray
) -> None:
    """Gradient of the log-likelihood along some columns, in their order."""
    for i in range(columns.size):
        own, total = x[columns[i]], 0.0
        for row in range(residual.size):
            total += residual[row] * own[row]
        gradient[i] = total


@jit(
    "float64(float64[:, ::1], float64[::1], int64[::1], float64[::1], float64[::1])",
    sums=True,
)
def step_of(
    upper: FloatArray, scale: FloatArray, columns: IntArray, gradient: FloatArray, step: FloatArray
) -> float:
    """Step of a factored information, zero for other columns, and its squared decrement.

    It uses up the gradient.
    """
    size, decrement = columns.size, 0.0
    for i in range(size):
        gradient[i] *= scale[i]
    for i in range(size):
        gradient[i] /= upper[i, i]
        decrement += gradient[i] * gradient[i]
        for j in range(i + 1, size):
            gradient[j] -= upper[i, j] * gradient[i]
    step[:] = 0.0
    for i in range(size - 1, -1, -1):
        total = gradient[i]
        for j in range(i + 1, size):
            total -= upper[i, j] * gradient[j]
        gradient[i] = total / upper[i, i]
        step[columns[i]] = gradient[i] * scale[i]
    return decrement


@jit(
    "float64(float64[:, ::1], float64[::1], float64[::1], int64[::1], float64[::1],"
    " float64[::1], float64[:, ::1], float64[::1])"
)
def newton_step(
    x: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    columns: IntArray,
    risk: FloatArray,
    step: FloatArray,
    upper: FloatArray,
    scale: FloatArray,
) -> float:
    """A Newton step of some columns, and its squared decrement; -1 where there is none."""
    both, gradient = np.empty((2, risk.size)), np.empty(columns.size)
    residual, spread = both[0], both[1]
    for row in range(risk.size):
        residual[row] = weights[row] * (target[row] - risk[row])
        spread[row] = weights[row] * risk[row] * (1.0 - risk[row])
    if not factored(x, spread, columns, upper, scale):
        return -1.0
    gradient_of(x, residual, columns, gradient)
    return step_of(upper, scale, columns, gradient, step)


@jit("float64(float64[::1], float64[::1], float64[::1])")
def _drift(eta: FloatArray, origin: FloatArray, weights: FloatArray) -> float:
    """How far a linear predictor of rows with weight has moved."""
    furthest = 0.0
    for row in range(eta.size):
        if weights[row] > 0.0:
            furthest = max(furthest, abs(eta[row] - origin[row]))
    return furthest


@jit(
    "boolean(float64[:, ::1], float64[::1], float64[::1], int64[::1], int64, float64[::1],"
    " float64[::1], float64[::1], float64[:, ::1], float64[::1], float64[::1])"
)
def fitted(
    x: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    columns: IntArray,
    most: int,
    beta: FloatArray,
    eta: FloatArray,
    risk: FloatArray,
    upper: FloatArray,
    scale: FloatArray,
    found: FloatArray,
) -> bool:
    """Newton's method from `beta`; False where no maximum was reached in so many steps.

    Near the maximum an information serves the steps that follow it, too, while each brings the
    decrement down. In `found` are the log-likelihood, and how far a linear predictor has moved
    since the information that `upper` and `scale` hold.
    """
    step, moved, origin = np.empty(beta.size), beta.copy(), np.empty(eta.size)
    gradient, residual = np.empty(columns.size), np.empty(eta.size)
    beta[:] = 0.0
    for column in columns:
        beta[column] = moved[column]
    linear(x, columns, beta, eta)
    current = likelihood_of(eta, target, weights, risk)
    taken, decrement, near = 0, math.inf, False
    while True:
        if near:
            before = decrement
            for row in range(eta.size):
                residual[row] = weights[row] * (target[row] - risk[row])
            gradient_of(x, residual, columns, gradient)
            decrement = step_of(upper, scale, columns, gradient, step)
            near = decrement < FALLS * before
        kept = near
        if not kept:
            taken += 1
            if taken > most:
                return False
            decrement = newton_step(x, target, weights, columns, risk, step, upper, scale)
            if decrement < 0.0:
                return False
            origin[:] = eta
            near = decrement < NEAR
        factor, after = 1.0, current
        for _ in range(HALVINGS):
            moved[:] = beta + factor * step
            linear(x, columns, moved, eta)
            after = likelihood_of(eta, target, weights, risk)
            if after >= current - 1e-9 * (1.0 + abs(current)):
                break
            factor *= 0.5
        current = after
        beta[:] = moved
        if not math.isfinite(current):
            return False
        limit = DECREMENT_TOLERANCE * (1.0 + abs(current))
        if decrement < (limit * SLOWER if kept else limit) and np.abs(step).max() < RESTING:
            found[0], found[1] = current, _drift(eta, origin, weights)
            return True
