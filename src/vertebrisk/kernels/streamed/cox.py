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

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels.products import product
from vertebrisk.kernels.streamed.moments import Block, block_of
from vertebrisk.kernels.streamed.sorted_rows import Carried, Moment, Rows, pieces


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
    return _share(block_of(rows, beta, top, before, closed, ties))


def slope(
    rows: Rows, beta: FloatArray, top: float, before: Carried | None, closed: bool, ties: Ties
) -> Part:
    """Share of some rows in likelihood and gradient alone; for what `bare` rows carry on.

    In `spread`, `at_risk` and `dying` sums of covariates stand for those of products: the
    gradient of all rows is the one less the spread.
    """
    return _incline(block_of(rows, beta, top, before, closed, ties, bare=True))


def _share(block: Block) -> Part:
    rows, settled, sums = block.rows, block.settled, block.settled.sums
    columns = rows.columns
    increment, returned = sums.increment[0], sums.returned[0]
    whole, dying = settled.at_risk, settled.dying
    died = block.mass()
    gradient = died @ columns[block.died] - increment @ whole
    left = whole * sums.square[0][:, None]
    means = product(left.T, whole)
    if settled.terms.tied:
        gradient += returned @ dying
        cross = sums.cross[0][:, None]
        right = whole * cross - dying * sums.own[0][:, None]
        means -= product((dying * cross).T, whole) + product(right.T, dying)
    tail, open_ones = settled.strata[-1], block.open()
    return Part(
        first=rows.moment(0),
        last=rows.moment(-1),
        log_likelihood=float(died @ block.eta[block.died]) - settled.log_sum,
        gradient=gradient,
        spread=_products(columns, block.hazard * block.lived()),
        means=means,
        at_risk=_products(columns[tail], block.hazard[tail]),
        dying=_products(columns[open_ones], block.hazard[open_ones]),
        rise=settled.rise(),
        spared=block.spared(),
    )


def _products(columns: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted products of the columns, summed over the rows, shape (p, p)."""
    found = np.zeros((columns.shape[1], columns.shape[1]))
    for part in pieces(0, *columns.shape):
        some = columns[part]
        found += product(some.T, weights[part, None] * some)
    return found


def _incline(block: Block) -> Part:
    rows, settled, columns = block.rows, block.settled, block.rows.columns
    mass, tail, open_ones = block.mass(), settled.strata[-1], block.open()
    died = np.zeros(rows.size)
    died[block.died] = mass
    return Part(
        first=rows.moment(0),
        last=rows.moment(-1),
        log_likelihood=float(mass @ block.eta[block.died]) - settled.log_sum,
        gradient=product(died, columns),
        spread=product(block.hazard * block.lived(), columns),
        means=np.zeros(0),
        at_risk=block.hazard[tail] @ columns[tail],
        dying=block.hazard[open_ones] @ columns[open_ones],
        rise=settled.rise(),
        spared=block.spared(),
    )
