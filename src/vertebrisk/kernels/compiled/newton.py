"""Newton's method for logistic regression, one replicate after the other, compiled.

Those that use all columns and are soon done are fitted side by side before. The rules of
convergence, halving, leap and proof are those of `kernels.newton`. What is out of the ordinary
(dependent columns, steps that lead far away, no convergence, or one without a proof where there
should be one) goes back to that kernel.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.abreast import climb
from vertebrisk.kernels.compiled.algebra import (
    MARGIN,
    information_of,
    inverted,
    likelihood_of,
    linear,
    newton_step,
)
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
    apart,
    fit_logistic_batch,
)
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.steps import RANK_TOLERANCE

SEVERAL = 4  # replicates from which on they are fitted side by side
FEW = 64  # rows up to which that is quicker


@jit("float64(float64[:, ::1], int64[::1], float64[::1], float64[::1])")
def _reach(x: FloatArray, columns: IntArray, step: FloatArray, movement: FloatArray) -> float:
    """How far a step moves a linear predictor at most."""
    linear(x, columns, step, movement)
    largest = 0.0
    for row in range(movement.size):
        largest = max(largest, abs(movement[row]))
    return largest


@jit("boolean(float64[:, ::1], int64[::1], float64[::1], float64[::1], float64[::1], float64[::1])")
def _separating(
    x: FloatArray,
    columns: IntArray,
    step: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    movement: FloatArray,
) -> bool:
    linear(x, columns, step, movement)
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
    "void(float64[:, ::1], boolean[:, ::1], float64[:, ::1], float64[:, ::1], float64[:, ::1],"
    " float64[:, ::1], float64[:, :, ::1], float64[::1], int64[::1], boolean[::1], boolean[::1])"
)
def _fit(
    x: FloatArray,
    masks: BoolArray,
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
    size, rows = x.shape
    eta, risk, movement = np.empty(rows), np.empty(rows), np.empty(rows)
    moved, scale = np.empty(size), np.empty(size)
    upper, covariance = np.empty((size, size)), np.empty((size, size))
    for replicate in range(targets.shape[0]):
        if regular[replicate]:
            continue
        target, weights = targets[replicate], all_weights[replicate]
        beta, step = betas[replicate], steps[replicate]
        columns = np.flatnonzero(masks[replicate])
        beta[:] = 0.0
        eta[:] = 0.0
        current = likelihood_of(eta, target, weights, risk)
        converged = False
        for iteration in range(1, MAX_ITERATIONS + 1):
            iterations[replicate] = iteration
            decrement = newton_step(x, target, weights, columns, risk, step, upper, scale)
            if decrement < 0.0:
                break
            if iteration == 1:
                trace = inverted(upper, scale, columns, covariance)
                if trace * RANK_TOLERANCE * MARGIN > 1.0:
                    break
            factor = 1.0
            after = current
            for _ in range(HALVINGS):
                for i in range(size):
                    moved[i] = beta[i] + factor * step[i]
                linear(x, columns, moved, eta)
                after = likelihood_of(eta, target, weights, risk)
                if not after < current - 1e-9 * (1.0 + abs(current)):
                    break
                factor *= min(0.5, FARTHEST / (factor * _reach(x, columns, step, movement)))
            current = after
            for i in range(size):
                beta[i] += factor * step[i]
            if iteration == FIRST_SUSPECT and _separating(
                x, columns, step, target, weights, movement
            ):
                for i in range(size):
                    moved[i] = beta[i] + LEAP * step[i]
                linear(x, columns, moved, eta)
                after = likelihood_of(eta, target, weights, risk)
                if after >= current:  # as along a direction without end
                    beta[:] = moved
                    current = after
                else:
                    linear(x, columns, beta, eta)
                    current = likelihood_of(eta, target, weights, risk)
            if decrement < DECREMENT_TOLERANCE * (1.0 + abs(current)):
                converged = True
                break
        likelihoods[replicate] = current
        regular[replicate] = converged
        if converged:
            information_of(x, weights * risk * (1.0 - risk), columns, upper)
            information = informations[replicate]
            for i in range(columns.size):
                for j in range(i, columns.size):
                    information[columns[i], columns[j]] = upper[i, j]
                    information[columns[j], columns[i]] = upper[i, j]
            moving = 0.0
            for i in range(size):
                moving = max(moving, abs(step[i]))
            if iterations[replicate] >= FIRST_SUSPECT:
                known = newton_step(x, target, weights, columns, risk, moved, upper, scale) >= 0.0
                goes_on = known and np.abs(moved).max() > RESTING
                separated[replicate] = goes_on and _separating(
                    x, columns, step, target, weights, movement
                )
                regular[replicate] = separated[replicate]
            elif moving > RESTING:
                regular[replicate] = False


def fit_patterns(
    design: FloatArray, target: FloatArray, weights: FloatArray, mask: BoolArray | None = None
) -> LogisticFits:
    """What `fit_logistic_batch` gives for these arguments, to rounding."""
    scaling = Scaling.of(design, weights)
    scaled = scaling.apply(design)
    replicates, size = weights.shape[0], design.shape[1]
    beta, step = np.zeros((replicates, size)), np.zeros((replicates, size))
    use = np.ones((replicates, size), dtype=np.bool_) if mask is None else mask
    information = np.zeros((replicates, size, size))
    information[:, np.arange(size), np.arange(size)] = ~use
    likelihood, iterations = np.empty(replicates), np.empty(replicates, dtype=np.int64)
    separated, regular = np.zeros((2, replicates), dtype=np.bool_)
    x, target, weights = plain(scaled.T), plain(target), plain(weights)
    if mask is None and replicates >= SEVERAL and x.shape[1] <= FEW:
        climb(x, target, weights, beta, information, likelihood, iterations, regular)
    _fit(
        x,
        plain(use),
        target,
        weights,
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
        rank=use.sum(axis=1),
        direction=scaling.undo(np.where(separated[:, None], step, 0.0)),
        mask=use,
        iterations=iterations,
        converged=regular & ~separated,
    )
    odd = np.flatnonzero(~regular)
    if odd.size:
        others = fit_logistic_batch(
            design, target[odd], weights[odd], mask=use[odd], scaling=scaling
        )
        fits.put(odd, others)
    for group in apart(design, scaled, weights, use):
        fits.put(group, fit_patterns(design, target[group], weights[group], use[group]))
    return fits
