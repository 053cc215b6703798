"""Numbers with a printed median and quartiles, where a paper prints no mean and SD."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from vertebrisk._types import FloatArray, IntArray

_TAIL = 0.75


def make_quartile_values(
    n: int, quartiles: FloatArray, limits: tuple[int, int], rng: np.random.Generator
) -> IntArray:
    """Whole steps with given quartiles (R's type 7), evenly drawn between them.

    The values at and beside each quartile's place are that quartile; below the first and
    above the last, values fall off with the distance between the two.

    Parameters
    ----------
    n : int
        How many values.
    quartiles : array, shape (3,)
        Lower quartile, median and upper quartile in steps, not falling.
    limits : (int, int)
        Least and greatest value allowed, in steps.
    rng : numpy Generator
        Source of the values and of their order.

    Returns
    -------
    int array, shape (n,)
    """
    low, high = limits
    places, values = [], []
    for share, value in zip((0.25, 0.5, 0.75), quartiles, strict=True):
        at = (n - 1) * share
        for place, end in ((math.floor(at), math.floor), (math.ceil(at), math.ceil)):
            # A quartile between two steps lies between two different values.
            places.append(place)
            values.append(int(end(round(float(value), 6))))
    anchors = dict(zip(places, np.maximum.accumulate(values).tolist(), strict=True))
    spread = max(float(quartiles[2] - quartiles[0]), 1.0) * _TAIL
    sorted_places = sorted(anchors)
    made = np.empty(n, dtype=np.int64)
    first, last = sorted_places[0], sorted_places[-1]
    for place, value in anchors.items():
        made[place] = value
    for left, right in pairwise(sorted_places):
        between = rng.integers(anchors[left], anchors[right] + 1, right - left - 1)
        made[left + 1 : right] = np.sort(between)
    below = anchors[first] - np.rint(np.abs(rng.normal(0.0, spread, first)))
    above = anchors[last] + np.rint(np.abs(rng.normal(0.0, spread, n - 1 - last)))
    made[:first] = np.sort(np.maximum(below, low).astype(np.int64))
    made[last + 1 :] = np.sort(np.minimum(above, high).astype(np.int64))
    return np.asarray(rng.permutation(made), dtype=np.int64)
