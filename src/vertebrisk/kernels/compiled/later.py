"""Sums over what comes later and ranks lower, compiled: as `survival.later.later_sums`.

Items enter a Fenwick tree over the ranks (Fenwick 1994, doi:10.1002/spe.4380240306), the latest
first, and each query reads off what has entered before it.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit, plain


@jit("void(int64[::1], int64[::1], int64[::1])")
def _sorted(keys: IntArray, count: IntArray, order: IntArray) -> None:
    """Places of keys, whole numbers from 0, in their order; equal ones stay as they stand."""
    for key in keys:
        count[key + 1] += 1
    for key in range(1, count.size):
        count[key] += count[key - 1]
    for place in range(keys.size):
        key = keys[place]
        order[count[key]] = place
        count[key] += 1


@jit(
    "void(int64[::1], int64[:, ::1], int64[:, ::1], float64[:, ::1], float64[::1], float64[::1],"
    " float64[:, ::1], float64[:, ::1], float64[:, ::1])"
)
def _later(
    order: IntArray,
    asked: IntArray,
    held: IntArray,
    amount: FloatArray,
    tree: FloatArray,
    same: FloatArray,
    below: FloatArray,
    equal: FloatArray,
    every: FloatArray,
) -> None:
    queries = asked.shape[1]
    for replicate in range(below.shape[0]):
        question = asked[min(replicate, asked.shape[0] - 1)]
        ranks = held[min(replicate, held.shape[0] - 1)]
        mass = amount[min(replicate, amount.shape[0] - 1)]
        tree[:] = 0.0
        same[:] = 0.0
        total = 0.0
        for position in range(order.size):
            element = order[position]
            if element < queries:
                rank = question[element]
                lower = 0.0
                at = rank
                while at > 0:
                    lower += tree[at]
                    at &= at - 1
                below[replicate, element] = lower
                equal[replicate, element] = same[rank]
                every[replicate, element] = total
            elif mass[element - queries] != 0.0:
                added = mass[element - queries]
                rank = ranks[element - queries]
                same[rank] += added
                total += added
                at = rank + 1
                while at < tree.size:
                    tree[at] += added
                    at += at & -at


def later_sums_compiled(
    queries: tuple[IntArray, IntArray], items: tuple[IntArray, IntArray], amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """See `survival.later.later_sums`."""
    asked, held = queries[1], items[1]
    # the latest first, a query before the items of its own place
    keys = np.concatenate([-2 * queries[0], 1 - 2 * items[0]])
    keys -= keys.min(initial=0)
    order = np.empty_like(keys)
    _sorted(keys, np.zeros(keys.max(initial=0) + 2, dtype=np.int64), order)
    replicates = max(asked.shape[0], held.shape[0], amount.shape[0])
    width = int(max(asked.max(initial=0), held.max(initial=0))) + 1
    below, equal, every = (np.zeros((replicates, asked.shape[1])) for _ in range(3))
    _later(
        order,
        plain(asked),
        plain(held),
        plain(amount),
        np.empty(width + 1),
        np.empty(width),
        below,
        equal,
        every,
    )
    return below, equal, every
