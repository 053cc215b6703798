"""Internal validation of a Cox model: `CoxFit.validate`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._checks import as_thresholds
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.survival.partial import PartialSums
from vertebrisk.models.likelihoods import PartialLikelihood
from vertebrisk.models.resampling import DEFAULT_THRESHOLDS, ResamplePlan
from vertebrisk.models.survival.checking import checked_horizons
from vertebrisk.validation.results import Validation
from vertebrisk.validation.survival.indexes import cox_indexes
from vertebrisk.validation.survival.resampling import (
    FollowedOutcome,
    TimedApparent,
    apparent_performance,
    run_timed_replicates,
)
from vertebrisk.validation.survival.smoothing import SMOOTHER
from vertebrisk.validation.survival.summary import summarise_timed

if TYPE_CHECKING:
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

    def log_hazards(
        self, linear: FloatArray, weights: FloatArray, horizons: FloatArray
    ) -> FloatArray:
        """See `PartialSums.log_cumulative_hazards`."""
        sums = PartialSums.of(
            linear,
            self.likelihood.times,
            self.mass(weights),
            ties=self.likelihood.ties,
            counts=weights,
        )
        return sums.log_cumulative_hazards(horizons, int(self.strata.max()) + 1)


def followed_outcome(
    fit: CoxFit, horizons: Sequence[float] | None, thresholds: FloatArray | None
) -> FollowedOutcome:
    """On what, and at which horizons, a model is measured.

    With late entry the share with the event by a horizon is not that of the patients who
    were observed, so nothing is measured at horizons.
    """
    when = fit.horizons if horizons is None else checked_horizons(horizons, fit.times)
    cuts = DEFAULT_THRESHOLDS if thresholds is None else as_thresholds(thresholds)
    return FollowedOutcome(
        exit=fit.times.exit,
        status=fit.event.astype(np.int64),
        horizons=np.array(when if fit.times.entry is None else (), dtype=np.float64),
        thresholds=cuts,
    )


def apparent_of(fit: CoxFit, outcome: FollowedOutcome) -> TimedApparent:
    """Performance on the patients that the model was made from."""
    return apparent_performance(CoxMeasures(fit.likelihood), outcome, fit.linear_predictor)


def validate_cox(
    fit: CoxFit,
    plan: ResamplePlan,
    outcome: FollowedOutcome,
    *,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `CoxFit.validate`."""
    development, final = fit.development, fit.chosen
    if fixed:
        development, final = development.held(final), np.ones(int(final.sum()), np.bool_)
    apparent = apparent_of(fit, outcome)
    replicates = run_timed_replicates(
        lambda weights: development(weights, final),
        plan.draw,
        plan.resamples,
        CoxMeasures(fit.likelihood),
        outcome,
        apparent,
        fit.matrix,
        np.array(fit.horizons),
        progress,
    )
    settings = plan.settings(development, fixed=fixed)
    return summarise_timed(replicates, apparent, outcome, settings, SMOOTHER)
