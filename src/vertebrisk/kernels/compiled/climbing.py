"""Newton's method on Cox's partial likelihood, one resample after the other, compiled.

As `survival.maximum.begun`, from where all resamples together end. What is out of the ordinary
(dependent columns, steps that lead far away or down, no convergence) is left to that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import MARGIN, PIVOT, dot
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.compiled.risk_sums import LARGE, SMALL
from vertebrisk.kernels.steps import RANK_TOLERANCE
from vertebrisk.kernels.survival.maximum import (
    CONSTANT,
    DECREMENT_TOLERANCE,
    FARTHEST,
    FIRST_SUSPECT,
    LARGEST,
    RESTING,
)
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.ties import TiedTerms

FLOOR = -300.0  # lowest linear predictor below the highest, as in `survival.cox`


@jit("float64(float64[:, ::1], float64[::1], float64[::1], float64[::1], float64[::1])")
def _predicted(
    columns: FloatArray,
    beta: FloatArray,
    offset: FloatArray,
    eta: FloatArray,
    before: FloatArray,
) -> float:
    """Linear predictors, the highest at 0, bounded below; how far one moved from `before`."""
    eta[:] = offset
    for column in range(beta.size):
        for row in range(eta.size):
            eta[row] += columns[column, row] * beta[column]
    top = -math.inf
    for row in range(eta.size):
        top = max(top, eta[row])
    moved = 0.0
    for row in range(eta.size):
        eta[row] = min(max(eta[row] - top, FLOOR), 0.0)
        moved = max(moved, abs(eta[row] - before[row]))
    return moved


@jit(
    "float64(float64[:, ::1], float64[::1], float64[::1], int64[::1], boolean[::1],"
    " boolean[::1], float64[::1], int64[::1], float64[::1], float64[::1], float64[:, ::1],"
    " float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[::1])"
)
def _walk(
    rows: FloatArray,
    weights: FloatArray,
    eta: FloatArray,
    starts: IntArray,
    died: BoolArray,
    closing: BoolArray,
    weight: FloatArray,
    number: IntArray,
    residual: FloatArray,
    expected: FloatArray,
    whole: FloatArray,
    left: FloatArray,
    gone: FloatArray,
    right: FloatArray,
    filled: IntArray,
) -> float:
    """Log-likelihood, events expected of each row, and what these leave over.

    `whole` and `left`, `gone` and `right` are left with the factors of the products of mean
    covariates, as many as `filled` says.
    """
    size, moments = rows.shape[1], closing.size
    sums, lost = np.zeros(size), np.zeros(size)
    rise, back = np.zeros(moments), np.zeros(moments)
    gain = logs = at_risk = power = 0.0
    product = 1.0
    used = tied = 0
    for moment in range(moments - 1, -1, -1):
        if closing[moment]:
            at_risk = 0.0
            sums[:] = 0.0
        terms = number[moment]
        dying = 0.0
        if terms > 1:
            lost[:] = 0.0
        for row in range(starts[moment], starts[moment + 1]):
            own = weights[row] * math.exp(eta[row])
            expected[row] = own
            at_risk += own
            for i in range(size):
                sums[i] += own * rows[row, i]
            if died[row]:
                gain += weights[row] * eta[row]
                dying += own
                if terms > 1:
                    for i in range(size):
                        lost[i] += own * rows[row, i]
        one = weight[moment]
        if not one > 0.0:
            continue
        first = max(at_risk, dying)
        increment = square = returned = cross = last = 0.0
        for term in range(terms):
            share = term / terms
            rest = first - share * dying
            if one != power or not SMALL < product < LARGE:
                logs += power * math.log(product)
                product, power = 1.0, one
            product *= rest
            rest = 1.0 / rest
            increment += one * rest
            square += one * rest * rest
            returned += one * share * rest
            cross += one * share * rest * rest
            last += one * (share * rest) * (share * rest)
        rise[moment], back[moment] = increment, returned
        for i in range(size):
            whole[i, used] = sums[i]
            left[i, used] = sums[i] * square
        if terms > 1:
            for i in range(size):
                left[i, used] -= lost[i] * cross
                gone[i, tied] = lost[i]
                right[i, tied] = sums[i] * cross - lost[i] * last
            tied += 1
        used += 1
    filled[0], filled[1] = used, tied
    total = 0.0
    for moment in range(moments):
        total += rise[moment]
        for row in range(starts[moment], starts[moment + 1]):
            expected[row] *= total - (back[moment] if died[row] else 0.0)
            residual[row] = (weights[row] if died[row] else 0.0) - expected[row]
        if closing[moment]:
            total = 0.0
    return gain - logs - power * math.log(product)


@jit("float64(float64[:, ::1], float64[::1], float64[::1])")
def _solved(information: FloatArray, gradient: FloatArray, step: FloatArray) -> float:
    """Newton's step by a Cholesky factor, and its decrement; NaN where there is no factor."""
    size = gradient.size
    scale, lower = np.empty(size), np.empty((size, size))
    for i in range(size):
        if not information[i, i] > 0.0:
            return math.nan
        scale[i] = 1.0 / math.sqrt(information[i, i])
    for i in range(size):
        for j in range(i + 1):
            left = information[i, j] * scale[i] * scale[j]
            for k in range(j):
                left -= lower[i, k] * lower[j, k]
            if j < i:
                lower[i, j] = left / lower[j, j]
            elif left > PIVOT:
                lower[i, i] = math.sqrt(left)
            else:
                return math.nan
        step[i] = gradient[i] * scale[i]
        for k in range(i):
            step[i] -= lower[i, k] * step[k]
        step[i] /= lower[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            step[i] -= lower[k, i] * step[k]
        step[i] /= lower[i, i]
    decrement = 0.0
    for i in range(size):
        step[i] *= scale[i]
        decrement += gradient[i] * step[i]
    return decrement


@jit("boolean(float64[:, ::1], float64[::1])")
def _full(information: FloatArray, squares: FloatArray) -> bool:
    """Whether all columns vary in the risk sets, and none depends on others."""
    size = squares.size
    scaled = np.empty((size, size))
    for i in range(size):
        if not information[i, i] > CONSTANT * squares[i]:
            return False
        for j in range(size):
            scaled[i, j] = information[i, j] / math.sqrt(information[i, i] * information[j, j])
    return bool(np.linalg.eigvalsh(scaled)[0] > MARGIN * RANK_TOLERANCE)


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[::1], int64[::1], boolean[::1],"
    " boolean[::1], float64[:, ::1], int64[:, ::1], float64[:, ::1], float64[:, :, ::1],"
    " float64[:, ::1], int64[::1], boolean[::1])"
)
def _climb(
    columns: FloatArray,
    all_weights: FloatArray,
    offset: FloatArray,
    starts: IntArray,
    died: BoolArray,
    closing: BoolArray,
    weight: FloatArray,
    number: IntArray,
    betas: FloatArray,
    informations: FloatArray,
    likelihoods: FloatArray,
    iterations: IntArray,
    regular: BoolArray,
) -> None:
    size, m = columns.shape
    present = np.empty_like(columns)
    rows, bare = np.empty((m, size)), np.empty((m, 0))  # without columns where nothing is derived
    own, known = np.empty(m), np.empty(m)
    events, first = np.empty(m, dtype=np.bool_), np.empty_like(starts)
    eta, before = np.empty(m), np.empty(m)
    residual, expected, weighted = np.empty(m), np.empty(m), np.empty(m)
    filled = np.zeros(2, dtype=np.int64)
    whole, left = np.zeros((size, closing.size)), np.zeros((size, closing.size))
    gone, right = np.zeros((size, closing.size)), np.zeros((size, closing.size))
    gradient, step, squares = np.empty(size), np.zeros(size), np.empty(size)
    nothing = np.zeros(size)
    for r in range(all_weights.shape[0]):
        beta, information = betas[r], informations[r]
        m = 0
        for moment in range(closing.size):
            first[moment] = m
            for row in range(starts[moment], starts[moment + 1]):
                if all_weights[r, row] > 0.0:
                    own[m], known[m], events[m] = all_weights[r, row], offset[row], died[row]
                    for i in range(size):
                        rows[m, i] = present[i, m] = columns[i, row]
                    m += 1
        first[closing.size] = m
        decrement = current = null = 0.0
        for iteration in range(-1, FIRST_SUSPECT):
            at = nothing if iteration < 0 else beta
            moved = _predicted(present, at, known[:m], eta[:m], before)
            if iteration > 0 and not moved <= FARTHEST:
                break
            reached = _walk(
                rows if iteration >= 0 else bare,
                own,
                eta,
                first,
                events,
                closing,
                weight[r],
                number[r],
                residual,
                expected,
                whole,
                left,
                gone,
                right,
                filled,
            )
            if iteration < 0:
                null = likelihoods[r, 0] = reached
                continue
            # a start that is less likely than nothing, and a step that leads down
            least = current - 1e-9 * (1.0 + abs(current)) if iteration else null
            if not reached >= least:
                break
            current = reached
            before[:m] = eta[:m]
            for i in range(size):
                gradient[i] = dot(residual, present[i], m)
                for row in range(m):
                    weighted[row] = expected[row] * present[i, row]
                squares[i] = dot(weighted, present[i], m)
                for j in range(i, size):
                    value = dot(weighted, present[j], m)
                    value -= dot(left[i], whole[j], filled[0])
                    value += dot(right[i], gone[j], filled[1])
                    information[i, j] = information[j, i] = value
            if iteration == 0 and not _full(information, squares):
                break
            iterations[r] = iteration
            limit = DECREMENT_TOLERANCE * (1.0 + min(abs(current), LARGEST))
            if iteration and abs(decrement) < limit:
                likelihoods[r, 1] = current
                regular[r] = np.abs(step).max() <= RESTING
                break
            decrement = _solved(information, gradient, step)
            if not math.isfinite(decrement):
                break
            beta += step


