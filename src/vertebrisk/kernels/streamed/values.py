"""Which values a column takes, as far as these are few, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray

FEW = 64  # different values that are counted one by one
LOOKED_AT = 1024  # values of a chunk by which it is known to hold more


@dataclass(frozen=True, slots=True, eq=False)
class ValueCounts:
    """Values of a column, without the missing ones.

    Attributes
    ----------
    size : int
        How many there are, the infinite ones apart.
    infinite : int
    lowest, greatest : float
        Infinite where there is none.
    zeros : int
    values : array
        Different values in ascending order, of which there are FEW at most; beyond that
        only the first and the last.
    counts : int array
        How often each occurs; empty where there are more than FEW.
    """

    size: int
    infinite: int
    lowest: float
    greatest: float
    zeros: int
    values: FloatArray
    counts: IntArray

    @property
    def few(self) -> bool:
        """True where every value is counted."""
        return self.values.size == self.counts.size


def counted_values(numbers: FloatArray) -> ValueCounts:
    """What one chunk of a column holds; NaN is missing."""
    known = numbers[~np.isnan(numbers)]
    finite = known[np.isfinite(known)]
    if np.unique(finite[:LOOKED_AT]).size > FEW:
        values, counts = finite[:0], None
    else:
        values, counts = np.unique(finite, return_counts=True)
    return _limited(
        finite.size,
        known.size - finite.size,
        (float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))),
        int((finite == 0.0).sum()),
        values,
        counts,
    )


def counted_together(one: ValueCounts, other: ValueCounts) -> ValueCounts:
    """What two parts of a column hold together."""
    if one.few and other.few:
        both = np.concatenate([one.values, other.values])
        values, places = np.unique(both, return_inverse=True)
        counts = np.bincount(
            places.reshape(-1), weights=np.concatenate([one.counts, other.counts])
        ).astype(np.int64)
    else:
        values, counts = one.values[:0], None
    return _limited(
        one.size + other.size,
        one.infinite + other.infinite,
        (min(one.lowest, other.lowest), max(one.greatest, other.greatest)),
        one.zeros + other.zeros,
        values,
        counts,
    )


def _limited(
    size: int,
    infinite: int,
    ends: tuple[float, float],
    zeros: int,
    values: FloatArray,
    counts: IntArray | None,
) -> ValueCounts:
    if counts is None or values.size > FEW:
        values, counts = np.array(ends), np.empty(0, dtype=np.int64)
    return ValueCounts(size, infinite, *ends, zeros, values, counts)
