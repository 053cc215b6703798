"""A bootstrap of a Cox model over sorted patients: all replicates of a batch share each pass.

The weights of a patient are Poisson numbers of his place in the order of time, so no replicate
is ever held. Newton's method begins at the estimate of all patients, with the information that
each replicate has there; from there gradients with that information are mostly enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.engines.engine import Chunk, Engine, Sums, added
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.kernels.steps import ranks, solve_steps, unpacked
from vertebrisk.kernels.streamed.followed_replicates import (
    ByTime,
    Followed,
    Settled,
    at_risk_by,
    drawn_by_time,
    hazards_by_time,
    means_by_time,
    placed_together,
    replicate_slopes,
    replicate_spreads,
    settled,
)
from vertebrisk.kernels.streamed.sorted_rows import Scaling
from vertebrisk.kernels.survival.spread import mean_products
from vertebrisk.kernels.survival.ties import Hazards, TiedTerms

STEP = "bootstrap"
PASSES = 40
SETTLED = 1e-11  # a step of a coefficient, in spreads, after which none follows
CONTRACTION = 0.1  # of a step to the one before, beyond which the information is made anew
RUNAWAY = 1e3  # of a coefficient, in spreads, that has no end
MEANS = 1 << 22  # replicates times times times covariates that are held at once

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Patients in the order of time, and the replicates that draw them.

    Attributes
    ----------
    patients : SortedPatients
        Without strata, weights and offset.
    scaling : Scaling
        Of their covariates.
    times : array, shape (t,)
        Different times, ascending.
    seed : int
    replicates : int array, shape (r,)
    drawn : bool
        False where every patient counts once in each.
    """

    patients: SortedPatients
    scaling: Scaling
    times: FloatArray
    seed: int
    replicates: IntArray
    drawn: bool = True

    def of_chunk(self, chunk: Chunk) -> Followed:
        """The rows of a chunk."""
        rows = self.patients.rows(chunk, self.scaling).scaled()
        place = np.searchsorted(self.times, rows.time)
        own = self.seed, self.replicates, self.drawn
        return Followed(rows.columns, place, rows.event, chunk.first, *own)


