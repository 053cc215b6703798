"""A bootstrap of a logistic model over columns of any length: all replicates share each pass.

The weights of a row are Poisson numbers of its place, so no replicate is ever held. The first
step begins at the estimate of all rows, where the products of the columns are the same for all
replicates; from there slopes with the information of that step are mostly enough. Only counts by
class of the linear predictor, which are many, are of some replicates at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial
from operator import add
from typing import TypeVar

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.engines.engine import Chunk, Sums, added
from vertebrisk.engines.logistic_passes import Regression, RowsOf
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.steps import ranks, solve_steps, unpacked
from vertebrisk.kernels.streamed.ranked_replicates import Ranked, ranked_replicates
from vertebrisk.kernels.streamed.replicates import (
    Drawn,
    replicate_curvature,
    replicate_performance,
    replicate_slopes,
)
from vertebrisk.kernels.streamed.rows import Rows, complete

PASSES = 40
SETTLED = 1e-9  # a step of a coefficient, in spreads, after which none follows
NEAR = 1e-5  # a step of a line, after which what is left is of the order of its square
SHORTER = 0.25  # a step of a line that led too far
ROUNDING = 1e-12  # of a likelihood
CONTRACTION = 0.1  # of a step to the one before, beyond which the information is made anew
RUNAWAY = 1e3  # of a coefficient, in spreads, that has no end

TOGETHER = 250  # replicates whose counts by class are held at once

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapSums:
    """The models of all replicates, and what they add up to.

    Attributes
    ----------
    beta : array, shape (r, 1 + p)
        Coefficients of the columns, the intercept first.
    total, events : array, shape (r,)
        Patients of each replicate, and those of them with the event.
    finite : bool array, shape (r,)
        False where no finite estimate was found.
    deficient : bool array, shape (r,)
        True where columns depend on each other.
    log_likelihood, squares : array, shape (r,)
        On its own patients: log-likelihood, and squared errors summed.
    test_squares : array, shape (r,)
        Squared errors on all patients, summed.
    line : array, shape (r, 2)
        Intercept and slope of the outcome of all patients regressed on the linear predictor.
    line_log_likelihood : array, shape (r,)
    centred : array, shape (r, 1 + p)
        Coefficients of the columns about their centres; those of all patients where no finite
        estimate was found.
    """

    beta: FloatArray
    total: FloatArray
    events: FloatArray
    finite: BoolArray
    deficient: BoolArray
    log_likelihood: FloatArray
    squares: FloatArray
    test_squares: FloatArray
    line: FloatArray
    line_log_likelihood: FloatArray
    centred: FloatArray

    def take(self, some: IntArray) -> BootstrapSums:
        """Of some replicates."""
        return BootstrapSums(*(getattr(self, each.name)[some] for each in fields(BootstrapSums)))


def bootstrap_logistic(
    regression: Regression, beta: FloatArray, scaling: Scaling, replicates: int, seed: int
) -> BootstrapSums:
    """Fit and measure the model of every replicate.

    Parameters
    ----------
    regression : Regression
        Without weights and offset.
    beta : array, shape (1 + p,)
        Its estimate.
    scaling : Scaling
        Of its columns.
    replicates : int
    seed : int
        0 or more.
    """
    passes = _Passes(regression, scaling, seed)
    start = np.asarray(np.linalg.solve(scaling.back(), beta), np.float64)
    own, found, total, events, deficient = _fitted(passes, start, replicates)
    known = np.where(found[:, None], own, start)
    measured = _measured(passes, known)
    return BootstrapSums(
        beta=scaling.undo(own),
        total=total,
        events=events,
        finite=found,
        deficient=deficient,
        log_likelihood=measured[0],
        squares=measured[1],
        test_squares=measured[2],
        line=measured[4],
        line_log_likelihood=measured[3],
        centred=known / scaling.scale,
    )


def ranked_logistic(
    regression: Regression,
    scaling: Scaling,
    sums: BootstrapSums,
    seed: int,
    spread: float,
    thresholds: FloatArray,
) -> Iterator[tuple[BootstrapSums, Ranked]]:
    """Some models after the other, with rows by class of the linear predictor that they give.

    Parameters
    ----------
    regression, scaling, seed
        As of `bootstrap_logistic`.
    sums : BootstrapSums
        Its models.
    spread : float
        Of the linear predictors of all patients.
    thresholds : array, shape (k,)
        Risks, in ascending order, at which patients are told apart.
    """
    passes = _Passes(regression, scaling, seed)
    for start in range(0, sums.total.size, TOGETHER):
        some = np.arange(start, min(start + TOGETHER, sums.total.size))
        own = sums.take(some)
        work = partial(
            ranked_replicates,
            centre=passes.centre,
            beta=own.centred,
            spread=spread,
            thresholds=thresholds,
        )
        yield own, passes.reduced(work, add, some, "performance")


@dataclass(frozen=True, slots=True, eq=False)
class _Passes:
    """Passes over the rows with the weights of some replicates."""

    regression: Regression
    scaling: Scaling
    seed: int

    @property
    def scale(self) -> FloatArray:
        """Spreads of the columns, 1 for the intercept."""
        return self.scaling.scale

    @property
    def centre(self) -> FloatArray:
        """Centres of the columns, without the intercept's."""
        return self.scaling.centre[1:]

    def sums(self, work: Callable[[Drawn], Sums], replicates: IntArray, step: str) -> Sums:
        """One pass."""
        return self.reduced(work, added, replicates, step)

    def reduced(
        self,
        work: Callable[[Drawn], T],
        join: Callable[[T, T], T],
        replicates: IntArray,
        step: str,
    ) -> T:
        """One pass, of anything that can be joined."""
        one = partial(
            _worked,
            rows_of=self.regression.rows_of,
            seed=self.seed,
            replicates=replicates,
            work=work,
        )
        columns, names = self.regression.columns, self.regression.names
        return self.regression.engine.reduce(columns, names, one, join, step)

    def slopes(self, beta: FloatArray, replicates: IntArray) -> FloatArray:
        """Gradient of each replicate, for the scaled columns."""
        work = partial(replicate_slopes, centre=self.centre, beta=beta / self.scale)
        (gradient,) = self.sums(work, replicates, "bootstrap")
        return gradient / self.scale

    def curvature(self, beta: FloatArray, replicates: IntArray) -> Sums:
        """Patients, events, gradient and information of each replicate."""
        work = partial(replicate_curvature, centre=self.centre, beta=beta / self.scale)
        total, events, gradient, packed = self.sums(work, replicates, "bootstrap")
        information = unpacked(packed, beta.shape[1]) / np.outer(self.scale, self.scale)
        return total, events, gradient / self.scale, information


