"""Internal validation of a conditional model: whole sets drawn, ranks inside them measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.conditional import MatchedSets, fit_conditional_batch
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.survival.concordance import concordance_batch
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.conditional.likelihood import ConditionalLikelihood
from vertebrisk.models.resampling import ResamplePlan
from vertebrisk.validation.resampling import GRID, Replicates, run_batches
from vertebrisk.validation.results import Estimate, Validation
from vertebrisk.validation.survival.resampling import FollowedOutcome, TimedApparent
from vertebrisk.validation.survival.summary import summarise_timed

if TYPE_CHECKING:
    from vertebrisk.models.conditional.fit import ConditionalFit

BATCH = 100  # resamples done together, fewer where sets are large
PLACES = 2_000_000  # members of sets times resamples that are held at once
SAME = 1e-9  # linear predictors of one covariate pattern, summed in another order


def inside_sets(
    linear: FloatArray, likelihood: ConditionalLikelihood, weights: FloatArray
) -> FloatArray:
    """Share of pairs of a case and a control of one set that are ranked right, (replicates,).

    Linear predictors and weights have shape (replicates, n) or (1, n); a set that was drawn
    twice has twice its pairs.
    """
    event = likelihood.event > 0.5
    times = SurvivalTimes(np.ones(event.size), event, None, likelihood.groups)
    return np.asarray(concordance_batch(times, linear, np.sqrt(weights), tolerance=SAME).index)


def within_sets(linear: FloatArray, sets: MatchedSets, level: float) -> Estimate:
    """Concordance of one linear predictor, shape (n,); see `ConditionalFit.concordance`."""
    values = linear[sets.rows]
    controls = sets.filled & ~sets.leading
    right, pairs = np.zeros(sets.cases.size), np.zeros(sets.cases.size)
    for place in range(int(sets.cases.max(initial=0))):
        above = values[:, place, None] - values
        score = np.where(np.abs(above) <= SAME, 0.5, above > 0)
        compared = controls & (place < sets.cases)[:, None]
        right += np.where(compared, score, 0.0).sum(axis=1)
        pairs += compared.sum(axis=1)
    share = float(right.sum() / pairs.sum())
    error = float(np.sqrt(np.sum((right - share * pairs) ** 2))) / float(pairs.sum())
    reach = float(normal_quantile(0.5 + level / 2.0)) * error
    return Estimate(share, max(share - reach, 0.0), min(share + reach, 1.0))


def slopes(
    linear: FloatArray, likelihood: ConditionalLikelihood, weights: FloatArray
) -> FloatArray:
    """Coefficient of each replicate's own linear predictor; NaN where it is not finite."""
    sets = likelihood.sets
    found = np.empty(linear.shape[0])
    for place, (own, drawn) in enumerate(
        zip(linear, np.broadcast_to(weights, linear.shape), strict=True)
    ):
        fit = fit_conditional_batch(own[:, None], sets, drawn[None])
        usable = fit.converged[0] and fit.rank[0] == 1
        found[place] = fit.beta[0, 0] if usable else np.nan
    return found


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
    likelihood = fit.likelihood
    everyone = np.ones((1, fit.n))

    def measured(linear: FloatArray, weights: FloatArray, *, refit: bool) -> dict[str, FloatArray]:
        area = inside_sets(linear, likelihood, weights)
        slope = slopes(linear, likelihood, weights) if refit else np.ones(linear.shape[0])
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

    batch = max(1, min(BATCH, PLACES // max(1, likelihood.sets.rows.size)))
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