@dataclass(frozen=True, slots=True, eq=False)
class Climbed:
    """Where each replicate ends; what is not `regular` is for the NumPy kernels.

    `likelihoods` has the shape (replicates, 2): at zero and at the maximum.
    """

    beta: FloatArray
    information: FloatArray
    likelihoods: FloatArray
    iterations: IntArray
    regular: BoolArray


def climb(
    sets: RiskSets,
    columns: FloatArray,
    weights: FloatArray,
    offset: FloatArray,
    terms: TiedTerms,
    begin: FloatArray,
) -> Climbed:
    """The maxima for columns of shape (p, m) that all replicates use; nobody enters late."""
    replicates, size = begin.shape
    died = np.zeros(sets.rows.size, dtype=np.bool_)
    died[sets.deaths] = True
    closing = np.zeros(sets.count, dtype=np.bool_)
    closing[[block.stop - 1 for block in sets.blocks]] = True
    found = Climbed(
        begin.copy(),
        np.empty((replicates, size, size)),
        np.empty((replicates, 2)),
        np.zeros(replicates, dtype=np.int64),
        np.zeros(replicates, dtype=np.bool_),
    )
    _climb(
        plain(columns),
        plain(weights),
        plain(offset),
        np.append(sets.starts, sets.rows.size),
        died,
        closing,
        plain(terms.weight),
        plain(terms.number),
        found.beta,
        found.information,
        found.likelihoods,
        found.iterations,
        found.regular,
    )
    # a maximum is no less likely than zero; beyond FLOOR steps may lead to where nothing is told
    null, reached = found.likelihoods.T
    found.regular[:] &= reached >= null - 1e-9 * (1.0 + np.abs(null))
    return found
