"""Firth's likelihoods: a development procedure knows them as it knows any other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray, MeanRisk
from vertebrisk.kernels import compiled
from vertebrisk.kernels.firth.cox import FirthCoxFits, FirthProblem, fit_firth_cox_batch
from vertebrisk.kernels.firth.logistic import (
    FirthFits,
    as_maximum,
    fit_firth_batch,
    with_covariate,
    with_intercept,
)
from vertebrisk.kernels.firth.problem import Problem
from vertebrisk.kernels.newton import LogisticFits
from vertebrisk.kernels.patterns import Patterns, find_patterns
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.models.firth.asked import Firth
from vertebrisk.models.likelihoods import (
    BinaryLikelihood,
    Likelihood,
    PartialLikelihood,
    Reduced,
    SubsetFits,
)


@dataclass(frozen=True, slots=True, eq=False)
class FirthBinary:
    """Logistic regression by Firth's penalised likelihood.

    Attributes
    ----------
    plain : BinaryLikelihood
    asked : Firth
        With `only_separated` every replicate whose maximum-likelihood estimate is finite stays
        as it is.
    """

    plain: BinaryLikelihood
    asked: Firth
    intercepts: int = 1
    chooses: bool = False
    tunes: bool = False

    @property
    def event(self) -> FloatArray:
        """1 for the event, shape (n,)."""
        return self.plain.event

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`; the log-likelihood is the penalised one."""
        if not self.asked.only_separated:
            return self._firth(columns, weights, mask)
        found = self.plain.fit(columns, weights, mask)
        rows = np.flatnonzero(found.fits.separated)
        if rows.size == 0:
            return found
        part = self._firth(columns, weights[rows], None if mask is None else mask[rows])
        assert isinstance(found.fits, LogisticFits)
        assert isinstance(part.fits, LogisticFits)
        return replace(found, fits=_replaced(found.fits, part.fits, rows), firth=part.firth)

    def _firth(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None
    ) -> SubsetFits:
        rows, share, total, patterns = self.counted(columns, weights)
        use = None if mask is None else with_constant(mask).astype(np.bool_)
        found = _found(rows, share, total, use)
        fits = corrected(found, rows, share, total, self.asked.mean_risk)
        return SubsetFits(fits, patterns, rows, found.rank - 1, found)

    def counted(
        self, columns: FloatArray, weights: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, Patterns]:
        """Rows with their constant, share of events, frequencies, and the patterns."""
        patterns = find_patterns(columns)
        total, events = patterns.count(weights, self.event)
        share = np.where(total > 0, events / np.where(total > 0, total, 1.0), 0.0)
        return with_constant(patterns.rows), share, total, patterns

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """See `Likelihood.null`; all slopes held at zero under the model's own penalty."""
        if self.asked.only_separated:
            return self.plain.null(model, weights)
        columns = model.patterns.rows[model.patterns.of]
        held = np.ones(columns.shape[1], dtype=np.bool_)
        return self.without(columns, weights, held).log_likelihood

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """See `Likelihood.without`: the dropped columns stay in the penalty."""
        if self.asked.only_separated:
            return self.plain.without(columns, weights, drop)
        rows, share, total, _ = self.counted(columns, weights)
        held = np.repeat(np.concatenate([[False], drop])[None], weights.shape[0], axis=0)
        found = fit_firth_batch(rows, share, total, held=held)
        kept = Problem.of(rows, share, total, ~held).rank - held.sum(axis=1)
        return Reduced(found.penalised, np.asarray(kept))

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """See `BinaryLikelihood.projected`."""
        return self.plain.projected(columns, weights, linear)