def _worked(
    chunk: Chunk, rows_of: RowsOf, seed: int, replicates: IntArray, work: Callable[[Drawn], T]
) -> T:
    return work(_drawn(rows_of(chunk), chunk.first, seed, replicates))


def _drawn(rows: Rows, first: int, seed: int, replicates: IntArray) -> Drawn:
    """The complete rows of a chunk with their numbers, which go along as a column."""
    numbers = np.arange(first, first + rows.size, dtype=np.float64)
    known, _, _ = complete(replace(rows, columns=(*rows.columns, numbers)))
    own = replace(known, columns=known.columns[:-1])
    return Drawn(own, known.columns[-1].astype(np.int64), seed, replicates)


def _fitted(
    passes: _Passes, start: FloatArray, replicates: int
) -> tuple[FloatArray, BoolArray, FloatArray, FloatArray, BoolArray]:
    """Newton's method of all replicates; which of them have ended, and what they hold."""
    active = np.arange(replicates)
    total, events, gradient, information = passes.curvature(start[None], active)
    full = ranks(information) == start.size
    beta = np.tile(start, (replicates, 1))
    found = np.zeros(replicates, dtype=np.bool_)
    active = np.flatnonzero((events > 0.0) & (events < total))
    step = np.zeros_like(beta)
    step[active] = solve_steps(information[active], gradient[active], full[active])
    for _ in range(PASSES):
        beta[active] += step[active]
        length = np.abs(step[active]).max(axis=1)
        found[active[length < SETTLED]] = True
        ends = (length < SETTLED) | (np.abs(beta[active]).max(axis=1) > RUNAWAY)
        active, length = active[~ends], length[~ends]
        if active.size == 0:
            break
        slope = passes.slopes(beta[active], active)
        after = solve_steps(information[active], slope, full[active])
        slow = np.flatnonzero(~(np.abs(after).max(axis=1) < CONTRACTION * length))
        if slow.size:
            late = active[slow]
            _, _, slope, own = passes.curvature(beta[late], late)
            information[late] = own
            after[slow] = solve_steps(own, slope, full[late])
        step[active] = after
    return beta, found, total, events, ~full


def _measured(passes: _Passes, beta: FloatArray) -> Sums:
    """What the models add up to, with the line on which all outcomes lie.

    A step of a line that lowers its likelihood is taken again, and shorter.
    """
    count = beta.shape[0]
    everyone, full = np.arange(count), np.ones(count, dtype=np.bool_)
    held, step = np.tile([0.0, 1.0], (count, 1)), np.zeros((count, 2))
    highest, gained = np.full(count, -np.inf), np.zeros(count)
    for _ in range(PASSES):
        line, scaled = held + step, beta / passes.scale
        work = partial(replicate_performance, centre=passes.centre, beta=scaled, line=line)
        own, square, tested, value, gradient, packed = passes.sums(work, everyone, "performance")
        better = value >= highest - ROUNDING * (1.0 + np.abs(value))
        held[better], highest[better] = line[better], value[better]
        newton = solve_steps(unpacked(packed[better], 2), gradient[better], full[better])
        step[better], step[~better] = newton, SHORTER * step[~better]
        gained[better] = 0.5 * np.einsum("rp,rp->r", gradient[better], newton)
        if np.abs(step).max() < NEAR:
            break
    return own, square, tested, highest + gained, held + step
