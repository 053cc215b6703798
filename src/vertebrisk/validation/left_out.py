"""Models on the patients that they were not made from, put together over the folds.

Each fold's model scores the patients of the fold; one repeat scores every patient once, by a
model that has not seen him. Measures are those of a repeat, since a fold has too few patients
for a slope or a curve. Only measures of rank compare patients within their fold, whose scores
one model gave; with one patient a fold there are no such pairs, and they compare all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.patterns import Patterns
from vertebrisk.kernels.ranks import auc_batch
from vertebrisk.kernels.tied import collapse_counts
from vertebrisk.validation.measures import SAME
from vertebrisk.validation.resampling import (
    BATCH,
    Apparent,
    Developed,
    Draw,
    Procedure,
    Replicates,
    measured,
    parted,
    worked,
)

UNSETTLED = ("r2", "intercept", "slope")  # what scores that run away leave open


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Measures of each repeat on all patients.

    Attributes
    ----------
    measures : dict of arrays, shape (repeats,)
        NaN where a model of the repeat has no finite estimate and the measure needs one.
    curves : array, shape (repeats, positions)
    benefit : array, shape (repeats, thresholds)
        With several horizons these come between.
    """

    measures: dict[str, FloatArray]
    curves: FloatArray
    benefit: FloatArray

    def averaged(self, tables: int) -> Pooled:
        """Means over tables, which follow each other within a repeat."""

        def mean(values: FloatArray) -> FloatArray:
            return np.asarray(
                values.reshape(values.shape[0] // tables, tables, *values.shape[1:]).mean(axis=1)
            )

        measures = {name: mean(values) for name, values in self.measures.items()}
        return Pooled(measures, mean(self.curves), mean(self.benefit))

    def without(self, repeats: BoolArray) -> Pooled:
        """Nothing is known of some repeats: NaN throughout."""
        for values in (*self.measures.values(), self.curves, self.benefit):
            values[repeats] = np.nan
        return self


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Scores by models that have not seen the patient.

    Attributes
    ----------
    models : Replicates
        What was made without each fold; no measures.
    scores : array, shape (repeats, n, k)
        Linear predictor, and whatever else the models say of a patient.
    concordant, pairs : array, shape (models, c)
        Pairs of patients with and without the event in a fold, by measure of rank.
    """

    models: Replicates
    scores: FloatArray
    concordant: FloatArray
    pairs: FloatArray

    @property
    def linear(self) -> FloatArray:
        """Linear predictors, shape (repeats, n)."""
        return np.asarray(self.scores[:, :, 0])

    def within(self, repeat: IntArray, rank: int = 0) -> tuple[FloatArray, BoolArray]:
        """Concordance within the folds of each repeat, and in which repeats there are pairs."""
        pairs = np.bincount(repeat, self.pairs[:, rank])
        concordant = np.bincount(repeat, self.concordant[:, rank])
        known = pairs > 0
        return np.where(known, concordant / np.where(known, pairs, 1.0), np.nan), known


@dataclass(frozen=True, slots=True, eq=False)
class FoldScores:
    """Of one batch of models: who was left out, his scores, and the pairs of each fold."""

    model: IntArray
    patient: IntArray
    scores: FloatArray
    concordant: FloatArray
    pairs: FloatArray
    made: Developed
    usable: BoolArray


def run_left_out(
    procedure: Procedure,
    draw: Draw,
    repeat: IntArray,
    apparent: Apparent,
    thresholds: FloatArray,
    progress: Callable[[int], None] | None = None,
) -> tuple[Replicates, Pooled]:
    """Develop without each fold, score it, and measure every repeat as a whole.

    Parameters
    ----------
    procedure : callable
    draw : callable
        Weights of the models: 1, or 0 for the fold that is left out.
    repeat : int array, shape (models,)
        Repeat to which each model belongs.
    apparent : Apparent
    thresholds : array
    progress : callable, optional

    Returns
    -------
    tuple
        The models, without measures of their own, and the measures of the repeats. A repeat
        with a model made from one outcome alone is NaN throughout.
    """
    left = scores_left_out(procedure, draw, repeat, apparent.event, progress)
    return left.models, measured_once(left, repeat, apparent, thresholds)


def measured_once(
    left: LeftOut, repeat: IntArray, apparent: Apparent, thresholds: FloatArray
) -> Pooled:
    """Measures of every repeat, in which each patient was left out once."""
    models, event = left.models, apparent.event
    everyone, scores = np.ones((1, event.size)), as_developed(left.linear)
    whole, curves, benefit = measured(scores, everyone, apparent, thresholds, refit=True)
    area, within = left.within(repeat)
    whole["c_index"] = np.where(within, area, whole["c_index"])
    whole["dxy"] = 2.0 * whole["c_index"] - 1.0
    runaway = np.bincount(repeat, models.separated) > 0
    for name in UNSETTLED:
        whole[name][runaway] = np.nan
    apart = parted(scores, everyone, event)
    whole["intercept"][apart] = whole["slope"][apart] = np.nan
    failed = np.bincount(repeat, ~models.usable) > 0
    return Pooled(whole, curves, benefit).without(failed)


def scores_left_out(
    procedure: Procedure,
    draw: Draw,
    repeat: IntArray,
    event: FloatArray,
    progress: Callable[[int], None] | None = None,
) -> LeftOut:
    """Develop without each fold and score the fold; see `run_left_out`."""

    def work(weights: FloatArray) -> FoldScores:
        return fold_scores(procedure(weights), weights, event)

    return gathered(work, draw, repeat, event, progress)


def gathered(
    work: Callable[[FloatArray], FoldScores],
    draw: Draw,
    repeat: IntArray,
    event: FloatArray,
    progress: Callable[[int], None] | None = None,
    most: int = BATCH,
) -> LeftOut:
    """Work in batches of at most `most` models, and lay the scores out by repeat and patient."""
    return laid_out(worked(work, draw, repeat.size, event.size, progress, most), repeat, event)


def laid_out(parts: Sequence[FoldScores], repeat: IntArray, event: FloatArray) -> LeftOut:
    """Scores of all batches by repeat and patient."""
    start = np.cumsum([0] + [part.usable.size for part in parts])[:-1]
    model = np.concatenate([part.model + begin for part, begin in zip(parts, start, strict=True)])
    found = np.concatenate([part.scores for part in parts])
    scores = np.zeros((int(repeat.max()) + 1, event.size, found.shape[1]))
    scores[repeat[model], np.concatenate([part.patient for part in parts])] = found
    return LeftOut(
        _models(parts, event),
        scores,
        np.concatenate([part.concordant for part in parts]),
        np.concatenate([part.pairs for part in parts]),
    )


def fold_scores(developed: Developed, weights: FloatArray, event: FloatArray) -> FoldScores:
    """Scores of a binary outcome's patients whom models of given weights left out."""
    rest = (weights == 0.0).astype(np.float64)
    counts, events = developed.patterns.count(rest, event)
    tied = collapse_counts(developed.linear, counts, events, SAME)
    ill = events.sum(axis=1)
    pairs = ill * (counts.sum(axis=1) - ill)
    model, patient = np.nonzero(rest)
    trained = weights @ event
    return FoldScores(
        model=model,
        patient=patient,
        scores=developed.linear[model, developed.patterns.of[patient]][:, None],
        concordant=np.where(pairs > 0, np.nan_to_num(auc_batch(tied)) * pairs, 0.0)[:, None],
        pairs=pairs[:, None],
        made=developed,
        usable=(trained > 0) & (trained < weights.sum(axis=1)),
    )


def no_scores(weights: FloatArray, columns: int, ranks: int) -> FoldScores:
    """Nothing of those left out, for whom no model could be made; weights (models, n)."""
    models = weights.shape[0]
    member, patient = np.nonzero(weights == 0.0)
    return FoldScores(
        model=member,
        patient=patient,
        scores=np.zeros((member.size, columns)),
        concordant=np.zeros((models, ranks)),
        pairs=np.zeros((models, ranks)),
        made=as_developed(np.zeros(weights.shape)),
        usable=np.zeros(models, dtype=np.bool_),
    )


def _models(parts: Sequence[FoldScores], event: FloatArray) -> Replicates:
    """The models that were made, without measures."""

    def stack(name: str) -> FloatArray:
        return np.concatenate([getattr(part.made, name) for part in parts])

    separated = stack("separated").astype(np.bool_)
    none = np.empty((separated.size, 0))
    return Replicates(
        training={},
        test={},
        training_curves=none,
        test_curves=none,
        training_benefit=none,
        test_benefit=none,
        separated=separated,
        deficient=stack("deficient").astype(np.bool_),
        usable=np.concatenate([part.usable for part in parts]),
        prevalence=np.full(separated.size, event.mean()),
        selected=stack("selected").astype(np.bool_),
        coefficients=stack("coefficients"),
        own=stack("own"),
        shapes=None if parts[0].made.shapes is None else stack("shapes").astype(np.int64),
    )


def as_developed(linear: FloatArray) -> Developed:
    """Scores of every patient, shape (repeats, n), as a procedure would give them."""
    repeats, size = linear.shape
    place = np.arange(size)
    no = np.zeros(repeats, dtype=np.bool_)
    nothing = np.empty((repeats, 0))
    patterns = Patterns(np.empty((size, 0)), place, place, place)
    return Developed(
        patterns=patterns,
        linear=linear,
        separated=no,
        runaway=np.zeros_like(linear),
        deficient=no,
        selected=nothing.astype(np.bool_),
        coefficients=nothing,
        own=nothing,
    )
