"""Newton's method for logistic regression of replicates side by side, compiled.

Few rows and columns are too little for a processor that works on several numbers at once; so it
takes one row of several replicates instead. What a replicate gives does not depend on those
beside it. Only the ordinary is done here: full steps that reach a maximum soon.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import MARGIN, PIVOT
from vertebrisk.kernels.compiled.elementary import LANES, exponential, log_of_one_and
from vertebrisk.kernels.compiled.jit import jit
from vertebrisk.kernels.newton import DECREMENT_TOLERANCE, RESTING
from vertebrisk.kernels.steps import RANK_TOLERANCE

FOUR = 4  # rows that are summed at once
SOON = 8  # iterations, in which nearly all finite maxima are reached


@jit("void(float64[::1], float64[::1], int64, float64[::1], float64[::1])", fused=True)
def _risks(
    weights: FloatArray, events: FloatArray, first: int, eta: FloatArray, found: FloatArray
) -> None:
    """Adds to the log-likelihoods of FOUR rows; their residuals and spreads come after."""
    for k in range(eta.size):
        weight, own, at = weights[first + k], events[first + k], eta[k]
        small = exponential(-abs(at))
        risk = (1.0 if at >= 0 else small) / (1.0 + small)
        loss = max(at, 0.0) + log_of_one_and(small)
        found[k] += own * at - weight * loss
        found[FOUR * LANES + k] = own - weight * risk
        found[2 * FOUR * LANES + k] = weight * risk * (1.0 - risk)


@jit(
    "void(float64[:, ::1], float64[::1], float64[::1], float64[:, ::1], float64[::1],"
    " float64[:, ::1], float64[:, ::1])",
    fused=True,
)
def _pass(
    x: FloatArray,
    weights: FloatArray,
    events: FloatArray,
    beta: FloatArray,
    likelihood: FloatArray,
    gradient: FloatArray,
    upper: FloatArray,
) -> None:
    """Log-likelihood, gradient, and the information's upper triangle row by row.

    FOUR rows at once, so that sums are seldom fetched; `x` has a multiple of them.
    """
    (size, rows), lanes = x.shape, likelihood.size
    eta, found = np.empty(FOUR * LANES), np.zeros(3 * FOUR * LANES)
    residual, spread = found[FOUR * LANES :], found[2 * FOUR * LANES :]
    gradient[:] = 0.0
    upper[:] = 0.0
    for row in range(0, rows, FOUR):
        eta[:] = 0.0
        for i in range(size):
            a, b, c, d = x[i, row], x[i, row + 1], x[i, row + 2], x[i, row + 3]
            for k in range(lanes):
                along = beta[i, k]
                eta[k] += a * along
                eta[LANES + k] += b * along
                eta[2 * LANES + k] += c * along
                eta[3 * LANES + k] += d * along
        _risks(weights, events, row * LANES, eta, found)
        pair = 0
        for i in range(size):
            a, b, c, d = x[i, row], x[i, row + 1], x[i, row + 2], x[i, row + 3]
            for k in range(lanes):
                near = a * residual[k] + b * residual[LANES + k]
                gradient[i, k] += near + c * residual[2 * LANES + k] + d * residual[3 * LANES + k]
            for j in range(i, size):
                p, q, r, s = a * x[j, row], b * x[j, row + 1], c * x[j, row + 2], d * x[j, row + 3]
                for k in range(lanes):
                    near = p * spread[k] + q * spread[LANES + k]
                    upper[pair, k] += near + r * spread[2 * LANES + k] + s * spread[3 * LANES + k]
                pair += 1
    for k in range(lanes):
        near = found[k] + found[LANES + k]
        likelihood[k] = near + found[2 * LANES + k] + found[3 * LANES + k]


@jit("void(float64[:, ::1], float64[:, ::1], float64[::1])", fused=True)
def _factor(upper: FloatArray, scale: FloatArray, least: FloatArray) -> None:
    """Factor U'U of the information scaled to a unit diagonal, and its least squared pivot.

    The diagonal is held inverted.
    """
    size, lanes = scale.shape
    least[:] = 1.0
    pair = 0
    for i in range(size):
        for k in range(lanes):
            scale[i, k] = 1.0 / math.sqrt(upper[pair, k]) if upper[pair, k] > 0.0 else 1.0
        pair += size - i
    pair = 0
    for i in range(size):
        for j in range(i, size):
            for k in range(lanes):
                upper[pair, k] *= scale[i, k] * scale[j, k]
            pair += 1
    start = 0
    for i in range(size):
        for k in range(lanes):
            pivot = upper[start, k]
            least[k] = min(least[k], pivot) if pivot > PIVOT else 0.0
            upper[start, k] = 1.0 / math.sqrt(max(pivot, PIVOT))
        for j in range(start + 1, start + size - i):
            for k in range(lanes):
                upper[j, k] *= upper[start, k]
        below = start + size - i
        for a in range(start + 1, start + size - i):
            for b in range(a, start + size - i):
                for k in range(lanes):
                    upper[below, k] -= upper[a, k] * upper[b, k]
                below += 1
        start += size - i


@jit("void(float64[:, ::1], float64[:, ::1], float64[::1])", fused=True)
def _forward(upper: FloatArray, gradient: FloatArray, square: FloatArray) -> None:
    """Solve the triangle that was factored, transposed; adds the solution's square."""
    size, lanes = gradient.shape
    start = 0
    for i in range(size):
        for k in range(lanes):
            gradient[i, k] *= upper[start, k]
            square[k] += gradient[i, k] * gradient[i, k]
        for j in range(i + 1, size):
            for k in range(lanes):
                gradient[j, k] -= upper[start + j - i, k] * gradient[i, k]
        start += size - i


