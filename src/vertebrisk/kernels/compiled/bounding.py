"""Bounds of the likelihood without a term, compiled: as in `kernels.elimination.step`."""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import likelihood_of, linear, newton_step
from vertebrisk.kernels.compiled.jit import jit
from vertebrisk.kernels.compiled.stepdown import cost_of, wald_of
from vertebrisk.kernels.elimination.step import ROUNDING, SLACK

TINY = 1e-300


@jit("float64(float64[:, ::1], float64[::1], int64[::1], float64[:, ::1])", sums=True)
def furthest_of(
    x: FloatArray, weights: FloatArray, columns: IntArray, covariance: FloatArray
) -> float:
    """Largest standard error of a linear predictor, of rows with weight."""
    rows = weights.size
    squares, own = np.zeros(rows), np.empty(rows)
    along = np.zeros(covariance.shape[0])
    for i in range(columns.size):
        at = columns[i]
        for j in range(i):
            along[columns[j]] = 2.0 * covariance[at, columns[j]]
        along[at] = covariance[at, at]
        linear(x, columns[: i + 1], along, own)
        for row in range(rows):
            squares[row] += own[row] * x[at, row]
    largest = TINY
    for row in range(rows):
        if weights[row] > 0.0:
            largest = max(largest, squares[row])
    return math.sqrt(largest)


@jit(
    "boolean(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])",
    sums=True,
)
def bounded(
    target: FloatArray,
    weights: FloatArray,
    before: FloatArray,
    risk: FloatArray,
    eta: FloatArray,
    found: FloatArray,
) -> bool:
    """Bounds of a likelihood without a term, from its linear predictor a Newton step from another.

    It is at least that of any estimates, and at most the entropy, less than none, of any risks
    whose sums over the other columns are those seen. Such are those that the step gives in
    proportion, and their entropy is the likelihood after the step and their divergence from the
    risks after it, which is below the chi-squared distance. Both bounds are in `found`; False
    where the step is too long for the second.
    """
    after = np.empty(eta.size)
    found[0] = likelihood_of(eta, target, weights, after)
    found[1] = math.inf
    apart = beyond = 0.0
    for row in range(eta.size):
        moved = risk[row] * (1.0 + (1.0 - risk[row]) * (eta[row] - before[row]))
        difference = moved - after[row]
        spread = max(after[row] * (1.0 - after[row]), TINY)
        apart += weights[row] * difference * difference / spread
        within = weights[row] <= 0.0 or 0.0 <= moved <= 1.0
        beyond += 0.0 if within else 1.0
    if beyond > 0.0:
        return False
    found[1] = found[0] + apart + SLACK * (1.0 + abs(found[0]))
    return True


@jit(
    "void(float64[:, ::1], float64[::1], float64[::1], float64[:, ::1], int64[::1],"
    " int64[:, ::1], boolean[::1], boolean[::1], float64[::1], float64, float64[::1],"
    " float64[::1])"
)
def at_most(
    x: FloatArray,
    kept: FloatArray,
    beta: FloatArray,
    covariance: FloatArray,
    columns: IntArray,
    terms: IntArray,
    chosen: BoolArray,
    aside: BoolArray,
    model: FloatArray,
    penalty: float,
    highest: FloatArray,
    upper: FloatArray,
) -> None:
    """What each term costs at most: by Wald's statistic, and by what was found before.

    An information differs from that at the estimate by no more than the exponential of how far
    a linear predictor has moved since it was made.
    """
    furthest = furthest_of(x, kept, columns, covariance)
    sure = ROUNDING * math.exp(-model[1])
    solved = np.empty(beta.size)
    for term in range(chosen.size):
        if chosen[term]:
            first, width = terms[term]
            least = 0.0
            if not aside[term]:
                wald = wald_of(covariance, beta, first, width, solved)
                moved = math.sqrt(max(wald, 0.0)) * furthest
                least = sure * 2.0 * (math.expm1(-moved) + moved) / furthest**2
            least = max(least, 2.0 * (model[0] - highest[term]))
            upper[term] = cost_of(least, width, penalty)


@jit("void(float64[:, ::1], float64[::1], int64[::1], float64[::1])")
def projected(covariance: FloatArray, beta: FloatArray, part: IntArray, guess: FloatArray) -> None:
    """Estimates without a term's columns, as the covariance of those with it gives them."""
    first, width = part
    solved = np.empty(width)
    wald_of(covariance, beta, first, width, solved)
    for i in range(beta.size):
        guess[i] = beta[i]
        for j in range(width):
            guess[i] -= covariance[i, first + j] * solved[j]
    guess[first : first + width] = 0.0


@jit("void(int64, int64, float64, float64, float64[::1], float64[::1], float64[::1], float64[::1])")
def take_in(
    term: int,
    width: int,
    penalty: float,
    likelihood: float,
    found: FloatArray,
    highest: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> None:
    """Take in bounds of the likelihood without a term."""
    highest[term] = min(highest[term], found[1])
    least = cost_of(2.0 * (likelihood - highest[term]), width, penalty)
    lower[term] = max(lower[term], cost_of(2.0 * (likelihood - found[0]), width, penalty))
    upper[term] = min(upper[term], least)


@jit("boolean(float64[:, ::1], float64[::1], float64[::1], int64[::1], float64[::1], float64[::1])")
def refined(
    x: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    columns: IntArray,
    guess: FloatArray,
    found: FloatArray,
) -> bool:
    """Move a guess by a Newton step, with bounds in `found`; False where it is to stay.

    The lower bound is -infinity where there is no step.
    """
    size, rows = guess.size, target.size
    before, eta, risk = np.empty(rows), np.empty(rows), np.empty(rows)
    step, factor, scale = np.empty(size), np.empty((size, size)), np.empty(size)
    found[0], found[1] = -math.inf, math.inf
    linear(x, columns, guess, before)
    likelihood_of(before, target, weights, risk)
    if newton_step(x, target, weights, columns, risk, step, factor, scale) < 0.0:
        return False
    linear(x, columns, guess + step, eta)
    if not bounded(target, weights, before, risk, eta, found):
        return False
    guess += step
    return True
