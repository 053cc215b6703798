"""Comparable pairs of many patients, counted one patient after the other in time.

What has been seen so far is held by rank of score in a tree of running sums: nodes of `WIDTH`
places on `STOREYS` storeys. A sum is read off in as many steps, and a patient enters by adding to
the rest of one node on each storey. Patients and events share the tree, in the halves
of one whole number, so that one walk in time counts both the later partners of each event and
the earlier events of each patient. Of many ranks, cells are walked first, and then the ranks of
each cell, so that no tree outgrows the processor's cache. Every count is a whole number, and exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit
from vertebrisk.kernels.each import Each
from vertebrisk.kernels.ordering import quick_order

BITS = 4
WIDTH = 1 << BITS  # places of a node: fixed, so that adding to the rest of one is one instruction
STOREYS = 4
CELL_BITS = 16  # ranks of a cell: places of all storeys, whose tree lies in the processor's cache
SAMPLE = 1000  # scores that tell their middle, about
HALF = 32  # bits of the patients; those above are of the events
PATIENTS = (1 << HALF) - 1
EVENT = (1 << HALF) + 1


@jit("void(int64[::1], int64[::1], int64, int64)")
def _enter(tree: IntArray, floors: IntArray, rank: int, amount: int) -> None:
    """Add to a rank; above the ground a place holds what lies before it in its node."""
    within = rank & (WIDTH - 1)
    node = rank - within
    for step in range(WIDTH):
        tree[node + step] += amount if step >= within else 0
    place = rank
    for storey in range(1, STOREYS):
        place = place >> BITS
        within = place & (WIDTH - 1)
        node = floors[storey] + place - within
        for step in range(WIDTH):
            tree[node + step] += amount if step > within else 0


@jit("int64(int64[::1], int64[::1], int64)")
def _upto(tree: IntArray, floors: IntArray, rank: int) -> int:
    """Sum over the ranks up to this one."""
    total = tree[rank]
    place = rank
    for storey in range(1, STOREYS):
        place = place >> BITS
        total += tree[floors[storey] + place]
    return int(total)


@jit("int64(int64[::1], int64)")
def _at(tree: IntArray, rank: int) -> int:
    """Sum over this rank alone."""
    return int(tree[rank] - (tree[rank - 1] if rank & (WIDTH - 1) else 0))


@jit(
    "void(float64[::1], boolean[::1], int64[::1], int64[::1], int64[::1], int64,"
    " int64[::1], int64[::1], int64[::1])"
)
def _walk(
    exits: FloatArray,
    events: BoolArray,
    ranks: IntArray,
    lower: IntArray,
    alike: IntArray,
    width: int,
    nets: IntArray,
    partners: IntArray,
    counts: IntArray,
) -> None:
    """Pairs, and by patient what they add to (concordant - discordant) and to all pairs.

    Patients come in the order of time; `lower` and `alike` are how many rank lower and equal.
    """
    floors = np.zeros(STOREYS, dtype=np.int64)
    places = width
    for storey in range(STOREYS - 1):
        places = places // WIDTH + 1
        floors[storey + 1] = floors[storey] + places * WIDTH
    tree = np.zeros(floors[STOREYS - 1] + WIDTH, dtype=np.int64)
    size = exits.size
    met = low = 0
    while low < size:
        high = low + 1
        while high < size and exits[high] == exits[low]:
            high += 1
        # events at one time are no pairs: all look back before the first of them enters
        entered = 0
        for place in range(low, high):
            upto, same = _upto(tree, floors, ranks[place]), _at(tree, ranks[place])
            net, pairs = met - 2 * (upto >> HALF) + (same >> HALF), met
            if high == low + 1 and events[place]:
                below = lower[place] - (upto & PATIENTS) + (same & PATIENTS)
                tied = alike[place] - (same & PATIENTS) - 1
                net += 2 * below + tied - (size - high)
                pairs += size - high
                counts[0] += below
                counts[1] += size - high - below - tied
                counts[2] += tied
            entered += events[place]
            nets[place] = net
            partners[place] = pairs
        met += entered
        if high == low + 1:
            _enter(tree, floors, ranks[low], EVENT if events[low] else 1)
        else:
            for place in range(low, high):
                if events[place]:
                    _enter(tree, floors, ranks[place], EVENT)
            # whoever has not been seen is a later partner, and so are the censored of this time
            later = size - low - entered
            for place in range(low, high):
                upto, same = _upto(tree, floors, ranks[place]), _at(tree, ranks[place])
                if events[place]:
                    below = lower[place] - (upto & PATIENTS) + (same & PATIENTS)
                    tied = alike[place] - (same & PATIENTS)
                    nets[place] += 2 * below + tied - later
                    partners[place] += later
                    counts[0] += below
                    counts[1] += later - below - tied
                    counts[2] += tied
                else:
                    nets[place] = met - 2 * (upto >> HALF) + (same >> HALF)
                    partners[place] = met
            for place in range(low, high):
                if not events[place]:
                    _enter(tree, floors, ranks[place], 1)
        low = high


def count_pairs(
    exit_times: FloatArray, event: BoolArray, score: FloatArray, each: Each
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Concordant, discordant and tied pairs of unweighted patients, and their influence.

    Sorts, and the walks through the cells, are handed to `each`.

    Returns
    -------
    int array, shape (3,)
    two arrays, shape (n,)
        What each patient adds to (concordant - discordant) and to all pairs, as the
        `PairInfluence` of `survival.concordance`.
    """
    by_score, order = _orders(score, exit_times, each)
    ordered = score[by_score]
    new = np.append(True, ordered[1:] != ordered[:-1])
    starts = np.append(np.flatnonzero(new), score.size)
    rank = np.empty(score.size, dtype=np.int64)
    rank[by_score] = np.cumsum(new) - 1
    line = _Line(exit_times[order], event[order], rank[order])
    counts, *found = _counted(line, starts, each)
    net, pairs = np.empty(score.size), np.empty(score.size)
    net[order], pairs[order] = found
    return counts, net, pairs


