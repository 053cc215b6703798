"""Ties, concordance, recalibration and Brier score of each replicate, compiled.

As `tied.collapse_counts`, `ranks.auc_batch` and `validation.measures.recalibrate`.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.elementary import exponential, log_of_one_and
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.compiled.recalibration import null, recalibrated
from vertebrisk.kernels.tied import TiedScores

FEW = 64  # scores that are sorted by insertion into the order of the replicate before


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


@jit("float64(float64[::1], float64[::1], float64[::1], int64)", sums=True)
def _likelihood(scores: FloatArray, counts: FloatArray, events: FloatArray, size: int) -> float:
    """Log-likelihood of the scores as they are."""
    total = 0.0
    for i in range(size):
        eta = scores[i]
        loss = max(eta, 0.0) + log_of_one_and(exponential(-abs(eta)))
        total += events[i] * eta - counts[i] * loss
    return total


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
    answers = np.zeros((sizes.size, 3))
    if refit:
        recalibrated(scores, counts, events, sizes, answers, regular)
    for r in range(sizes.size):
        size = sizes[r]
        total = happened = loss = 0.0
        for i in range(size):
            total += counts[r, i]
            happened += events[r, i]
            loss += events[r, i] * (1 - risks[r, i]) ** 2
            loss += (counts[r, i] - events[r, i]) * risks[r, i] ** 2
        if not refit:
            answers[r, 1] = 1.0
            answers[r, 2] = _likelihood(scores[r], counts[r], events[r], size)
        found[r, 0] = _area(counts[r], events[r], size)
        found[r, 1] = answers[r, 2]
        found[r, 2] = null(happened, total)
        found[r, 3] = answers[r, 0]
        found[r, 4] = answers[r, 1]
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
