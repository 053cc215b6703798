"""Backward elimination of logistic models, one replicate after the other, compiled.

By the covariance of the model of all terms, as `kernels.stepdown`, or by refits, as
`kernels.elimination`: bounds of likelihood ratios, Newton steps that bring them nearer, and fits
where they stay open. What is chosen is the same. Replicates whose columns depend on each other,
or whose outcomes are separated by more than levels, are not known: NumPy's kernels have them.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import (
    factored,
    fitted,
    independent,
    inverted,
    linear,
)
from vertebrisk.kernels.compiled.aside import columns_of, set_aside
from vertebrisk.kernels.compiled.bounding import (
    at_most,
    bounded,
    projected,
    refined,
    take_in,
)
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.compiled.stepdown import by_covariance, cost_of
from vertebrisk.kernels.elimination.refits import STEPS
from vertebrisk.kernels.elimination.step import CLOSE, REFINEMENTS, SLACK
from vertebrisk.kernels.levels import Levels
from vertebrisk.kernels.newton import FIRST_SUSPECT
from vertebrisk.kernels.scaling import Scaling


@jit("float64(float64[::1], float64[::1], float64)")
def _undecided(lower: FloatArray, upper: FloatArray, limit: float) -> float:
    """What a term that may be the next can cost at least; infinity where the next is known."""
    place = int(lower.argmax())
    best, others, most = lower[place], -math.inf, -math.inf
    for term in range(upper.size):
        most = max(most, upper[term])
        if term != place:
            others = max(others, upper[term])
    if best > limit + CLOSE and best > others + CLOSE:
        return math.inf
    return math.inf if most <= limit - CLOSE else best - CLOSE


@jit("int64(boolean[::1], float64[::1], float64[::1], float64)")
def _widest(open_: BoolArray, amount: FloatArray, upper: FloatArray, bar: float) -> int:
    """The term with the largest amount of those that may be the next; -1 where there is none."""
    term, most = -1, -math.inf
    for each in range(upper.size):
        if open_[each] and upper[each] >= bar and amount[each] > most:
            term, most = each, amount[each]
    return term


@jit(
    "int64(float64[:, ::1], float64[::1], float64[::1], float64[::1], int64[:, ::1],"
    " int64[:, ::1], int64[:, ::1], float64, float64, boolean[::1], boolean[::1], float64[::1],"
    " float64[::1], float64[::1], float64[::1], float64[:, ::1], float64[::1], float64[:, ::1])"
)
def _next(
    x: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    kept: FloatArray,
    of: IntArray,
    levels: IntArray,
    terms: IntArray,
    penalty: float,
    limit: float,
    chosen: BoolArray,
    lost: BoolArray,
    beta: FloatArray,
    eta: FloatArray,
    risk: FloatArray,
    model: FloatArray,
    covariance: FloatArray,
    highest: FloatArray,
    trials: FloatArray,
) -> int:
    """The term that leaves next, -1 where none does and -2 where that is not known.

    `model` is what `fitted` found, `highest` are upper bounds of the log-likelihood without each
    term, in this model and in smaller ones, and `trials` estimates without it, NaN where there
    are none.
    """
    count, size = chosen.size, beta.size
    lower, upper = np.full(count, -math.inf), np.full(count, -math.inf)
    aside, tried = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.int64)
    for level in range(lost.size):
        if lost[level]:
            aside[levels[level, 0]] = True
    found, now, other = np.empty(2), np.empty(eta.size), np.empty(eta.size)
    factor, scale = np.empty((size, size)), np.empty(size)
    part, rest = kept.copy(), lost.copy()
    columns = columns_of(chosen, lost, levels, terms, size)
    at_most(
        x, kept, beta, covariance, columns, terms, chosen, aside, model, penalty, highest, upper
    )
    while True:
        bar = _undecided(lower, upper, limit)
        term = _widest(chosen & ~aside & (tried == 0), upper, upper, bar)
        if term < 0:
            break
        tried[term] = 1
        projected(covariance, beta, terms[term], trials[term])
        linear(x, columns, trials[term], now)
        bounded(target, kept, eta, risk, now, found)
        take_in(term, terms[term, 1], penalty, model[0], found, highest, lower, upper)
    while True:
        bar = _undecided(lower, upper, limit)
        term = _widest(upper > lower, upper - lower, upper, bar)
        if term < 0:
            break
        chosen[term] = False
        if aside[term]:
            set_aside(of, levels, target, weights, chosen, rest, part)
        else:
            part[:] = kept
            rest[:] = lost
        columns = columns_of(chosen, rest, levels, terms, size)
        chosen[term] = True
        guess, width = trials[term], terms[term, 1]
        if tried[term] <= REFINEMENTS and math.isfinite(guess[0]):
            moved = refined(x, target, part, columns, guess, found)
            tried[term] = tried[term] + 1 if moved else REFINEMENTS + 1
            if math.isnan(found[0]):
                return -2
            if math.isfinite(found[0]):
                take_in(term, width, penalty, model[0], found, highest, lower, upper)
        else:
            if not math.isfinite(guess[0]):
                guess[:] = beta
            if not fitted(x, target, part, columns, STEPS, guess, now, other, factor, scale, found):
                return -2
            highest[term] = min(highest[term], found[0] + SLACK * (1.0 + abs(found[0])))
            gain = 2.0 * (model[0] - found[0])
            upper[term] = lower[term] = cost_of(gain, width, penalty)
    term = int(lower.argmax())
    return term if lower[term] > limit else -1


@jit(
    "boolean(float64[:, ::1], float64[::1], float64[::1], int64[:, ::1], int64[:, ::1],"
    " int64[:, ::1], float64, float64, boolean, boolean[::1])"
)
def _eliminated(
    x: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    of: IntArray,
    levels: IntArray,
    terms: IntArray,
    penalty: float,
    limit: float,
    approximate: bool,
    chosen: BoolArray,
) -> bool:
    """Terms of one replicate that stay, into `chosen`; False where that is not known."""
    size, rows = x.shape
    beta, model = np.zeros(size), np.empty(2)
    covariance, upper, scale = np.empty((size, size)), np.empty((size, size)), np.empty(size)
    eta, risk, kept = np.empty(rows), np.empty(rows), np.empty(rows)
    lost = np.zeros(levels.shape[0], dtype=np.bool_)
    highest = np.full(chosen.size, math.inf)
    trials = np.full((chosen.size, size), math.nan)
    chosen[:] = True
    if not independent(x, weights, np.arange(size), covariance):
        return False
    aside = set_aside(of, levels, target, weights, chosen, lost, kept)
    columns = columns_of(chosen, lost, levels, terms, size)
    if aside and not independent(x, kept, columns, covariance):
        return False
    quadratic = approximate and not aside
    while True:
        most = FIRST_SUSPECT - 1 if chosen.all() else STEPS
        if not fitted(x, target, kept, columns, most, beta, eta, risk, upper, scale, model):
            return False
        if quadratic:
            if not factored(x, kept * risk * (1.0 - risk), columns, upper, scale):
                return False
            inverted(upper, scale, columns, covariance)
            by_covariance(covariance, beta, terms, penalty, limit, chosen)
            return True
        inverted(upper, scale, columns, covariance)
        term = _next(
            x, target, weights, kept, of, levels, terms, penalty, limit, chosen, lost,
            beta, eta, risk, model, covariance, highest, trials,
        )  # fmt: skip
        if term < 0:
            return term == -1
        chosen[term] = False
        if not chosen.any():
            return True
        if math.isfinite(trials[term, 0]):
            beta[:] = trials[term]
        if aside:
            aside = set_aside(of, levels, target, weights, chosen, lost, kept)
        columns = columns_of(chosen, lost, levels, terms, size)


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[:, ::1], int64[:, ::1],"
    " int64[:, ::1], float64[::1], float64, boolean, boolean[:, ::1], boolean[::1])"
)
def _each(
    columns: FloatArray,
    targets: FloatArray,
    weights: FloatArray,
    of: IntArray,
    levels: IntArray,
    terms: IntArray,
    penalties: FloatArray,
    limit: float,
    approximate: bool,
    chosen: BoolArray,
    known: BoolArray,
) -> None:
    for replicate in range(known.size):
        rows = np.flatnonzero(weights[replicate] > 0.0)
        x = np.empty((columns.shape[0], rows.size))
        for column in range(columns.shape[0]):
            for place in range(rows.size):
                x[column, place] = columns[column, rows[place]]
        known[replicate] = _eliminated(
            x,
            targets[replicate][rows],
            weights[replicate][rows],
            of[rows],
            levels,
            terms,
            penalties[replicate],
            limit,
            approximate,
            chosen[replicate],
        )


def eliminated(
    raw: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    parts: list[IntArray],
    penalties: FloatArray,
    limit: float,
    *,
    approximate: bool,
) -> tuple[BoolArray, BoolArray]:
    """Terms that stay, shape (replicates, terms), and for which replicates that is known.

    Parameters
    ----------
    raw : array, shape (n, p)
        Columns of all terms, the intercept's first.
    target, weights : array, shape (replicates, n)
    parts : list of int arrays
        Columns of each term, side by side.
    penalties : array, shape (replicates,)
        What a criterion takes for a column; -1 where terms stay by P.
    limit : float
        A term stays whose P value, or what the criterion gains without it, is not above it.
    approximate : bool
        By the covariance of the model of all terms, where that has a finite estimate.
    """
    replicates = weights.shape[0]
    chosen = np.ones((replicates, len(parts)), dtype=np.bool_)
    known = np.zeros(replicates, dtype=np.bool_)
    scaling = Scaling.of(raw, weights)
    if scaling.intercept != 0 or not parts:
        return chosen, known
    levels = Levels.of(raw, parts)
    of = [
        own[levels.rows[:, own].argmax(axis=1)]
        for own in (np.flatnonzero(levels.term == term) for term in np.unique(levels.term))
    ]
    _each(
        plain(scaling.apply(raw).T),
        plain(target),
        plain(weights),
        plain(np.array(of, dtype=np.int64).reshape(-1, raw.shape[0]).T),
        plain(np.column_stack([levels.term, levels.column])),
        np.array([[part[0], part.size] for part in parts], dtype=np.int64),
        plain(penalties),
        limit,
        approximate,
        chosen,
        known,
    )
    return chosen, known
