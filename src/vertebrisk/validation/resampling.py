"""Harrell's optimism bootstrap of any development procedure.

A draw is a function from the number of the first resample, and how many there are to be,
to weights: how often each patient was drawn. A procedure is a function from weights to
linear predictors: it develops a model on each resample, from screening to estimation, and
scores every original patient with it. This module knows nothing else about either.

References
----------
Harrell FE, Lee KL, Mark DB 1996, Statistics in Medicine 15:361-387.
Steyerberg EW et al. 2001, doi:10.1016/S0895-4356(01)00341-9.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.lowess import interpolate_batch, lowess_batch
from vertebrisk.kernels.patterns import Patterns
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.kernels.tied import TiedScores
from vertebrisk.validation.compiled import Measured, Unsorted, measure_compiled
from vertebrisk.validation.decision import DecisionPlan
from vertebrisk.validation.measures import (
    LOESS_LIMIT,
    SAME,
    Scored,
    measure,
)
from vertebrisk.validation.working import Piece, batched

BATCH = 250  # resamples done together, whatever the number of processors
WEIGHTS = 4_000_000  # weights that a batch may hold
NARROW = 64  # distinct scores up to which replicates are not grouped by their number
GRID = 50  # positions of the calibration curve, as rms::calibrate


@dataclass(frozen=True, slots=True, eq=False)
class Developed:
    """What a procedure made of each resample.

    Attributes
    ----------
    patterns : Patterns
        Covariate patterns of the original patients; what follows is given by pattern.
    linear : array, shape (replicates, patterns)
        Linear predictor under each resample's model.
    separated : bool array, shape (replicates,)
        True where the model has no finite estimate; `linear` then is close to its limit.
    runaway : array, shape (replicates, patterns)
        For separated models the direction in which the linear predictor runs away.
    deficient : bool array, shape (replicates,)
        True where the resample left a column without information.
    selected : bool array, shape (replicates, candidates)
        Which candidates the procedure chose; no columns when it chooses nothing.
    coefficients : array, shape (replicates, p + 1)
        The resample's model expressed in the final model's columns, intercept first.
    own : array, shape (replicates, columns)
        Its coefficients in the columns of all candidates, zero where not chosen and without an
        intercept; no columns when it chooses nothing.
    shapes : int array, shape (replicates, polynomials), or None
        Which of `design.powers.SHAPES` each fractional polynomial took; None where no powers
        are found by the data.
    """

    patterns: Patterns
    linear: FloatArray
    separated: BoolArray
    runaway: FloatArray
    deficient: BoolArray
    selected: BoolArray
    coefficients: FloatArray
    own: FloatArray
    shapes: IntArray | None = None

    def moved(self, offset: float) -> Developed:
        """The same models with `offset` taken off their intercepts."""
        coefficients = self.coefficients.copy()
        coefficients[:, 0] -= offset
        return replace(self, linear=self.linear - offset, coefficients=coefficients)


Draw: TypeAlias = Callable[[int, int], FloatArray]
Procedure: TypeAlias = Callable[[FloatArray], Developed]


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """Every resample's own numbers: measures by name, curves and choices.

    Curves have shape (replicates, positions), benefits (replicates, thresholds) and
    prevalences (replicates,); with several horizons these come between.
    """

    training: dict[str, FloatArray]
    test: dict[str, FloatArray]
    training_curves: FloatArray
    test_curves: FloatArray
    training_benefit: FloatArray
    test_benefit: FloatArray
    separated: BoolArray
    deficient: BoolArray
    usable: BoolArray
    prevalence: FloatArray
    selected: BoolArray
    coefficients: FloatArray
    own: FloatArray
    shapes: IntArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Apparent:
    """The final model on the patients that it was made from.

    With `sampling`, measures and curve are those of the population that was sampled.
    """

    linear: FloatArray
    event: FloatArray
    scored: Scored
    measures: dict[str, float]
    grid: FloatArray
    curve: FloatArray
    sampling: ControlSampling | None = None

    @property
    def whole(self) -> TiedScores:
        """Scores with the weights of the population; those of the patients if it is theirs."""
        tied = self.scored.tied
        return tied if self.sampling is None else tied.to_population(self.sampling)


def apparent_performance(
    linear: FloatArray, event: BoolArray, sampling: ControlSampling | None = None
) -> Apparent:
    """Apparent measures and calibration curve; linear predictor and event have shape (n,)."""
    outcome = event.astype(np.float64)
    scored = Scored.of(linear[None], np.ones((1, linear.size)), outcome[None])
    measured = measure(scored, refit=False, sampling=sampling)
    measures = {name: float(value[0]) for name, value in measured.items()}
    ordered = np.sort(expit(linear))
    edge = 4 if linear.size > 10 else 0
    grid = np.linspace(ordered[edge], ordered[-1 - edge], GRID)
    curve = interpolate_batch(*_lowess_of_risk(scored.tied, sampling), grid)[0]
    return Apparent(linear, outcome, scored, measures, grid, curve, sampling)


def _lowess_of_risk(
    tied: TiedScores, sampling: ControlSampling | None
) -> tuple[TiedScores, FloatArray]:
    risk = tied.map_scores(expit(tied.scores))
    if sampling is None:
        return risk, lowess_batch(risk)
    inside = lowess_batch(tied.map_scores(expit(tied.scores + sampling.offset)))
    return risk, sampling.to_population(inside)


def run_replicates(
    procedure: Procedure,
    draw: Draw,
    resamples: int,
    apparent: Apparent,
    thresholds: FloatArray,
    progress: Callable[[int], None] | None = None,
    *,
    left_out: bool = False,
) -> Replicates:
    """Develop and measure on every resample, in batches of bounded memory.

    The test is on all patients, or with `left_out` on those whom the resample left out. See
    `run_batches`.
    """

    def work(weights: FloatArray) -> Replicates:
        return _one_batch(procedure, weights, apparent, thresholds, left_out=left_out)

    return run_batches(work, draw, resamples, apparent.event.size, progress)


def run_batches(
    work: Callable[[FloatArray], Replicates],
    draw: Draw,
    resamples: int,
    patients: int,
    progress: Callable[[int], None] | None = None,
    most: int = BATCH,
) -> Replicates:
    """Draw and work in batches of at most `most` resamples, and join what they give."""
    return joined(worked(work, draw, resamples, patients, progress, most))


def worked(
    work: Callable[[FloatArray], Piece],
    draw: Draw,
    resamples: int,
    patients: int,
    progress: Callable[[int], None] | None = None,
    most: int = BATCH,
) -> list[Piece]:
    """What each batch of resamples gives, in their order.

    Batches do not know of each other, so the answer is the same whatever the number of
    processors. Array passes and compiled kernels leave Python's lock, so threads share the
    work.
    """
    size = max(10, min(most, WEIGHTS // patients))
    return batched(lambda start, count: work(draw(start, count)), resamples, size, progress)


def _one_batch(
    procedure: Procedure,
    weights: FloatArray,
    apparent: Apparent,
    thresholds: FloatArray,
    *,
    left_out: bool,
) -> Replicates:
    developed = procedure(weights)
    event, sampling = apparent.event, apparent.sampling
    drawn = weights @ event
    usable = (drawn > 0) & (drawn < weights.sum(axis=1))
    tested = np.ones((1, weights.shape[1]))
    if left_out:
        rest = (weights == 0.0).astype(np.float64)
        events = rest @ event
        usable &= (events > 0) & (events < rest.sum(axis=1))
        tested = np.where(usable[:, None], rest, tested)

    judged = not left_out  # those left out are too few for a smooth curve to be judged
    training = measured(developed, weights, apparent, thresholds, refit=False, judged=judged)
    test = measured(developed, tested, apparent, thresholds, refit=True, judged=judged)
    apart = parted(developed, tested, event)
    for name in ("intercept", "slope"):
        test[0][name][apart] = np.nan
    share = drawn / weights.sum(axis=1)
    return Replicates(
        training=training[0],
        test=test[0],
        training_curves=training[1],
        test_curves=test[1],
        training_benefit=training[2],
        test_benefit=test[2],
        separated=developed.separated,
        deficient=developed.deficient,
        usable=usable,
        prevalence=share if sampling is None else np.full_like(share, sampling.source.prevalence),
        selected=developed.selected,
        coefficients=developed.coefficients,
        own=developed.own,
        shapes=developed.shapes,
    )


def parted(developed: Developed, weights: FloatArray, event: FloatArray) -> BoolArray:
    """Whether the scores of each replicate part events from non-events.

    The outcome regressed on such scores has no finite slope; of few patients that happens.
    """
    counts, events = developed.patterns.count(weights, event)
    linear = developed.linear
    ill, well = events > 0, counts > events

    def edges(marks: BoolArray) -> tuple[FloatArray, FloatArray]:
        low = np.where(marks, linear, np.inf).min(axis=1)
        return low, np.where(marks, linear, -np.inf).max(axis=1)

    (ill_low, ill_high), (well_low, well_high) = edges(ill), edges(well)
    varied = np.maximum(ill_high, well_high) - np.minimum(ill_low, well_low) > SAME
    above, below = ill_low >= well_high - SAME, well_low >= ill_high - SAME
    return np.asarray(varied & (above | below))


def measured(
    developed: Developed,
    weights: FloatArray,
    apparent: Apparent,
    thresholds: FloatArray,
    *,
    refit: bool,
    judged: bool = True,
) -> Measured:
    """Measures, calibration curves and net benefits of models on weighted patients.

    `weights` has shape (replicates, n), or (1, n) where all are measured on the same; `judged`
    as in `measure`.
    """
    grid, sampling = apparent.grid, apparent.sampling
    counts, events = (
        np.broadcast_to(each, developed.linear.shape)
        for each in developed.patterns.count(weights, apparent.event)
    )
    unsorted = Unsorted(developed.linear, counts, events, developed.separated, developed.runaway)
    many = judged and weights.sum(axis=1).max() > LOESS_LIMIT
    if sampling is not None or many or not compiled.enabled():
        return measured_in_passes(
            unsorted, grid, thresholds, refit=refit, sampling=sampling, judged=judged
        )
    found, regular = measure_compiled(unsorted, grid, thresholds, refit=refit, judged=judged)
    odd = np.flatnonzero(~regular)
    if odd.size:
        others = measured_in_passes(
            unsorted.take(odd), grid, thresholds, refit=refit, judged=judged
        )
        for name, values in others[0].items():
            found[0][name][odd] = values
        found[1][odd], found[2][odd] = others[1:]
    return found


def measured_in_passes(
    unsorted: Unsorted,
    grid: FloatArray,
    thresholds: FloatArray,
    *,
    refit: bool,
    sampling: ControlSampling | None = None,
    judged: bool = True,
) -> Measured:
    """The same by the NumPy kernels, array pass by array pass."""
    scored = unsorted.scored()
    groups = _groups(scored)
    parts = [
        _by_size(
            scored.take(group), grid, thresholds, refit=refit, sampling=sampling, judged=judged
        )
        for group in groups
    ]
    order = np.argsort(np.concatenate(groups))
    measures = {
        name: np.concatenate([part[0][name] for part in parts])[order] for name in parts[0][0]
    }
    curves = np.concatenate([part[1] for part in parts])[order]
    benefit = np.concatenate([part[2] for part in parts])[order]
    return measures, curves, benefit


def _groups(scored: Scored) -> list[IntArray]:
    """Replicates of equal total weight and similar numbers of distinct scores together."""
    totals = scored.tied.totals.round().astype(np.int64)
    band = np.ceil(np.log2(np.maximum(scored.tied.sizes, NARROW)) * 2).astype(np.int64)
    keys = np.stack([totals, band], axis=1)
    _, inverse = np.unique(keys, axis=0, return_inverse=True)
    return [np.flatnonzero(inverse == key) for key in range(int(inverse.max()) + 1)]


def _by_size(
    part: Scored,
    grid: FloatArray,
    thresholds: FloatArray,
    *,
    refit: bool,
    sampling: ControlSampling | None,
    judged: bool,
) -> Measured:
    curves = interpolate_batch(*_lowess_of_risk(part.tied, sampling), grid)
    whole = part.tied if sampling is None else part.tied.to_population(sampling)
    benefit = DecisionPlan(thresholds).net_benefit(whole)
    found = measure(part, refit=refit, sampling=sampling, judged=judged)
    return found, curves, benefit


def joined(pieces: Sequence[Replicates]) -> Replicates:
    """All resamples of several batches, arrays in the layout that numbers are stored in."""

    def stack(name: str) -> Any:
        return np.ascontiguousarray(np.concatenate([getattr(piece, name) for piece in pieces]))

    return Replicates(
        training={
            key: np.concatenate([p.training[key] for p in pieces]) for key in pieces[0].training
        },
        test={key: np.concatenate([p.test[key] for p in pieces]) for key in pieces[0].test},
        training_curves=stack("training_curves"),
        test_curves=stack("test_curves"),
        training_benefit=stack("training_benefit"),
        test_benefit=stack("test_benefit"),
        separated=stack("separated"),
        deficient=stack("deficient"),
        usable=stack("usable"),
        prevalence=stack("prevalence"),
        selected=stack("selected"),
        coefficients=stack("coefficients"),
        own=stack("own"),
        shapes=None if pieces[0].shapes is None else stack("shapes"),
    )
