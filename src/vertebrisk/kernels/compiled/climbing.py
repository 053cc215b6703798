"""Newton's method on Cox's partial likelihood, one resample after the other, compiled.

As `survival.maximum.begun`, from where all resamples together end. Far from the maximum each
step has an information of its own; near it, one serves the steps that follow, which need but
gradients. What is out of the ordinary (dependent columns, steps that lead far away or down, no
convergence) is left to that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.algebra import (
    MARGIN,
    NEAR,
    dot,
    factored,
    gradient_of,
    information_of,
    inverted,
    linear,
    step_of,
)
from vertebrisk.kernels.compiled.elementary import exponential
from vertebrisk.kernels.compiled.jit import jit
from vertebrisk.kernels.compiled.risk_sums import (
    MOST_TERMS,
    Line,
    kept_rows,
    left_at,
    logarithms,
    running,
    terms_of,
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
from vertebrisk.kernels.survival.ties import TiedTerms

FLOOR = -300.0  # lowest linear predictor below the highest, as in `survival.cox`
FALLS = 1e-4  # part of a squared decrement that a step with a kept information leaves at most
REST = 1e-24  # squared decrement that a search may leave where an information served many steps


@jit("void(float64[::1])", fused=True)
def _lowered(eta: FloatArray) -> None:
    """Linear predictors less the highest, bounded below."""
    a = b = c = d = -math.inf
    whole = eta.size - eta.size % 4
    for row in range(0, whole, 4):
        a, b = max(a, eta[row]), max(b, eta[row + 1])
        c, d = max(c, eta[row + 2]), max(d, eta[row + 3])
    top = max(max(a, b), max(c, d))
    for row in range(whole, eta.size):
        top = max(top, eta[row])
    for row in range(eta.size):
        eta[row] = min(max(eta[row] - top, FLOOR), 0.0)


@jit("boolean(float64[::1], float64[::1])")
def _near(eta: FloatArray, before: FloatArray) -> bool:
    """Whether no linear predictor is far from where it was."""
    far = 0
    for row in range(eta.size):
        far += 0 if abs(eta[row] - before[row]) <= FARTHEST else 1
    return far == 0


@jit(
    "float64(float64[::1], float64[::1], float64[::1], int64[::1], int64, int64[::1], int64[::1],"
    " float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])"
)
def _likelihood(
    eta: FloatArray,
    own: FloatArray,
    fell: FloatArray,
    opens: IntArray,
    count: int,
    upto: IntArray,
    before: IntArray,
    share: FloatArray,
    one: FloatArray,
    hazard: FloatArray,
    sums: FloatArray,
    per: FloatArray,
) -> float:
    """Log-likelihood; leaves the hazards, and one over the denominators of the terms in `per`."""
    for row in range(eta.size):
        hazard[row] = own[row] * exponential(eta[row])
    running(hazard, opens, sums)
    left_at(sums, upto, before, share, count, per)
    reached = dot(fell, eta, eta.size) - logarithms(per, one, count)
    for term in range(count):
        per[term] = 1.0 / per[term]
    return reached


@jit(
    "void(float64[::1], float64[::1], int64[::1], int64, int64[::1], float64[::1], float64[::1],"
    " float64[::1], float64[:, ::1], float64[::1])"
)
def _expected(
    hazard: FloatArray,
    fell: FloatArray,
    opens: IntArray,
    count: int,
    upto: IntArray,
    share: FloatArray,
    one: FloatArray,
    per: FloatArray,
    rises: FloatArray,
    expected: FloatArray,
) -> None:
    """Events expected of each row: hazards times what these rise by while it is at risk."""
    rise, spared = rises[0], rises[1]
    rises[:] = 0.0
    for term in range(count):
        risen = one[term] * per[term]
        rise[upto[term]] += risen
        spared[upto[term]] += share[term] * risen
    for stratum in range(opens.size - 1):
        total = spare = 0.0
        for row in range(opens[stratum + 1] - 1, opens[stratum] - 1, -1):
            total += rise[row]
            spare = spared[row] if rise[row] > 0.0 else spare
            expected[row] = hazard[row] * (total - (spare if fell[row] > 0.0 else 0.0))


@jit(
    "void(float64[:, ::1], int64, float64[::1], int64[::1], int64, int64[::1], int64[::1],"
    " float64[::1], float64[::1], float64[:, ::1])",
    fused=True,
)
def _means(
    both: FloatArray,
    rows: int,
    hazard: FloatArray,
    opens: IntArray,
    count: int,
    upto: IntArray,
    before: IntArray,
    share: FloatArray,
    per: FloatArray,
    runs: FloatArray,
) -> None:
    """Mean columns of those at risk at each term, which are left behind the rows of `both`.

    Four columns are added up at once; where fewer are left, the last one stands for them.
    """
    last = both.shape[0] - 1
    for i in range(0, both.shape[0], 4):
        a, b = both[i], both[min(i + 1, last)]
        c, d = both[min(i + 2, last)], both[min(i + 3, last)]
        for stratum in range(opens.size - 1):
            p = q = r = s = 0.0
            for row in range(opens[stratum], opens[stratum + 1]):
                own = hazard[row]
                p += own * a[row]
                q += own * b[row]
                r += own * c[row]
                s += own * d[row]
                runs[0, row], runs[1, row], runs[2, row], runs[3, row] = p, q, r, s
        for j in range(i, min(i + 4, both.shape[0])):
            run, mean = runs[j - i], both[j, rows:]
            left_at(run, upto, before, share, count, mean)
            for term in range(count):
                mean[term] *= per[term]


@jit(
    "void(float64[:, ::1], float64[::1], float64[::1], int64[::1], int64[::1], float64[:, ::1],"
    " float64[::1])"
)
def _gathered(
    columns: FloatArray,
    offset: FloatArray,
    own: FloatArray,
    cuts: IntArray,
    which: IntArray,
    both: FloatArray,
    known: FloatArray,
) -> None:
    """Columns and offset of the rows that were kept; nobody's are those of somebody."""
    somebody = 0
    for row in range(own.size):
        if own[row] > 0.0:
            somebody = which[row]
            break
    which[cuts[:-1]] = somebody
    for row in range(own.size):
        known[row] = offset[which[row]]
    for column in range(columns.shape[0]):
        for row in range(own.size):
            both[column, row] = columns[column, which[row]]


