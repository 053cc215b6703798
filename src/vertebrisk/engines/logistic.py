"""Logistic regression by Newton's method over columns of any length, a few passes in all.

A first pass takes means, spreads and every so many of the rows, which a first estimate comes
from. Passes for the slope alone, with the information of those few rows, carry it close to the
maximum; from there Newton's method goes on as in `kernels.newton`, with one pass a step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import Chunk, LocalEngine
from vertebrisk.engines.logistic_passes import Passes, Point, Regression
from vertebrisk.kernels.finite import proves_maximum_within
from vertebrisk.kernels.newton import (
    DECREMENT_TOLERANCE,
    FARTHEST,
    FIRST_SUSPECT,
    HALVINGS,
    LEAP,
    MAX_ITERATIONS,
    SEPARATING_STEP,
    STRIDE,
    LogisticFits,
    fit_logistic_batch,
)
from vertebrisk.kernels.streamed.logistic import bend
from vertebrisk.kernels.streamed.rows import Look, Rows, complete, look, looked_together

PART = 65_536  # rows, about, that the first estimate comes from where there are far more
STREAMED = 16_384  # rows of a part from which on it is fitted as a stream itself
PIECE = 8192  # rows of such a part that one thread works on
ENOUGH = 100  # of them for each coefficient, so that their information serves for all rows
APPROACHES = 5  # at most, with steps that become shorter by CONTRACTION each
CONTRACTION = 0.25
CLOSE = 0.05  # a step of a coefficient, in spreads, after which Newton's method doubles the digits
REFINEMENTS = 2  # of a step, at most
NEAR = 2e-5  # a step of a coefficient, in spreads, after which one of Newton's settles the rest
SETTLED = 3e-11  # a step of a coefficient, in spreads, after which no sum changes in 10 digits
BENT = 1e-9  # one after which a part of the rows tells in 10 digits how the information changes
MOVED = 1e-8  # what a linear predictor may move there, of rows that are not of the part, too
TOLERANCE = 1e-3  # of the greatest movement, by which a row of the wrong side may move


@dataclass(frozen=True, slots=True, eq=False)
class StreamedFit:
    """A maximum-likelihood fit over all complete rows.

    Attributes
    ----------
    fits : LogisticFits
        Of one replicate, the intercept first.
    finite : bool
        True where it is proved that the likelihood has a finite maximum and this is it. Where
        `fits.separated` is True it has none. Where both are False the fit did not end, or
        ended without a proof of either.
    null_log_likelihood : float
        Without the columns, the offset kept.
    look : Look
        What the first pass told: sizes, means, rows left out.
    """

    fits: LogisticFits
    finite: bool
    null_log_likelihood: float
    look: Look


def fit_logistic_stream(
    regression: Regression, seen: Look | None = None, within: Look | None = None
) -> StreamedFit:
    """The estimates of `fit_logistic_batch` for one weighting, by passes over the columns.

    Parameters
    ----------
    regression : Regression
        Rows with a missing value are left out and counted.
    seen : Look, optional
        What a first pass told, where it was made already.
    within : Look, optional
        What one through its part told, where that was made, too; see `looked_within`.

    Returns
    -------
    StreamedFit
        Equal to that of the rows in memory to rounding, and the same to the last bit wherever
        the columns lie and however many work on them.
    """
    seen = seen or first_look(regression)
    climb = replace(_Climb.of(regression, seen), within=within)
    fits = climb.to_the_top()
    return StreamedFit(
        fits=fits,
        finite=climb.proved_finite(fits),
        null_log_likelihood=_null(regression, seen),
        look=seen,
    )


def first_look(regression: Regression) -> Look:
    """The first pass, which takes about PART of the rows or one in STRIDE with it."""
    stride, rows_of = max(STRIDE, regression.columns.size // PART), regression.rows_of

    def work(chunk: Chunk) -> Look:
        return look(rows_of(chunk), chunk.first, stride)

    return regression.engine.reduce(
        regression.columns, regression.names, work, looked_together, "columns"
    )


def _null(regression: Regression, seen: Look) -> float:
    """Log-likelihood of the constant, and of the offset where there is one."""
    if seen.part.offset is not None:
        rows_of = regression.rows_of
        alone = Regression(
            regression.engine,
            regression.columns,
            regression.names,
            lambda chunk: complete(rows_of(chunk))[0].without_columns(),
        )
        return float(_Climb.of(alone, seen.without_columns()).to_the_top().log_likelihood[0])
    share = seen.events / seen.weight if seen.weight else 0.0
    parts = [(seen.events, share), (seen.weight - seen.events, 1.0 - share)]
    return float(sum(size * np.log(each) for size, each in parts if each > 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Climb(Passes):
    """Newton's method on the way to the maximum.

    Attributes
    ----------
    within : Look, optional
        What a first pass through the part that is seen told.
    """

    within: Look | None = None

    @property
    def serves(self) -> bool:
        """True where a part of the rows tells about what the information is, and its changes."""
        return self.seen.part.size >= ENOUGH * self.scale.size

    @property
    def settled(self) -> float:
        """A step, in spreads, after which no pass over all rows is needed; see `ends`."""
        return BENT if self.serves and self.seen.part.size >= STREAMED else SETTLED

    def ends(self, step: FloatArray) -> bool:
        """True where what a step leaves to do is known without one more pass."""
        length = np.abs(step).max()
        if length < SETTLED:
            return True
        return bool(length < self.settled and self.extent @ np.abs(step) < MOVED)

    def to_the_top(self) -> LogisticFits:
        """Newton's method from the estimate of a part of the rows."""
        fits = self._climbed(self._begin())
        if fits.converged[0] or fits.separated[0]:
            return fits
        return self._climbed(self.point(np.zeros(self.scale.size)))

    def near_the_top(self) -> LogisticFits:
        """One step of Newton's where that is short: enough for a part of the rows."""
        point = self._begin()
        step = self.step_from(point)
        if not np.abs(step).max() < CLOSE:
            return self.to_the_top()
        return self._fits(replace(point, beta=point.beta + step), 0.0 * step, 1, converged=True)

    def _begin(self) -> Point:
        """Where the climb begins: zeros where these are nearer to the top than the part's estimate.

        An estimate of a part of the rows may be absurd for a row far out that is not of the part.
        """
        start = self._start()
        point = self.point(start)
        if not start.any():
            return point
        level = -self.seen.weight * np.log(2.0)  # of zeros, without an offset
        if self.seen.part.offset is None and point.log_likelihood >= level:
            return point
        nothing = self.point(np.zeros_like(start))
        return point if point.log_likelihood >= nothing.log_likelihood else nothing

    def _climbed(self, point: Point) -> LogisticFits:
        """Newton's method from a point."""
        step = np.zeros_like(point.beta)
        converged = False
        for iteration in range(1, MAX_ITERATIONS + 1):
            step = self.step_from(point)
            decrement = float(point.gradient @ step)
            if self.ends(step):
                converged = True
                break
            point = self._after(point, self._refined(point, step))
            if iteration == FIRST_SUSPECT and self.separating(step):
                leapt = self.point(point.beta + LEAP * step)
                point = leapt if leapt.log_likelihood >= point.log_likelihood else point
            if decrement < DECREMENT_TOLERANCE * point.size:
                converged = True
                break
        reached = np.abs(self.step_from(point)).max() < NEAR  # whatever the last step moved
        if iteration >= FIRST_SUSPECT and not reached and self.separating(step):
            return self._fits(point, step, iteration, converged=False)
        return self._fits(self._finished(point), 0.0 * step, iteration, converged=converged)

    def _fits(
        self, point: Point, direction: FloatArray, iterations: int, *, converged: bool
    ) -> LogisticFits:
        return LogisticFits(
            beta=self.scaling.undo(point.beta[None]),
            scaled_information=point.information[None],
            scaling=self.scaling,
            log_likelihood=np.array([point.log_likelihood]),
            separated=np.array([direction.any()]),
            rank=np.array([self.rank]),
            direction=self.scaling.undo(direction[None]),
            mask=np.ones((1, point.beta.size), dtype=np.bool_),
            iterations=np.array([iterations]),
            converged=np.array([converged]),
        )

    def _finished(self, point: Point) -> Point:
        """The point after a last step, where that is so short that its sums are known."""
        step = self.step_from(point)
        if not self.ends(step):
            return point
        value = point.log_likelihood + 0.5 * float(point.gradient @ step)
        few = ENOUGH * self.scale.size if np.abs(step).max() < SETTLED else STREAMED
        information = self._bent(point, step, few) if self.serves else point.information
        return Point(point.beta + step, value, point.gradient, information)

    def _bent(self, point: Point, step: FloatArray, about: int = STREAMED) -> FloatArray:
        """The information after a step, as far as about so many rows tell how it changes."""
        part = self.seen.part.take(slice(None, None, max(1, self.seen.part.size // about)))
        weight = part.size if part.weights is None else part.weights.sum()
        change = bend(part, self.centre, point.beta / self.scale, step / self.scale)
        change *= self.seen.weight / weight
        return np.asarray(point.information + change / np.outer(self.scale, self.scale))

    def _start(self) -> FloatArray:
        """Coefficients near the maximum, or zeros where a part of the rows has no estimate."""
        part, size = self.seen.part, self.scale.size
        nothing = np.zeros(size)
        if part.size <= size or not self.full:
            return nothing
        weights = np.ones(part.size) if part.weights is None else part.weights
        found = _estimate_of_part(part, weights, self.within)
        if not found.converged[0] or found.deficient[0]:
            return nothing
        beta = np.asarray(np.linalg.solve(self.scaling.back(), found.beta[0]), np.float64)
        if not self.serves:
            return beta
        change = np.linalg.solve(found.scaling.back(), self.scaling.back())
        information = change.T @ found.scaled_information[0] @ change
        return self._approached(beta, information * (self.seen.weight / weights.sum()))

    def _approached(self, beta: FloatArray, information: FloatArray) -> FloatArray:
        """Steps with the information of a part of the rows, which cost a slope each."""
        best, value, before = beta, -np.inf, np.inf
        for _ in range(APPROACHES):
            point = self.slope(beta, information)
            if point.log_likelihood < value:
                return best
            step = self.step_from(point)
            best, value, beta = beta, point.log_likelihood, beta + step
            length = float(np.abs(step).max())
            if length < CLOSE or length > CONTRACTION * before:
                break
            before = length
        return beta

    def _refined(self, point: Point, step: FloatArray) -> FloatArray:
        """The step, and where it is short what slopes further on add to it.

        One or two passes for a slope, with the information of the point, or what a part of the
        rows says that it is after the step, then stand for one more of Newton's steps. They end
        where the next would move nothing that counts.
        """
        length = np.abs(step).max()
        if not NEAR < length < CLOSE:
            return step
        information = self._bent(point, step) if self.serves else point.information
        short = self.settled if self.serves else 0.1 * self.settled
        for _ in range(REFINEMENTS):
            more = self.step_from(self.slope(point.beta + step, information))
            step, before, length = step + more, length, np.abs(more).max()
            if length * length < short * before:  # as the steps become shorter
                break
        return step

    def _after(self, point: Point, step: FloatArray) -> Point:
        """The point after a step, which is shortened where the likelihood would fall."""
        factor, moved = 1.0, self.point(point.beta + step)
        for _ in range(HALVINGS - 1):
            if not moved.log_likelihood < point.log_likelihood - 1e-9 * point.size:
                break
            farthest, _ = self.moved(factor * step)
            factor *= min(0.5, FARTHEST / max(farthest, FARTHEST))
            moved = self.point(point.beta + factor * step)
        return moved

    def separating(self, step: FloatArray) -> bool:
        """True where moving along the step never stops raising the likelihood."""
        farthest, wrong = self.moved(step)
        return farthest > SEPARATING_STEP and wrong <= TOLERANCE * farthest

    def proved_finite(self, fits: LogisticFits) -> bool:
        """True where the point is proved to be near a finite maximum; see `kernels.finite`."""
        if not fits.converged[0] or fits.deficient[0]:
            return False
        size = 1.0 + abs(float(fits.log_likelihood[0]))
        information = fits.scaled_information[0]
        return proves_maximum_within(self.extent, information, DECREMENT_TOLERANCE * size)


def _estimate_of_part(part: Rows, weights: FloatArray, within: Look | None) -> LogisticFits:
    """The estimate of some rows in memory: by a stream of its own where they are many."""
    if part.size < STREAMED:
        columns = np.column_stack([np.ones(part.size), *part.columns])
        return fit_logistic_batch(columns, part.target, weights[None], part.offset)
    regression = _within(part)
    return _Climb.of(regression, within or first_look(regression)).near_the_top()


def looked_within(part: Rows) -> Look:
    """The first pass through some rows in memory."""
    return first_look(_within(part))


def _within(part: Rows) -> Regression:
    held = HeldColumns({"target": part.target})
    return Regression(
        LocalEngine(chunk=PIECE),
        held,
        held.names,
        lambda chunk: part.take(slice(chunk.first, chunk.first + chunk.size)),
    )
