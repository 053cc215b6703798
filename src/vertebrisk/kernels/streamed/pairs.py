"""Comparable pairs of rows in the order of time, whose scores are known to a cell only.

Cells are intervals of the score and single scores between them, in turn. A chunk of rows needs
to know of the rows before it how many events each cell has, and of those after it how many
patients; pairs inside the chunk are counted by `survival.concordance`. Pairs of rows in one
interval count as equal here: they are for whoever knows their scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.ordering import stable_order
from vertebrisk.kernels.survival.concordance import pair_influence
from vertebrisk.kernels.survival.times import SurvivalTimes

LOW_BITS = 16  # whole numbers are squared in two parts


@dataclass(frozen=True, slots=True, eq=False)
class TimedRows:
    """Rows in the order of time.

    Attributes
    ----------
    moment : int array, shape (m,)
        Number of the time of each, ascending.
    event : bool array, shape (m,)
    score : array, shape (m,)
    net, pairs : int array, shape (m,)
        What each row was found to add to (concordant - discordant) and to all pairs.
    """

    moment: IntArray
    event: BoolArray
    score: FloatArray
    net: IntArray
    pairs: IntArray

    def take(self, rows: IntArray | BoolArray) -> TimedRows:
        """Some of the rows."""
        return TimedRows(
            self.moment[rows], self.event[rows], self.score[rows], self.net[rows], self.pairs[rows]
        )


def cells_of(score: FloatArray, cuts: FloatArray) -> IntArray:
    """Cell of each score: 2k between two of the ascending cuts, 2k + 1 at the cut k."""
    place = np.searchsorted(cuts, score, side="left")
    at = np.append(cuts, np.nan)[place] == score
    return np.asarray(2 * place + at, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Census:
    """Rows of a chunk by cell, shape (cells,) each.

    Attributes
    ----------
    first, last : int
        Its first and last moment.
    patients, events : int array
    opening, closing : int array
        Events at the first moment, and at the last.
    staying : int array
        Censored at the last moment.
    """

    first: int
    last: int
    patients: IntArray
    events: IntArray
    opening: IntArray
    closing: IntArray
    staying: IntArray

    @property
    def single(self) -> bool:
        """True where all rows are of one moment."""
        return self.first == self.last


def census(rows: TimedRows, cells: IntArray, count: int) -> Census:
    """Of the rows of one chunk, one at least."""
    first, last = int(rows.moment[0]), int(rows.moment[-1])

    def counted(some: BoolArray) -> IntArray:
        return np.bincount(cells[some], minlength=count)

    return Census(
        first,
        last,
        np.bincount(cells, minlength=count),
        counted(rows.event),
        counted(rows.event & (rows.moment == first)),
        counted(rows.event & (rows.moment == last)),
        counted(~rows.event & (rows.moment == last)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What lies before and after a chunk, by cell, shape (cells,) each.

    Attributes
    ----------
    before : int array
        Events before it.
    pending, staying : int array
        Of those before it at its first moment, the events and the censored.
    after, spill : int array
        Patients after it, and the events among them that are at its last moment.
    """

    before: IntArray
    pending: IntArray
    staying: IntArray
    after: IntArray
    spill: IntArray


def surroundings(censuses: list[Census]) -> list[Around]:
    """Of every chunk."""
    count = censuses[0].events.size
    nothing = np.zeros(count, dtype=np.int64)
    before, pending, staying = [nothing], [nothing], [nothing]
    for one, other in pairwise(censuses):
        begun = one.closing + (pending[-1] if one.single else 0)
        stayed = one.staying + (staying[-1] if one.single else 0)
        goes_on = one.last == other.first
        before.append(before[-1] + one.events)
        pending.append(begun if goes_on else nothing)
        staying.append(stayed if goes_on else nothing)
    after, spill = [nothing], [nothing]
    for other, one in pairwise(reversed(censuses)):
        rest = other.opening + (spill[-1] if other.single else 0)
        after.append(after[-1] + other.patients)
        spill.append(rest if one.last == other.first else nothing)
    around = zip(before, pending, staying, after[::-1], spill[::-1], strict=True)
    return [Around(*each) for each in around]


