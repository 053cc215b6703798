"""What is read from scores in their order, compiled: concordance, mean difference, area, quantiles.

Each replicate is sorted, and then walked along once or twice. As
`survival.concordance`, `validation.survival.indexes.gini`, `ranks.auc_batch` of `tied` and
`tied.weighted_quantiles`.
"""

from __future__ import annotations

import math

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.compiled.jit import jit, plain
from vertebrisk.kernels.compiled.risk_sums import Line, drawn_of, kept_rows
from vertebrisk.kernels.survival.risk_sets import RiskSets

EPS = float(np.finfo(float).eps)
FEW = 64  # values of a piece that are sorted by insertion alone
BITS = 4
WIDTH = 1 << BITS  # places of a node: fixed, so that adding to the rest of one is one instruction
FROM = (np.arange(WIDTH) >= np.arange(WIDTH + 1)[:, None]).astype(
    np.float64
)  # 1 from each place on


@jit("void(float64[::1], int64[::1], int64)")
def _inserted(values: FloatArray, order: IntArray, gap: int) -> None:
    """Sort by insertion what is so far apart in an order."""
    for place in range(gap, order.size):
        row, to = order[place], place
        while to >= gap and values[order[to - gap]] > values[row]:
            order[to] = order[to - gap]
            to -= gap
        order[to] = row


@jit("void(float64[::1], int64[::1], int64[::1], int64[::1])")
def _sorted(values: FloatArray, order: IntArray, of: IntArray, starts: IntArray) -> None:
    """Order of values: by equal pieces of their range, and then by insertion.

    Where one piece has many, rows that are far from each other come first, as Shell has it.
    `of` and `starts` are spare, of as many places as there are values and of one more.
    """
    size = values.size
    low = high = values[0]
    finite = True
    for row in range(size):
        low, high = min(low, values[row]), max(high, values[row])
        finite &= values[row] - values[row] == 0.0
    scale = (size - 1) / (high - low)
    regular = finite and math.isfinite(scale)
    starts[:] = 0
    for row in range(size):
        of[row] = int((values[row] - low) * scale) if regular else 0
        starts[of[row]] += 1
    end = 0
    for piece in range(size + 1):
        end, starts[piece] = end + starts[piece], end
    for row in range(size):
        order[starts[of[row]]] = row
        starts[of[row]] += 1
    most = starts[0]
    for piece in range(size):
        most = max(most, starts[piece + 1] - starts[piece])
    gap = 1
    while most > FEW and gap < size // 9:
        gap = 3 * gap + 1
    while gap > 0:
        _inserted(values, order, gap)
        gap //= 3


@jit("void(float64[::1], int64[::1], boolean, int64[::1], int64[::1])")
def reordered(
    values: FloatArray, order: IntArray, known: bool, of: IntArray, starts: IntArray
) -> None:
    """Order of values, from one that nearly is the same where one is `known`; see `_sorted`."""
    falls = 0
    if known:
        for place in range(1, order.size):
            falls += 1 if values[order[place - 1]] > values[order[place]] else 0
    if not known or falls > order.size // FEW:
        _sorted(values, order, of, starts)
    elif falls > 0:
        _inserted(values, order, 1)


@jit(
    "void(float64[::1], int64[::1], float64[::1], float64, int64[::1], float64[::1], float64[::1])"
)
def _ranked(
    scores: FloatArray,
    order: IntArray,
    weights: FloatArray,
    tolerance: float,
    rank: IntArray,
    mean: FloatArray,
    extent: FloatArray,
) -> None:
    """Ranks of scores, their mean difference and extent; neighbours within tolerance are tied."""
    total = 0.0
    for row in range(weights.size):
        total += weights[row]
    up_to = difference = 0.0
    low, high = math.inf, -math.inf
    at = 0
    previous = scores[order[0]]
    for place in range(order.size):
        row = order[place]
        score, mass = scores[row], weights[row]
        if score - previous > tolerance:
            at += 1
        previous = score
        rank[row] = at
        up_to += mass
        difference += mass * (score if mass > 0.0 else 0.0) * (2.0 * up_to - mass - total)
        low, high = min(low, score if mass > 0.0 else low), score if mass > 0.0 else high
    mean[0] = difference / (total * (total - 1.0) / 2.0)
    extent[0] = high - low


