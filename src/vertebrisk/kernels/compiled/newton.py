"""Newton's method for logistic regression, one replicate after the other, compiled.

The rules of convergence, halving, leap and proof are those of `kernels.newton`. What is
out of the ordinary (dependent columns, steps that lead far away, no convergence, or one
without a proof where there should be one) goes back to that kernel.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.newton import (
    DECREMENT_TOLERANCE,
    FARTHEST,
    FIRST_SUSPECT,
    HALVINGS,
    LEAP,
    MAX_ITERATIONS,
    RESTING,
    SEPARATING_STEP,
    LogisticFits,
    Scaling,
    fit_logistic_batch,
)
from vertebrisk.kernels.steps import RANK_TOLERANCE

PIVOT = 1e-15  # squared pivot of the scaled information below which a step is noise
MARGIN = 10.0  # how far the smallest eigenvalue must clear the limit of full rank


@jit("float64(float64[::1], float64[::1], float64[::1], float64[::1])")
def _likelihood(
    eta: FloatArray, target: FloatArray, weights: FloatArray, small: FloatArray
) -> float:
    """Log-likelihood; leaves exp(-|eta|) in `small`."""
    total = 0.0
    for row in range(eta.size):
        small[row] = math.exp(-abs(eta[row]))
        loss = max(eta[row], 0.0) + math.log(1.0 + small[row])
        total += weights[row] * (target[row] * eta[row] - loss)
    return total


@jit("void(float64[:, ::1], float64[::1], float64[::1])")
def _linear(columns: FloatArray, beta: FloatArray, eta: FloatArray) -> None:
    """Linear predictor, one pass a column."""
    eta[:] = 0.0
    for column in range(beta.size):
        for row in range(eta.size):
            eta[row] += columns[column, row] * beta[column]


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[::1], float64[::1], float64[::1],"
    " float64[::1], float64[::1], float64[::1], float64[:, ::1])"
)
def _score(
    design: FloatArray,
    products: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    eta: FloatArray,
    small: FloatArray,
    gradient: FloatArray,
    packed: FloatArray,
    information: FloatArray,
) -> None:
    """Gradient and information."""
    size = gradient.size
    gradient[:] = 0.0
    packed[:] = 0.0
    for row in range(eta.size):
        if weights[row] <= 0:
            continue
        risk = (1.0 if eta[row] >= 0 else small[row]) / (1.0 + small[row])
        residual = weights[row] * (target[row] - risk)
        spread = weights[row] * risk * (1.0 - risk)
        for i in range(size):
            gradient[i] += residual * design[row, i]
        for k in range(packed.size):
            packed[k] += spread * products[row, k]
    k = 0
    for i in range(size):
        for j in range(i, size):
            information[i, j] = information[j, i] = packed[k]
            k += 1


@jit("boolean(float64[:, ::1], float64[::1], float64[:, ::1], float64[::1])")
def _factor(
    information: FloatArray, scale: FloatArray, lower: FloatArray, inverted: FloatArray
) -> bool:
    """Cholesky factor of the information scaled to a unit diagonal; False if it has none."""
    size = scale.size
    for i in range(size):
        scale[i] = math.sqrt(information[i, i]) if information[i, i] > 0 else 1.0
    for i in range(size):
        for j in range(i + 1):
            total = information[i, j] / (scale[i] * scale[j])
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i == j:
                if not total > PIVOT:
                    return False
                lower[i, i] = math.sqrt(total)
                inverted[i] = 1.0 / lower[i, i]
            else:
                lower[i, j] = total * inverted[j]
    return True


@jit("float64(float64[:, ::1])")
def _inverse_trace(lower: FloatArray) -> float:
    """Trace of the inverse of L L': above the reciprocal of the smallest eigenvalue."""
    size = lower.shape[0]
    column = np.empty(size)
    total = 0.0
    for start in range(size):
        for i in range(start, size):
            value = 1.0 if i == start else 0.0
            for k in range(start, i):
                value -= lower[i, k] * column[k]
            column[i] = value / lower[i, i]
            total += column[i] * column[i]
    return total


@jit("void(float64[:, ::1], float64[::1], float64[::1], float64[::1], float64[::1])")
def _solve(
    lower: FloatArray,
    inverted: FloatArray,
    scale: FloatArray,
    gradient: FloatArray,
    step: FloatArray,
) -> None:
    size = scale.size
    for i in range(size):
        total = gradient[i] / scale[i]
        for k in range(i):
            total -= lower[i, k] * step[k]
        step[i] = total * inverted[i]
    for i in range(size - 1, -1, -1):
        total = step[i]
        for k in range(i + 1, size):
            total -= lower[k, i] * step[k]
        step[i] = total * inverted[i]
    for i in range(size):
        step[i] /= scale[i]


@jit("float64(float64[:, ::1], float64[::1], float64[::1])")
def _reach(columns: FloatArray, step: FloatArray, movement: FloatArray) -> float:
    """How far a step moves a linear predictor at most."""
    _linear(columns, step, movement)
    largest = 0.0
    for row in range(movement.size):
        largest = max(largest, abs(movement[row]))
    return largest


