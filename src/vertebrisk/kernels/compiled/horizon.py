"""What is read from risks by a horizon, replicate by replicate, compiled.

As `validation.survival.horizon` and the calibration errors of `validation.survival.smoothing`.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.compiled.ordered import once, quantiles_of, reordered

UNKNOWN = -1  # first place of an order that has not been found yet
AREA, LOSS, EXPECTED, TOTAL, ILL, WELL, LOW, HIGH = range(8)  # of what `scored` gives
NUMBERS = 8


@jit(
    "void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])",
    sums=True,
)
def _summed(
    risk: FloatArray,
    stands_for: FloatArray,
    case: FloatArray,
    weights: FloatArray,
    found: FloatArray,
) -> None:
    """Sums over all patients."""
    loss = expected = total = ill = known = 0.0
    for row in range(risk.size):
        away = case[row] - risk[row]
        loss += stands_for[row] * away * away
        ill += stands_for[row] * case[row]
        known += stands_for[row]
        expected += weights[row] * risk[row]
        total += weights[row]
    found[LOSS], found[EXPECTED], found[TOTAL] = loss, expected, total
    found[ILL], found[WELL] = ill, known - ill


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[::1], float64[:, ::1], float64,"
    " int64[:, ::1], float64[:, ::1])"
)
def _scored(
    risks: FloatArray,
    stands_for: FloatArray,
    case: FloatArray,
    weights: FloatArray,
    tolerance: float,
    orders: IntArray,
    found: FloatArray,
) -> None:
    size = risks.shape[1]
    of, starts = np.empty(size, dtype=np.int64), np.empty(size + 1, dtype=np.int64)
    for r in range(risks.shape[0]):
        risk, order = risks[r], orders[r]
        stands = stands_for[min(r, stands_for.shape[0] - 1)]
        own = weights[min(r, weights.shape[0] - 1)]
        _summed(risk, stands, case, own, found[r])
        reordered(risk, order, order[0] != UNKNOWN, of, starts)
        below = concordant = all_ill = ill = well = 0.0  # `ill` and `well` of tied risks
        previous, low, high = -math.inf, math.inf, -math.inf
        for row in order:
            score, mass = risk[row], stands[row]
            if own[row] > 0.0:
                low, high = min(low, score), score
            if mass > 0.0:
                if score - previous > tolerance:
                    concordant += ill * (below + 0.5 * well)
                    below += well
                    all_ill += ill
                    ill = well = 0.0
                previous = score
                ill += mass * case[row]
                well += mass * (1.0 - case[row])
        concordant += ill * (below + 0.5 * well)
        pairs = (all_ill + ill) * (below + well)
        found[r, AREA] = concordant / pairs if pairs > 0.0 else math.nan
        found[r, LOW], found[r, HIGH] = low, high


def unordered(shape: tuple[int, ...]) -> IntArray:
    """Room for the orders of risks, none of which is known yet."""
    orders = np.empty(shape, dtype=np.int64)
    orders[:, :1] = UNKNOWN
    return orders


def scored(
    risks: FloatArray,
    stands_for: FloatArray,
    cases: BoolArray,
    weights: FloatArray,
    tolerance: float,
    orders: IntArray,
) -> FloatArray:
    """Sums over the patients of each replicate and the area along their risks, (8, replicates).

    Parameters
    ----------
    risks, stands_for, weights : arrays, shape (replicates, n)
        What patients stand for is zero where their fate is not known.
    cases : bool array, shape (n,)
    tolerance : float
        Risks no further apart are tied.
    orders : int array, shape (replicates, n)
        Of `unordered`, or of other risks in nearly the same order; that of these is left there.
    """
    found = np.empty((risks.shape[0], NUMBERS))
    case = cases.astype(np.float64)
    _scored(plain(risks), once(stands_for), case, once(weights), tolerance, orders, found)
    return found.T.copy()


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], float64[::1], boolean[::1],"
    " float64[:, ::1])"
)
def _missed(
    risks: FloatArray,
    observed: FloatArray,
    weights: FloatArray,
    probabilities: FloatArray,
    usable: BoolArray,
    found: FloatArray,
) -> None:
    size = risks.shape[1]
    gap, ends, asked = np.empty(size), np.empty(size), np.empty(probabilities.size)
    order, of = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    starts = np.empty(size + 1, dtype=np.int64)
    for r in range(risks.shape[0]):
        own = weights[min(r, weights.shape[0] - 1)]
        mean = total = most = 0.0
        usable[r] = True
        for row in range(size):
            away = abs(observed[r, row] - risks[r, row])
            finite = away < math.inf
            usable[r] &= finite or not own[row] > 0.0
            gap[row] = away if finite else 0.0
            mean += own[row] * gap[row]
            total += own[row]
            most = max(most, gap[row] if own[row] > 0.0 else 0.0)
        quantiles_of(gap, own, probabilities, order, of, starts, ends, asked)
        found[r, 0], found[r, 1] = mean / total, most
        found[r, 2:] = asked


def missed(
    risks: FloatArray,
    observed: FloatArray,
    weights: FloatArray,
    probabilities: tuple[float, ...],
) -> tuple[FloatArray, BoolArray]:
    """Distances of observed risks from predicted ones; arrays have the shape (replicates, n).

    Returns
    -------
    array, shape (2 + probabilities, replicates)
        Mean, maximum and quantiles.
    bool array, shape (replicates,)
        Whether all patients of weight have an observed risk.
    """
    found = np.empty((risks.shape[0], 2 + len(probabilities)))
    usable = np.empty(risks.shape[0], dtype=np.bool_)
    levels = np.array(probabilities)
    _missed(plain(risks), plain(observed), once(weights), levels, usable, found)
    return found.T.copy(), usable
