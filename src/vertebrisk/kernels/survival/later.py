"""Sums over what comes later and ranks lower: the one loop of concordance.

Many replicates of few patients are done in blocks, together; more patients by `halving`.
Blocks of items are taken from the last to the first. What lies wholly after a block is a
histogram over the ranks, whose running sum answers every query of the block at once; within
the block, every item is compared with every query. With n items, b to a block and r replicates that
is r (n^2 / b + n b) simple operations in arrays, and no loop over patients.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.survival.halving import later_sums_halved

SMALLEST_BLOCK = 24
CELLS = 100_000  # pairs of a block that are compared at once
FEW, FEW_EACH = 300, 8000  # items up to which blocks are the faster way: alone, and in batches


def later_sums(
    queries: tuple[IntArray, IntArray], items: tuple[IntArray, IntArray], amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Amount of the items in later places, by whether they rank lower than a query.

    Parameters
    ----------
    queries : int arrays, shape (q,) and (replicates or 1, q)
        Place in time of each query, and its rank.
    items : int arrays, shape (m,) and (replicates or 1, m)
        The same of the items; ranks are whole numbers from 0.
    amount : array, shape (replicates or 1, m)

    Returns
    -------
    three arrays, shape (replicates, q)
        Sums over the items in a later place than the query that rank lower, that rank
        equal, and over all of these items.
    """
    if compiled.enabled():
        from vertebrisk.kernels.compiled.later import later_sums_compiled

        return later_sums_compiled(queries, items, amount)
    alone = max(queries[1].shape[0], items[1].shape[0], amount.shape[0]) == 1
    if items[0].size > (FEW if alone else FEW_EACH):
        return _one_by_one(queries, items, amount)
    return _by_blocks(queries, items, amount)


def _one_by_one(
    queries: tuple[IntArray, IntArray], items: tuple[IntArray, IntArray], amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """By halving, each replicate with ranks of its own by itself."""
    own = max(queries[1].shape[0], items[1].shape[0])
    asked, held = (np.broadcast_to(part[1], (own, part[0].size)) for part in (queries, items))
    if own == 1:
        return later_sums_halved((queries[0], asked[0]), (items[0], held[0]), amount)
    found = [
        later_sums_halved(
            (queries[0], asked[row]),
            (items[0], held[row]),
            amount[[row if amount.shape[0] > 1 else 0]],
        )
        for row in range(own)
    ]
    below, equal, every = zip(*found, strict=True)
    return np.concatenate(below), np.concatenate(equal), np.concatenate(every)


def _by_blocks(
    queries: tuple[IntArray, IntArray], items: tuple[IntArray, IntArray], amount: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    place, rank = queries
    replicates = max(rank.shape[0], items[1].shape[0], amount.shape[0])
    below, equal, every = (np.zeros((replicates, place.size)) for _ in range(3))
    order = np.argsort(items[0], kind="stable")
    where, ranks = items[0][order], items[1][:, order]
    amounts = np.broadcast_to(amount[:, order], (replicates, order.size))
    width = int(max(ranks.max(initial=0), rank.max(initial=0))) + 1
    histogram = np.zeros((replicates, width))
    running = np.zeros((replicates, width + 1))
    rows = np.arange(replicates)[:, None]
    asked = np.argsort(place, kind="stable")
    sorted_places = place[asked]
    end = order.size
    for start in _block_starts(where, width):
        # queries of this block: at or after its first place, before the next block's
        low = int(np.searchsorted(sorted_places, where[start], side="left")) if start else 0
        high = (
            int(np.searchsorted(sorted_places, where[end], side="left"))
            if end < order.size
            else place.size
        )
        own = asked[low:high]
        if own.size:
            np.cumsum(histogram, axis=1, out=running[:, 1:])
            wanted = np.broadcast_to(rank[:, own], (replicates, own.size))
            below[:, own] = running[rows, wanted]
            equal[:, own] = histogram[rows, wanted]
            every[:, own] = running[:, -1:]
            if where[start] != where[end - 1] or place[own].min() < where[start]:
                _within(
                    (place[own], wanted),
                    (where[start:end], ranks[:, start:end]),
                    amounts[:, start:end],
                    (below, equal, every),
                    own,
                )
        block = np.broadcast_to(ranks[:, start:end], (replicates, end - start))
        _scatter(histogram, block, amounts[:, start:end])
        end = start
    return below, equal, every


def _block_starts(where: IntArray, width: int) -> list[int]:
    """First positions of the blocks, from the last to the first; no place is divided."""
    size = max(SMALLEST_BLOCK, int(np.sqrt(width)))
    firsts = np.flatnonzero(np.concatenate([[True], where[1:] != where[:-1]]))
    starts, last = [], where.size
    for at, first in zip(firsts[::-1].tolist(), [*firsts[::-1][1:].tolist(), -1], strict=True):
        if first < 0 or last - first > size:
            starts.append(at)
            last = at
    return starts


def _scatter(histogram: FloatArray, ranks: IntArray, amounts: FloatArray) -> None:
    replicates, width = histogram.shape
    flat = (ranks + width * np.arange(replicates)[:, None]).ravel()
    if replicates == 1:
        np.add.at(histogram.reshape(-1), flat, amounts.ravel())
    else:
        histogram += np.bincount(flat, amounts.ravel(), replicates * width).reshape(
            replicates, width
        )


def _within(
    queries: tuple[IntArray, IntArray],
    items: tuple[IntArray, IntArray],
    amounts: FloatArray,
    totals: tuple[FloatArray, FloatArray, FloatArray],
    own: IntArray,
) -> None:
    """Add the later items of the same block, each compared with every query."""
    later = queries[0][:, None] < items[0]
    size = max(1, CELLS // max(1, later.size))
    for first in range(0, amounts.shape[0], size):
        part = slice(first, first + size)
        asked, mass = queries[1][part, :, None], amounts[part, :, None]
        held = (items[1] if items[1].shape[0] == 1 else items[1][part])[:, None, :]
        for total, counted in zip(totals, (held < asked, held == asked, True), strict=True):
            total[part, own] += ((counted & later) @ mass)[:, :, 0]
