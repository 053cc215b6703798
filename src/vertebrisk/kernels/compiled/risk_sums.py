"""Sums over the risk sets of one replicate, compiled: a few passes along the rows.

Rows stand the latest first, so that risk sets are running sums. Each stratum begins with a row
that weighs nothing, at which the sums begin anew. An event time has as many terms as events, or
one by Breslow; each takes a share of those who die off the sums at their end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.elementary import exponential
from vertebrisk.kernels.compiled.jit import jit
from vertebrisk.kernels.survival.risk_sets import RiskSets

MOST_TERMS = 1_000_000  # of one replicate; case weights may have any number
SMALL, LARGE = 1e-200, 1e200  # between which products of denominators are kept
LIKELIHOOD, G1, G2, I11, I12, I22, Q1, Q2 = range(8)  # of what a walk gives
PER, MX, MY, SECOND = range(4)  # one over the denominators, and means over the risk sets


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Rows the latest first, those who die last of their event time.

    Attributes
    ----------
    rows : int array, shape (m,)
        Patients; any of them at the openings.
    opens : int array, shape (strata + 1,)
        Where strata begin, by a row without weight, and the end.
    dead : bool array, shape (m,)
    first, stop : int array, shape (g,)
        Those who die at each event time, the latest first.
    """

    rows: IntArray
    opens: IntArray
    dead: BoolArray
    first: IntArray
    stop: IntArray

    @property
    def opening(self) -> BoolArray:
        """True for the rows that open strata, shape (m,)."""
        found = np.zeros(self.rows.size, dtype=np.bool_)
        found[self.opens[:-1]] = True
        return found

    @classmethod
    def of(cls, sets: RiskSets) -> Line:
        """The line of risk sets of at least one event, nobody under observation late."""
        died = np.zeros(sets.rows.size, dtype=np.bool_)
        died[sets.deaths] = True
        order = np.lexsort((died, -sets.last))
        stratum = sets.stratum[sets.last[order]]
        change = np.flatnonzero(np.diff(stratum, prepend=stratum[0] - 1))
        opens = change + np.arange(change.size)
        dead = np.insert(died[order], change, False)
        when = np.insert(sets.last[order], change, -1)
        places = np.flatnonzero(dead)
        new = np.diff(when[places], prepend=-1) != 0
        return cls(
            np.insert(sets.rows[order], change, 0),
            np.append(opens, dead.size),
            dead,
            places[new],
            places[np.append(new[1:], True)] + 1,
        )

    def most_terms(self, weights: FloatArray, *, efron: bool) -> int:
        """Terms of a replicate at most, for weights of shape (replicates, n)."""
        if not efron:
            return int(self.first.size)
        died = np.zeros(weights.shape[1])
        died[self.rows[self.dead]] = 1.0
        return int((weights @ died).max()) + int(self.first.size)


@jit("void(float64[::1], int64[::1], int64[::1], float64[::1])")
def drawn_of(weights: FloatArray, rows: IntArray, opens: IntArray, drawn: FloatArray) -> None:
    """Weights of the rows of a line, none where strata begin."""
    for row in range(rows.size):
        drawn[row] = weights[rows[row]]
    drawn[opens[:-1]] = 0.0


@jit(
    "int64(float64[::1], boolean[::1], boolean[::1], float64[::1], float64[::1], int64[::1],"
    " int64[::1])"
)
def kept_rows(
    weights: FloatArray,
    opening: BoolArray,
    dead: BoolArray,
    own: FloatArray,
    fell: FloatArray,
    which: IntArray,
    places: IntArray,
) -> int:
    """How many rows of a line weigh something, or open a stratum.

    `own` are their weights, `fell` those of who dies, `which` where they stood; `places` is where
    each row stands among them, or the next one that is kept, and at its end how many there are.
    """
    held = 0
    for row in range(weights.size):
        mass = weights[row]
        own[held], which[held], places[row] = mass, row, held
        fell[held] = mass if dead[row] else 0.0
        held += int((mass > 0.0) | opening[row])
    places[weights.size] = held
    return held


@jit(
    "int64(float64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1],"
    " float64[::1], float64[::1], int64[::1])"
)
def terms_of(
    each: FloatArray,
    number: IntArray,
    first: IntArray,
    stop: IntArray,
    places: IntArray,
    upto: IntArray,
    before: IntArray,
    share: FloatArray,
    one: FloatArray,
    at: IntArray,
) -> int:
    """Terms of the rows that were kept; how many there are.

    Event times have a `number` of terms that weigh `each`, or none where that is zero. A term is
    at the event time `at`, weighs `one`, and takes a `share` of who comes after `before` off the
    sums up to `upto`. The arrays have room for one more.
    """
    count = 0
    for moment in range(first.size):
        mass, terms = each[moment], number[moment]
        end, start = places[stop[moment]] - 1, places[first[moment]] - 1
        upto[count], before[count], at[count] = end, start, moment
        share[count], one[count] = 0.0, mass
        count += int(mass > 0.0)
        if terms > 1 and mass > 0.0:
            for term in range(1, terms):
                upto[count], before[count], at[count] = end, start, moment
                share[count], one[count] = term / terms, mass
                count += 1
    return count


@jit("void(float64[::1], float64[::1], float64[::1], float64, float64, float64, float64[::1])")
def hazards(
    weights: FloatArray,
    x: FloatArray,
    y: FloatArray,
    a: float,
    b: float,
    top: float,
    hazard: FloatArray,
) -> None:
    """Weights times exp(ax + by - top), whose exponent is not above zero but for rounding."""
    for row in range(weights.size):
        hazard[row] = weights[row] * exponential(a * x[row] + b * y[row] - top)


