"""Internal validation of a logistic model: `LogisticFit.validate`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vertebrisk._types import FloatArray
from vertebrisk.models.logistic.sampled import with_prevalence
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.models.validating.scheme import repeated_procedure
from vertebrisk.validation.left_out import run_left_out
from vertebrisk.validation.resampling import Developed, run_replicates
from vertebrisk.validation.results import Validation
from vertebrisk.validation.summary import summarise

if TYPE_CHECKING:
    from vertebrisk.models.logistic.fit import LogisticFit


def validate_logistic(
    fit: LogisticFit,
    plan: ResamplePlan,
    thresholds: FloatArray,
    *,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `LogisticFit.validate`."""
    development, final = repeated_procedure(fit, fixed=fixed)
    settings = plan.settings(development, fixed=fixed, final=final, clusters=fit.clusters)

    def develop(weights: FloatArray) -> Developed:
        made = development(weights, final)
        return made if fit.sampling is None else made.moved(fit.sampling.offset)

    if plan.folds is not None:
        models, pooled = run_left_out(
            develop, plan.draw, plan.repeats, fit.apparent, thresholds, progress
        )
        return summarise(models, fit.apparent, thresholds, settings, pooled)
    replicates = run_replicates(
        develop,
        plan.draw,
        plan.resamples,
        fit.apparent,
        thresholds,
        progress,
        left_out=plan.leaves_out,
    )
    replicates = with_prevalence(replicates, fit.sampling, plan.seed)
    return summarise(replicates, fit.apparent, thresholds, settings)
