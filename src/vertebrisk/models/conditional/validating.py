"""Internal validation of a conditional model: whole sets drawn, ranks inside them measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.conditional.sets import MatchedSets, ranked_inside
from vertebrisk.kernels.conditional.slopes import conditional_slopes
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.validation.resampling import GRID, Replicates, run_batches
from vertebrisk.validation.results import Estimate, Validation
from vertebrisk.validation.survival.resampling import FollowedOutcome, TimedApparent
from vertebrisk.validation.survival.summary import summarise_timed

if TYPE_CHECKING:
    from vertebrisk.models.conditional.fit import ConditionalFit

BATCH = 100  # resamples done together, fewer where sets are large
PLACES = 2_000_000  # members of sets times resamples that are held at once
SAME = 1e-9  # linear predictors of one covariate pattern, summed in another order


def inside_sets(linear: FloatArray, sets: MatchedSets, weights: FloatArray) -> FloatArray:
    """Share of pairs of a case and a control of one set that are ranked right, (replicates,).

    Linear predictors and weights have shape (replicates, n) or (1, n); a set that was drawn
    twice has twice its pairs.
    """
    right, pairs = ranked_inside(linear, sets, SAME)
    drawn = sets.drawn(weights)
    return np.asarray((right * drawn).sum(axis=1) / (drawn @ pairs))


def within_sets(linear: FloatArray, sets: MatchedSets, level: float) -> Estimate:
    """Concordance of one linear predictor, shape (n,); see `ConditionalFit.concordance`."""
    ranked, pairs = ranked_inside(linear[None], sets, SAME)
    right = ranked[0]
    share = float(right.sum() / pairs.sum())
    error = float(np.sqrt(np.sum((right - share * pairs) ** 2))) / float(pairs.sum())
    reach = float(normal_quantile(0.5 + level / 2.0)) * error
    return Estimate(share, max(share - reach, 0.0), min(share + reach, 1.0))


def validate_conditional(
    fit: ConditionalFit,
    plan: ResamplePlan,
    *,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `ConditionalFit.validate`."""
    development, final = fit.development, fit.chosen
    if fixed:
        development, final = development.held(final), np.ones(int(final.sum()), np.bool_)
    likelihood, sets = fit.likelihood, fit.likelihood.sets
    everyone = np.ones((1, fit.n))

    def measured(linear: FloatArray, weights: FloatArray, *, refit: bool) -> dict[str, FloatArray]:
        area = inside_sets(linear, sets, weights)
        slope = conditional_slopes(linear, sets, weights) if refit else np.ones(linear.shape[0])
        return {"c_index": area, "dxy": 2.0 * area - 1.0, "slope": slope}

    def work(drawn: FloatArray) -> Replicates:
        weights = drawn[:, likelihood.groups]
        developed = development(weights, final)
        linear = developed.linear[:, developed.patterns.of]
        nothing = np.empty((drawn.shape[0], 0, GRID))
        return Replicates(
            training=measured(linear, weights, refit=False),
            test=measured(linear, everyone, refit=True),
            training_curves=nothing,
            test_curves=nothing,
            training_benefit=nothing[:, :, :0],
            test_benefit=nothing[:, :, :0],
            separated=developed.separated,
            deficient=developed.deficient,
            usable=np.ones(drawn.shape[0], dtype=np.bool_),
            prevalence=nothing[:, :, 0],
            selected=developed.selected,
            coefficients=developed.coefficients,
            own=developed.own,
        )

    batch = max(1, min(BATCH, PLACES // max(1, sets.rows.size)))
    replicates = run_batches(work, plan.draw, plan.resamples, plan.size, progress, batch)
    linear = fit.linear_predictor
    own = measured(linear[None], everyone, refit=False)
    none = np.empty((0, GRID))
    apparent = TimedApparent(
        linear=linear,
        risk=np.empty((fit.n, 0)),
        measures={name: float(value[0]) for name, value in own.items()},
        grid=none,
        curve=none,
        benefit=none[:, :0],
        incidence=np.empty(0),
    )
    outcome = FollowedOutcome(
        np.ones(fit.n), likelihood.event.astype(np.int64), np.empty(0), np.empty(0)
    )
    settings = plan.settings(development, fixed=fixed, final=final, clusters=None)
    return summarise_timed(replicates, apparent, outcome, settings, "none")