@jit("void(float64[:, ::1], float64[:, ::1], float64[::1])")
def _trace(upper: FloatArray, column: FloatArray, trace: FloatArray) -> None:
    """Trace of the inverse of what was factored."""
    trace[:] = 0.0
    for i in range(column.shape[0]):
        column[:] = 0.0
        column[i] = 1.0
        _forward(upper, column, trace)


@jit("void(float64[:, ::1], float64[:, ::1], float64[:, ::1], float64[::1])", fused=True)
def _solve(
    upper: FloatArray, scale: FloatArray, gradient: FloatArray, decrement: FloatArray
) -> None:
    """The step, in the place of the gradient, and its squared decrement."""
    size, lanes = gradient.shape
    decrement[:] = 0.0
    for i in range(size):
        for k in range(lanes):
            gradient[i, k] *= scale[i, k]
    _forward(upper, gradient, decrement)
    start = upper.shape[0]
    for i in range(size - 1, -1, -1):
        start -= size - i
        for j in range(i + 1, size):
            for k in range(lanes):
                gradient[i, k] -= upper[start + j - i, k] * gradient[j, k]
        for k in range(lanes):
            gradient[i, k] *= upper[start, k]
    for i in range(size):
        for k in range(lanes):
            gradient[i, k] *= scale[i, k]


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], float64[:, ::1], float64[:, :, ::1],"
    " float64[::1], int64[::1], boolean[::1])"
)
def climb(
    x: FloatArray,
    targets: FloatArray,
    all_weights: FloatArray,
    betas: FloatArray,
    informations: FloatArray,
    likelihoods: FloatArray,
    iterations: IntArray,
    regular: BoolArray,
) -> None:
    """Replicates whose full steps reach a maximum soon: these are `regular`.

    Of the others nothing is said. All columns are in use.
    """
    (size, patterns), replicates = x.shape, targets.shape[0]
    rows = np.zeros((size, -(-patterns // FOUR) * FOUR))
    for i in range(size):
        for row in range(patterns):
            rows[i, row] = x[i, row]
    weights, events = np.zeros(rows.shape[1] * LANES), np.zeros(rows.shape[1] * LANES)
    beta = np.empty((size, LANES))
    step, scale, spare = np.empty_like(beta), np.empty_like(beta), np.empty_like(beta)
    upper = np.empty((size * (size + 1) // 2, LANES))
    current, before, waiting = np.empty(LANES), np.empty(LANES), np.empty(LANES, dtype=np.bool_)
    decrement, least, longest = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    for first in range(0, replicates, LANES):
        for k in range(LANES):
            r = min(first + k, replicates - 1)
            for row in range(patterns):
                weights[row * LANES + k] = all_weights[r, row]
                events[row * LANES + k] = all_weights[r, row] * targets[r, row]
            waiting[k] = first + k < replicates
        beta[:] = 0.0
        _pass(rows, weights, events, beta, current, step, upper)
        for iteration in range(1, SOON + 1):
            _factor(upper, scale, least)
            if iteration == 1:
                _trace(upper, spare, decrement)
                for k in range(LANES):
                    waiting[k] &= decrement[k] * RANK_TOLERANCE * MARGIN <= 1.0
            _solve(upper, scale, step, decrement)
            for k in range(LANES):
                before[k], longest[k] = current[k], 0.0
            for i in range(size):
                for k in range(LANES):
                    beta[i, k] += step[i, k]
                    longest[k] = max(longest[k], abs(step[i, k]))
            _pass(rows, weights, events, beta, current, step, upper)
            left = False
            for k in range(LANES):
                falls = not current[k] >= before[k] - 1e-9 * (1.0 + abs(before[k]))
                waiting[k] &= least[k] > PIVOT and not falls
                if waiting[k] and decrement[k] < DECREMENT_TOLERANCE * (1.0 + abs(current[k])):
                    waiting[k] = False
                    r = first + k
                    regular[r] = longest[k] <= RESTING
                    likelihoods[r], iterations[r] = current[k], iteration
                    pair = 0
                    for i in range(size):
                        betas[r, i] = beta[i, k]
                        for j in range(i, size):
                            informations[r, i, j] = informations[r, j, i] = upper[pair, k]
                            pair += 1
                left |= waiting[k]
            if not left:
                break