@dataclass(frozen=True, slots=True, eq=False)
class FirthPartial:
    """Cox regression by Firth's penalised likelihood; see `FirthBinary`."""

    plain: PartialLikelihood
    asked: Firth
    chooses: bool = False
    tunes: bool = False

    @property
    def intercepts(self) -> int:
        """None."""
        return 0

    @property
    def event(self) -> FloatArray:
        """1 where the event occurred, shape (n,)."""
        return self.plain.event

    def fit(
        self, columns: FloatArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """See `Likelihood.fit`; the log-likelihood is the penalised one."""
        if not self.asked.only_separated:
            patterns = find_patterns(columns)
            fits = self.penalised(columns, weights, mask).fits
            return SubsetFits(fits, patterns, patterns.rows, fits.rank)
        found = self.plain.fit(columns, weights, mask)
        rows = np.flatnonzero(found.fits.separated)
        if rows.size == 0:
            return found
        part = self.penalised(columns, weights[rows], None if mask is None else mask[rows]).fits
        assert isinstance(found.fits, CoxFits)
        return replace(found, fits=_replaced_cox(found.fits, part, rows))

    def penalised(
        self,
        columns: FloatArray,
        weights: FloatArray,
        mask: BoolArray | None = None,
        held: BoolArray | None = None,
    ) -> FirthCoxFits:
        """Firth's fit of every replicate; see `fit_firth_cox_batch`."""
        case_weights = self.plain.case_weights
        mass = weights if case_weights is None else weights * case_weights
        return fit_firth_cox_batch(
            columns,
            self.plain.times,
            mass,
            ties=self.plain.ties,
            mask=mask,
            held=held,
            counts=weights,
        )

    def null(self, model: SubsetFits, weights: FloatArray) -> FloatArray:
        """See `Likelihood.null`; with the penalty of the model's columns."""
        return self.plain.null(model, weights)

    def without(self, columns: FloatArray, weights: FloatArray, drop: BoolArray) -> Reduced:
        """See `Likelihood.without`: the dropped columns stay in the penalty."""
        if self.asked.only_separated:
            return self.plain.without(columns, weights, drop)
        held = np.repeat(drop[None], weights.shape[0], axis=0)
        found = self.penalised(columns, weights, held=held)
        mass = weights if self.plain.case_weights is None else weights * self.plain.case_weights
        kept = FirthProblem.of(columns, self.plain.times, mass, self.plain.ties, ~held, weights)
        rank = found.fits.rank if kept is None else kept.rank - (~kept.use).sum(axis=1)
        return Reduced(found.fits.log_likelihood, rank)

    def projected(self, columns: FloatArray, weights: FloatArray, linear: FloatArray) -> FloatArray:
        """See `PartialLikelihood.projected`."""
        return self.plain.projected(columns, weights, linear)


def with_firth(likelihood: Likelihood, asked: Firth | None) -> Likelihood:
    """A likelihood with what is asked of Firth's estimator, or as it is."""
    if asked is None:
        return likelihood
    if isinstance(likelihood, BinaryLikelihood):
        return FirthBinary(likelihood, asked)
    assert isinstance(likelihood, PartialLikelihood)
    return FirthPartial(likelihood, asked)


def _found(
    rows: FloatArray, share: FloatArray, total: FloatArray, mask: BoolArray | None
) -> FirthFits:
    """Firth's fit of every replicate, by the kernels that are switched on."""
    if compiled.enabled():
        from vertebrisk.kernels.compiled.firth import fit_firth

        return fit_firth(rows, share, total, mask)
    return fit_firth_batch(rows, share, total, mask=mask)


def _shifted(
    found: FirthFits, rows: FloatArray, share: FloatArray, total: FloatArray
) -> LogisticFits:
    """The fits with the intercept that makes mean risk and prevalence equal, by the same."""
    if compiled.enabled():
        from vertebrisk.kernels.compiled import firth

        return firth.with_intercept(found, rows, share, total)
    return with_intercept(found, rows, share, total)


def corrected(
    found: FirthFits,
    rows: FloatArray,
    share: FloatArray,
    total: FloatArray,
    mean_risk: MeanRisk,
) -> LogisticFits:
    """The fits after the step that makes mean risk and prevalence equal, or without one."""
    if mean_risk == "flic":
        return _shifted(found, rows, share, total)
    if mean_risk == "flac":
        return with_covariate(found, rows, share, total)
    return as_maximum(found)


def with_constant(columns: FloatArray | BoolArray) -> FloatArray:
    """The columns behind the intercept's ones."""
    return np.column_stack([np.ones(columns.shape[0]), columns])


def _replaced(whole: LogisticFits, part: LogisticFits, rows: IntArray) -> LogisticFits:
    """Some replicates of a batch in place of others; likelihoods stay, for tests of terms.

    The likelihood of a separated fit has its limit, and a selection by likelihood ratios
    goes by that in every replicate.
    """
    beta, information = whole.beta.copy(), whole.scaled_information.copy()
    direction, separated = whole.direction.copy(), whole.separated.copy()
    beta[rows] = part.beta
    direction[rows] = 0.0
    separated[rows] = False
    change = np.linalg.inv(part.scaling.back()) @ whole.scaling.back()
    information[rows] = change.T @ part.scaled_information @ change
    return replace(
        whole, beta=beta, scaled_information=information, direction=direction, separated=separated
    )


def _replaced_cox(whole: CoxFits, part: CoxFits, rows: IntArray) -> CoxFits:
    """As `_replaced`, of Cox fits."""
    beta, information = whole.beta.copy(), whole.information.copy()
    direction, separated = whole.direction.copy(), whole.separated.copy()
    converged = whole.converged.copy()
    beta[rows], information[rows] = part.beta, part.information
    direction[rows], separated[rows], converged[rows] = 0.0, False, part.converged
    return replace(
        whole,
        beta=beta,
        information=information,
        direction=direction,
        separated=separated,
        converged=converged,
    )
