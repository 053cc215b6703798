"""Internal validation of a model of time to event: `CoxFit.validate`, `FineGrayFit.validate`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._checks import as_thresholds
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.concordance import PairCounts, concordance_batch
from vertebrisk.kernels.survival.fine_gray import log_baseline_hazards
from vertebrisk.kernels.survival.partial import log_cumulative_hazards
from vertebrisk.models.likelihoods import PartialLikelihood, SubdistributionLikelihood
from vertebrisk.models.survival.checking import measured_horizons
from vertebrisk.models.validating.plan import DEFAULT_THRESHOLDS, ResamplePlan
from vertebrisk.models.validating.scheme import repeated_procedure
from vertebrisk.validation.resampling import Developed
from vertebrisk.validation.results import Validation
from vertebrisk.validation.survival.indexes import (
    SAME,
    cox_indexes,
    never_after_competing,
    subdistribution_indexes,
)
from vertebrisk.validation.survival.left_out import run_timed_left_out
from vertebrisk.validation.survival.resampling import (
    FollowedOutcome,
    TimedModel,
    apparent_performance,
    run_timed_replicates,
)
from vertebrisk.validation.survival.smoothing import SMOOTHER, SMOOTHER_COMPETING
from vertebrisk.validation.survival.summary import summarise_timed

if TYPE_CHECKING:
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit


@dataclass(frozen=True, slots=True, eq=False)
class CoxMeasures:
    """Indexes and baseline of a Cox model; see `validation.survival.resampling.TimedModel`."""

    likelihood: PartialLikelihood

    @property
    def strata(self) -> IntArray:
        """Stratum of each patient."""
        return self.likelihood.times.groups

    def mass(self, weights: FloatArray) -> FloatArray:
        """Frequencies times case weights."""
        case = self.likelihood.case_weights
        return weights if case is None else weights * case

    def indexes(
        self, linear: FloatArray, weights: FloatArray, *, refit: bool
    ) -> dict[str, FloatArray]:
        """See `cox_indexes`."""
        return cox_indexes(
            linear,
            self.likelihood.times,
            self.mass(weights),
            ties=self.likelihood.ties,
            counts=weights,
            refit=refit,
        )

    def ranked(self, linear: FloatArray, weights: FloatArray) -> PairCounts:
        """See `concordance_batch`."""
        times, mass = self.likelihood.times, self.mass(weights)
        return concordance_batch(times, linear, mass, tolerance=SAME)

    def log_hazards(
        self, linear: FloatArray, weights: FloatArray, horizons: FloatArray
    ) -> FloatArray:
        """See `PartialSums.log_cumulative_hazards`."""
        strata = int(self.strata.max()) + 1
        if horizons.size == 0:
            return np.empty((weights.shape[0], strata, 0))
        return log_cumulative_hazards(
            linear,
            self.likelihood.times,
            self.mass(weights),
            horizons,
            ties=self.likelihood.ties,
            counts=weights,
            strata=strata,
        )


@dataclass(frozen=True, slots=True, eq=False)
class FineGrayMeasures:
    """Indexes and baseline of a Fine-Gray model."""

    likelihood: SubdistributionLikelihood

    @property
    def strata(self) -> IntArray:
        """One baseline for all."""
        return np.zeros(self.likelihood.exit.size, dtype=np.int64)

    def mass(self, weights: FloatArray) -> FloatArray:
        """Frequencies."""
        return weights

    def indexes(
        self, linear: FloatArray, weights: FloatArray, *, refit: bool
    ) -> dict[str, FloatArray]:
        """See `subdistribution_indexes`."""
        own = self.likelihood
        return subdistribution_indexes(linear, own.exit, own.status, weights, refit=refit)

    def ranked(self, linear: FloatArray, weights: FloatArray) -> PairCounts:
        """See `never_after_competing`."""
        times = never_after_competing(self.likelihood.exit, self.likelihood.status)
        return concordance_batch(times, linear, weights, tolerance=SAME)

    def log_hazards(
        self, linear: FloatArray, weights: FloatArray, horizons: FloatArray
    ) -> FloatArray:
        """See `log_baseline_hazards`."""
        own = self.likelihood
        found = log_baseline_hazards(
            linear,
            own.exit,
            own.status,
            horizons,
            np.broadcast_to(weights, linear.shape),
            censoring_strata=own.censoring_strata,
        )
        return found[:, None]


def followed_outcome(
    fit: CoxFit, horizons: Sequence[float] | None, thresholds: FloatArray | None
) -> FollowedOutcome:
    """On what, and at which horizons, a model is measured.

    With late entry the share with the event by a horizon is not that of the patients who
    were observed, so nothing is measured at horizons.
    """
    when = measured_horizons(horizons, fit.horizons, float(fit.times.exit.max()))
    cuts = DEFAULT_THRESHOLDS if thresholds is None else as_thresholds(thresholds)
    return FollowedOutcome(
        exit=fit.times.exit,
        status=fit.event.astype(np.int64),
        horizons=np.array(when if fit.times.entry is None else (), dtype=np.float64),
        thresholds=cuts,
    )


def competing_outcome(
    fit: FineGrayFit, horizons: Sequence[float] | None, thresholds: FloatArray | None
) -> FollowedOutcome:
    """On what, and at which horizons, a Fine-Gray model is measured."""
    when = measured_horizons(horizons, fit.horizons, float(fit.exit.max()))
    cuts = DEFAULT_THRESHOLDS if thresholds is None else as_thresholds(thresholds)
    return FollowedOutcome(fit.exit, fit.status, np.array(when, dtype=np.float64), cuts)


def validate_cox(
    fit: CoxFit,
    plan: ResamplePlan,
    outcome: FollowedOutcome,
    *,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `CoxFit.validate`."""
    model = CoxMeasures(fit.likelihood)
    return _validated(fit, model, plan, outcome, SMOOTHER, fixed, progress)


def validate_fine_gray(
    fit: FineGrayFit,
    plan: ResamplePlan,
    outcome: FollowedOutcome,
    *,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `FineGrayFit.validate`."""
    model = FineGrayMeasures(fit.likelihood)
    return _validated(fit, model, plan, outcome, SMOOTHER_COMPETING, fixed, progress)


def _validated(
    fit: CoxFit | FineGrayFit,
    model: TimedModel,
    plan: ResamplePlan,
    outcome: FollowedOutcome,
    smoother: str,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    development, final = repeated_procedure(fit, fixed=fixed)
    apparent = apparent_performance(model, outcome, fit.linear_predictor)
    robust = fit.covariance_kind == "robust"
    settings = plan.settings(
        development, fixed=fixed, final=final, clusters=fit.clusters, robust=robust
    )

    def develop(weights: FloatArray) -> Developed:
        return development(weights, final)

    if plan.folds is not None:
        models, pooled = run_timed_left_out(
            develop, plan.draw, plan.repeats, model, outcome, apparent, progress
        )
        return summarise_timed(models, apparent, outcome, settings, smoother, pooled)
    replicates = run_timed_replicates(
        develop,
        plan.draw,
        plan.resamples,
        model,
        outcome,
        apparent,
        fit.matrix,
        np.array(fit.horizons),
        progress,
        left_out=plan.leaves_out,
    )
    return summarise_timed(replicates, apparent, outcome, settings, smoother)