@dataclass(frozen=True, slots=True, eq=False)
class FollowedPasses:
    """Passes over sorted patients with the weights of some replicates.

    Coefficients are those of covariates in spreads about their centre.

    Attributes
    ----------
    engine : Engine
    draws : Draws
    ties : {"efron", "breslow"}
    """

    engine: Engine
    draws: Draws
    ties: Ties

    def some(self, places: IntArray) -> FollowedPasses:
        """With some of the replicates."""
        return replace(self, draws=replace(self.draws, replicates=self.draws.replicates[places]))

    def everyone(self) -> FollowedPasses:
        """With every patient once in each replicate."""
        return replace(self, draws=replace(self.draws, drawn=False))

    def by_time(
        self, work: Callable[[Followed], ByTime], step: str = STEP, times: int | None = None
    ) -> FloatArray:
        """Sums by time, shape (kinds, replicates, times), by one pass; of all times by default."""
        patients, one = self.draws.patients, partial(_worked, self.draws, work)
        found = self.engine.collect(patients.columns, patients.read, one, step)
        return placed_together(found, times or self.draws.times.size)

    def reduced(
        self, work: Callable[[Followed], T], join: Callable[[T, T], T], step: str = STEP
    ) -> T:
        """Something of all patients, by one pass."""
        patients, one = self.draws.patients, partial(_worked, self.draws, work)
        return self.engine.reduce(patients.columns, patients.read, one, join, step)

    def hazards(self, beta: FloatArray, events: FloatArray) -> Settled:
        """Terms of the likelihood at coefficients, by one pass."""
        left, dying = self.by_time(partial(hazards_by_time, beta=beta))
        return settled(events, at_risk_by(left), dying, self.ties)

    def slopes(self, beta: FloatArray, found: Settled) -> Sums:
        """Linear predictors of the events, summed, and the gradient."""
        lived, spared = found.lived, found.hazards.returned
        work = partial(replicate_slopes, beta=beta, lived=lived, spared=spared)
        return self.reduced(work, added)

    def curvature(self, beta: FloatArray, events: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and information of each replicate, by two passes of each few of them.

        `beta` may have one row for all.
        """
        count, size = events.shape[0], beta.shape[1]
        gradient, information = np.empty((count, size)), np.empty((count, size, size))
        step = max(1, MEANS // max(1, 2 * size * self.draws.times.size))
        for start in range(0, count, step):
            part = np.arange(start, min(start + step, count))
            own = beta if beta.shape[0] == 1 else beta[part]
            gradient[part], information[part] = self.some(part)._curvature(own, events[part])
        return gradient, information

    def _curvature(self, beta: FloatArray, events: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = self.hazards(beta, events)
        lived, spared = found.lived, found.hazards.returned
        sums = self.by_time(partial(means_by_time, beta=beta))
        left, dying = np.split(sums, 2)
        work = partial(replicate_spreads, beta=beta, lived=lived, spared=spared)
        gradient, packed = self.reduced(work, added)
        means = means_of(found.hazards, events, at_risk_by(left), dying, self.ties)
        return gradient, unpacked(packed, beta.shape[1]) - means


def _worked(draws: Draws, work: Callable[[Followed], T], chunk: Chunk) -> T:
    return work(draws.of_chunk(chunk))


def means_of(
    hazards: Hazards, events: FloatArray, whole: FloatArray, dying: FloatArray, ties: Ties
) -> FloatArray:
    """Products of mean covariates, (replicates, p, p), of sums of shape (p, replicates, times)."""
    parts = []
    for place in range(events.shape[0]):
        own = slice(place, place + 1)
        terms = TiedTerms.counted(events[own], events[own], ties)
        turned = (each[:, own].transpose(1, 0, 2) for each in (whole, dying))
        parts.append(mean_products(terms, hazards.take(own), *turned))
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True, eq=False)
class CoxReplicates:
    """The models of some replicates.

    Attributes
    ----------
    beta : array, shape (r, p)
        Of covariates in spreads; those of all patients where a replicate has none.
    found : bool array, shape (r,)
        False where no finite estimate was found.
    deficient : bool array, shape (r,)
        True where a column has no information of its own.
    counts, events : array, shape (r, times)
        Patients of each replicate, and events, by time.
    log_likelihood : array, shape (r,)
        On its own patients.
    hazards : Settled
        Of its own patients.
    """

    beta: FloatArray
    found: BoolArray
    deficient: BoolArray
    counts: FloatArray
    events: FloatArray
    log_likelihood: FloatArray
    hazards: Settled


def fitted_replicates(passes: FollowedPasses, start: FloatArray) -> CoxReplicates:
    """Fit the model of every replicate, beginning at the estimate of all patients, (p,)."""
    counts, events = passes.by_time(drawn_by_time)
    total = events.sum(axis=1)
    beta, found = np.tile(start, (total.size, 1)), np.zeros(total.size, dtype=np.bool_)
    gradient, information = passes.curvature(start[None], events)
    full = ranks(information) == start.size
    active = np.flatnonzero(total > 0.0)
    step = np.zeros_like(beta)
    step[active] = solve_steps(information[active], gradient[active], full[active])
    for _ in range(PASSES):
        beta[active] += step[active]
        length = np.abs(step[active]).max(axis=1, initial=0.0)
        found[active[length < SETTLED]] = True
        ends = (length < SETTLED) | ~(np.abs(beta[active]).max(axis=1, initial=0.0) < RUNAWAY)
        active, length = active[~ends], length[~ends]
        if active.size == 0:
            break
        own = passes.some(active)
        _, slope = own.slopes(beta[active], own.hazards(beta[active], events[active]))
        after = solve_steps(information[active], slope, full[active])
        slow = np.flatnonzero(~(np.abs(after).max(axis=1) < CONTRACTION * length))
        if slow.size:
            late = active[slow]
            slope, information[late] = passes.some(late).curvature(beta[late], events[late])
            after[slow] = solve_steps(information[late], slope, full[late])
        step[active] = after
    beta[~found] = start
    hazards = passes.hazards(beta, events)
    gain, _ = passes.slopes(beta, hazards)
    log_likelihood = gain - hazards.logs.sum(axis=1)
    return CoxReplicates(beta, found, ~full, counts, events, log_likelihood, hazards)
