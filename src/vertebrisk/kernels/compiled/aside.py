"""Levels whose patients have one outcome alone, compiled: as `kernels.levels`.

Their rows are set aside, and so are those of a level that is left with one outcome by that.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit


@jit(
    "boolean(int64[:, ::1], int64[:, ::1], float64[::1], float64[::1], boolean[::1],"
    " boolean[::1], float64[::1])"
)
def set_aside(
    of: IntArray,
    levels: IntArray,
    target: FloatArray,
    weights: FloatArray,
    chosen: BoolArray,
    lost: BoolArray,
    kept: FloatArray,
) -> bool:
    """Levels of chosen terms with one outcome alone, and the weights of the rows without them."""
    lost[:] = False
    kept[:] = weights
    total, events = np.empty(lost.size), np.empty(lost.size)
    again = lost.size > 0
    while again:
        again = False
        total[:] = 0.0
        events[:] = 0.0
        for row in range(kept.size):
            if kept[row] > 0.0:
                for place in range(of.shape[1]):
                    total[of[row, place]] += kept[row]
                    events[of[row, place]] += kept[row] * target[row]
        for level in range(lost.size):
            mixed = 0.0 < events[level] < total[level]
            if total[level] > 0.0 and chosen[levels[level, 0]] and not (mixed or lost[level]):
                lost[level] = again = True
        if again:
            for row in range(kept.size):
                for place in range(of.shape[1]):
                    if lost[of[row, place]]:
                        kept[row] = 0.0
    return bool(lost.any())


@jit("int64[::1](boolean[::1], boolean[::1], int64[:, ::1], int64[:, ::1], int64)")
def columns_of(
    chosen: BoolArray, lost: BoolArray, levels: IntArray, terms: IntArray, size: int
) -> IntArray:
    """The intercept's column and those of chosen terms, without those of lost levels.

    Where a reference is lost, the first that is left of the term takes its place.
    """
    use = np.zeros(size, dtype=np.bool_)
    use[0] = True
    for term in range(chosen.size):
        first, width = terms[term]
        use[first : first + width] = chosen[term]
    for level in range(lost.size):
        if lost[level] and levels[level, 1] >= 0:
            use[levels[level, 1]] = False
    for level in range(lost.size):
        if lost[level] and levels[level, 1] < 0:
            first, width = terms[levels[level, 0]]
            for column in range(first, first + width):
                if use[column]:
                    use[column] = False
                    break
    return np.flatnonzero(use)
