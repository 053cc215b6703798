"""Ties, concordance, recalibration and Brier score of each replicate, compiled.

As `tied.collapse_counts`, `ranks.auc_batch` and `validation.measures.recalibrate`.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.elementary import exponential, log_of_one_and
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.tied import TiedScores

TINY = float(np.finfo(float).tiny)
FEW = 64  # scores that are sorted by insertion into the order of the replicate before
PATIENCE = 30  # iterations after which a recalibration goes back to NumPy


@jit("void(float64[::1], int64[::1])")
def _sort(values: FloatArray, order: IntArray) -> None:
    """Bring `order` into ascending order of the values; quick where it nearly is."""
    if values.size > FEW:
        order[:] = np.argsort(values, kind="mergesort")
        return
    for i in range(1, values.size):
        moving = order[i]
        j = i
        while j > 0 and values[order[j - 1]] > values[moving]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = moving


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], float64, float64[:, ::1],"
    " float64[:, ::1], float64[:, ::1], int64[::1])"
)
def _collapse(
    linear: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    tolerance: float,
    scores: FloatArray,
    tied_counts: FloatArray,
    tied_events: FloatArray,
    sizes: IntArray,
) -> None:
    replicates, width = linear.shape
    order = np.arange(width)
    for replicate in range(replicates):
        values = linear[replicate]
        _sort(values, order)
        group = -1
        previous = 0.0
        for position in range(width):
            row = order[position]
            count = counts[replicate, row]
            if count > 0:
                if group < 0 or values[row] - previous > tolerance:
                    group += 1
                    scores[replicate, group] = values[row]
                previous = values[row]
                tied_counts[replicate, group] += count
                tied_events[replicate, group] += events[replicate, row]
        sizes[replicate] = group + 1
        for position in range(group + 1, width):
            scores[replicate, position] = scores[replicate, max(group, 0)]


@jit("float64(float64[::1], float64[::1], int64)")
def _area(counts: FloatArray, events: FloatArray, size: int) -> float:
    below = total = concordant = 0.0
    for i in range(size):
        others = counts[i] - events[i]
        concordant += events[i] * (below + 0.5 * others)
        below += others
        total += events[i]
    pairs = total * below
    return concordant / pairs if pairs > 0 else math.nan


@jit("float64(float64, float64)")
def _null(events: float, size: float) -> float:
    if events <= 0 or events >= size:
        return 0.0
    return events * math.log(events / size) + (size - events) * math.log1p(-events / size)


@jit(
    "float64(float64, float64, float64[::1], float64[::1], float64[::1], int64, float64[::1])",
    sums=True,
)
def _likelihood(
    level: float,
    slope: float,
    scores: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    size: int,
    risk: FloatArray,
) -> float:
    """Log-likelihood of a line in the scores; leaves the risks in `risk`."""
    total = 0.0
    for i in range(size):
        eta = level + slope * scores[i]
        small = exponential(-abs(eta))
        risk[i] = (1.0 if eta >= 0 else small) / (1.0 + small)
        total += events[i] * eta - counts[i] * (max(eta, 0.0) + log_of_one_and(small))
    return total


@jit(
    "boolean(float64[::1], float64[::1], float64[::1], int64, float64[::1], float64[::1],"
    " float64[::1])"
)
def _recalibrate(
    scores: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    size: int,
    scaled: FloatArray,
    risk: FloatArray,
    answer: FloatArray,
) -> bool:
    """Intercept, slope and log-likelihood into `answer`; False where Newton is slow."""
    total = happened = mean = variance = 0.0
    for i in range(size):
        total += counts[i]
        happened += events[i]
        mean += counts[i] * scores[i]
    mean /= total
    for i in range(size):
        variance += counts[i] * (scores[i] - mean) ** 2
    if size < 2:
        answer[0] = math.log(happened) - math.log(total - happened)
        answer[1] = 1.0
        answer[2] = _null(happened, total)
        return True
    spread = math.sqrt(variance / total)
    for i in range(size):
        scaled[i] = (scores[i] - mean) / spread
    level = slope = 0.0
    current = _likelihood(level, slope, scaled, counts, events, size, risk)
    for _ in range(PATIENCE):
        first = second = a = b = c = 0.0
        for i in range(size):
            residual = events[i] - counts[i] * risk[i]
            weight = counts[i] * risk[i] * (1.0 - risk[i])
            first += residual
            second += residual * scaled[i]
            a += weight
            b += weight * scaled[i]
            c += weight * scaled[i] ** 2
        determinant = max(a * c - b * b, TINY)
        up = (c * first - b * second) / determinant
        along = (a * second - b * first) / determinant
        factor = 1.0
        moved = current
        for _ in range(12):
            moved = _likelihood(
                level + factor * up, slope + factor * along, scaled, counts, events, size, risk
            )
            if moved >= current - 1e-9 * (1.0 + abs(current)):
                break
            factor *= 0.5
        level += factor * up
        slope += factor * along
        current = moved
        if first * up + second * along < 1e-14 * (1.0 + abs(current)):
            answer[0] = level - slope * mean / spread
            answer[1] = slope / spread
            answer[2] = current
            return True
    return False


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[::1], float64[:, ::1],"
    " boolean, float64[:, ::1], boolean[::1])"
)
def _measure(
    scores: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    sizes: IntArray,
    risks: FloatArray,
    refit: bool,
    found: FloatArray,
    regular: BoolArray,
) -> None:
    """Area, log-likelihood, null, intercept, slope and Brier score into columns of `found`."""
    replicates, width = scores.shape
    scaled, risk, answer = np.empty(width), np.empty(width), np.empty(3)
    for r in range(replicates):
        size = sizes[r]
        total = happened = loss = 0.0
        for i in range(size):
            total += counts[r, i]
            happened += events[r, i]
            loss += events[r, i] * (1 - risks[r, i]) ** 2
            loss += (counts[r, i] - events[r, i]) * risks[r, i] ** 2
        answer[0], answer[1] = 0.0, 1.0
        if refit:
            regular[r] &= _recalibrate(scores[r], counts[r], events[r], size, scaled, risk, answer)
        else:
            answer[2] = _likelihood(0.0, 1.0, scores[r], counts[r], events[r], size, risk)
        found[r, 0] = _area(counts[r], events[r], size)
        found[r, 1] = answer[2]
        found[r, 2] = _null(happened, total)
        found[r, 3] = answer[0]
        found[r, 4] = answer[1]
        found[r, 5] = loss / total
        found[r, 6] = total


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64[:, ::1], int64[::1], float64[::1],"
    " float64[:, ::1])"
)
def _net_benefit(
    risks: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    sizes: IntArray,
    thresholds: FloatArray,
    benefit: FloatArray,
) -> None:
    for r in range(risks.shape[0]):
        size, total = sizes[r], 0.0
        for i in range(size):
            total += counts[r, i]
        every = true = 0.0
        reached = size
        for t in range(thresholds.size - 1, -1, -1):
            while reached > 0 and risks[r, reached - 1] >= thresholds[t]:
                reached -= 1
                every += counts[r, reached]
                true += events[r, reached]
            odds = thresholds[t] / (1.0 - thresholds[t])
            benefit[r, t] = (true - (every - true) * odds) / total


def collapse_ties(
    linear: FloatArray, counts: FloatArray, events: FloatArray, tolerance: float
) -> TiedScores:
    """What `collapse_counts` gives, with padding to the full width."""
    shape = linear.shape
    tied = TiedScores(
        np.empty(shape), np.zeros(shape), np.zeros(shape), np.empty(shape[0], dtype=np.int64)
    )
    _collapse(
        plain(linear),
        plain(counts),
        plain(events),
        tolerance,
        tied.scores,
        tied.counts,
        tied.events,
        tied.sizes,
    )
    return tied


def measure_scores(
    tied: TiedScores, risks: FloatArray, *, refit: bool
) -> tuple[FloatArray, BoolArray]:
    """Numbers of each replicate, and whether they were found.

    Columns: area, log-likelihood, that of the mean risk, intercept, slope, Brier score,
    weight. False where a recalibration has no quick answer.
    """
    replicates = tied.sizes.size
    found, regular = np.empty((replicates, 7)), np.ones(replicates, dtype=np.bool_)
    _measure(tied.scores, tied.counts, tied.events, tied.sizes, risks, refit, found, regular)
    return found, regular


def net_benefits(tied: TiedScores, risks: FloatArray, thresholds: FloatArray) -> FloatArray:
    """Net benefit at ascending thresholds, shape (replicates, thresholds)."""
    benefit = np.empty((tied.sizes.size, thresholds.size))
    _net_benefit(risks, tied.counts, tied.events, tied.sizes, plain(thresholds), benefit)
    return benefit