@jit("boolean(float64[:, ::1], float64[::1], float64[::1], float64[::1], float64[::1])")
def _separating(
    columns: FloatArray,
    step: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    movement: FloatArray,
) -> bool:
    _linear(columns, step, movement)
    largest = 0.0
    for row in range(movement.size):
        if weights[row] > 0:
            largest = max(largest, abs(movement[row]))
    tolerance = 1e-3 * largest
    for row in range(movement.size):
        if weights[row] <= 0 or abs(movement[row]) <= tolerance:
            continue
        upward = movement[row] > 0
        if not (target[row] >= 1.0 if upward else target[row] <= 0.0):
            return False
    return largest > SEPARATING_STEP


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], float64[:, ::1], float64[:, ::1],"
    " float64[:, ::1], float64[:, :, ::1], float64[::1], int64[::1], boolean[::1], boolean[::1])"
)
def _fit(
    design: FloatArray,
    products: FloatArray,
    targets: FloatArray,
    all_weights: FloatArray,
    betas: FloatArray,
    steps: FloatArray,
    informations: FloatArray,
    likelihoods: FloatArray,
    iterations: IntArray,
    separated: BoolArray,
    regular: BoolArray,
) -> None:
    rows, size = design.shape
    eta, small, movement = np.empty(rows), np.empty(rows), np.empty(rows)
    gradient, scale, inverted, moved = (
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
    )
    lower, packed = np.zeros((size, size)), np.empty(products.shape[1])
    columns = design.T.copy()
    for replicate in range(targets.shape[0]):
        target, weights = targets[replicate], all_weights[replicate]
        beta, step = betas[replicate], steps[replicate]
        information = informations[replicate]
        beta[:] = 0.0
        eta[:] = 0.0
        current = _likelihood(eta, target, weights, small)
        converged = False
        for iteration in range(1, MAX_ITERATIONS + 1):
            iterations[replicate] = iteration
            _score(design, products, target, weights, eta, small, gradient, packed, information)
            if not _factor(information, scale, lower, inverted):
                break
            if iteration == 1 and _inverse_trace(lower) * RANK_TOLERANCE * MARGIN > 1.0:
                break
            _solve(lower, inverted, scale, gradient, step)
            factor = 1.0
            after = current
            for _ in range(HALVINGS):
                for i in range(size):
                    moved[i] = beta[i] + factor * step[i]
                _linear(columns, moved, eta)
                after = _likelihood(eta, target, weights, small)
                if not after < current - 1e-9 * (1.0 + abs(current)):
                    break
                factor *= min(0.5, FARTHEST / (factor * _reach(columns, step, movement)))
            current = after
            decrement = 0.0
            for i in range(size):
                beta[i] += factor * step[i]
                decrement += gradient[i] * step[i]
            if iteration == FIRST_SUSPECT and _separating(columns, step, target, weights, movement):
                for i in range(size):
                    beta[i] += LEAP * step[i]
                _linear(columns, beta, eta)
                current = _likelihood(eta, target, weights, small)
            if decrement < DECREMENT_TOLERANCE * (1.0 + abs(current)):
                converged = True
                break
        likelihoods[replicate] = current
        regular[replicate] = converged
        if converged:
            _score(design, products, target, weights, eta, small, gradient, packed, information)
            moving = 0.0
            for i in range(size):
                moving = max(moving, abs(step[i]))
            if iterations[replicate] >= FIRST_SUSPECT:
                separated[replicate] = _separating(columns, step, target, weights, movement)
                regular[replicate] = separated[replicate]
            elif moving > RESTING:
                regular[replicate] = False


def fit_patterns(design: FloatArray, target: FloatArray, weights: FloatArray) -> LogisticFits:
    """What `fit_logistic_batch` gives for these arguments, to rounding."""
    scaling = Scaling.of(design, weights)
    replicates, size = weights.shape[0], design.shape[1]
    beta, step = np.zeros((replicates, size)), np.zeros((replicates, size))
    information = np.empty((replicates, size, size))
    likelihood, iterations = np.empty(replicates), np.empty(replicates, dtype=np.int64)
    separated, regular = np.zeros(replicates, dtype=np.bool_), np.empty(replicates, dtype=np.bool_)
    scaled = plain(scaling.apply(design))
    first, second = np.triu_indices(size)
    _fit(
        scaled,
        plain(scaled[:, first] * scaled[:, second]),
        plain(target),
        plain(weights),
        beta,
        step,
        information,
        likelihood,
        iterations,
        separated,
        regular,
    )
    fits = LogisticFits(
        beta=scaling.undo(beta),
        scaled_information=information,
        scaling=scaling,
        log_likelihood=likelihood,
        separated=separated,
        rank=np.full(replicates, size),
        direction=scaling.undo(np.where(separated[:, None], step, 0.0)),
        mask=np.ones((replicates, size), dtype=np.bool_),
        iterations=iterations,
        converged=regular & ~separated,
    )
    odd = np.flatnonzero(~regular)
    if odd.size:
        _replace(fits, odd, fit_logistic_batch(design, target[odd], weights[odd], scaling=scaling))
    return fits


def _replace(fits: LogisticFits, at: IntArray, others: LogisticFits) -> None:
    for name in (
        "beta",
        "scaled_information",
        "log_likelihood",
        "separated",
        "rank",
        "direction",
        "iterations",
        "converged",
    ):
        getattr(fits, name)[at] = getattr(others, name)
