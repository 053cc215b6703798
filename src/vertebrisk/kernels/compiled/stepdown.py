"""Wald tests of smaller models from the fit of the whole one, compiled: as `kernels.stepdown`."""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit


@jit("float64(float64, int64, float64)")
def cost_of(gain: float, width: int, penalty: float) -> float:
    """What speaks for leaving out columns: P of their likelihood ratio, or a criterion's gain."""
    gain = max(gain, 0.0)
    if penalty >= 0.0:
        return penalty * width - gain
    half = 0.5 * gain
    root = math.sqrt(half)
    total, part = 0.0, math.exp(-half)
    if width % 2 == 1:
        total, part = math.erfc(root), part * root * 2.0 / math.sqrt(math.pi)
    for place in range(width // 2):
        total += part
        part *= half / (place + (1.5 if width % 2 == 1 else 1.0))
    return total


@jit("float64(float64[:, ::1], float64[::1], int64, int64, float64[::1])")
def wald_of(
    covariance: FloatArray, beta: FloatArray, first: int, width: int, solved: FloatArray
) -> float:
    """Wald's statistic of columns side by side; `solved` times their covariance is `beta`."""
    if width == 1:
        solved[0] = beta[first] / covariance[first, first]
        return float(beta[first] * solved[0])
    block = covariance[first : first + width, first : first + width].copy()
    for i in range(width):
        solved[i] = beta[first + i]
    for k in range(width):
        for i in range(k + 1, width):
            factor = block[i, k] / block[k, k]
            solved[i] -= factor * solved[k]
            for j in range(k, width):
                block[i, j] -= factor * block[k, j]
    total = 0.0
    for i in range(width - 1, -1, -1):
        for j in range(i + 1, width):
            solved[i] -= block[i, j] * solved[j]
        solved[i] /= block[i, i]
        total += solved[i] * beta[first + i]
    return total


@jit("void(float64[:, ::1], float64[::1], int64)")
def _leave_out(covariance: FloatArray, beta: FloatArray, column: int) -> None:
    """The model without a column, by the covariance of that with it."""
    own = covariance[column].copy()
    ratio = beta[column] / own[column]
    for i in range(beta.size):
        beta[i] -= own[i] * ratio
        factor = own[i] / own[column]
        for j in range(beta.size):
            covariance[i, j] -= factor * own[j]
    beta[column] = 0.0
    covariance[column] = 0.0
    covariance[:, column] = 0.0


@jit("void(float64[:, ::1], float64[::1], int64[:, ::1], float64, float64, boolean[::1])")
def by_covariance(
    covariance: FloatArray,
    beta: FloatArray,
    terms: IntArray,
    penalty: float,
    limit: float,
    chosen: BoolArray,
) -> None:
    """Leave out terms by the covariance of the model of all of them."""
    solved = np.empty(beta.size)
    for _ in range(chosen.size):
        weakest, most = -1, -math.inf
        for term in range(chosen.size):
            if chosen[term]:
                first, width = terms[term]
                cost = cost_of(wald_of(covariance, beta, first, width, solved), width, penalty)
                if cost > most:
                    weakest, most = term, cost
        if not most > limit:
            return
        chosen[weakest] = False
        first, width = terms[weakest]
        for column in range(first, first + width):
            _leave_out(covariance, beta, column)
