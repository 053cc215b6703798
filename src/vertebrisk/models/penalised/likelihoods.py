"""Penalised likelihoods: a development procedure knows them as it knows any other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.patterns import Patterns, find_patterns
from vertebrisk.kernels.penalised.crossvalidation import (
    CrossValidated,
    cross_validated_cox,
    cross_validated_logistic,
)
from vertebrisk.kernels.penalised.folds import fold_numbers
from vertebrisk.kernels.penalised.path import Mixture, Paths, cox_paths, logistic_paths
from vertebrisk.models.likelihoods import (
    BinaryLikelihood,
    Likelihood,
    PartialLikelihood,
    Reduced,
    SubsetFits,
    refitted_without,
)
from vertebrisk.models.penalised.penalty import CRITERIA, Penalty, Shrinkage

CELLS = 2_000_000  # numbers of replicates by folds by rows held at once
SMALLEST = 1e-7  # last penalty, relative to the first, of a path that a criterion judges
Plain = TypeVar("Plain", BinaryLikelihood, PartialLikelihood)
FARTHEST = 30.0  # log-odds of a resample in which all patients have one outcome


@dataclass(frozen=True, slots=True, eq=False)
class PenalisedFits:
    """Penalised fits, one a replicate.

    Attributes
    ----------
    beta : array, shape (replicates, coefficients)
    log_likelihood : array, shape (replicates,)
        Without the penalty.
    penalty : array, shape (replicates,)
        glmnet's lambda; NaN where nothing could be fitted.
    separated : bool array, shape (replicates,)
        True where all patients have one outcome; otherwise a penalised estimate is finite.
    direction : array, shape (replicates, coefficients)
    rank : int array, shape (replicates,)
        Coefficients that are not zero, an intercept included.
    deficient : bool array, shape (replicates,)
        True where a column had one value in all patients.
    """

    beta: FloatArray
    log_likelihood: FloatArray
    penalty: FloatArray
    separated: BoolArray
    direction: FloatArray
    rank: IntArray
    deficient: BoolArray

    def covariance(self, replicate: int = 0) -> FloatArray:
        """All NaN: no covariance describes a shrunken estimate, shape (coefficients,) twice."""
        size = self.beta.shape[1]
        return np.full((size, size), np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """Paths of some replicates, how they were cross-validated, and the step that was taken."""

    paths: Paths
    judged: CrossValidated | None
    step: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Penalised(Generic[Plain]):
    """A likelihood with a penalty.

    Attributes
    ----------
    plain : BinaryLikelihood or PartialLikelihood
    shrinkage : Shrinkage
    clusters : int array, shape (n,), or None
        Patient of each row; the rows of a patient share a fold.
    factors : array, shape (columns,), or None
        What the penalty of each column is multiplied by, as `column_factors` gives them.
    """

    plain: Plain
    shrinkage: Shrinkage
    clusters: IntArray | None = None
    factors: FloatArray | None = None

    @property
    def intercepts(self) -> int:
        """See `Likelihood.intercepts`; none of them is penalised."""
        return self.plain.intercepts

    @property
    def event(self) -> FloatArray:
        """1 for the event, shape (n,)."""
        return self.plain.event

    @property
    def chooses(self) -> bool:
        """See `Likelihood.chooses`."""
        return self.shrinkage.chooses

    @property
    def tunes(self) -> bool:
        """See `Likelihood.tunes`."""
        return self.shrinkage.penalty.value is None

    @property
    def mixture(self) -> Mixture:
        """The penalty as the kernels know it."""
        return self.shrinkage.mixture(self.factors)

    def batches(self, weights: FloatArray) -> list[slice]:
        """Replicates that are fitted together."""
        folds = self.shrinkage.penalty.folds if self.shrinkage.cross_validates else 1
        return _batches(weights.shape[0], folds * int(self.event.size))

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`; all columns are offered to every replicate."""
        raise NotImplementedError

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """See `Likelihood.null`."""
        return self.plain.null(model, weights)

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """See `Likelihood.without`."""
        return refitted_without(self, columns, weights, drop)

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """See `Likelihood.projected`."""
        return self.plain.projected(columns, weights, linear)


