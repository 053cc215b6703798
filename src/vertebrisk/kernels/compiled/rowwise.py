"""Regression of an event over time on one or two columns of each replicate's own, compiled.

As `survival.rowwise` from a start near the maximum, replicate by replicate: each step of
Newton's method is one walk, with running sums of the hazards of those at risk, of their columns
and of the products of these (`risk_sums`). What is out of the
ordinary (columns without information, steps that lead far away or down, no convergence) is left
to the NumPy kernels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import MARGIN
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.compiled.risk_sums import (
    G1,
    G2,
    I11,
    I12,
    I22,
    LIKELIHOOD,
    MOST_TERMS,
    PER,
    Q1,
    Q2,
    Line,
    terms_of,
    walk,
)
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

WIDEST = 200.0  # extent of a linear predictor above which hazards may lose their digits


@jit(
    "float64(float64[::1], int64[::1], float64[::1], float64, float64[::1], float64[::1])",
    sums=True,
)
def _standardised(
    values: FloatArray,
    rows: IntArray,
    weights: FloatArray,
    total: float,
    x: FloatArray,
    known: FloatArray,
) -> float:
    """Centre of a column, which is left centred and scaled in `x`; `known` are scale and limits.

    Who weighs nothing is at the centre.
    """
    centre = square = 0.0
    for row in range(rows.size):
        x[row] = values[rows[row]]
        centre += weights[row] * x[row]
    centre /= total
    for row in range(rows.size):
        x[row] = x[row] - centre if weights[row] > 0.0 else 0.0
        square += weights[row] * x[row] * x[row]
    scale = math.sqrt(square / total)
    per = 1.0 / scale if scale > 0.0 else 1.0
    low, high = math.inf, -math.inf
    for row in range(rows.size):
        x[row] *= per
        low, high = min(low, x[row]), max(high, x[row])
    known[0], known[1], known[2] = 1.0 / per, low, high
    return centre


@jit("boolean(float64[::1], float64[::1], boolean, float64, float64)")
def _near(x: FloatArray, y: FloatArray, two: bool, a: float, b: float) -> bool:
    """Whether a step moves no two linear predictors far from each other."""
    low, high = math.inf, -math.inf
    for row in range(x.size):
        moved = a * x[row] + b * y[row] if two else a * x[row]
        low, high = min(low, moved), max(high, moved)
    return high - low <= FARTHEST


@jit(
    "void(float64[:, :, ::1], float64[:, ::1], boolean[::1], float64[:, ::1], int64[::1],"
    " int64[::1], int64[::1], int64[::1], int64, boolean, boolean, int64[::1],"
    " float64[:, ::1], float64[:, :, ::1], float64[:, ::1], float64[:, ::1], boolean[::1])"
)
def _fit(
    columns: FloatArray,
    weights: FloatArray,
    pairs: BoolArray,
    begin: FloatArray,
    rows: IntArray,
    opens: IntArray,
    first_dead: IntArray,
    stop: IntArray,
    terms: int,
    efron: bool,
    search: bool,
    until: IntArray,
    beta: FloatArray,
    information: FloatArray,
    likelihoods: FloatArray,
    level: FloatArray,
    regular: BoolArray,
) -> None:
    m = rows.size
    x, y, own = np.zeros(m), np.zeros(m), np.empty(m)
    sums, means = np.empty((4, m)), np.empty((4, terms))
    upto, before = np.empty(terms, dtype=np.int64), np.empty(terms, dtype=np.int64)
    share, one, at = np.empty(terms), np.empty(terms), np.empty(terms, dtype=np.int64)
    found, first, second = np.zeros(8), np.zeros(3), np.zeros(3)
    count = 0
    total = null = died_total = 0.0
    for r in range(columns.shape[0]):
        regular[r] = False
        two = pairs[r]
        fresh = r == 0 or weights.shape[0] > 1
        if fresh:
            for row in range(m):
                own[row] = weights[r, rows[row]]
            own[opens[:-1]] = 0.0
            count = terms_of(own, first_dead, stop, efron, upto, before, share, one, at)
            total, died_total = own.sum(), one[:count].sum()
        if count == 0:
            continue
        c1 = _standardised(columns[r, 0], rows, own, total, x, first)
        c2 = 0.0
        if two:
            c2 = _standardised(columns[r, 1], rows, own, total, y, second)
        elif columns.shape[1] > 1:
            y[:] = 0.0
        gx = gy = 0.0
        for moment in range(stop.size):
            for row in range(first_dead[moment], stop[moment]):
                gx += own[row] * x[row]
                gy += own[row] * y[row]
        if fresh:
            walk(
                *(x, y, own, two, False, 0.0, 0.0, 0.0, opens),
                *(count, upto, before, share, one, sums, means, found),
            )
            null = found[LIKELIHOOD]
        likelihoods[r, 0] = likelihoods[r, 1] = null
        a = begin[r, 0] * first[0]
        b = begin[r, 1] * second[0] if two else 0.0
        s1 = s2 = current = decrement = top = 0.0
        iteration = -1
        while iteration < FIRST_SUSPECT:
            widths = abs(a) * (first[2] - first[1]) + abs(b) * (second[2] - second[1])
            if not widths < WIDEST:
                break
            top = max(a * first[1], a * first[2])
            if two:
                top += max(b * second[1], b * second[2])
            walk(
                *(x, y, own, two, search, a, b, top, opens),
                *(count, upto, before, share, one, sums, means, found),
            )
            reached = found[LIKELIHOOD] + a * gx + b * gy - top * died_total
            if iteration < 0:
                if a != 0.0 or b != 0.0:
                    likelihoods[r, 1] = reached
                if not reached >= null and (a != 0.0 or b != 0.0):
                    a = b = 0.0
                    continue
                if search and not found[I11] > CONSTANT * found[Q1]:
                    break
                if search and two and not found[I22] > CONSTANT * found[Q2]:
                    break
            elif not reached >= current - 1e-9 * (1.0 + abs(current)):
                break
            current = reached
            if not search:
                regular[r] = True
                break
            i11, i12, i22 = found[I11], found[I12], found[I22]
            if not i11 > 0.0 or (two and not i22 > 0.0):
                break
            determinant = i11
            if two:
                determinant = i11 * i22 - i12 * i12
                if not determinant > MARGIN * RANK_TOLERANCE * 2.0 * i11 * i22:
                    break
            if iteration >= 0 and abs(decrement) < DECREMENT_TOLERANCE * (
                1.0 + min(abs(current), LARGEST)
            ):
                regular[r] = max(abs(s1), abs(s2)) <= RESTING
                break
            g1, g2 = gx + found[G1], gy + found[G2]
            if two:
                s1 = (i22 * g1 - i12 * g2) / determinant
                s2 = (i11 * g2 - i12 * g1) / determinant
            else:
                s1 = g1 / i11
            decrement = g1 * s1 + g2 * s2
            reach = abs(s1) * (first[2] - first[1]) + abs(s2) * (second[2] - second[1])
            if not reach <= FARTHEST and not (two and _near(x, y, two, s1, s2)):
                break
            a += s1
            b += s2
            iteration = max(iteration, 0) + 1
        if not regular[r]:
            continue
        likelihoods[r, 2] = current
        beta[r, 0] = a / first[0]
        shift = beta[r, 0] * c1
        if two:
            beta[r, 1] = b / second[0]
            shift += beta[r, 1] * c2
        if search:
            information[r, 0, 0] = found[I11] * first[0] * first[0]
        if search and two:
            information[r, 0, 1] = information[r, 1, 0] = found[I12] * first[0] * second[0]
            information[r, 1, 1] = found[I22] * second[0] * second[0]
        for place in range(until.size):
            risen = 0.0
            for term in range(count):
                if stop.size - 1 - at[term] < until[place]:
                    risen += one[term] * means[PER, term]
            level[r, place] = math.log(risen) - top - shift if risen > 0.0 else -math.inf


@dataclass(frozen=True, slots=True, eq=False)
class NarrowFits:
    """One fit a replicate; what is not `regular` is for the NumPy kernels.

    Attributes
    ----------
    beta : array, shape (replicates, p)
    information : array, shape (replicates, p, p)
    likelihoods : array, shape (replicates, 3)
        At zero, at the start and at the maximum.
    level : array, shape (replicates, times)
        Logarithms of the cumulative hazard at some times where all columns are zero.
    regular : bool array, shape (replicates,)
    """

    beta: FloatArray
    information: FloatArray
    likelihoods: FloatArray
    level: FloatArray
    regular: BoolArray


def fit_narrow(
    sets: RiskSets,
    columns: FloatArray,
    weights: FloatArray,
    mask: BoolArray,
    start: FloatArray,
    *,
    efron: bool,
    until: FloatArray,
    search: bool = True,
) -> NarrowFits:
    """Fit every replicate to its own one or two columns, nobody under observation late.

    Parameters
    ----------
    sets : RiskSets
    columns : array, shape (replicates, n, p)
    weights : array, shape (replicates, n)
    mask, start : arrays, shape (replicates, p)
        Columns in use, and where each search begins.
    efron : bool
        False for Breslow's ties.
    until : array, shape (times,)
        Where the cumulative hazard is wanted; there must be no strata then.
    search : bool
        False stays at the start.
    """
    replicates, _, size = columns.shape
    found = NarrowFits(
        np.zeros((replicates, size)),
        np.zeros((replicates, size, size)),
        np.zeros((replicates, 3)),
        np.empty((replicates, until.size)),
        np.zeros(replicates, dtype=np.bool_),
    )
    line, own = Line.of(sets), plain(weights[:1] if weights.strides[0] == 0 else weights)
    terms = line.most_terms(own, efron=efron)
    if terms > MOST_TERMS:
        return found
    _fit(
        plain(columns.transpose(0, 2, 1)),
        own,
        np.ascontiguousarray(mask[:, -1] & (size > 1)),
        plain(start),
        line.rows,
        line.opens,
        line.first,
        line.stop,
        terms,
        efron,
        search,
        np.searchsorted(sets.times, until, side="right"),
        found.beta,
        found.information,
        found.likelihoods,
        found.level,
        found.regular,
    )
    found.regular[~mask[:, 0]] = False
    return found