@jit(
    "void(int64[::1], float64[::1], int64[::1], int64[::1], int64[::1], int64[::1], int64[::1],"
    " float64[::1], float64[::1])"
)
def _counted(
    rank: IntArray,
    own: FloatArray,
    who: IntArray,
    first: IntArray,
    stop: IntArray,
    places: IntArray,
    floors: IntArray,
    tree: FloatArray,
    counts: FloatArray,
) -> None:
    """Concordant, discordant and tied pairs of the rows of a line, the latest time first.

    Ranks lie in nodes of `WIDTH`: on the ground a place of the tree holds what ranks up to it in
    its node, on the storeys above, which begin at `floors`, what nodes lie before in theirs.
    """
    tree[:] = 0.0
    every = concordant = discordant = tied = 0.0
    entered = 0
    for moment in range(first.size):
        # events of one time are no pairs: they enter after all of them have asked
        dead, end = places[first[moment]], places[stop[moment]]
        for row in range(entered, dead):
            mass, at = own[row], rank[who[row]]
            every += mass
            within = at & (WIDTH - 1)
            node, rest = tree[at - within : at - within + WIDTH], FROM[within]
            for step in range(WIDTH):
                node[step] += mass * rest[step]
            for storey in range(1, floors.size):
                at = at >> BITS
                within = at & (WIDTH - 1)
                begin = floors[storey] + at - within
                node, rest = tree[begin : begin + WIDTH], FROM[within + 1]
                for step in range(WIDTH):
                    node[step] += mass * rest[step]
        entered = dead
        for row in range(dead, end):
            mass, at = own[row], rank[who[row]]
            below = tree[at - 1] if at & (WIDTH - 1) else 0.0
            equal = tree[at] - below
            for storey in range(1, floors.size):
                at = at >> BITS
                below += tree[floors[storey] + at]
            concordant += mass * below
            tied += mass * equal
            discordant += mass * (every - below - equal)
    counts[0], counts[1], counts[2] = concordant, discordant, tied


@jit(
    "void(float64[:, ::1], float64[:, ::1], float64, int64[::1], int64[::1], boolean[::1],"
    " boolean[::1], int64[::1], int64[::1], int64[::1], float64[:, ::1], float64[:, ::1])"
)
def _rankings(
    scores: FloatArray,
    weights: FloatArray,
    tolerance: float,
    rows: IntArray,
    opens: IntArray,
    opening: BoolArray,
    dead: BoolArray,
    first: IntArray,
    stop: IntArray,
    floors: IntArray,
    counts: FloatArray,
    spreads: FloatArray,
) -> None:
    size, m = scores.shape[1], rows.size
    rank, tree = np.empty(size, dtype=np.int64), np.empty(floors[-1] + WIDTH)
    order, pieces = np.empty(size, dtype=np.int64), np.empty(size + 1, dtype=np.int64)
    drawn, own, fell = np.empty(m), np.empty(m), np.empty(m)
    who, places = np.empty(m, dtype=np.int64), np.empty(m + 1, dtype=np.int64)
    for r in range(scores.shape[0]):
        mass = weights[min(r, weights.shape[0] - 1)]
        mean, extent = spreads[r, :1], spreads[r, 1:]
        if r == 0 or weights.shape[0] > 1:
            drawn_of(mass, rows, opens, drawn)
            held = kept_rows(drawn, opening, dead, own, fell, who, places)
            for row in range(held):
                who[row] = rows[who[row]]
        _sorted(scores[r], order, rank, pieces)
        _ranked(scores[r], order, mass, tolerance, rank, mean, extent)
        _counted(rank, own, who, first, stop, places, floors, tree, counts[r])