@dataclass(frozen=True, slots=True, eq=False)
class PenalisedBinary(_Penalised[BinaryLikelihood]):
    """Penalised logistic regression."""

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`; all columns are offered to every replicate."""
        patterns = find_patterns(columns)
        rows = np.column_stack([np.ones(patterns.rows.shape[0]), patterns.rows])
        parts = [
            taken(self.tuned(patterns, weights[part]), intercepts=1)
            for part in self.batches(weights)
        ]
        fits = _joined(parts)
        share = weights @ self.event / np.maximum(weights.sum(axis=1), 1e-300)
        one_sided = (share <= 0.0) | (share >= 1.0)
        fits.separated[one_sided] = True
        fits.direction[one_sided, 0] = np.where(share[one_sided] > 0.5, 1.0, -1.0)
        fits.beta[one_sided, 0] = FARTHEST * fits.direction[one_sided, 0]
        _mark_unbounded(fits, self.plain, self.factors, columns, weights)
        return SubsetFits(fits, patterns, rows, fits.rank - 1)

    def tuned(self, patterns: Patterns, weights: FloatArray, *, whole: bool = False) -> Tuned:
        """Fit some replicates; `whole` draws the path where the penalty is given, too."""
        counts, events = patterns.count(weights, self.event)
        asked = self.shrinkage.penalty
        given = None if whole else _given(asked.value, weights.shape[0])
        paths = logistic_paths(
            patterns.rows,
            events,
            counts,
            self.mixture,
            given,
            lowest=_lowest(self.shrinkage),
        )
        if not self.shrinkage.cross_validates:
            return _without_folds(paths, asked, weights.sum(axis=1))
        folds = fold_numbers(self.event, weights, asked.folds, asked.seed, self.clusters)
        judged = cross_validated_logistic(
            patterns, self.event, weights, folds, self.mixture, paths, asked.measure
        )
        return Tuned(paths, judged, judged.lowest if asked.rule == "min" else judged.one_error)


@dataclass(frozen=True, slots=True, eq=False)
class PenalisedPartial(_Penalised[PartialLikelihood]):
    """Penalised Cox regression."""

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`; all columns are offered to every replicate."""
        parts = [
            taken(self.tuned(columns, weights[part]), intercepts=0)
            for part in self.batches(weights)
        ]
        fits = _joined(parts)
        _mark_unbounded(fits, self.plain, self.factors, columns, weights)
        patterns = find_patterns(columns)
        return SubsetFits(fits, patterns, patterns.rows, fits.rank)

    def tuned(self, columns: FloatArray, weights: FloatArray, *, whole: bool = False) -> Tuned:
        """Fit some replicates; `whole` draws the path where the penalty is given, too."""
        plain, asked = self.plain, self.shrinkage.penalty
        mass = weights if plain.case_weights is None else weights * plain.case_weights
        given = None if whole else _given(asked.value, weights.shape[0])
        paths = cox_paths(
            columns,
            plain.times,
            mass,
            self.mixture,
            given,
            ties=plain.ties,
            counts=weights,
            lowest=_lowest(self.shrinkage),
        )
        if not self.shrinkage.cross_validates:
            return _without_folds(paths, asked, weights @ self.event)
        folds = fold_numbers(self.event, weights, asked.folds, asked.seed, self.clusters)
        judged = cross_validated_cox(
            columns, plain.times, mass, folds, self.mixture, paths, ties=plain.ties, counts=weights
        )
        return Tuned(paths, judged, judged.lowest if asked.rule == "min" else judged.one_error)

    def empty(self, weights: FloatArray) -> FloatArray:
        """Log-likelihood without any predictor, shape (replicates,)."""
        return self.plain.fit(np.empty((weights.shape[1], 0)), weights).fits.log_likelihood


def narrowed(likelihood: Likelihood, columns: IntArray) -> Likelihood:
    """The likelihood of some of its columns: a penalised one keeps their penalty factors."""
    if not isinstance(likelihood, PenalisedBinary | PenalisedPartial) or likelihood.factors is None:
        return likelihood
    return replace(likelihood, factors=likelihood.factors[columns])


def _mark_unbounded(
    fits: PenalisedFits,
    plain: BinaryLikelihood | PartialLikelihood,
    factors: FloatArray | None,
    columns: FloatArray,
    weights: FloatArray,
) -> None:
    """Mark replicates in which columns that are never penalised separate the outcomes.

    A penalty holds the others, so these columns alone decide whether an estimate is finite.
    """
    free = np.flatnonzero(factors == 0.0) if factors is not None else np.empty(0, np.int64)
    if free.size == 0:
        return
    alone = plain.fit(columns[:, free], weights).fits
    fits.separated[alone.separated] = True
    fits.deficient[alone.deficient] = True
    before = np.arange(plain.intercepts)
    places = np.concatenate([before, plain.intercepts + free])
    fits.direction[np.ix_(alone.separated, places)] = alone.direction[alone.separated]


def _given(value: float | None, replicates: int) -> FloatArray | None:
    return None if value is None else np.full((replicates, 1), float(value))


def _lowest(shrinkage: Shrinkage) -> float | None:
    """Criteria look further down than glmnet does: nearly to maximum likelihood."""
    return SMALLEST if shrinkage.penalty.rule in CRITERIA else None


def _without_folds(paths: Paths, asked: Penalty, size: FloatArray) -> Tuned:
    """The given penalty, the only or last step; or the step of the best criterion."""
    if asked.value is not None:
        return Tuned(paths, None, np.maximum(paths.length - 1, 0))
    values = criteria(paths.log_likelihood - paths.null[:, None], paths.df, size[:, None])
    known = np.arange(paths.penalty.shape[1]) < paths.length[:, None]
    return Tuned(paths, None, np.where(known, values[asked.rule], -np.inf).argmax(axis=1))


def criteria(gain: FloatArray, df: FloatArray, size: float | FloatArray) -> dict[str, FloatArray]:
    """AIC, BIC and corrected AIC on the chi-square scale, the larger the better.

    As ``rms::pentrace``: the likelihood-ratio chi-square, `gain` being half of it, less what
    the effective degrees of freedom cost. `size` counts patients, or the events of a Cox model.
    """
    ratio = 2.0 * gain
    room = size - df - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = np.where(room > 0, ratio - 2.0 * df * (1.0 + (df + 1.0) / room), -np.inf)
        return {"aic": ratio - 2.0 * df, "bic": ratio - df * np.log(size), "aic_c": corrected}


def _batches(replicates: int, width: int) -> list[slice]:
    size = max(1, CELLS // max(1, width))
    return [slice(start, start + size) for start in range(0, replicates, size)]


def taken(tuned: Tuned, intercepts: int) -> PenalisedFits:
    """The models of the steps that were taken."""
    paths = tuned.paths
    rows = np.arange(tuned.step.size)
    beta = paths.beta[rows, tuned.step]
    return PenalisedFits(
        beta=beta,
        log_likelihood=paths.log_likelihood[rows, tuned.step],
        penalty=paths.penalty[rows, tuned.step],
        separated=np.zeros(rows.size, dtype=np.bool_),
        direction=np.zeros_like(beta),
        rank=np.asarray((beta[:, intercepts:] != 0.0).sum(axis=1) + intercepts),
        deficient=np.asarray(~paths.use.all(axis=1)),
    )


def _joined(parts: list[PenalisedFits]) -> PenalisedFits:
    names = PenalisedFits.__slots__
    return PenalisedFits(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )
