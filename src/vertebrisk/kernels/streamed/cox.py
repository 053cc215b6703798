"""Partial likelihood, gradient and information of a Cox model, run of rows by run of rows.

Rows are in the order of `sorted_rows`. The information is, with S2 the products of those at
risk at a moment and D2 those of the dying,

    sum over moments and terms l of (S2 - (l / d) D2) / phi_l - mean mean',

so a row counts for all moments that end after it: for those of its own run at once, for later
ones by the products of the run, which wait for the rise of the hazard in the next. Events of one
moment may lie in several runs; the moment is settled in the last of them. So the shares of
runs add up to those of longer runs, in any bracketing.

References
----------
Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x.
Efron 1977, doi:10.1080/01621459.1977.10480613.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray, Ties
from vertebrisk.kernels.streamed.sorted_rows import FLOOR, Carried, Moment, Rows, continued
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms

SPARSE = 8  # rows a moment from which on they are summed, not added up one by one


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Share of a run of rows in the partial likelihood and its derivatives.

    Attributes
    ----------
    first, last : Moment
        Of its first and its last row.
    log_likelihood : float
    gradient : array, shape (p,)
    spread, means : array, shape (p, p)
        The information is the one less the other.
    at_risk : array, shape (p, p)
        Products by hazard of the rows of its last stratum.
    dying : array, shape (p, p)
        The same of the events at its last moment, where that is not settled.
    rise : float
        Rise of the hazard over the moments settled in its first stratum.
    spared : float
        What events of its first moment are spared of that, where that moment is settled.
    """

    first: Moment
    last: Moment
    log_likelihood: float
    gradient: FloatArray
    spread: FloatArray
    means: FloatArray
    at_risk: FloatArray
    dying: FloatArray
    rise: float
    spared: float


def together(run: Part, after: Part) -> Part:
    """Of a run of rows and the one that comes next."""
    spread, at_risk, dying = run.spread + after.spread, after.at_risk, after.dying
    rise, spared = run.rise, run.spared
    if run.last.stratum == after.first.stratum:
        spread += after.rise * run.at_risk
        if after.first.stratum == after.last.stratum:
            at_risk = run.at_risk + at_risk
        if run.first.stratum == run.last.stratum:
            rise += after.rise
    if run.last == after.first:
        spread -= after.spared * run.dying
        if after.first == after.last:
            dying = run.dying + dying
        if run.first == run.last:
            spared += after.spared
    return Part(
        first=run.first,
        last=after.last,
        log_likelihood=run.log_likelihood + after.log_likelihood,
        gradient=run.gradient + after.gradient,
        spread=spread,
        means=run.means + after.means,
        at_risk=at_risk,
        dying=dying,
        rise=rise,
        spared=spared,
    )


