"""Regression of an event over time on one or two columns of each replicate's own, compiled.

As `survival.rowwise` from a start near the maximum, replicate by replicate: each step of
Newton's method is one walk from the latest event time to the earliest, with running sums of the
hazards of those at risk, of their columns and of the products of these. What is out of the
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
SMALL, LARGE = 1e-200, 1e200  # between which products of denominators are kept
LIKELIHOOD, G1, G2, I11, I12, I22, Q1, Q2 = range(8)  # of what a walk gives


@jit(
    "int64(float64[::1], int64[::1], int64[::1], boolean[::1], boolean[::1], boolean,"
    " int64[::1], int64[:, ::1], float64[::1], int64[::1])"
)
def _lined_up(
    weights: FloatArray,
    rows: IntArray,
    starts: IntArray,
    died: BoolArray,
    closing: BoolArray,
    efron: bool,
    kept: IntArray,
    ends: IntArray,
    each: FloatArray,
    number: IntArray,
) -> int:
    """Patients with any weight, the latest first, and how many event times they have.

    `kept` has their positions. Each event time is at `ends`: itself, the first who is newly at
    risk, the first of those who died at it, the end of these, and whether its stratum begins;
    `each` is what one of its `number` terms weighs.
    """
    size = count = first = 0
    fresh = 1
    for moment in range(starts.size - 2, -1, -1):
        if closing[moment]:
            fresh, first = 1, size
        for row in range(starts[moment], starts[moment + 1]):
            if weights[rows[row]] > 0.0 and not died[row]:
                kept[size] = rows[row]
                size += 1
        alive = size
        total = 0.0
        for row in range(starts[moment], starts[moment + 1]):
            if weights[rows[row]] > 0.0 and died[row]:
                kept[size] = rows[row]
                total += weights[rows[row]]
                size += 1
        if size > alive:
            ends[count, 0], ends[count, 1], ends[count, 2] = moment, first, alive
            ends[count, 3], ends[count, 4] = size, fresh
            number[count] = max(int(np.rint(total)), 1) if efron else 1
            each[count] = total / number[count]
            count += 1
            fresh, first = 0, size
    ends[count, 1] = size
    return count


@jit(
    "void(float64[::1], float64[::1], float64[::1], float64, float64, float64, int64,"
    " int64[:, ::1], float64[::1], int64[::1], float64[::1], float64[::1], float64[::1])"
)
def _walk(
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray,
    a: float,
    b: float,
    top: float,
    count: int,
    ends: IntArray,
    each: FloatArray,
    number: IntArray,
    hazard: FloatArray,
    rise: FloatArray,
    found: FloatArray,
) -> None:
    """Log-likelihood at ax + by - top, its derivatives, and by how much the hazard rises.

    Of the derivatives those of the sums over the risk sets alone; `Q1` and `Q2` are the
    uncentred counterparts of `I11` and `I22`.
    """
    for row in range(ends[count, 1]):
        hazard[row] = weights[row] * math.exp(a * x[row] + b * y[row] - top)
    s = sx = sy = sxx = sxy = syy = 0.0
    logs = gx = gy = qxx = qxy = qyy = mxx = mxy = myy = 0.0
    product, power = 1.0, 0.0
    for moment in range(count):
        if ends[moment, 4]:
            s = sx = sy = sxx = sxy = syy = 0.0
        for row in range(ends[moment, 1], ends[moment, 2]):
            h, u, v = hazard[row], x[row], y[row]
            hu, hv = h * u, h * v
            s += h
            sx += hu
            sy += hv
            sxx += hu * u
            sxy += hu * v
            syy += hv * v
        d = dx = dy = dxx = dxy = dyy = 0.0
        for row in range(ends[moment, 2], ends[moment, 3]):
            h, u, v = hazard[row], x[row], y[row]
            hu, hv = h * u, h * v
            d += h
            dx += hu
            dy += hv
            dxx += hu * u
            dxy += hu * v
            dyy += hv * v
        s += d
        sx += dx
        sy += dy
        sxx += dxx
        sxy += dxy
        syy += dyy
        one, terms = each[moment], number[moment]
        risen = 0.0
        for term in range(terms):
            share = term / terms
            rest = s - share * d
            if one != power or not SMALL < product < LARGE:
                logs += power * math.log(product)
                product, power = 1.0, one
            product *= rest
            rest = 1.0 / rest
            risen += rest
            mx, my = (sx - share * dx) * rest, (sy - share * dy) * rest
            gx += one * mx
            gy += one * my
            qxx += one * (sxx - share * dxx) * rest
            qxy += one * (sxy - share * dxy) * rest
            qyy += one * (syy - share * dyy) * rest
            mxx += one * mx * mx
            mxy += one * mx * my
            myy += one * my * my
        rise[moment] = one * risen
    logs += power * math.log(product)
    found[LIKELIHOOD], found[G1], found[G2] = -logs, -gx, -gy
    found[I11], found[I12], found[I22] = qxx - mxx, qxy - mxy, qyy - myy
    found[Q1], found[Q2] = qxx, qyy


@jit("float64(float64[::1], int64[::1], int64, float64[::1], float64, float64[::1], float64[::1])")
def _standardised(
    values: FloatArray,
    kept: IntArray,
    size: int,
    weights: FloatArray,
    total: float,
    x: FloatArray,
    known: FloatArray,
) -> float:
    """Centre of a column, which is centred and scaled in place; `known` are scale and limits."""
    centre = square = 0.0
    for row in range(size):
        x[row] = values[kept[row]]
        centre += weights[row] * x[row]
    centre /= total
    for row in range(size):
        x[row] -= centre
        square += weights[row] * x[row] * x[row]
    scale = math.sqrt(square / total)
    per = 1.0 / scale if scale > 0.0 else 1.0
    low, high = math.inf, -math.inf
    for row in range(size):
        x[row] *= per
        low, high = min(low, x[row]), max(high, x[row])
    known[0], known[1], known[2] = 1.0 / per, low, high
    return centre


@jit("boolean(float64[::1], float64[::1], boolean, int64, float64, float64)")
def _near(x: FloatArray, y: FloatArray, two: bool, size: int, a: float, b: float) -> bool:
    """Whether a step moves no two linear predictors far from each other."""
    low, high = math.inf, -math.inf
    for row in range(size):
        moved = a * x[row] + b * y[row] if two else a * x[row]
        low, high = min(low, moved), max(high, moved)
    return high - low <= FARTHEST


@jit(
    "void(float64[:, :, ::1], float64[:, ::1], boolean[::1], float64[:, ::1], int64[::1],"
    " int64[::1], boolean[::1], boolean[::1], boolean, boolean, int64[::1], float64[:, ::1],"
    " float64[:, :, ::1], float64[:, ::1], float64[:, ::1], boolean[::1])"
)
def _fit(
    columns: FloatArray,
    weights: FloatArray,
    pairs: BoolArray,
    begin: FloatArray,
    rows: IntArray,
    starts: IntArray,
    died: BoolArray,
    closing: BoolArray,
    efron: bool,
    search: bool,
    until: IntArray,
    beta: FloatArray,
    information: FloatArray,
    likelihoods: FloatArray,
    level: FloatArray,
    regular: BoolArray,
) -> None:
    m, moments = rows.size, starts.size - 1
    kept, number = np.empty(m, dtype=np.int64), np.empty(moments, dtype=np.int64)
    ends = np.zeros((moments + 1, 5), dtype=np.int64)
    each, rise = np.empty(moments), np.empty(moments)
    x, y, own, hazard = np.zeros(m), np.zeros(m), np.empty(m), np.empty(m)
    found, first, second = np.empty(8), np.zeros(3), np.zeros(3)
    size = count = 0
    total = null = died_total = 0.0
    for r in range(columns.shape[0]):
        regular[r] = False
        two = pairs[r]
        if r == 0 or weights.shape[0] > 1:
            count = _lined_up(
                weights[r], rows, starts, died, closing, efron, kept, ends, each, number
            )
            size = ends[count, 1]
            total = died_total = 0.0
            for row in range(size):
                own[row] = weights[r, kept[row]]
                total += own[row]
            for moment in range(count):
                died_total += each[moment] * number[moment]
        if count == 0:
            continue
        c1 = _standardised(columns[r, 0], kept, size, own, total, x, first)
        c2 = 0.0
        if two:
            c2 = _standardised(columns[r, 1], kept, size, own, total, y, second)
        elif columns.shape[1] > 1:
            y[:size] = 0.0
        gx = gy = 0.0
        for moment in range(count):
            for row in range(ends[moment, 2], ends[moment, 3]):
                gx += own[row] * x[row]
                gy += own[row] * y[row]
        if r == 0 or weights.shape[0] > 1:
            _walk(x, y, own, 0.0, 0.0, 0.0, count, ends, each, number, hazard, rise, found)
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
            _walk(x, y, own, a, b, top, count, ends, each, number, hazard, rise, found)
            reached = found[LIKELIHOOD] + a * gx + b * gy - top * died_total
            if iteration < 0:
                if a != 0.0 or b != 0.0:
                    likelihoods[r, 1] = reached
                if not reached >= null and (a != 0.0 or b != 0.0):
                    a = b = 0.0
                    continue
                if not found[I11] > CONSTANT * found[Q1]:
                    break
                if two and not found[I22] > CONSTANT * found[Q2]:
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
            if not reach <= FARTHEST and not (two and _near(x, y, two, size, s1, s2)):
                break
            a += s1
            b += s2
            iteration = max(iteration, 0) + 1
        if not regular[r]:
            continue
        likelihoods[r, 2] = current
        beta[r, 0] = a / first[0]
        information[r, 0, 0] = found[I11] * first[0] * first[0]
        shift = beta[r, 0] * c1
        if two:
            beta[r, 1] = b / second[0]
            information[r, 0, 1] = information[r, 1, 0] = found[I12] * first[0] * second[0]
            information[r, 1, 1] = found[I22] * second[0] * second[0]
            shift += beta[r, 1] * c2
        for place in range(until.size):
            risen = 0.0
            for moment in range(count):
                if ends[moment, 0] < until[place]:
                    risen += rise[moment]
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
    died = np.zeros(sets.rows.size, dtype=np.bool_)
    died[sets.deaths] = True
    closing = np.zeros(sets.count, dtype=np.bool_)
    closing[[block.stop - 1 for block in sets.blocks]] = True
    found = NarrowFits(
        np.zeros((replicates, size)),
        np.zeros((replicates, size, size)),
        np.zeros((replicates, 3)),
        np.empty((replicates, until.size)),
        np.zeros(replicates, dtype=np.bool_),
    )
    _fit(
        plain(columns.transpose(0, 2, 1)),
        plain(weights[:1] if weights.strides[0] == 0 else weights),
        np.ascontiguousarray(mask[:, -1] & (size > 1)),
        plain(start),
        sets.rows,
        np.append(sets.starts, sets.rows.size),
        died,
        closing,
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