@jit("void(float64[::1], int64[::1], float64[::1])")
def running(values: FloatArray, opens: IntArray, sums: FloatArray) -> None:
    """Running sums of values within each stratum."""
    for stratum in range(opens.size - 1):
        total = 0.0
        for row in range(opens[stratum], opens[stratum + 1]):
            total += values[row]
            sums[row] = total


@jit(
    "void(float64[::1], float64[::1], int64[::1], float64[::1], float64[::1])",
)
def _running_along(
    first: FloatArray,
    x: FloatArray,
    opens: IntArray,
    with_x: FloatArray,
    with_square: FloatArray,
) -> None:
    """Running sums of values times x and times its square."""
    for stratum in range(opens.size - 1):
        sx = sxx = 0.0
        for row in range(opens[stratum], opens[stratum + 1]):
            along = first[row] * x[row]
            sx += along
            sxx += along * x[row]
            with_x[row], with_square[row] = sx, sxx


@jit(
    "void(float64[::1], float64[::1], float64[::1], int64[::1], float64[::1], float64[::1],"
    " float64[::1])",
)
def _running_with(
    first: FloatArray,
    x: FloatArray,
    y: FloatArray,
    opens: IntArray,
    with_y: FloatArray,
    with_both: FloatArray,
    with_square: FloatArray,
) -> None:
    """Running sums of values times y, times x and y, and times the square of y."""
    for stratum in range(opens.size - 1):
        sy = sxy = syy = 0.0
        for row in range(opens[stratum], opens[stratum + 1]):
            along = first[row] * y[row]
            sy += along
            sxy += along * x[row]
            syy += along * y[row]
            with_y[row], with_both[row], with_square[row] = sy, sxy, syy


@jit("float64(float64[::1], float64[::1], int64)")
def logarithms(values: FloatArray, weights: FloatArray, count: int) -> float:
    """Sum of weighted logarithms, one for the product of many values of equal weight."""
    logs, product, power = 0.0, 1.0, 0.0
    for term in range(count):
        if weights[term] != power or not SMALL < product < LARGE:
            logs += power * math.log(product)
            product, power = 1.0, weights[term]
        product *= values[term]
    return logs + power * math.log(product)


@jit("void(float64[::1], int64[::1], int64[::1], float64[::1], int64, float64[::1])")
def left_at(
    sums: FloatArray,
    upto: IntArray,
    before: IntArray,
    share: FloatArray,
    count: int,
    left: FloatArray,
) -> None:
    """What is left of running sums at each term."""
    for term in range(count):
        whole = sums[upto[term]]
        left[term] = whole - share[term] * (whole - sums[before[term]])


@jit("float64(float64[::1], float64[::1], float64[::1], int64)", sums=True)
def _product(one: FloatArray, first: FloatArray, second: FloatArray, count: int) -> float:
    total = 0.0
    for term in range(count):
        total += one[term] * first[term] * second[term]
    return total


@jit("float64(float64[::1], float64[::1], int64)", sums=True)
def _total(one: FloatArray, values: FloatArray, count: int) -> float:
    total = 0.0
    for term in range(count):
        total += one[term] * values[term]
    return total


@jit(
    "void(float64[::1], float64[::1], float64[::1], boolean, boolean, float64, float64, float64,"
    " int64[::1], int64, int64[::1], int64[::1], float64[::1], float64[::1], float64[:, ::1],"
    " float64[:, ::1], float64[::1])"
)
def walk(
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray,
    two: bool,
    deep: bool,
    a: float,
    b: float,
    top: float,
    opens: IntArray,
    count: int,
    upto: IntArray,
    before: IntArray,
    share: FloatArray,
    one: FloatArray,
    sums: FloatArray,
    means: FloatArray,
    found: FloatArray,
) -> None:
    """Log-likelihood at ax + by - top and, if `deep`, its derivatives.

    Of the derivatives those of the sums over the risk sets alone; `Q1` and `Q2` are the
    uncentred counterparts of `I11` and `I22`. `y` is zero where there are not `two` columns.
    """
    hazard, s, sx, sxx = sums[0], sums[1], sums[2], sums[3]
    per, mx, my, second = means[PER], means[MX], means[MY], means[SECOND]
    hazards(weights, x, y, a, b, top, hazard)
    running(hazard, opens, s)
    left_at(s, upto, before, share, count, per)
    found[LIKELIHOOD] = -logarithms(per, one, count)
    for term in range(count):
        per[term] = 1.0 / per[term]
    if not deep:
        return
    _running_along(hazard, x, opens, sx, sxx)
    left_at(sx, upto, before, share, count, mx)
    for term in range(count):
        mx[term] *= per[term]
    left_at(sxx, upto, before, share, count, second)
    found[G1], found[Q1] = -_total(one, mx, count), _product(one, second, per, count)
    found[I11] = found[Q1] - _product(one, mx, mx, count)
    if not two:
        return
    _running_with(hazard, x, y, opens, s, sx, sxx)
    left_at(s, upto, before, share, count, my)
    for term in range(count):
        my[term] *= per[term]
    left_at(sxx, upto, before, share, count, second)
    found[G2], found[Q2] = -_total(one, my, count), _product(one, second, per, count)
    found[I22] = found[Q2] - _product(one, my, my, count)
    left_at(sx, upto, before, share, count, second)
    found[I12] = _product(one, second, per, count) - _product(one, mx, my, count)
