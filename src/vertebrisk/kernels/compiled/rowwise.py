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
from vertebrisk.kernels.compiled.algebra import MARGIN, dot
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
    drawn_of,
    kept_rows,
    left_at,
    logarithms,
    running,
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

SCALE, LOWEST, HIGHEST, CENTRE, DIED = range(5)  # of what is known of a column
WIDEST = 200.0  # extent of a linear predictor above which hazards may lose their digits


@jit(
    "void(float64[::1], int64[::1], float64[::1], float64[::1], float64, float64[::1],"
    " float64[::1])",
    sums=True,
)
def _standardised(
    values: FloatArray,
    which: IntArray,
    own: FloatArray,
    fell: FloatArray,
    total: float,
    x: FloatArray,
    known: FloatArray,
) -> None:
    """A column centred and scaled in `x`; `known` are scale, limits, centre and sum of who died.

    Who weighs nothing is at the centre.
    """
    centre = square = gone = 0.0
    for row in range(own.size):
        x[row] = values[which[row]]
        centre += own[row] * x[row]
    centre /= total
    for row in range(own.size):
        x[row] = x[row] - centre if own[row] > 0.0 else 0.0
        square += own[row] * x[row] * x[row]
    scale = math.sqrt(square / total)
    per = 1.0 / scale if scale > 0.0 else 1.0
    low, high = math.inf, -math.inf
    for row in range(own.size):
        x[row] *= per
        gone += fell[row] * x[row]
        low, high = min(low, x[row]), max(high, x[row])
    known[SCALE], known[LOWEST], known[HIGHEST] = 1.0 / per, low, high
    known[CENTRE], known[DIED] = centre, gone


@jit("void(float64[::1], int64[::1], int64[::1], boolean, float64[::1], int64[::1])")
def _tied(
    weights: FloatArray,
    first: IntArray,
    stop: IntArray,
    efron: bool,
    each: FloatArray,
    number: IntArray,
) -> None:
    """Number of terms of each event time, as many as who dies weighs, and what each weighs."""
    for moment in range(first.size):
        total = 0.0
        for row in range(first[moment], stop[moment]):
            total += weights[row]
        number[moment] = max(int(np.rint(total)), 1) if efron else 1
        each[moment] = total / number[moment]


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
    " int64[::1], boolean[::1], boolean[::1], int64[::1], int64[::1], int64, boolean, boolean,"
    " int64[::1],"
    " float64[:, ::1], float64[:, :, ::1], float64[:, ::1], float64[:, ::1], boolean[::1])"
)
def _fit(
    columns: FloatArray,
    weights: FloatArray,
    pairs: BoolArray,
    begin: FloatArray,
    rows: IntArray,
    opens: IntArray,
    opening: BoolArray,
    dead: BoolArray,
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
    lines, drawn, cuts = np.zeros((4, m)), np.empty(m), np.empty_like(opens)
    who, places = np.empty(m, dtype=np.int64), np.empty(m + 1, dtype=np.int64)
    each, number = np.empty(stop.size), np.empty_like(stop)
    sums, means = np.empty((4, m)), np.empty((4, terms))
    upto, before = np.empty(terms + 1, dtype=np.int64), np.empty(terms + 1, dtype=np.int64)
    share, one, at = np.empty(terms + 1), np.empty(terms + 1), np.empty(terms + 1, dtype=np.int64)
    found, first, second = np.zeros(8), np.zeros(5), np.zeros(5)
    count = held = 0
    total = null = died_total = 0.0
    for r in range(columns.shape[0]):
        regular[r] = False
        two = pairs[r]
        fresh = r == 0 or weights.shape[0] > 1
        if fresh:
            drawn_of(weights[r], rows, opens, drawn)
            held = kept_rows(drawn, opening, dead, lines[0], lines[1], who, places)
            for row in range(held):
                who[row] = rows[who[row]]
            cuts[:] = places[opens]
            _tied(drawn, first_dead, stop, efron, each, number)
            count = terms_of(
                *(each, number, first_dead, stop, places, upto, before, share, one, at)
            )
        own, fell, x, y = lines[0, :held], lines[1, :held], lines[2, :held], lines[3, :held]
        if count == 0:
            continue
        if fresh:
            total, died_total = own.sum(), one[:count].sum()
            running(own, cuts, sums[0])
            left_at(sums[0], upto, before, share, count, means[PER])
            null = -logarithms(means[PER], one, count)
        _standardised(columns[r, 0], who[:held], own, fell, total, x, first)
        if two:
            _standardised(columns[r, 1], who[:held], own, fell, total, y, second)
        elif columns.shape[1] > 1:
            y[:] = 0.0
        gx, gy = first[DIED], second[DIED] if two else 0.0
        extents = first[HIGHEST] - first[LOWEST], second[HIGHEST] - second[LOWEST]
        likelihoods[r, 0] = likelihoods[r, 1] = null
        a = begin[r, 0] * first[SCALE]
        b = begin[r, 1] * second[SCALE] if two else 0.0
        s1 = s2 = current = decrement = top = 0.0
        iteration = -1
        while iteration < FIRST_SUSPECT:
            widths = abs(a) * extents[0] + abs(b) * extents[1]
            if not widths < WIDEST:
                break
            top = max(a * first[LOWEST], a * first[HIGHEST])
            if two:
                top += max(b * second[LOWEST], b * second[HIGHEST])
            walk(
                *(x, y, own, two, search, a, b, top, cuts),
                *(count, upto, before, share, one, sums, means, found),
            )
            reached = found[LIKELIHOOD] + a * gx + b * gy - top * died_total
            if iteration < 0:
                if a != 0.0 or b != 0.0:
                    likelihoods[r, 1] = reached
                if search and not reached >= null and (a != 0.0 or b != 0.0):
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
            reach = abs(s1) * extents[0] + abs(s2) * extents[1]
            if not reach <= FARTHEST and not (two and _near(x, y, two, s1, s2)):
                break
            a += s1
            b += s2
            iteration = max(iteration, 0) + 1
        if not regular[r]:
            continue
        likelihoods[r, 2] = current
        beta[r, 0] = a / first[SCALE]
        shift = beta[r, 0] * first[CENTRE]
        if two:
            beta[r, 1] = b / second[SCALE]
            shift += beta[r, 1] * second[CENTRE]
        if search:
            information[r, 0, 0] = found[I11] * first[SCALE] * first[SCALE]
        if search and two:
            information[r, 0, 1] = information[r, 1, 0] = found[I12] * first[SCALE] * second[SCALE]
            information[r, 1, 1] = found[I22] * second[SCALE] * second[SCALE]
        for place in range(until.size):
            since = count
            while since > 0 and at[since - 1] >= stop.size - until[place]:  # the latest come first
                since -= 1
            risen = dot(one[since:], means[PER, since:], count - since)
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
        line.opening,
        line.dead,
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
