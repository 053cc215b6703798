"""Follow-up regressed on the linear predictors of bootstrap replicates, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.engines.cox_bootstrap import FollowedPasses
from vertebrisk.kernels.steps import ranks, solve_steps
from vertebrisk.kernels.streamed.followed_replicates import at_risk_by, settled
from vertebrisk.kernels.streamed.regressed_replicates import (
    Height,
    Lines,
    height_of,
    regressed_by_time,
)

STEP = "performance"
PASSES = 40
RESTED = 1e-12  # squared step, in standard errors, after which what is left is its square
SHORTER = 0.25  # a step that led too far
ROUNDING = 1e-12  # of a likelihood
RECALIBRATED: Ties = "efron"  # at horizons, whatever the ties of the model


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Follow-up regressed on columns made of linear predictors.

    Attributes
    ----------
    slopes : array, shape (r, columns)
        NaN where there are none.
    log_likelihood : array, shape (r,)
    """

    slopes: FloatArray
    log_likelihood: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Regressed:
    """Linear predictors regressed on, on some patients: over all of follow-up and to horizons.

    Attributes
    ----------
    own, null : array, shape (r,)
        Log-likelihoods at slopes of 1 and of 0.
    whole : Line
    horizons : tuple of Line
    """

    own: FloatArray
    null: FloatArray
    whole: Line
    horizons: tuple[Line, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """Follow-up regressed on a restricted cubic spline of linear predictors.

    Attributes
    ----------
    knots : array, shape (r, 3)
    beta : array, shape (r, 2)
    log_hazards : array, shape (r, h)
        Cumulative hazards by the horizons where the columns are 0, as logarithms.
    usable : bool array, shape (r,)
    """

    knots: FloatArray
    beta: FloatArray
    log_hazards: FloatArray
    usable: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Followers:
    """Patients on whom models are measured.

    Attributes
    ----------
    passes : FollowedPasses
    beta : array, shape (r, p)
        The models.
    counts, events : array, shape (r or 1, times)
        Patients and events by time.
    untils : int array, shape (h,)
        How many times there are up to each horizon.
    """

    passes: FollowedPasses
    beta: FloatArray
    counts: FloatArray
    events: FloatArray
    untils: IntArray

    def regressed(self, *, refit: bool) -> Regressed:
        """Regress follow-up on the linear predictors.

        Without `refit` the models are those of these patients: the slope over all of follow-up
        is 1.
        """
        ties, times = self.passes.ties, self.events.shape[1]
        terms = settled(self.events, at_risk_by(self.counts), self.events, ties)
        null = np.broadcast_to(-terms.logs.sum(axis=1), self.beta.shape[:1])
        search = _Search(self.passes, self.beta, self._events, None)
        start = np.ones((self.beta.shape[0], 1))
        first = search.sums(start, np.arange(start.size))
        at_one = height_of(first, self._events, start, ties, times).value
        whole = search.highest(start, first, times, ties) if refit else Line(start, at_one)
        own = tuple(search.highest(start, first, int(until), RECALIBRATED) for until in self.untils)
        return Regressed(at_one, null, whole, own)

    def smoothed(self, knots: FloatArray) -> Smoothed:
        """Regress follow-up on the spline with these knots, shape (r, 3)."""
        search = _Search(self.passes, self.beta, self._events, knots)
        count, times = self.beta.shape[0], self.events.shape[1]
        everyone, start = np.arange(count), np.tile([1.0, 0.0], (count, 1))
        found = search.highest(start, search.sums(start, everyone), times, RECALIBRATED).slopes
        usable = np.asarray(np.isfinite(found).all(axis=1))
        beta = np.where(usable[:, None], found, start)
        sums = search.sums(beta, everyone)
        lived = height_of(sums, self._events, beta, RECALIBRATED, times).lived
        return Smoothed(knots, beta, log_hazards(lived, self.untils), usable)

    @property
    def _events(self) -> FloatArray:
        return np.broadcast_to(self.events, (self.beta.shape[0], self.events.shape[1]))


def log_hazards(lived: FloatArray, untils: IntArray) -> FloatArray:
    """Logarithms of cumulative hazards by time, (r, times), at the last of so many: (r, h)."""
    known = np.concatenate([np.zeros((lived.shape[0], 1)), lived], axis=1)[:, untils]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(known))


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    passes: FollowedPasses
    beta: FloatArray
    events: FloatArray
    knots: FloatArray | None

    def sums(self, slopes: FloatArray, places: IntArray) -> FloatArray:
        """One pass with some of the replicates."""
        passes = self.passes.some(places)
        knots = None if self.knots is None else self.knots[places]
        lines = Lines(self.beta[places], slopes, knots)
        return passes.by_time(partial(regressed_by_time, lines=lines), STEP)

    def highest(self, start: FloatArray, first: FloatArray, until: int, ties: Ties) -> Line:
        """The best slopes; `first` are the sums at the start.

        A step that lowers the likelihood is taken again, and shorter.
        """
        count = start.shape[0]
        held, step = start.copy(), np.zeros_like(start)
        highest, gained = np.full(count, -np.inf), np.zeros(count)
        rested, active = np.zeros(count, dtype=np.bool_), np.arange(count)
        for turn in range(PASSES):
            line = held[active] + step[active]
            sums = self.sums(line, active) if turn else first
            found = height_of(sums, self.events[active], line, ties, until)
            known = found.information[:, 0, 0] > 0.0
            active, line, found = active[known], line[known], Height(*(e[known] for e in found))
            better = found.value >= highest[active] - ROUNDING * (1.0 + np.abs(found.value))
            up, down = active[better], active[~better]
            held[up], highest[up] = line[better], found.value[better]
            own, slope = found.information[better], found.gradient[better]
            step[up] = solve_steps(own, slope, ranks(own) == start.shape[1])
            step[down] *= SHORTER
            squared = np.einsum("rc,rc->r", slope, step[up])
            gained[up] = 0.5 * squared
            rested[up[squared < RESTED]] = True
            active = active[~rested[active]]
            if active.size == 0:
                break
        slopes = np.where(rested[:, None], held + step, np.nan)
        return Line(slopes, np.where(rested, highest + gained, np.nan))
