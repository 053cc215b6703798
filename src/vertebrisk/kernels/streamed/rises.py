"""How the baseline hazard rises between times of a grid, from runs of sorted rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, Ties
from vertebrisk.kernels.streamed.moments import Block, block_of
from vertebrisk.kernels.streamed.sorted_rows import Carried, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Rises:
    """Sums over the event times of each stratum from one time of its grid to the next.

    Attributes
    ----------
    hazard, variance : array, shape (strata, cells)
        Rise of the cumulative hazard, and of its variance for known coefficients. Cell i ends
        at time i of the grid; the last is open.
    drift : array, shape (strata, cells, p)
        Mean covariates times the rise of the hazard.
    tied, largest : float
        Events that share their time with another, and the most at one time.
    """

    hazard: FloatArray
    variance: FloatArray
    drift: FloatArray
    tied: float
    largest: float


def rises(
    rows: Rows,
    beta: FloatArray,
    top: float,
    before: Carried | None,
    closed: bool,
    ties: Ties,
    grids: Sequence[FloatArray],
) -> Rises:
    """Of some rows; see `cox.part`. Strata are numbered from 0 as the grids are."""
    cells = 1 + max(grid.size for grid in grids)
    found = _of_block(block_of(rows, beta, top, before, closed, ties), grids, cells)
    unit = float(np.exp(-top))
    return Rises(
        unit * found.hazard, unit**2 * found.variance, unit * found.drift, found.tied, found.largest
    )


def risen_together(one: Rises, other: Rises) -> Rises:
    """Of two runs of rows."""
    return Rises(
        one.hazard + other.hazard,
        one.variance + other.variance,
        one.drift + other.drift,
        one.tied + other.tied,
        max(one.largest, other.largest),
    )


def _of_block(block: Block, grids: Sequence[FloatArray], cells: int) -> Rises:
    rows, settled, sums = block.rows, block.settled, block.settled.sums
    time = rows.time[settled.ends - 1]
    place = np.empty(time.size, dtype=np.int64)
    for inside in settled.strata:
        mine = settled.inside(inside)
        stratum = int(rows.moment(inside.start).stratum)
        place[mine] = stratum * cells + np.searchsorted(grids[stratum], time[mine], side="left")
    drift = settled.at_risk * sums.square[0][:, None]
    if settled.terms.tied:
        drift -= settled.dying * sums.cross[0][:, None]

    def by_cell(amount: FloatArray) -> FloatArray:
        total = np.bincount(place, amount, len(grids) * cells).astype(np.float64)
        return total.reshape(len(grids), cells)

    number = settled.number
    return Rises(
        by_cell(sums.increment[0]),
        by_cell(sums.square[0]),
        np.stack([by_cell(column) for column in drift.T], axis=-1)
        if drift.shape[1]
        else np.zeros((len(grids), cells, 0)),
        float(number[number > 1].sum()),
        float(number.max(initial=0.0)),
    )
