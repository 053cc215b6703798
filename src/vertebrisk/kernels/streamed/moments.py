"""Moments with events among sorted rows, with the sums over those at risk."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vertebrisk._types import FloatArray, IntArray, Ties
from vertebrisk.kernels.streamed.sorted_rows import FLOOR, Carried, Rows, pieces
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms

LONG = 32  # rows a moment from which on each is a product, not a difference of running sums


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Moments with events that end among some rows, and sums over those at risk.

    Attributes
    ----------
    ends : int array, shape (g,)
        The row after the last of each.
    at_risk, dying : array, shape (g, p)
        Covariates by hazard of those at risk, and of those who die; the latter only where
        some events are tied.
    number : array, shape (g,)
        Events of each.
    terms : TiedTerms
    sums : Hazards
    log_sum : float
        Logarithms of the denominators, weighted.
    strata : tuple of slices
        Rows of each stratum.
    """

    ends: IntArray
    at_risk: FloatArray
    dying: FloatArray
    number: FloatArray
    terms: TiedTerms
    sums: Hazards
    log_sum: float
    strata: tuple[slice, ...]

    def inside(self, rows: slice) -> slice:
        """Moments of the rows of one stratum."""
        low, high = np.searchsorted(self.ends, [rows.start, rows.stop], side="right").tolist()
        return slice(low, high)

    def rise(self) -> float:
        """Of the hazard, over the moments of the first stratum."""
        return float(self.sums.increment[0, self.inside(self.strata[0])].sum())


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows at a coefficient, with their moments.

    Attributes
    ----------
    rows : Rows
    eta : array, shape (m,)
        Linear predictors, the highest of all rows at 0.
    hazard : array, shape (m,)
    died : int array
        Rows with the event.
    own : int array
        Their moment among those that are settled; the number of these where it is not.
    settled : Settled
    """

    rows: Rows
    eta: FloatArray
    hazard: FloatArray
    died: IntArray
    own: IntArray
    settled: Settled

    def mass(self) -> FloatArray:
        """Weight of each event."""
        weights = self.rows.weights
        return np.ones(self.died.size) if weights is None else weights[self.died]

    def open(self) -> IntArray:
        """Events of a moment that is not settled here."""
        return np.asarray(self.died[self.own == self.settled.ends.size])

    def lived(self) -> FloatArray:
        """Rise of the hazard over the settled moments at which each row is at risk.

        Those who die are spared a part of the last.
        """
        settled, found = self.settled, np.zeros(self.rows.size)
        increment, returned = settled.sums.increment[0], settled.sums.returned[0]
        for rows in settled.strata:
            mine = settled.inside(rows)
            if mine.start < mine.stop:
                later = np.cumsum(increment[mine][::-1])[::-1]
                ends = settled.ends[mine]
                lengths = np.diff(ends, prepend=rows.start)
                found[rows.start : ends[-1]] = np.repeat(later, lengths)
        inside = self.own < settled.ends.size
        found[self.died[inside]] -= returned[self.own[inside]]
        return found

    def spared(self) -> float:
        """What events of the first moment are spared, where that is settled."""
        ends = self.settled.ends
        if ends.size == 0 or self.rows.moment(0) != self.rows.moment(int(ends[0]) - 1):
            return 0.0
        return float(self.settled.sums.returned[0, 0])


def block_of(
    rows: Rows,
    beta: FloatArray,
    top: float,
    before: Carried | None,
    closed: bool,
    ties: Ties,
    *,
    bare: bool = False,
) -> Block:
    """Some rows with the moments that end among them; see `cox.part`.

    Where it is `bare` no covariates are summed, nor carried in.
    """
    rows = rows.scaled()
    eta = np.clip(rows.linear(beta) - top, FLOOR, 0.0)
    hazard = rows.hazard(eta)
    starts, strata = rows.starts(), rows.strata()
    died = np.flatnonzero(rows.event)
    moment = np.searchsorted(starts, died, side="right") - 1
    number = mass = _counted(moment, starts.size)
    if rows.weights is not None:
        mass = _counted(moment, starts.size, rows.weights[died])
    goes_on = before is not None and before.last == rows.moment(0)
    if before is not None and goes_on:
        unit = np.zeros(starts.size)
        unit[0] = 1.0
        number, mass = number + before.events[0] * unit, mass + before.events[1] * unit
    settled = number > 0
    settled[-1] &= closed
    kept = np.flatnonzero(settled)
    own = np.where(settled, np.cumsum(settled) - 1, kept.size)[moment]
    terms = TiedTerms.counted(mass[None, kept], number[None, kept], ties)
    lost = _counted(own, kept.size + 1, hazard[died])[: kept.size]
    summed = rows.columns[:, :0] if bare else rows.columns
    dying = np.zeros((0, 0))
    if terms.tied:
        dying = _by_moment(summed, hazard, died, own, kept.size)
    if before is not None and goes_on and settled[0]:
        lost[0] += before.dying[0]
        if terms.tied:
            dying[0] += before.dying[1:]
    ends = np.append(starts[1:], rows.size)[kept]
    left, whole = _left(hazard, strata, ends), _left_by(hazard, summed, strata, ends)
    if before is not None and before.last.stratum == rows.moment(0).stratum:
        same = slice(0, int(np.searchsorted(ends, strata[0].stop, side="right")))
        left[same] += before.at_risk[0]
        whole[same] += before.at_risk[1:]
    sums = Hazards.of(terms, left[None], lost[None])
    log_sum = float(terms.log_sum(left[None], lost[None])[0])
    found = Settled(ends, whole, dying, number[kept], terms, sums, log_sum, strata)
    return Block(rows, eta, hazard, died, own, found)


def _left(hazard: FloatArray, strata: tuple[slice, ...], ends: IntArray) -> FloatArray:
    """Sums over the rows of a stratum up to each of some ends, shape (g,)."""
    found = np.empty(ends.size)
    for rows in strata:
        low, high = np.searchsorted(ends, [rows.start, rows.stop], side="right").tolist()
        found[low:high] = np.cumsum(hazard[rows])[ends[low:high] - rows.start - 1]
    return found


def _left_by(
    hazard: FloatArray, columns: FloatArray, strata: tuple[slice, ...], ends: IntArray
) -> FloatArray:
    """The same of covariates by hazard, shape (g, p)."""
    found = np.empty((ends.size, columns.shape[1]))
    for rows in strata:
        low, high = np.searchsorted(ends, [rows.start, rows.stop], side="right").tolist()
        if low == high or columns.shape[1] == 0:
            continue
        mine = ends[low:high]
        if mine.size * LONG < rows.stop - rows.start:
            runs = [slice(*pair) for pair in pairwise([rows.start, *mine.tolist()])]
            np.cumsum([hazard[run] @ columns[run] for run in runs], axis=0, out=found[low:high])
            continue
        total = np.zeros(columns.shape[1])
        for piece in pieces(rows.start, int(mine[-1]), columns.shape[1]):
            inside = slice(*np.searchsorted(mine, [piece.start, piece.stop], side="right"))
            running = running_sums(hazard[piece, None] * columns[piece])
            running += total
            found[low:high][inside] = running[mine[inside] - piece.start - 1]
            total = running[-1]
    return found


def running_sums(values: FloatArray) -> FloatArray:
    """Running sums of each column, shape (m, columns).

    An addition waits for the one before it; two columns as the parts of one complex number
    wait together.
    """
    found = np.empty_like(values)
    even = values.shape[1] // 2 * 2
    pairs = (each[:, :even].view(np.complex128) for each in (values, found))
    np.cumsum(next(pairs), axis=0, out=next(pairs))
    np.cumsum(values[:, even:], axis=0, out=found[:, even:])
    return found


def _counted(own: IntArray, size: int, amount: FloatArray | None = None) -> FloatArray:
    """Amounts by place, as numbers even where there are none."""
    return np.bincount(own, amount, minlength=size).astype(np.float64)


def _by_moment(
    columns: FloatArray, hazard: FloatArray, died: IntArray, own: IntArray, count: int
) -> FloatArray:
    """Sums by hazard over the events of each settled moment, shape (count, p)."""
    found = np.zeros((count, columns.shape[1]))
    inside = own < count
    moment, rows = own[inside], died[inside]
    if rows.size:
        first = np.flatnonzero(np.diff(moment, prepend=-1))
        weighted = hazard[rows, None] * columns[rows]
        found[moment[first]] = np.add.reduceat(weighted, first, axis=0)
    return found