def _orders(score: FloatArray, exit_times: FloatArray, each: Each) -> tuple[IntArray, IntArray]:
    """Places of the patients by score and by time; scores are sorted in two halves, about."""
    some = np.sort(score[:: 1 + score.size // SAMPLE])
    low = score < some[some.size // 2]
    halves = np.flatnonzero(low), np.flatnonzero(~low)
    first, second, by_time = each(quick_order, (*(score[half] for half in halves), exit_times))
    return np.concatenate([halves[0][first], halves[1][second]]), by_time


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Patients in the order of time."""

    exits: FloatArray
    events: BoolArray
    ranks: IntArray

    def walked(self, starts: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Pairs and influence, the trees as wide as there are ranks.

        `starts` is how many patients rank lower than each rank, and at its end than all.
        """
        counts = np.zeros(3, dtype=np.int64)
        net, pairs = np.empty_like(self.ranks), np.empty_like(self.ranks)
        lower, alike = starts[self.ranks], np.diff(starts)[self.ranks]
        _walk(self.exits, self.events, self.ranks, lower, alike, starts.size, net, pairs, counts)
        return counts, net, pairs


def _counted(line: _Line, starts: IntArray, each: Each) -> tuple[IntArray, IntArray, IntArray]:
    """The pairs between cells of ranks, and those within each cell."""
    ranks = starts.size - 1
    if ranks <= 1 << CELL_BITS:
        return line.walked(starts)
    firsts = np.append(np.arange(0, ranks, 1 << CELL_BITS), ranks)
    cells = line.ranks >> CELL_BITS
    order = np.argsort(cells.astype(np.uint16), kind="stable")
    parted = _Line(line.exits[order], line.events[order], line.ranks[order])
    walks = [(_Line(line.exits, line.events, cells), starts[firsts])]
    for first, last in pairwise(firsts.tolist()):
        rows = slice(starts[first], starts[last])
        cell = _Line(parted.exits[rows], parted.events[rows], parted.ranks[rows] - first)
        walks.append((cell, starts[first : last + 1] - starts[first]))
    (counts, net, pairs), *within = each(lambda walk: walk[0].walked(walk[1]), walks)
    counts[2] = 0
    for inside, _, _ in within:
        counts += inside
    net[order] += np.concatenate([inside for _, inside, _ in within])
    return counts, net, pairs