@jit(
    "boolean(float64[:, ::1], float64[::1], float64[:, ::1], float64[::1], float64[:, ::1])",
    sums=True,
)
def _full(
    both: FloatArray,
    expected: FloatArray,
    upper: FloatArray,
    scale: FloatArray,
    spare: FloatArray,
) -> bool:
    """Whether all columns vary in the risk sets, and clearly none depends on others."""
    for i in range(scale.size):
        square = 0.0
        for row in range(expected.size):
            square += expected[row] * both[i, row] * both[i, row]
        if not CONSTANT * square * scale[i] * scale[i] < 1.0:
            return False
    every = np.arange(scale.size)
    return inverted(upper, scale, every, spare) * RANK_TOLERANCE * MARGIN <= 1.0


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[::1], int64[::1], int64[::1], int64[::1],"
    " boolean[::1], boolean[::1], float64[:, ::1], int64[:, ::1], int64, float64[:, ::1],"
    " float64[:, :, ::1], float64[:, ::1], int64[::1], boolean[::1])"
)
def _climb(
    columns: FloatArray,
    weights: FloatArray,
    offset: FloatArray,
    first: IntArray,
    stop: IntArray,
    opens: IntArray,
    opening: BoolArray,
    dead: BoolArray,
    weight: FloatArray,
    number: IntArray,
    most: int,
    betas: FloatArray,
    informations: FloatArray,
    likelihoods: FloatArray,
    iterations: IntArray,
    regular: BoolArray,
) -> None:
    size, m = columns.shape
    both, runs, rises = np.empty((size, m + most)), np.empty((4, m)), np.empty((2, m))
    lines = np.empty((8, m + most))
    every, which = np.arange(size), np.empty(m, dtype=np.int64)
    places, cuts = np.empty(m + 1, dtype=np.int64), np.empty_like(opens)
    upto, before = np.empty(most + 1, dtype=np.int64), np.empty(most + 1, dtype=np.int64)
    share, one, at = np.empty(most + 1), np.empty(most + 1), np.empty(most + 1, dtype=np.int64)
    per = np.empty(most)
    upper, spare, scale = np.empty((size, size)), np.empty((size, size)), np.empty(size)
    gradient, step = np.empty(size), np.empty(size)
    for r in range(weights.shape[0]):
        beta, information = betas[r], informations[r]
        rows = kept_rows(weights[r], opening, dead, lines[0], lines[2], which, places)
        cuts[:] = places[opens]
        count = terms_of(*(weight[r], number[r], first, stop, places, upto, before, share, one, at))
        _gathered(columns, offset, lines[0, :rows], cuts, which, both, lines[1])
        own, known, fell = lines[0, :rows], lines[1, :rows], lines[2, :rows]
        eta, origin, hazard = lines[3, :rows], lines[4, :rows], lines[5, :rows]
        expected, residual = lines[6, : rows + count], lines[7, :rows]
        for term in range(count):
            expected[rows + term] = -one[term]
        eta[:] = known
        _lowered(eta)
        least = _likelihood(
            *(eta, own, fell, cuts, count, upto, before, share, one, hazard, runs[0], per)
        )
        likelihoods[r, 0] = least
        decrement, near, done = math.inf, False, False
        for iteration in range(FIRST_SUSPECT):
            linear(both, every, beta, eta)
            for row in range(rows):
                eta[row] += known[row]
            _lowered(eta)
            if iteration and not _near(eta, origin):
                break
            origin[:] = eta
            # a start that is less likely than nothing, and a step that leads down
            reached = _likelihood(
                *(eta, own, fell, cuts, count, upto, before, share, one, hazard, runs[0], per)
            )
            if not reached >= least:
                break
            least = reached - 1e-9 * (1.0 + abs(reached))
            likelihoods[r, 1], iterations[r] = reached, iteration
            _expected(hazard, fell, cuts, count, upto, share, one, per, rises, expected)
            for row in range(rows):
                residual[row] = fell[row] - expected[row]
            if done or not near:
                _means(both, rows, hazard, cuts, count, upto, before, share, per, runs)
            if done:
                information_of(both, expected, every, upper)
                regular[r] = np.abs(step).max() <= RESTING
                break
            if not near:
                if not factored(both, expected, every, upper, scale):
                    break
                if iteration == 0 and not _full(both, expected[:rows], upper, scale, spare):
                    break
            gradient_of(both, residual, every, gradient)
            last, decrement = decrement, step_of(upper, scale, every, gradient, step)
            if near:
                near, done = decrement < FALLS * last, decrement * decrement < REST * last
            else:
                limit = DECREMENT_TOLERANCE * (1.0 + min(abs(reached), LARGEST))
                near, done = decrement < NEAR, decrement < limit
            beta += step
        for i in range(size):
            for j in range(i, size):
                information[i, j] = information[j, i] = upper[i, j]


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
    line = Line.of(sets)
    most = int(np.where(terms.weight > 0.0, terms.number, 0).sum(axis=1).max(initial=0))
    found = Climbed(
        begin.copy(),
        np.empty((replicates, size, size)),
        np.empty((replicates, 2)),
        np.zeros(replicates, dtype=np.int64),
        np.zeros(replicates, dtype=np.bool_),
    )
    if most > MOST_TERMS:
        return found
    order = np.zeros(sets.rows.max(initial=0) + 1, dtype=np.int64)
    order[sets.rows] = np.arange(sets.rows.size)
    rows = order[line.rows]
    drawn = np.take(weights, rows, axis=1)
    drawn[:, line.opens[:-1]] = 0.0
    _climb(
        np.take(columns, rows, axis=1),
        drawn,
        offset[rows],
        line.first,
        line.stop,
        line.opens,
        line.opening,
        line.dead,
        np.ascontiguousarray(terms.weight[:, ::-1]),  # the latest event time comes first
        np.ascontiguousarray(terms.number[:, ::-1]),
        most,
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
