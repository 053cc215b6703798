"""Comparable pairs of many patients, counted one patient after the other in time.

What has been seen so far is held by rank of score in a tree of running sums: nodes of `WIDTH`
places on up to `STOREYS` storeys. A sum is read off in as many steps, and a patient enters by
adding to the rest of one node on each storey. Patients and events share the tree, in the halves
of one whole number, so that one walk in time counts both the later partners of each event and
the earlier events of each patient. Of many ranks, cells are walked first, and then the ranks of
each cell, so that no tree outgrows the processor's cache. Every count is a whole number, and exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.each import Each
from vertebrisk.kernels.ordering import quick_order

BITS = 4
WIDTH = 1 << BITS  # places of a node: fixed, so that adding to the rest of one is one instruction
STOREYS = 4
CELL_BITS = 16  # ranks of a cell: places of all storeys, whose tree lies in the processor's cache
STRETCH = 1 << 17  # patients whose places one thread changes
SAMPLE = 1000  # scores that tell their middle, about
HALF = 32  # bits of the patients; those above are of the events
PATIENTS = (1 << HALF) - 1
EVENT = (1 << HALF) + 1


@jit("int64(float64[::1], int64[::1], int64[::1], int64[::1], int64[::1])")
def _rank(
    scores: FloatArray, order: IntArray, who: IntArray, rank: IntArray, starts: IntArray
) -> int:
    """Ranks of the scores from 0, and how many rank lower than each; how many ranks there are.

    The rank of scores[i] is written to rank[who[i]]; `order` are their places in their order.
    """
    found = 0
    for place in range(order.size):
        score = scores[order[place]]
        if place == 0 or score != scores[order[place - 1]]:
            starts[found] = place
            found += 1
        rank[who[order[place]]] = found - 1
    return found


@jit(
    "void(int64[::1], float64[::1], boolean[::1], int64[::1], boolean[::1], int64,"
    " float64[::1], int64[::1])"
)
def _line_up(
    order: IntArray,
    exit_times: FloatArray,
    event: BoolArray,
    rank: IntArray,
    low: BoolArray,
    lows: int,
    exits: FloatArray,
    codes: IntArray,
) -> None:
    """Patients in their order; a code is twice the rank, and one more for an event.

    There are `lows` ranks of the `low` scores before those of the others.
    """
    for place in range(order.size):
        each = order[place]
        exits[place] = exit_times[each]
        own = rank[each] if low[each] else rank[each] + lows
        codes[place] = 2 * own + (1 if event[each] else 0)


@jit("void(float64[::1], int64[::1], int64, int64[::1], float64[::1], int64[::1], int64[::1])")
def _part(
    exits: FloatArray,
    codes: IntArray,
    bits: int,
    ends: IntArray,
    exits_of: FloatArray,
    codes_of: IntArray,
    places: IntArray,
) -> None:
    """The patients of each cell together, and their places in the line.

    `ends` holds where each cell begins, and afterwards where it ends.
    """
    for place in range(codes.size):
        cell = codes[place] >> (1 + bits)
        at = ends[cell]
        ends[cell] += 1
        exits_of[at] = exits[place]
        codes_of[at] = codes[place]
        places[at] = place


@jit("void(int64[::1], int64[::1], int64[::1], float64[::1], float64[::1])")
def _hand_back(
    order: IntArray, nets: IntArray, partners: IntArray, net: FloatArray, pairs: FloatArray
) -> None:
    """From the order of time to that of the patients."""
    for place in range(order.size):
        net[order[place]] = nets[place]
        pairs[order[place]] = partners[place]


@jit("void(int64[::1], int64[::1], int64, int64)")
def _enter(tree: IntArray, floors: IntArray, rank: int, amount: int) -> None:
    """Add to a rank; above the ground a place holds what lies before it in its node."""
    within = rank & (WIDTH - 1)
    node = rank - within
    for step in range(WIDTH):
        tree[node + step] += amount if step >= within else 0
    place = rank
    for storey in range(1, STOREYS):
        if storey == floors.size:
            break
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
        if storey == floors.size:
            break
        place = place >> BITS
        total += tree[floors[storey] + place]
    return int(total)


@jit("int64(int64[::1], int64)")
def _at(tree: IntArray, rank: int) -> int:
    """Sum over this rank alone."""
    return int(tree[rank] - (tree[rank - 1] if rank & (WIDTH - 1) else 0))


@jit("int64[::1](int64)")
def _floors(ranks: int) -> IntArray:
    """Where each storey of a tree for so many ranks begins, and at last where the highest ends."""
    storeys = 1
    while ranks > 1 << (BITS * storeys):
        storeys += 1
    floors = np.zeros(storeys + 1, dtype=np.int64)
    for storey in range(storeys):
        nodes = ((ranks - 1) >> (BITS * (storey + 1))) + 1
        floors[storey + 1] = floors[storey] + nodes * WIDTH
    return floors


@jit("void(float64[::1], int64[::1], int64, int64[::1], int64[::1], int64[::1], int64[::1])")
def _walk(
    exits: FloatArray,
    codes: IntArray,
    bits: int,
    starts: IntArray,
    nets: IntArray,
    partners: IntArray,
    counts: IntArray,
) -> None:
    """Pairs, and by patient what they add to (concordant - discordant) and to all pairs.

    Patients come in the order of time. Each ranks at the rank of the code without so many
    `bits`; `starts` is how many rank lower than each such rank, and at its end than all.
    """
    floors = _floors(starts.size - 1)
    tree = np.zeros(floors[-1], dtype=np.int64)
    floors = floors[:-1]
    size, bits = exits.size, bits + 1
    met = low = 0
    while low < size:
        high = low + 1
        while high < size and exits[high] == exits[low]:
            high += 1
        # events at one time are no pairs: all look back before the first of them enters
        entered = 0
        for place in range(low, high):
            rank = codes[place] >> bits
            upto, same = _upto(tree, floors, rank), _at(tree, rank)
            net, pairs = met - 2 * (upto >> HALF) + (same >> HALF), met
            if high == low + 1 and codes[place] & 1:
                below = starts[rank] - (upto & PATIENTS) + (same & PATIENTS)
                tied = starts[rank + 1] - starts[rank] - (same & PATIENTS) - 1
                net += 2 * below + tied - (size - high)
                pairs += size - high
                counts[0] += below
                counts[1] += size - high - below - tied
                counts[2] += tied
            entered += codes[place] & 1
            nets[place] = net
            partners[place] = pairs
        met += entered
        if high == low + 1:
            _enter(tree, floors, codes[low] >> bits, EVENT if codes[low] & 1 else 1)
        else:
            for place in range(low, high):
                if codes[place] & 1:
                    _enter(tree, floors, codes[place] >> bits, EVENT)
            # whoever has not been seen is a later partner, and so are the censored of this time
            later = size - low - entered
            for place in range(low, high):
                rank = codes[place] >> bits
                upto, same = _upto(tree, floors, rank), _at(tree, rank)
                if codes[place] & 1:
                    below = starts[rank] - (upto & PATIENTS) + (same & PATIENTS)
                    tied = starts[rank + 1] - starts[rank] - (same & PATIENTS)
                    nets[place] += 2 * below + tied - later
                    partners[place] += later
                    counts[0] += below
                    counts[1] += later - below - tied
                    counts[2] += tied
                else:
                    nets[place] = met - 2 * (upto >> HALF) + (same >> HALF)
                    partners[place] = met
            for place in range(low, high):
                if not codes[place] & 1:
                    _enter(tree, floors, codes[place] >> bits, 1)
        low = high


def count_pairs(
    exit_times: FloatArray, event: BoolArray, score: FloatArray, each: Each
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Concordant, discordant and tied pairs of unweighted patients, and their influence.

    Sorts, the walks through the cells, and the changes of places are handed to `each`.

    Returns
    -------
    int array, shape (3,)
    two arrays, shape (n,)
        What each patient adds to (concordant - discordant) and to all pairs, as the
        `PairInfluence` of `survival.concordance`.
    """
    exit_times, event = plain(exit_times), plain(event)
    some = np.sort(score[:: 1 + score.size // SAMPLE])
    low = score < some[some.size // 2]
    rank = np.empty(score.size, dtype=np.int64)

    def ordered(which: BoolArray | None) -> IntArray:
        """Places in time; or where the ranks of some scores begin, which are put into `rank`."""
        if which is None:
            return quick_order(exit_times)
        who = np.flatnonzero(which)
        own = score[who]
        starts = np.empty(who.size, dtype=np.int64)
        return starts[: _rank(own, quick_order(own), who, rank, starts)]

    lows, highs, order = each(ordered, [low, ~low, None])
    starts = np.concatenate([lows, highs + np.count_nonzero(low), [score.size]])
    line = _Line(np.empty(score.size), np.empty(score.size, dtype=np.int64))

    def lined_up(rows: slice) -> None:
        exits, codes = line.exits[rows], line.codes[rows]
        _line_up(order[rows], exit_times, event, rank, low, lows.size, exits, codes)

    stretches = [slice(at, at + STRETCH) for at in range(0, score.size, STRETCH)]
    each(lined_up, stretches)
    counts, nets, partners = line.counted(starts, each)
    net, pairs = np.empty(score.size), np.empty(score.size)
    each(lambda rows: _hand_back(order[rows], nets[rows], partners[rows], net, pairs), stretches)
    return counts, net, pairs


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Patients in the order of time: when each leaves, and the code of `_line_up`."""

    exits: FloatArray
    codes: IntArray

    def counted(self, starts: IntArray, each: Each) -> tuple[IntArray, IntArray, IntArray]:
        """Pairs and influence: between cells of ranks, and within each cell.

        `starts` is how many patients rank lower than each rank, and at its end than all.
        """
        ranks = starts.size - 1
        if ranks <= 1 << CELL_BITS:
            return self.walked(0, starts)
        firsts = np.append(np.arange(0, ranks, 1 << CELL_BITS), ranks)
        parted, places = self._parted(starts[firsts])

        def walked(cell: int | None) -> tuple[IntArray, IntArray, IntArray]:
            if cell is None:
                return self.walked(CELL_BITS, starts[firsts])
            first, last = firsts[cell], firsts[cell + 1]
            rows = slice(starts[first], starts[last])
            own = _Line(parted.exits[rows], parted.codes[rows] - 2 * first)
            return own.walked(0, starts[first : last + 1] - starts[first])

        def added(cell: int) -> None:
            net[places[starts[firsts[cell]] : starts[firsts[cell + 1]]]] += within[cell][1]

        cells = range(firsts.size - 1)
        (counts, net, pairs), *within = each(walked, [None, *cells])
        counts[2] = 0
        for inside, _, _ in within:
            counts += inside
        each(added, cells)  # each patient is of one cell
        return counts, net, pairs

    def walked(self, bits: int, starts: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Pairs and influence by the ranks without so many bits."""
        counts = np.zeros(3, dtype=np.int64)
        net, pairs = np.empty_like(self.codes), np.empty_like(self.codes)
        _walk(self.exits, self.codes, bits, starts, net, pairs, counts)
        return counts, net, pairs

    def _parted(self, starts: IntArray) -> tuple[_Line, IntArray]:
        """The patients of each cell together, and their places; `starts` is where cells begin."""
        parted = _Line(np.empty_like(self.exits), np.empty_like(self.codes))
        places = np.empty_like(self.codes)
        _part(self.exits, self.codes, CELL_BITS, starts.copy(), parted.exits, parted.codes, places)
        return parted, places