def _floors(size: int) -> IntArray:
    """Where the storeys of a tree of so many ranks begin; the last of them is one node."""
    floors, nodes = [0], -(-size // WIDTH)
    while nodes > 1:
        floors.append(floors[-1] + nodes * WIDTH)
        nodes = -(-nodes // WIDTH)
    return np.array(floors)


def rankings(
    sets: RiskSets, scores: FloatArray, weights: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pairs, mean differences and extents of the scores of every replicate.

    Parameters
    ----------
    sets : RiskSets
        Of patients without strata and late entry.
    scores : array, shape (replicates, n)
    weights : array, shape (replicates, n)
    tolerance : float
        Scores no further apart are tied.

    Returns
    -------
    array, shape (3, replicates)
        Concordant, discordant and tied pairs.
    two arrays, shape (replicates,)
        Mean absolute difference of two patients, and highest score less the lowest.
    """
    counts, spreads = np.zeros((scores.shape[0], 3)), np.empty((scores.shape[0], 2))
    line = Line.of(sets)
    _rankings(
        plain(scores),
        once(weights),
        tolerance,
        line.rows,
        line.opens,
        line.opening,
        line.dead,
        line.first,
        line.stop,
        _floors(scores.shape[1]),
        counts,
        spreads,
    )
    return counts.T.copy(), spreads[:, 0].copy(), spreads[:, 1].copy()


def once(weights: FloatArray) -> FloatArray:
    """Weights as the signatures ask for them, one row where it stands for all replicates."""
    return plain(weights[:1] if weights.strides[0] == 0 else weights)


@jit("void(float64[:, ::1], float64[:, ::1], float64[:, ::1], float64, float64[::1])")
def _areas(
    scores: FloatArray,
    counts: FloatArray,
    events: FloatArray,
    tolerance: float,
    area: FloatArray,
) -> None:
    size = scores.shape[1]
    order, of = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    starts = np.empty(size + 1, dtype=np.int64)
    for r in range(scores.shape[0]):
        _sorted(scores[r], order, of, starts)
        below = concordant = ill = well = 0.0  # `ill` and `well` are of the scores that are tied
        all_ill = 0.0
        previous = -math.inf
        for row in order:
            if counts[r, row] > 0.0:
                if scores[r, row] - previous > tolerance:
                    concordant += ill * (below + 0.5 * well)
                    below += well
                    all_ill += ill
                    ill = well = 0.0
                previous = scores[r, row]
                ill += events[r, row]
                well += counts[r, row] - events[r, row]
        concordant += ill * (below + 0.5 * well)
        pairs = (all_ill + ill) * (below + well)
        area[r] = concordant / pairs if pairs > 0.0 else math.nan


def areas(
    scores: FloatArray, counts: FloatArray, events: FloatArray, tolerance: float
) -> FloatArray:
    """Area under the ROC curve of each replicate; arrays have the shape (replicates, n)."""
    area = np.empty(scores.shape[0])
    _areas(plain(scores), plain(counts), plain(events), tolerance, area)
    return area


@jit(
    "void(float64[::1], float64[::1], float64[::1], int64[::1], int64[::1], int64[::1],"
    " float64[::1], float64[::1])"
)
def quantiles_of(
    values: FloatArray,
    counts: FloatArray,
    probabilities: FloatArray,
    order: IntArray,
    of: IntArray,
    starts: IntArray,
    ends: FloatArray,
    found: FloatArray,
) -> None:
    """Quantiles of one replicate; four arrays are spare, as for `_sorted`."""
    _sorted(values, order, of, starts)
    total, last = 0.0, values.size - 1
    for place in range(values.size):
        total += counts[order[place]]
        ends[place] = total
    for k in range(probabilities.size):
        position = (total - 1.0) * probabilities[k]
        low = math.floor(position + 4 * EPS)
        share = position - low
        if share < 1e-12:
            share = 0.0
        one = min(np.searchsorted(ends, low, side="right"), last)
        high = min(low + 1.0, total - 1.0)
        two = min(np.searchsorted(ends, high, side="right"), last)
        first = values[order[one]]
        found[k] = first + share * (values[order[two]] - first)


@jit("void(float64[:, ::1], float64[:, ::1], float64[::1], float64[:, ::1])")
def _quantiles(
    values: FloatArray,
    counts: FloatArray,
    probabilities: FloatArray,
    found: FloatArray,
) -> None:
    size = values.shape[1]
    order, of = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    starts, ends = np.empty(size + 1, dtype=np.int64), np.empty(size)
    for r in range(values.shape[0]):
        own = counts[min(r, counts.shape[0] - 1)]
        quantiles_of(values[r], own, probabilities, order, of, starts, ends, found[r])


def quantiles(
    values: FloatArray, counts: FloatArray, probabilities: tuple[float, ...]
) -> FloatArray:
    """Quantiles of values that stand as often as their counts say, (probabilities, replicates)."""
    found = np.empty((values.shape[0], len(probabilities)))
    levels = np.array(probabilities)
    _quantiles(plain(values), once(counts), levels, found)
    return found.T.copy()
