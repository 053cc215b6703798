"""Firth's logistic regression, one replicate after the other, compiled.

Steps, halving and rules of convergence are those of `firth.climbing`. What is out of the ordinary
(dependent columns, a patient far out with an extreme leverage, no convergence) goes back to the
NumPy kernels.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import MARGIN, linear
from vertebrisk.kernels.compiled.jeffreys import informed, likelihood_with_spread, penalised_at
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.firth.climbing import (
    HALVINGS,
    LONGEST,
    MAX_ITERATIONS,
    SCORING,
    SLACK,
    TOLERANCE,
)
from vertebrisk.kernels.firth.logistic import (
    FLATTEST,
    LAST_SHIFT,
    SHIFTS,
    FirthFits,
    fit_firth_batch,
    unseparated,
)
from vertebrisk.kernels.firth.summits import EXTREME, far_out
from vertebrisk.kernels.newton import LogisticFits
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.steps import RANK_TOLERANCE


@jit("void(float64[:, ::1], float64[::1], float64[::1], float64[::1])")
def _correct(inverse: FloatArray, step: FloatArray, before: FloatArray, after: FloatArray) -> None:
    """The inverse that takes the fall of the gradient to the step that made it (BFGS).

    Left as it is where the gradient did not fall along the step.
    """
    size = step.size
    moved = np.zeros(size)
    along = own = falls = square = 0.0
    for i in range(size):
        fall = before[i] - after[i]
        along += step[i] * fall
        own += step[i] * step[i]
        falls += fall * fall
        for j in range(size):
            moved[i] += inverse[i, j] * (before[j] - after[j])
        square += fall * moved[i]
    if not along > 1e-10 * math.sqrt(own * falls):
        return
    weight = (along + square) / (along * along)
    for i in range(size):
        for j in range(size):
            inverse[i, j] += weight * step[i] * step[j]
            inverse[i, j] -= (moved[i] * step[j] + step[i] * moved[j]) / along


@jit("float64(float64[:, ::1], float64[::1], float64[::1])")
def _step(inverse: FloatArray, gradient: FloatArray, step: FloatArray) -> float:
    """A step no longer than `LONGEST`; its squared length in standard errors before that."""
    length = longest = 0.0
    for i in range(step.size):
        step[i] = 0.0
        for j in range(step.size):
            step[i] += inverse[i, j] * gradient[j]
        length += gradient[i] * step[i]
        longest = max(longest, abs(step[i]))
    if longest > LONGEST:
        for i in range(step.size):
            step[i] *= LONGEST / longest
    return length


@jit("float64(float64[::1], boolean[::1], int64)")
def _leverage(quadratic: FloatArray, far: BoolArray, size: int) -> float:
    """Greatest leverage of one patient far out where all risks are a half."""
    greatest = 0.0
    for row in range(size):
        if far[row]:
            greatest = max(greatest, 0.25 * quadratic[row])
    return greatest


@jit(
    "int64(float64[:, ::1], boolean[::1], float64[::1], float64[::1], float64[:, ::1],"
    " boolean[::1], float64[::1], float64[::1])"
)
def _present(
    x: FloatArray,
    far: BoolArray,
    target: FloatArray,
    weights: FloatArray,
    own_x: FloatArray,
    own_far: BoolArray,
    own_target: FloatArray,
    own_weights: FloatArray,
) -> int:
    """The rows with weight, one after the other, and how many they are."""
    places, count = np.empty(weights.size, dtype=np.int64), 0
    for row in range(weights.size):
        if weights[row] > 0.0:
            places[count] = row
            count += 1
    for at in range(count):
        row = places[at]
        own_far[at], own_target[at], own_weights[at] = far[row], target[row], weights[row]
    for column in range(x.shape[0]):
        for at in range(count):
            own_x[column, at] = x[column, places[at]]
    return count


@jit("int64(boolean[::1], int64[::1])")
def _in_use(mask: BoolArray, columns: IntArray) -> int:
    """The columns in use, and how many they are."""
    count = 0
    for column in range(mask.size):
        if mask[column]:
            columns[count] = column
            count += 1
    return count


@jit(
    "void(float64[:, ::1], boolean[::1], boolean[:, ::1], float64[:, ::1], float64[:, ::1],"
    " float64[:, ::1], float64[:, :, ::1], float64[::1], int64[::1], boolean[::1])"
)
def _fit(
    x: FloatArray,
    far: BoolArray,
    masks: BoolArray,
    targets: FloatArray,
    all_weights: FloatArray,
    betas: FloatArray,
    informations: FloatArray,
    values: FloatArray,
    iterations: IntArray,
    regular: BoolArray,
) -> None:
    size, n = x.shape
    own_x, own_far = np.empty((size, n)), np.empty(n, dtype=np.bool_)
    own_target, own_weights, rows = np.empty(n), np.empty(n), np.empty((5, n))
    moved, covariance, trace = np.zeros(size), np.empty((size, size)), np.zeros(1)
    order = np.empty(size, dtype=np.int64)
    for replicate in range(targets.shape[0]):
        count = _present(
            *(x, far, targets[replicate], all_weights[replicate]),
            *(own_x, own_far, own_target, own_weights),
        )
        target, weights = own_target[:count], own_weights[:count]
        used, beta = _in_use(masks[replicate], order), betas[replicate]
        columns = order[:used]
        gradient, after, step = np.empty(used), np.empty(used), np.zeros(used)
        inverse = np.empty((used, used))
        current, length = -math.inf, math.inf
        iteration = 0
        while iteration <= MAX_ITERATIONS:
            if 0 < iteration <= SCORING + 1:
                for i in range(used):
                    for j in range(used):
                        inverse[i, j] = covariance[columns[i], columns[j]]
            if iteration > 0:
                length = _step(inverse, gradient, step)
            reached = -math.inf
            for _ in range(HALVINGS + 1):
                for i in range(used):
                    moved[columns[i]] = beta[columns[i]] + step[i]
                reached = penalised_at(
                    own_x, columns, target, weights, moved, rows, after, covariance, trace
                )
                if reached >= current - SLACK * (1.0 + abs(current)):
                    break
                for i in range(used):
                    step[i] *= 0.5
            if not reached >= current - SLACK * (1.0 + abs(current)):
                break
            if iteration == 0 and not trace[0] * RANK_TOLERANCE * MARGIN <= 1.0:
                break
            if iteration == 0 and _leverage(rows[3], own_far, count) > EXTREME:
                break
            if iteration > SCORING:
                _correct(inverse, step, gradient, after)
            current = reached
            for i in range(used):
                beta[columns[i]] = moved[columns[i]]
                gradient[i] = after[i]
            if length < TOLERANCE:
                regular[replicate] = True
                break
            iteration += 1
        iterations[replicate] = iteration
        values[replicate] = current
        if regular[replicate]:
            informed(own_x, rows[1][:count], columns, informations[replicate])


def fit_firth(
    design: FloatArray, target: FloatArray, weights: FloatArray, mask: BoolArray | None = None
) -> FirthFits:
    """What `fit_firth_batch` gives for these arguments, to rounding."""
    scaling = Scaling.of(design, weights)
    scaled = scaling.apply(design)
    replicates, size = weights.shape[0], design.shape[1]
    use = np.ones((replicates, size), dtype=np.bool_) if mask is None else mask
    beta, information = np.zeros((replicates, size)), np.zeros((replicates, size, size))
    information[:, np.arange(size), np.arange(size)] = ~use
    value, iterations = np.empty(replicates), np.zeros(replicates, dtype=np.int64)
    regular = np.zeros(replicates, dtype=np.bool_)
    _fit(
        plain(scaled.T),
        far_out(scaled),
        plain(use),
        plain(target),
        plain(weights),
        beta,
        information,
        value,
        iterations,
        regular,
    )
    units = (np.log(scaling.scale) * use).sum(axis=1)
    fits = FirthFits(
        beta=scaling.undo(beta),
        penalised=value + units,
        scaled_information=information,
        scaling=scaling,
        rank=use.sum(axis=1),
        mask=use,
        iterations=iterations,
        converged=regular,
    )
    odd = np.flatnonzero(~regular)
    if odd.size:
        others = fit_firth_batch(design, target[odd], weights[odd], mask=use[odd], scaling=scaling)
        fits.put(odd, others)
    return fits


@jit(
    "void(float64[:, ::1], float64[:, ::1], boolean[:, ::1], float64[:, ::1], float64[:, ::1],"
    " float64[:, ::1], float64[:, :, ::1])"
)
def _shift(
    x: FloatArray,
    scaled: FloatArray,
    masks: BoolArray,
    targets: FloatArray,
    all_weights: FloatArray,
    betas: FloatArray,
    informations: FloatArray,
) -> None:
    size, n = x.shape
    eta, spread, above = np.empty(n), np.empty(n), np.empty(n)
    order = np.empty(size, dtype=np.int64)
    for replicate in range(targets.shape[0]):
        target, weights = targets[replicate], all_weights[replicate]
        columns = order[: _in_use(masks[replicate], order)]
        linear(x, columns, betas[replicate], eta)
        total = events = 0.0
        for row in range(n):
            total += weights[row]
            events += weights[row] * target[row]
        likelihood_with_spread(eta, target, weights, spread, above)
        for _ in range(SHIFTS if 0.0 < events < total else 0):
            gradient, curvature = events - 0.5 * total, 0.0
            for row in range(n):
                gradient -= weights[row] * above[row]
                curvature += spread[row]
            step = min(max(gradient / max(curvature, FLATTEST), -1.0), 1.0)
            betas[replicate, 0] += step
            for row in range(n):
                eta[row] += step
            likelihood_with_spread(eta, target, weights, spread, above)
            if abs(step) < LAST_SHIFT:
                break
        informed(scaled, spread, columns, informations[replicate])


def with_intercept(
    fits: FirthFits, design: FloatArray, target: FloatArray, weights: FloatArray
) -> LogisticFits:
    """What `firth.logistic.with_intercept` gives for these arguments, to rounding."""
    beta, information = fits.beta.copy(), np.zeros_like(fits.scaled_information)
    unit = np.arange(design.shape[1])
    information[:, unit, unit] = ~fits.mask
    _shift(
        plain(design.T),
        plain(fits.scaling.apply(design).T),
        plain(fits.mask),
        plain(target),
        plain(weights),
        beta,
        information,
    )
    return unseparated(fits, beta, fits.penalised, information, fits.rank, fits.converged)