def part(
    rows: Rows, beta: FloatArray, top: float, before: Carried | None, closed: bool, ties: Ties
) -> Part:
    """Share of some rows.

    Parameters
    ----------
    rows : Rows
    beta : array, shape (p,)
    top : float
        The highest linear predictor of all rows.
    before : Carried or None
        Of all rows that came before; None for the first.
    closed : bool
        True where their last moment has no rows among those that come next.
    ties : {"efron", "breslow"}
    """
    shares = [_share(block) for block in _blocks(rows, beta, top, before, closed, ties)]
    found = shares[0]
    for each in shares[1:]:
        found = together(found, each)
    return found


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
    terms: TiedTerms
    sums: Hazards
    log_sum: float
    strata: tuple[slice, ...]

    def inside(self, rows: slice) -> slice:
        """Moments of the rows of one stratum."""
        low, high = np.searchsorted(self.ends, [rows.start, rows.stop], side="right")
        return slice(int(low), int(high))


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows at a coefficient, with their moments.

    Attributes
    ----------
    rows : Rows
    eta : array, shape (m,)
        Linear predictors, the highest of all rows at 0.
    weighted : array, shape (m, p)
        Covariates by hazard.
    died : int array
        Rows with the event.
    own : int array
        Their moment among those that are settled; the number of these where it is not.
    settled : Settled
    """

    rows: Rows
    eta: FloatArray
    weighted: FloatArray
    died: IntArray
    own: IntArray
    settled: Settled


def _blocks(
    rows: Rows, beta: FloatArray, top: float, before: Carried | None, closed: bool, ties: Ties
) -> Iterator[Block]:
    for place in rows.blocks():
        some = rows.take(place)
        eta = np.clip(some.linear(beta) - top, FLOOR, 0.0)
        hazard = some.hazard(eta)
        following = place.stop
        shut = closed if following == rows.size else rows.moment(following) != some.moment(-1)
        yield _block(some, eta, hazard, before, shut, ties)
        mine = Carried.of(some, hazard, top)
        before = mine if before is None else continued(before, mine)


def _block(
    rows: Rows,
    eta: FloatArray,
    hazard: FloatArray,
    before: Carried | None,
    closed: bool,
    ties: Ties,
) -> Block:
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
    weighted = hazard[:, None] * rows.columns
    lost = _counted(own, kept.size + 1, hazard[died])[: kept.size]
    dying = _by_moment(weighted, died, own, kept.size) if terms.tied else np.zeros((0, 0))
    if before is not None and goes_on and settled[0]:
        lost[0] += before.dying[0]
        if terms.tied:
            dying[0] += before.dying[1:]
    ends = np.append(starts[1:], rows.size)[kept]
    left, whole = _left(hazard[:, None], strata, ends)[:, 0], _left(weighted, strata, ends)
    if before is not None and before.last.stratum == rows.moment(0).stratum:
        same = slice(0, int(np.searchsorted(ends, strata[0].stop, side="right")))
        left[same] += before.at_risk[0]
        whole[same] += before.at_risk[1:]
    sums = Hazards.of(terms, left[None], lost[None])
    log_sum = float(terms.log_sum(left[None], lost[None])[0])
    found = Settled(ends, whole, dying, terms, sums, log_sum, strata)
    return Block(rows, eta, weighted, died, own, found)


def _left(values: FloatArray, strata: tuple[slice, ...], ends: IntArray) -> FloatArray:
    """Sums over the rows of a stratum up to each of some ends, shape (g, columns)."""
    found = np.empty((ends.size, values.shape[1]))
    for rows in strata:
        low, high = np.searchsorted(ends, [rows.start, rows.stop], side="right")
        if low == high:
            continue
        mine = ends[low:high]
        if mine.size * SPARSE > rows.stop - rows.start:
            np.cumsum(values[rows], axis=0).take(mine - rows.start - 1, axis=0, out=found[low:high])
        else:
            starts = np.append(rows.start, mine[:-1])
            runs = np.add.reduceat(values[: mine[-1]], starts, axis=0)
            np.cumsum(runs, axis=0, out=found[low:high])
    return found


def _counted(own: IntArray, size: int, amount: FloatArray | None = None) -> FloatArray:
    """Amounts by place, as numbers even where there are none."""
    return np.bincount(own, amount, minlength=size).astype(np.float64)


def _by_moment(weighted: FloatArray, died: IntArray, own: IntArray, count: int) -> FloatArray:
    """Sums over the events of each settled moment, shape (count, p)."""
    found = np.zeros((count, weighted.shape[1]))
    inside = own < count
    if inside.any():
        moments, first = np.unique(own[inside], return_index=True)
        found[moments] = np.add.reduceat(weighted[died[inside]], first, axis=0)
    return found


def _share(block: Block) -> Part:
    rows, settled, sums = block.rows, block.settled, block.settled.sums
    increment, returned = sums.increment[0], sums.returned[0]
    lived = _lived(settled, rows.size)
    inside = block.own < settled.ends.size
    lived[block.died[inside]] -= returned[block.own[inside]]
    mass = np.ones(rows.size) if rows.weights is None else rows.weights
    died = mass[block.died]
    whole, dying = settled.at_risk, settled.dying
    gradient = died @ rows.columns[block.died] - increment @ whole
    left = whole * sums.square[0][:, None]
    means = left.T @ whole
    if settled.terms.tied:
        gradient += returned @ dying
        cross = sums.cross[0][:, None]
        right = whole * cross - dying * sums.own[0][:, None]
        means -= (dying * cross).T @ whole + right.T @ dying
    tail, open_ones = settled.strata[-1], block.died[~inside]
    first = settled.inside(settled.strata[0])
    begins = settled.ends.size > 0 and rows.moment(0) == rows.moment(int(settled.ends[0]) - 1)
    return Part(
        first=rows.moment(0),
        last=rows.moment(-1),
        log_likelihood=float(died @ block.eta[block.died]) - settled.log_sum,
        gradient=gradient,
        spread=rows.columns.T @ (block.weighted * lived[:, None]),
        means=means,
        at_risk=rows.columns[tail].T @ block.weighted[tail],
        dying=rows.columns[open_ones].T @ block.weighted[open_ones],
        rise=float(increment[first].sum()),
        spared=float(returned[0]) if begins else 0.0,
    )


def _lived(settled: Settled, size: int) -> FloatArray:
    """Rise of the hazard over the settled moments at which each row is at risk."""
    found = np.zeros(size)
    increment = settled.sums.increment[0]
    for rows in settled.strata:
        mine = settled.inside(rows)
        if mine.start < mine.stop:
            later = np.cumsum(increment[mine][::-1])[::-1]
            ends = settled.ends[mine]
            found[rows.start : ends[-1]] = np.repeat(later, np.diff(ends, prepend=rows.start))
    return found
