"""Models of time to event on the patients that they were not made from; see `validation.left_out`.

Models of different folds differ in what their linear predictors are measured from, so each is
taken from its mean over all patients before a repeat is measured: slope, R2, D, U, Q and g are
those of the times regressed on what every patient was given by a model without him, as the
cross-validated linear predictor of van Houwelingen et al. 2006, Statistics in Medicine
25:3201-3216. Risks by a horizon need no such step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.tied import collapse_counts
from vertebrisk.validation.estimates import word_of
from vertebrisk.validation.left_out import FoldScores, LeftOut, Pooled, gathered
from vertebrisk.validation.resampling import Developed, Draw, Procedure, Replicates
from vertebrisk.validation.survival.horizon import SAME, AtHorizon
from vertebrisk.validation.survival.resampling import (
    BATCH,
    NEEDS_FINITE,
    FollowedOutcome,
    TimedApparent,
    TimedModel,
    all_strata_seen,
    key_at,
    measured_at,
    risks_by,
)


def run_timed_left_out(
    procedure: Procedure,
    draw: Draw,
    repeat: IntArray,
    model: TimedModel,
    outcome: FollowedOutcome,
    apparent: TimedApparent,
    progress: Callable[[int], None] | None = None,
) -> tuple[Replicates, Pooled]:
    """Develop without each fold, score it, and measure every repeat as a whole.

    Parameters
    ----------
    procedure, draw, repeat, progress
        As in `validation.left_out.run_left_out`.
    model, outcome, apparent
        As in `run_timed_replicates`.

    Returns
    -------
    tuple
        The models, without measures of their own, and the measures of the repeats. C and AUC
        compare patients of one fold; for AUC they are weighted by the censoring curve of all.
        A repeat is NaN throughout if one of its models was made without an event, or leaves out
        a whole stratum, whose baseline it does not know.
    """
    folds = TimedFolds.of(model, outcome)

    def work(weights: FloatArray) -> FoldScores:
        made = procedure(weights)
        linear = made.linear[:, made.patterns.of]
        return folds.scored(made, model.log_hazards(linear, weights, outcome.horizons), weights)

    left = gathered(work, draw, repeat, folds.event, progress, BATCH)
    return left.models, folds.measured_once(left, repeat, apparent.grid)


@dataclass(frozen=True, slots=True, eq=False)
class TimedFolds:
    """Patients followed to an event, left out fold by fold.

    Attributes
    ----------
    model : TimedModel
    outcome : FollowedOutcome
    weighed : tuple of AtHorizon
        All patients at each horizon, weighted by the censoring curve of all.
    """

    model: TimedModel
    outcome: FollowedOutcome
    weighed: tuple[AtHorizon, ...]

    @classmethod
    def of(cls, model: TimedModel, outcome: FollowedOutcome) -> TimedFolds:
        """All patients, each counted once."""
        mass = model.mass(np.ones((1, outcome.exit.size)))
        weighed = (
            AtHorizon.of(outcome.exit, outcome.status, float(horizon), mass)
            for horizon in outcome.horizons
        )
        return cls(model, outcome, tuple(weighed))

    @property
    def event(self) -> FloatArray:
        """1 for the event."""
        return np.asarray(self.outcome.status == 1, dtype=np.float64)

    @property
    def columns(self) -> int:
        """Linear predictor and risks by the horizons; as many measures of rank."""
        return 1 + len(self.weighed)

    def scored(self, made: Developed, hazards: FloatArray, weights: FloatArray) -> FoldScores:
        """Scores of those whom models of given weights, and baselines, left out."""
        linear = made.linear[:, made.patterns.of]
        rest = (weights == 0.0).astype(np.float64)
        member, patient = np.nonzero(rest)
        strata = self.model.strata
        risks = [risks_by(linear, hazards[:, strata, place]) for place in range(len(self.weighed))]
        found = self.model.ranked(linear, rest)
        ranked = [(found.concordant + 0.5 * found.tied, found.pairs)]
        ranked += [
            _within_fold(at, risk, rest) for at, risk in zip(self.weighed, risks, strict=True)
        ]
        centred = linear - linear.mean(axis=1, keepdims=True)
        return FoldScores(
            model=member,
            patient=patient,
            scores=np.column_stack([each[member, patient] for each in (centred, *risks)]),
            concordant=np.column_stack([each[0] for each in ranked]),
            pairs=np.column_stack([each[1] for each in ranked]),
            made=made,
            usable=(weights @ self.event > 0) & all_strata_seen(weights, strata),
        )

    def measured_once(self, left: LeftOut, repeat: IntArray, grid: FloatArray) -> Pooled:
        """Measures of every repeat, in which each patient was left out once."""
        models, scores = left.models, left.scores
        found = measured_at(
            self.model,
            self.outcome,
            left.linear,
            lambda place: np.asarray(scores[:, :, 1 + place]),
            np.ones((1, self.outcome.exit.size)),
            grid,
            refit=True,
        )
        whole = found.measures
        places = range(len(self.weighed))
        for rank, key in enumerate(["c_index", *(key_at("auc", at) for at in places)]):
            area, within = left.within(repeat, rank)
            whole[key] = np.where(within, area, whole[key])
        whole["dxy"] = 2.0 * whole["c_index"] - 1.0
        runaway = np.bincount(repeat, models.separated) > 0
        for key, values in whole.items():
            if word_of(key) in NEEDS_FINITE:
                values[runaway] = np.nan
        failed = np.bincount(repeat, ~models.usable) > 0
        return Pooled(whole, found.curves, found.benefit).without(failed)


def _within_fold(
    at: AtHorizon, risk: FloatArray, rest: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weight of concordant and of all pairs of a case and a non-case of one fold."""
    stands = at.stands_for * rest
    ill = stands * at.cases
    cases = ill.sum(axis=1)
    pairs = cases * (stands.sum(axis=1) - cases)
    area = auc_batch(collapse_counts(risk, stands, ill, SAME))
    return np.where(pairs > 0, np.nan_to_num(area) * pairs, 0.0), pairs
