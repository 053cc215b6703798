"""How the models of a bootstrap of a Cox model do, on their own patients and on all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.engines.cox_bootstrap import CoxReplicates, FollowedPasses, fitted_replicates
from vertebrisk.engines.cox_bootstrap_lines import (
    STEP,
    Followers,
    Regressed,
    Smoothed,
    log_hazards,
)
from vertebrisk.kernels.streamed.classed_replicates import (
    AtHorizons,
    Classed,
    Sums,
    classed,
    classed_together,
)
from vertebrisk.kernels.survival.censoring import CensoringCurve, horizon_weights

TOGETHER = 64  # replicates of a batch
HELD = 1 << 18  # replicates times different times of a batch
KNOTS = (0.10, 0.50, 0.90)  # of a smooth calibration curve


@dataclass(frozen=True, slots=True, eq=False)
class Fates:
    """What is known at some horizons of patients by the time at which they left.

    Attributes
    ----------
    times : array, shape (t,)
    horizons : array, shape (h,)
    """

    times: FloatArray
    horizons: FloatArray

    @property
    def exit(self) -> FloatArray:
        """Times of those without the event, and with it, in turn."""
        return np.repeat(self.times, 2)

    @property
    def status(self) -> IntArray:
        """Whether they have it."""
        return np.tile(np.array([0, 1]), self.times.size)

    @property
    def until(self) -> IntArray:
        """How many times there are up to each horizon."""
        return np.searchsorted(self.times, self.horizons, side="right")

    def weights(self, counts: FloatArray, events: FloatArray) -> FloatArray:
        """How many these are, shape (r, 2 t), of patients and events by time."""
        return np.stack([counts - events, events], axis=-1).reshape(counts.shape[0], -1)

    def factors(self, weights: FloatArray) -> FloatArray:
        """What each stands for, shape (r, h, 2 t)."""
        curve = CensoringCurve.of(self.exit, self.status, weights)
        found = [horizon_weights(curve, self.exit, self.status, each) for each in self.horizons]
        return np.stack(found, axis=1) if found else np.empty((*weights.shape[:1], 0, 0))

    @property
    def cases(self) -> BoolArray:
        """Who has the event by each horizon, shape (h, 2 t)."""
        return np.asarray((self.exit <= self.horizons[:, None]) & (self.status == 1))


def ranked(
    passes: FollowedPasses, models: CoxReplicates, fates: Fates, everyone: FloatArray, spread: float
) -> Classed:
    """Counts by class of the score, and of the risks, by one pass.

    `everyone` are all patients by time and fate, shape (1, 2 t); `spread` is that of the linear
    predictors.
    """
    own = fates.weights(models.counts, models.events)
    at = AtHorizons(
        log_hazards=log_hazards(models.hazards.lived, fates.until),
        own=fates.factors(own),
        everyone=fates.factors(everyone),
        cases=fates.cases,
    )
    work = partial(classed, beta=models.beta, spread=spread, at=at)
    found: Classed = passes.reduced(work, classed_together, STEP)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What models do on some patients.

    Attributes
    ----------
    fates : array, shape (r, 2 t)
        The patients by time, without the event and with it in turn.
    line : Regressed
    smooth : Smoothed
    """

    fates: FloatArray
    line: Regressed
    smooth: Smoothed


@dataclass(frozen=True, slots=True, eq=False)
class CoxBatch:
    """Some replicates of a bootstrap, and what they were found to do.

    Attributes
    ----------
    passes : FollowedPasses
        Over each replicate's own patients.
    models : CoxReplicates
    log_hazards : array, shape (r, h)
        Their cumulative hazards by the horizons for covariates at their centre.
    judged : (Judged, Judged)
        On each replicate's own patients, and on all.
    ranked : Classed
    """

    passes: FollowedPasses
    models: CoxReplicates
    log_hazards: FloatArray
    judged: tuple[Judged, Judged]
    ranked: Classed


def bootstrap_cox(
    passes: FollowedPasses,
    beta: FloatArray,
    known: tuple[FloatArray, FloatArray],
    fates: Fates,
    spread: float,
) -> Iterator[CoxBatch]:
    """Fit and measure the models of all replicates, some after the other.

    Parameters
    ----------
    passes : FollowedPasses
    beta : array, shape (p,)
        The estimate of all patients, of covariates in spreads.
    known : (array, array), shape (1, t) each
        Patients and events by time.
    fates : Fates
    spread : float
        Of the linear predictors of all patients.
    """
    everyone, count = fates.weights(*known), passes.draws.replicates.size
    size = min(TOGETHER, max(1, HELD // fates.times.size))
    for start in range(0, count, size):
        own = passes.some(np.arange(start, min(start + size, count)))
        models = fitted_replicates(own, beta)
        found = ranked(own, models, fates, everyone, spread)
        drawn = Followers(own, models.beta, models.counts, models.events, fates.until)
        all_ = Followers(own.everyone(), models.beta, *known, fates.until)
        mine = fates.weights(models.counts, models.events)
        yield CoxBatch(
            passes=own,
            models=models,
            log_hazards=log_hazards(models.hazards.lived, fates.until),
            judged=(
                _judged(drawn, found.sums, mine, own=True),
                _judged(all_, found.sums, np.broadcast_to(everyone, mine.shape), own=False),
            ),
            ranked=found,
        )


def _judged(followers: Followers, sums: Sums, fates: FloatArray, *, own: bool) -> Judged:
    knots = sums.rows.quantiles(0 if own else 1, KNOTS)
    return Judged(fates, followers.regressed(refit=not own), followers.smoothed(knots))
