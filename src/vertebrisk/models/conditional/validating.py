"""Internal validation of a conditional model: whole sets drawn, ranks inside them measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.conditional.sets import MatchedSets, ranked_inside
from vertebrisk.kernels.conditional.slopes import conditional_slopes
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.models.validating.plan import ResamplePlan
from vertebrisk.models.validating.scheme import repeated_procedure
from vertebrisk.validation.left_out import FoldScores, LeftOut, Pooled, gathered
from vertebrisk.validation.resampling import GRID, Developed, Replicates, run_batches
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


@dataclass(frozen=True, slots=True, eq=False)
class InsideSets:
    """What is measured of models of matched sets: ranks inside them, and the slope.

    Attributes
    ----------
    groups : int array, shape (n,)
        Set of each row.
    sets : MatchedSets
    left_out : bool
        True where models are tested on the sets that their resample left out.
    """

    groups: IntArray
    sets: MatchedSets
    left_out: bool

    def measured(
        self, linear: FloatArray, weights: FloatArray, *, refit: bool
    ) -> dict[str, FloatArray]:
        """Measures of linear predictors on weighted rows, shape (replicates, n) or (1, n)."""
        area = inside_sets(linear, self.sets, weights)
        slope = np.ones(linear.shape[0])
        if refit:
            slope = conditional_slopes(linear, self.sets, weights)
        return {"c_index": area, "dxy": 2.0 * area - 1.0, "slope": slope}

    def replicates(self, developed: Developed, drawn: FloatArray) -> Replicates:
        """Models of drawn sets, shape (replicates, sets), on their own and on other sets."""
        linear = developed.linear[:, developed.patterns.of]
        usable = np.ones(drawn.shape[0], dtype=np.bool_)
        tested = np.ones((1, drawn.shape[1]))
        if self.left_out:
            rest = (drawn == 0.0).astype(np.float64)
            usable = rest.any(axis=1)
            tested = np.where(usable[:, None], rest, tested)
        nothing = np.empty((drawn.shape[0], 0, GRID))
        return Replicates(
            training=self.measured(linear, drawn[:, self.groups], refit=False),
            test=self.measured(linear, tested[:, self.groups], refit=True),
            training_curves=nothing,
            test_curves=nothing,
            training_benefit=nothing[:, :, :0],
            test_benefit=nothing[:, :, :0],
            separated=developed.separated,
            deficient=developed.deficient,
            usable=usable,
            prevalence=nothing[:, :, 0],
            selected=developed.selected,
            coefficients=developed.coefficients,
            own=developed.own,
        )

    def scored(self, developed: Developed, drawn: FloatArray) -> FoldScores:
        """Rows of the sets that were left out, by the models made without them."""
        model, row = np.nonzero(drawn[:, self.groups] == 0.0)
        none = np.zeros((drawn.shape[0], 1))
        return FoldScores(
            model=model,
            patient=row,
            scores=developed.linear[model, developed.patterns.of[row]][:, None],
            concordant=none,
            pairs=none,
            made=developed,
            usable=np.ones(drawn.shape[0], dtype=np.bool_),
        )

    def pooled(self, left: LeftOut, repeat: IntArray) -> Pooled:
        """Measures of each repeat: no set is compared with another, so nothing is put right."""
        found = self.measured(left.linear, np.ones((1, self.groups.size)), refit=True)
        found["slope"][np.bincount(repeat, left.models.separated) > 0] = np.nan
        nothing = np.empty((left.linear.shape[0], 0, GRID))
        return Pooled(found, nothing, nothing[:, :, :0])


def validate_conditional(
    fit: ConditionalFit,
    plan: ResamplePlan,
    *,
    fixed: bool,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `ConditionalFit.validate`."""
    development, final = repeated_procedure(fit, fixed=fixed)
    groups, sets = fit.likelihood.groups, fit.likelihood.sets
    measures = InsideSets(groups, sets, left_out=plan.leaves_out)

    def develop(drawn: FloatArray) -> Developed:
        return development(drawn[:, groups], final)

    linear = fit.linear_predictor
    own = measures.measured(linear[None], np.ones((1, fit.n)), refit=False)
    none = np.empty((0, GRID))
    apparent = TimedApparent(
        linear=linear,
        risk=np.empty((fit.n, 0)),
        measures={name: float(value[0]) for name, value in own.items()},
        grid=none,
        curve=none,
        benefit=none[:, :0],
        incidence=np.empty(0),
        nothing={"c_index": 0.5, "dxy": 0.0, "slope": 0.0},
    )
    outcome = FollowedOutcome(
        np.ones(fit.n), fit.likelihood.event.astype(np.int64), np.empty(0), np.empty(0)
    )
    settings = plan.settings(development, fixed=fixed, final=final, clusters=None)
    batch = max(1, min(BATCH, PLACES // max(1, sets.rows.size)))
    if plan.folds is not None:
        event = fit.likelihood.event.astype(np.float64)
        left = gathered(
            lambda drawn: measures.scored(develop(drawn), drawn),
            plan.draw, plan.repeats, event, progress, batch,
        )  # fmt: skip
        pooled = measures.pooled(left, plan.repeats)
        return summarise_timed(left.models, apparent, outcome, settings, "none", pooled)
    replicates = run_batches(
        lambda drawn: measures.replicates(develop(drawn), drawn),
        plan.draw, plan.resamples, plan.size, progress, batch,
    )  # fmt: skip
    return summarise_timed(replicates, apparent, outcome, settings, "none")
