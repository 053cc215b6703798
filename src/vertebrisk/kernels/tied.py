"""Scores of every replicate, sorted, with ties collapsed into counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.sampling import ControlSampling


@dataclass(frozen=True, slots=True, eq=False)
class TiedScores:
    """Distinct scores of each replicate in ascending order, padded at the end.

    Attributes
    ----------
    scores : array, shape (replicates, m)
        Padding repeats the largest score.
    counts, events : array, shape (replicates, m)
        Weight, and weight of the events, at each score; zero in the padding.
    sizes : int array, shape (replicates,)
        Number of distinct scores.
    """

    scores: FloatArray
    counts: FloatArray
    events: FloatArray
    sizes: IntArray

    @property
    def shares(self) -> FloatArray:
        """Share of events at each score; zero in the padding."""
        return self.events / np.where(self.counts > 0, self.counts, 1.0)

    @property
    def totals(self) -> FloatArray:
        """Weight of all patients of each replicate."""
        return np.asarray(self.counts.sum(axis=1))

    def take(self, replicates: IntArray | slice) -> TiedScores:
        """Some replicates only, with no more padding than they need."""
        sizes = self.sizes[replicates]
        width = int(sizes.max(initial=1))
        return TiedScores(
            self.scores[replicates, :width],
            self.counts[replicates, :width],
            self.events[replicates, :width],
            sizes,
        )

    def to_population(self, sampling: ControlSampling) -> TiedScores:
        """The same scores with the weights of the population that was sampled."""
        events = sampling.case_weight * self.events
        counts = sampling.control_weight * (self.counts - self.events) + events
        return TiedScores(self.scores, counts, events, self.sizes)

    def map_scores(self, scores: FloatArray) -> TiedScores:
        """The same counts at increasing transforms of the scores."""
        return TiedScores(scores, self.counts, self.events, self.sizes)


def collapse_ties(
    scores: FloatArray, weights: FloatArray, target: FloatArray, tolerance: float = 0.0
) -> TiedScores:
    """Sort each replicate's scores and add up the weights of equal ones.

    Parameters
    ----------
    scores : array, shape (replicates, n)
    weights : array, shape (replicates, n)
        Rows of weight zero are left out.
    target : array, shape (n,)
        1 for an event, 0 for none.
    tolerance : float
        Neighbours no further apart than this are tied: sums of the same numbers in
        another order.
    """
    return collapse_counts(scores, weights, weights * target, tolerance)


def collapse_counts(
    scores: FloatArray, counts: FloatArray, events: FloatArray, tolerance: float
) -> TiedScores:
    """The same from counts of patients and events at each score; all of one shape."""
    replicates, size = scores.shape
    order = np.argsort(scores, axis=1) + size * np.arange(replicates)[:, None]
    ordered = scores.ravel()[order]
    counts = counts.ravel()[order]
    events = events.ravel()[order]
    present = counts > 0
    opens = present.copy()
    if present.all():
        opens[:, 1:] = ordered[:, 1:] - ordered[:, :-1] > tolerance
    else:
        # a score opens a group when it is present and differs from the last present one
        last = np.maximum.accumulate(np.where(present, np.arange(size), -1), axis=1)[:, :-1]
        previous = np.take_along_axis(ordered, np.maximum(last, 0), axis=1)
        opens[:, 1:] &= (last < 0) | (ordered[:, 1:] - previous > tolerance)
    sizes = opens.sum(axis=1)
    width = max(int(sizes.max(initial=1)), 1)
    group = np.maximum(np.cumsum(opens, axis=1) - 1, 0)
    group += width * np.arange(replicates)[:, None]
    total = replicates * width
    collapsed = np.zeros(total)
    collapsed[group[opens]] = ordered[opens]
    collapsed = collapsed.reshape(replicates, width)
    top = np.take_along_axis(collapsed, np.maximum(sizes - 1, 0)[:, None], axis=1)
    collapsed = np.where(np.arange(width) >= sizes[:, None], top, collapsed)
    flat = group.ravel()
    return TiedScores(
        collapsed,
        _sums(flat, counts, (replicates, width)),
        _sums(flat, events, (replicates, width)),
        sizes.astype(np.int64),
    )


def _sums(group: IntArray, amount: FloatArray, shape: tuple[int, int]) -> FloatArray:
    total = np.bincount(group, amount.ravel(), shape[0] * shape[1])
    return total.astype(np.float64).reshape(shape)


def repeat_rows(tied: TiedScores, values: FloatArray) -> FloatArray:
    """Values at the distinct scores repeated by their counts, shape (replicates, n).

    All replicates must have the same total count n, and whole counts.
    """
    counts = tied.counts.round().astype(np.int64)
    return np.repeat(values.ravel(), counts.ravel()).reshape(values.shape[0], -1)


def weighted_quantiles(
    tied: TiedScores, values: FloatArray, probabilities: tuple[float, ...]
) -> FloatArray:
    """Quantiles of type 7 of values that stand as often as their counts say.

    Returns an array of shape (probabilities, replicates), equal to R's ``quantile`` of
    the repeated values.
    """
    if compiled.enabled():
        from vertebrisk.kernels.compiled.ordered import quantiles

        return quantiles(values, tied.counts, probabilities)
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    ends = np.cumsum(np.take_along_axis(tied.counts, order, axis=1), axis=1)
    total = ends[:, -1]

    def at(position: FloatArray) -> FloatArray:
        index = np.sum(ends <= position[:, None], axis=1)
        return np.take_along_axis(ordered, np.minimum(index, ends.shape[1] - 1)[:, None], 1)[:, 0]

    found = np.empty((len(probabilities), values.shape[0]))
    for row, probability in enumerate(probabilities):
        position = (total - 1.0) * probability
        low = np.floor(position + 4 * np.finfo(float).eps)
        share = position - low
        share = np.where(share < 1e-12, 0.0, share)
        first = at(low)
        found[row] = first + share * (at(np.minimum(low + 1.0, total - 1.0)) - first)
    return found
