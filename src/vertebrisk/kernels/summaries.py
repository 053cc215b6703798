"""Range, median, quantiles and few distinct values of a long column, without sorting it.

A sample says between which two values a rank lies almost certainly. Those below are counted, and
the few between are put in order. Where the sample misled, all values are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.ordered import first_distinct, middle, ordered_quantiles, type_seven

MANY = 50_000  # values from which on a sample is asked
SAMPLED = 16_384  # of them, about
BLOCK = 65_536  # values that are looked at together: they stay in the cache
REACH = 3.5  # standard deviations of a rank in the sample, within which it is looked for


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What is told of the values of a column, to the last bit that of the sorted values.

    Attributes
    ----------
    distinct : array
        The distinct values in order where they are at most as many as was asked; more of them
        otherwise, the least first and the greatest last.
    quantiles : array
        Of R's type 7, for each share that was asked.
    median : float
    """

    distinct: FloatArray
    quantiles: FloatArray
    median: float


def summary(values: FloatArray, shares: FloatArray, most: int) -> Summary:
    """Summary of values none of which is NaN.

    Parameters
    ----------
    values : array, shape (n,)
    shares : array
        Of the quantiles, from 0 to 1.
    most : int
        Distinct values that are told one by one.
    """
    if values.size < MANY:
        ordered = np.sort(values)
        distinct = first_distinct(ordered, most + 1)
        return Summary(
            distinct if distinct.size <= most else ordered,
            ordered_quantiles(ordered, shares),
            middle(ordered),
        )
    sample = np.sort(values[:: values.size // SAMPLED])
    first = ((values.size - 1) * np.append(shares, 0.5)).astype(np.int64)
    ranks = np.column_stack([first, np.minimum(first + 1, values.size - 1)])
    distinct = first_distinct(sample, most + 1)
    if distinct.size <= most:
        distinct, counts = _counted(values, distinct)
        pairs = distinct[np.searchsorted(np.cumsum(counts), ranks, side="right")]
    else:
        pairs = _at_ranks(values, sample, ranks)
    if distinct.size > most:
        distinct = np.array([values.min(), *distinct[1:-1], values.max()])
    return Summary(
        distinct,
        type_seven((pairs[:-1, 0], pairs[:-1, 1]), values.size, shares),
        float(np.mean(pairs[-1, : 2 - values.size % 2])),
    )


def _counted(values: FloatArray, likely: FloatArray) -> tuple[FloatArray, IntArray]:
    """Distinct values in order, most of which are the likely ones, and how often each occurs."""
    counts = np.zeros(likely.size, dtype=np.int64)
    others: list[FloatArray] = []
    for part in _blocks(values):
        other = np.ones(part.size, dtype=np.bool_)
        for place, each in enumerate(likely):
            unlike = part != each
            counts[place] += part.size - np.count_nonzero(unlike)
            other &= unlike
        others.append(part[other])
    rare, occurring = np.unique(np.concatenate(others), return_counts=True)
    distinct = np.concatenate([likely, rare])
    order = np.argsort(distinct)
    return distinct[order], np.concatenate([counts, occurring])[order]


def _at_ranks(values: FloatArray, sample: FloatArray, ranks: IntArray) -> FloatArray:
    """The values at pairs of neighbouring ranks, counted from 0; shape (pairs, 2)."""
    ends = [_around(sample, pair[0] / (values.size - 1)) for pair in ranks]
    below = np.zeros(len(ends), dtype=np.int64)
    between: list[list[FloatArray]] = [[] for _ in ends]
    for block in _blocks(values):
        for place, (low, high) in enumerate(ends):
            among = block >= low
            below[place] += block.size - np.count_nonzero(among)
            among &= block <= high
            between[place].append(block.take(np.flatnonzero(among)))
    found = np.empty(ranks.shape)
    for place, pair in enumerate(ranks):
        inside, own = np.concatenate(between[place]), pair - below[place]
        if own[0] < 0 or own[1] >= inside.size:
            inside, own = values, pair
        found[place] = np.partition(inside, own)[own]
    return found


def _blocks(values: FloatArray) -> Iterator[FloatArray]:
    return (values[start : start + BLOCK] for start in range(0, values.size, BLOCK))


def _around(sample: FloatArray, share: float) -> tuple[float, float]:
    """Between which values that quantile of all lies almost certainly."""
    last = sample.size - 1
    reach = REACH * np.sqrt(last * share * (1.0 - share)) + 2.0
    first, end = int(share * last - reach), int(share * last + reach) + 1
    return (
        float(sample[first]) if first >= 0 else -np.inf,
        float(sample[end]) if end <= last else np.inf,
    )
