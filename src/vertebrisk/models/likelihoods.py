"""What a model is fitted by: the likelihood of a binary outcome, or of times to an event.

A development procedure knows a likelihood by these few methods only, so screening,
selection and resampling are one mechanism for every kind of model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, Ties
from vertebrisk.engines.engine import LocalEngine
from vertebrisk.engines.held_cox import MANY, fit_cox_held
from vertebrisk.engines.held_logistic import fit_logistic_held
from vertebrisk.kernels import compiled
from vertebrisk.kernels.newton import MANY as NEWTON_MANY
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.patterns import Patterns, find_patterns
from vertebrisk.kernels.survival.cox import CoxFits, fit_cox_batch
from vertebrisk.kernels.survival.fine_gray import fit_fine_gray_batch
from vertebrisk.validation.measures import null_log_likelihood

if TYPE_CHECKING:
    from vertebrisk.kernels.firth.logistic import FirthFits
    from vertebrisk.kernels.survival.times import SurvivalTimes
    from vertebrisk.models.penalised.likelihoods import PenalisedFits

ROUNDED = 0.02  # what rounding adds to a movement by whole steps, at most


@dataclass(frozen=True, slots=True, eq=False)
class SubsetFits:
    """A model on some columns, fitted to every replicate, and its patterns.

    Attributes
    ----------
    fits : LogisticFits, CoxFits or PenalisedFits
    patterns : Patterns
        Distinct rows of the columns.
    held : array, shape (patterns, coefficients), or None
        `rows`; None for those of an intercept that are too many to be held twice.
    rank : int array, shape (replicates,)
        Independent columns, the intercept apart.
    firth : FirthFits, optional
        Firth's logistic fits before the mean risk was corrected, of the replicates that have one.
    """

    fits: LogisticFits | CoxFits | PenalisedFits
    patterns: Patterns
    held: FloatArray | None
    rank: IntArray
    firth: FirthFits | None = None

    @property
    def rows(self) -> FloatArray:
        """The patterns' rows with what stands before them: the 1 of an intercept, or nothing."""
        return with_intercept(self.patterns.rows) if self.held is None else self.held

    def linear(self) -> FloatArray:
        """Linear predictor of each pattern, shape (replicates, patterns)."""
        return self._along(self.fits.beta)

    def runaway(self) -> FloatArray:
        """Direction of separated fits, shape (replicates, patterns).

        A last Newton step moves the patients of a level without events, or of events only, by 1.
        The information of a limit is so small that rounding hides it: what is next to a whole
        number is that number, whatever the order of sums on a processor.
        """
        movement = self._along(self.fits.direction)
        whole = np.rint(movement)
        return np.where(np.abs(movement - whole) < ROUNDED, whole, movement)

    def _along(self, beta: FloatArray) -> FloatArray:
        if self.held is not None:
            return beta @ self.held.T
        return beta[:, 1:] @ self.patterns.rows.T + beta[:, :1]


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A model without some of its columns: log-likelihood and rank, one a replicate."""

    log_likelihood: FloatArray
    rank: IntArray


class Likelihood(Protocol):
    """Outcome of the patients and how a model of it is fitted.

    `intercepts` is the number of coefficients before those of the columns, `event` the
    outcome with 1 for the event, shape (n,).
    """

    @property
    def intercepts(self) -> int:
        """Coefficients before those of the columns."""
        ...

    @property
    def event(self) -> FloatArray:
        """1 for the event, 0 for none, shape (n,)."""
        ...

    @property
    def chooses(self) -> bool:
        """True where estimation leaves columns out, by coefficients of exactly zero."""
        ...

    @property
    def tunes(self) -> bool:
        """True where estimation finds out from the data how much to shrink."""
        ...

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """Fit the columns, shape (n, k), to every replicate, or to each those of its mask."""
        ...

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """Log-likelihood without any predictor, shape (replicates,)."""
        ...

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """The null hypothesis that the columns marked in `drop`, shape (k,), have no effect."""
        ...

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """Coefficients of the columns that come nearest to given linear predictors."""
        ...


def refitted_without(
    likelihood: Likelihood, columns: FloatArray, weights: FloatArray, drop: BoolArray
) -> Reduced:
    """The model fitted anew to the columns that stay."""
    fits = likelihood.fit(columns[:, ~drop], weights).fits
    return Reduced(fits.log_likelihood, fits.rank)


@dataclass(frozen=True, slots=True, eq=False)
class BinaryLikelihood:
    """Logistic regression; `event` has shape (n,) with 1 for the event."""

    event: FloatArray
    intercepts: int = 1
    chooses: bool = False
    tunes: bool = False

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`."""
        patterns = find_patterns(columns)
        if _at_once(patterns, weights, mask):
            fits = self._fit_held(columns, weights[0])
            if fits is not None:
                return SubsetFits(fits, patterns, None, fits.rank - 1)
        share, total = self.shares(patterns, weights)
        rows = with_intercept(patterns.rows)
        fits = _fitted(rows, share, total, mask)
        return SubsetFits(fits, patterns, rows, fits.rank - 1)

    def shares(self, patterns: Patterns, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Share of events in each pattern, and its weight, shape (replicates, patterns)."""
        total, events = patterns.count(weights, self.event)
        return np.where(total > 0, events / np.where(total > 0, total, 1.0), 0.0), total

    def _fit_held(self, columns: FloatArray, weights: FloatArray) -> LogisticFits | None:
        each = None if (weights == 1.0).all() else weights
        return fit_logistic_held(columns, self.event, LocalEngine(), each)

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """See `Likelihood.null`."""
        return null_log_likelihood(weights @ self.event, weights.sum(axis=1))

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """See `Likelihood.without`."""
        return refitted_without(self, columns, weights, drop)

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """The fitted risks regressed on the columns.

        Piironen et al. 2020, doi:10.1214/20-EJS1711.
        """
        risk = 1.0 / (1.0 + np.exp(-np.clip(linear, -35.0, 35.0)))
        patterns = find_patterns(columns)
        total = patterns.collapse(weights)
        share = np.where(
            total > 0, patterns.collapse(weights * risk) / np.where(total > 0, total, 1), 0
        )
        return _fitted(with_intercept(patterns.rows), share, total).beta


def _fitted(
    rows: FloatArray, share: FloatArray, total: FloatArray, mask: BoolArray | None = None
) -> LogisticFits:
    """A logistic model of every replicate, by the kernels that are switched on."""
    every = None if mask is None or mask.all() else with_intercept(mask).astype(np.bool_)
    if compiled.enabled():
        from vertebrisk.kernels.compiled.newton import fit_patterns

        return fit_patterns(rows, share, total, every)
    return fit_logistic_batch(rows, share, total, mask=every)


def _at_once(patterns: Patterns, weights: FloatArray, mask: BoolArray | None) -> bool:
    """True for one fit of many rows that are each other than the rest."""
    one = weights.shape[0] == 1 and (mask is None or bool(mask.all()))
    rows = patterns.rows.shape[0]
    return one and rows >= NEWTON_MANY and rows == patterns.of.size


class WithoutIntercept(Likelihood, Protocol):
    """What the likelihoods of models without an intercept have in common."""

    __slots__ = ()

    @property
    def intercepts(self) -> int:
        """There is none."""
        return 0

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """See `Likelihood.null`."""
        if isinstance(model.fits, CoxFits):
            return model.fits.null_log_likelihood
        return self.fit(np.empty((weights.shape[1], 0)), weights).fits.log_likelihood

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """See `Likelihood.without`."""
        return refitted_without(self, columns, weights, drop)


@dataclass(frozen=True, slots=True, eq=False)
class PartialLikelihood(WithoutIntercept):
    """Cox regression.

    Attributes
    ----------
    times : SurvivalTimes
    ties : {"efron", "breslow"}
    case_weights : array, shape (n,), or None
        Weights of the patients, beside how often each was drawn.
    """

    times: SurvivalTimes
    ties: Ties = "efron"
    case_weights: FloatArray | None = None
    chooses: bool = False
    tunes: bool = False

    @property
    def event(self) -> FloatArray:
        """1 where the event occurred, 0 where the patient was censored."""
        return self.times.event.astype(np.float64)

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`."""
        if self._at_once(weights, mask):
            fits = fit_cox_held(
                columns, self.times, LocalEngine(), weights=self.case_weights, ties=self.ties
            )
        else:
            mass = weights if self.case_weights is None else weights * self.case_weights
            fits = fit_cox_batch(
                columns, self.times, mass, ties=self.ties, mask=mask, counts=weights
            )
        patterns = find_patterns(columns)
        return SubsetFits(fits, patterns, patterns.rows, fits.rank)

    def _at_once(self, weights: FloatArray, mask: BoolArray | None) -> bool:
        """True for one fit of many patients, each counted once."""
        many = weights.shape[0] == 1 and self.times.size >= MANY and self.times.entry is None
        return many and (mask is None or bool(mask.all())) and bool((weights == 1.0).all())

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """See `least_squares`."""
        mass = weights if self.case_weights is None else weights * self.case_weights
        return least_squares(columns, mass, linear)


@dataclass(frozen=True, slots=True, eq=False)
class SubdistributionLikelihood(WithoutIntercept):
    """Fine and Gray's regression; a pseudo-likelihood, so its ratio tests are approximate.

    Attributes
    ----------
    exit : array, shape (n,)
    status : int array, shape (n,)
        0 censored, 1 the event, 2 the competing event.
    censoring_strata : int array, shape (n,), or None
        Groups with a censoring curve each.
    """

    exit: FloatArray
    status: IntArray
    censoring_strata: IntArray | None = None
    chooses: bool = False
    tunes: bool = False

    @property
    def event(self) -> FloatArray:
        """1 where the event occurred, 0 where it did not, by whatever cause."""
        return np.asarray(self.status == 1, dtype=np.float64)

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`."""
        fits = fit_fine_gray_batch(
            columns,
            self.exit,
            self.status,
            weights,
            censoring_strata=self.censoring_strata,
            mask=mask,
        )
        patterns = find_patterns(columns)
        return SubsetFits(fits, patterns, patterns.rows, fits.rank)

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """See `least_squares`."""
        return least_squares(columns, weights, linear)


def least_squares(columns: FloatArray, mass: FloatArray, linear: FloatArray) -> FloatArray:
    """Linear predictors regressed on columns and a constant, with weights; the slopes."""
    share = mass / np.maximum(mass.sum(axis=1, keepdims=True), 1e-300)
    centre = share @ columns
    level = np.einsum("rn,rn->r", share, linear)
    square = np.einsum("rn,np,nq->rpq", share, columns, columns, optimize=True)
    square -= centre[:, :, None] * centre[:, None, :]
    cross = (share * linear) @ columns - level[:, None] * centre
    return np.asarray((np.linalg.pinv(square, hermitian=True) @ cross[:, :, None])[:, :, 0])


def with_intercept(columns: FloatArray | BoolArray) -> FloatArray:
    """The columns with ones before them."""
    return np.column_stack([np.ones(columns.shape[0]), columns])
