"""What the derivatives of a partial likelihood are made of, compiled: as `survival.spread`.

Each replicate is one walk from the latest event time to the earliest, and one back.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import dot
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.ties import TiedTerms


@jit(
    "void(float64[:, ::1], float64[:, :, ::1], int64[::1], boolean[::1],"
    " boolean[::1], float64[:, ::1], int64[:, ::1], float64[:, ::1], float64[:, :, ::1])"
)
def _spread(
    hazard: FloatArray,
    columns: FloatArray,
    starts: IntArray,
    died: BoolArray,
    closing: BoolArray,
    weight: FloatArray,
    number: IntArray,
    expected: FloatArray,
    means: FloatArray,
) -> None:
    """Events expected of each row, and cross-products of the mean covariates."""
    moments, size = closing.size, columns.shape[1]
    rise, back = np.empty(moments), np.empty(moments)
    sums, lost = np.empty(size), np.empty(size)
    left, whole = np.empty((size, moments)), np.empty((size, moments))
    right, gone = np.empty((size, moments)), np.empty((size, moments))
    for replicate in range(hazard.shape[0]):
        x = columns[min(replicate, columns.shape[0] - 1)]
        at_risk = 0.0
        sums[:] = 0.0
        used = tied = 0
        for moment in range(moments - 1, -1, -1):
            if closing[moment]:
                at_risk = 0.0
                sums[:] = 0.0
            terms = number[replicate, moment]
            dying = 0.0
            if terms > 1:
                lost[:] = 0.0
            for row in range(starts[moment], starts[moment + 1]):
                own = hazard[replicate, row]
                if own > 0.0:
                    at_risk += own
                    for i in range(size):
                        sums[i] += own * x[i, row]
                    if died[row]:
                        dying += own
                        if terms > 1:
                            for i in range(size):
                                lost[i] += own * x[i, row]
            each = weight[replicate, moment]
            rise[moment] = back[moment] = 0.0
            if not each > 0.0:
                continue
            first = max(at_risk, dying)
            one = 1.0 / first
            increment, square = each * one, each * one * one
            returned = cross = last = 0.0
            for term in range(1, terms):
                share = term / terms
                rest = 1.0 / (first - share * dying)
                increment += each * rest
                square += each * rest * rest
                returned += each * share * rest
                cross += each * share * rest * rest
                last += each * (share * rest) * (share * rest)
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
        total = 0.0
        for moment in range(moments):
            total += rise[moment]
            for row in range(starts[moment], starts[moment + 1]):
                spared = back[moment] if died[row] else 0.0
                expected[replicate, row] = hazard[replicate, row] * (total - spared)
            if closing[moment]:
                total = 0.0
        for i in range(size):
            for j in range(i, size):
                value = dot(left[i], whole[j], used) - dot(right[i], gone[j], tied)
                means[replicate, i, j] = means[replicate, j, i] = value


def spread_compiled(
    sets: RiskSets, terms: TiedTerms, hazard: FloatArray, columns: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """See `survival.spread.spread`; nobody comes under observation late."""
    replicates, size = hazard.shape[0], columns.shape[-2]
    expected, means = np.empty(hazard.shape), np.empty((replicates, size, size))
    died = np.zeros(hazard.shape[1], dtype=np.bool_)
    died[sets.deaths] = True
    closing = np.zeros(sets.count, dtype=np.bool_)
    closing[[block.stop - 1 for block in sets.blocks]] = True
    _spread(
        plain(hazard),
        plain(columns if columns.ndim == 3 else columns[None]),
        np.append(sets.starts, hazard.shape[1]),
        died,
        closing,
        plain(terms.weight),
        plain(terms.number),
        expected,
        means,
    )
    return expected, means
