"""Quantiles of values that are in ascending order already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._types import FloatArray


def ordered_quantiles(ordered: FloatArray, shares: FloatArray) -> FloatArray:
    """Quantiles of R's type 7, to the last bit those of ``numpy.quantile``."""
    if ordered.size == 0:
        return np.full(shares.size, np.nan)
    places = (ordered.size - 1) * shares
    below = np.floor(places).astype(np.int64)
    around = ordered[below], ordered[np.minimum(below + 1, ordered.size - 1)]
    return type_seven(around, ordered.size, shares)


def type_seven(around: Sequence[FloatArray], size: int, shares: FloatArray) -> FloatArray:
    """The same of the values below and above each quantile, among so many."""
    low, high = around
    places = (size - 1) * shares
    share, step = places - np.floor(places), high - low
    return np.asarray(np.where(share < 0.5, low + step * share, high - step * (1.0 - share)))


def first_distinct(ordered: FloatArray, most: int) -> FloatArray:
    """The smallest distinct values, in order, and not more of them than `most`."""
    greater = np.flatnonzero(ordered[1:] != ordered[:-1])[: most - 1] + 1
    return np.concatenate([ordered[:1], ordered[greater]])


def middle(ordered: FloatArray) -> float:
    """The median, to the last bit that of ``numpy.median``."""
    half = ordered.size // 2
    return float(np.mean(ordered[half - 1 + ordered.size % 2 : half + 1]))