@dataclass(frozen=True, slots=True)
class PairSums:
    """Sums over pairs, and over the influence of the rows; whole numbers.

    Attributes
    ----------
    concordant, discordant, pairs : int
    net_squares, products, pair_squares : int
        Sums over the rows of net * net, net * pairs and pairs * pairs.
    tied_both : int
        Pairs of events at one time with equal scores.
    """

    concordant: int = 0
    discordant: int = 0
    pairs: int = 0
    net_squares: int = 0
    products: int = 0
    pair_squares: int = 0
    tied_both: int = 0

    def __add__(self, other: PairSums) -> PairSums:
        return PairSums(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def influence_sums(rows: TimedRows) -> PairSums:
    """Of rows all of whose pairs have been found."""
    return PairSums(
        net_squares=exact_product(rows.net, rows.net),
        products=exact_product(rows.net, rows.pairs),
        pair_squares=exact_product(rows.pairs, rows.pairs),
    )


def exact_product(a: IntArray, b: IntArray) -> int:
    """Sum of products of whole numbers below 2^32 in size, itself of any size."""
    mask = (1 << LOW_BITS) - 1
    (high, low), (other_high, other_low) = ((each >> LOW_BITS, each & mask) for each in (a, b))
    crossed = int(high @ other_low) + int(low @ other_high)
    return (int(high @ other_high) << 2 * LOW_BITS) + (crossed << LOW_BITS) + int(low @ other_low)


def count_chunk(
    rows: TimedRows, cells: IntArray, around: Around, *, counted: bool
) -> tuple[TimedRows, PairSums]:
    """Pairs of the rows of a chunk with each other, and with those before and after it.

    `counted` says that the rows know how many pairs they are in already. Each pair is counted
    with its event.
    """
    within = _found(rows, cells.astype(np.float64))
    event = rows.event
    first, last = rows.moment == rows.moment[0], rows.moment == rows.moment[-1]
    before, pending, staying, after, spill = (
        _by_side(counts, cells)
        for counts in (around.before, around.pending, around.staying, around.after, around.spill)
    )
    # events that each patient was at risk of, (above, below) its cell; and partners of events
    met = before - (event & first) * pending + (~event & last) * spill
    partners = event * (after - last * spill + first * staying)
    above, below = partners
    net = within.net + (met[0] - met[1]) + (below - above)
    later = event * (around.after.sum() - last * around.spill.sum() + first * around.staying.sum())
    pairs = rows.pairs
    if not counted:
        earlier = (
            around.before.sum()
            - (event & first) * around.pending.sum()
            + (~event & last) * around.spill.sum()
        )
        pairs = within.pairs + earlier + later
    sums = PairSums(
        concordant=within.concordant + int(below.sum()),
        discordant=within.discordant + int(above.sum()),
        pairs=0 if counted else within.count + int(later.sum()),
    )
    return TimedRows(rows.moment, rows.event, rows.score, rows.net + net, pairs), sums


def count_held(rows: TimedRows, *, counted: bool) -> PairSums:
    """All that is to be found of rows whose scores are known."""
    within = _found(rows, rows.score)
    whole = TimedRows(
        rows.moment,
        rows.event,
        rows.score,
        rows.net + within.net,
        rows.pairs if counted else within.pairs,
    )
    found = PairSums(
        concordant=within.concordant,
        discordant=within.discordant,
        pairs=0 if counted else within.count,
        tied_both=equal_pairs(rows.moment[rows.event], rows.score[rows.event]),
    )
    return found + influence_sums(whole)


def equal_pairs(*keys: IntArray | FloatArray) -> int:
    """Pairs that are equal in all keys."""
    if keys[0].size == 0:
        return 0
    order = stable_order(keys)
    change = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    sizes = np.diff(np.flatnonzero(np.concatenate([[True], change, [True]])))
    return int((sizes * (sizes - 1) // 2).sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    net: IntArray
    pairs: IntArray
    concordant: int
    discordant: int
    count: int


def _found(rows: TimedRows, score: FloatArray) -> _Found:
    times = SurvivalTimes(rows.moment.astype(np.float64), rows.event)
    found = pair_influence(times, score, np.ones(score.size))
    concordant, discordant, tied = (
        int(each[0])
        for each in (found.counts.concordant, found.counts.discordant, found.counts.tied)
    )
    return _Found(
        found.net.astype(np.int64),
        found.pairs.astype(np.int64),
        concordant,
        discordant,
        concordant + discordant + tied,
    )


def _by_side(counts: IntArray, cells: IntArray) -> IntArray:
    """Of the counts by cell, how many lie above and below the cell of each row; shape (2, m)."""
    upto = np.cumsum(counts)
    return np.stack([upto[-1] - upto, upto - counts])[:, cells]
