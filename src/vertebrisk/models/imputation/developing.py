"""The development procedure on imputed tables: selection and estimation, pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.kernels.imputation import rubin
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.firth.asked import Firth
from vertebrisk.models.firth.likelihoods import with_firth
from vertebrisk.models.likelihoods import Likelihood, SubsetFits
from vertebrisk.models.penalised.selecting import plain_likelihood
from vertebrisk.validation.coefficients import FullModel


def complete_df(likelihood: Likelihood, parameters: int) -> float:
    """Degrees of freedom if nothing were missing, as ``mice``: 1 or more.

    Patients less parameters; of a model of time to event, events less parameters.
    """
    count = likelihood.event.size if likelihood.intercepts else int(likelihood.event.sum())
    return float(max(count - parameters, 1))


@dataclass(frozen=True, slots=True, eq=False)
class PooledModel:
    """What the procedure made of several tables.

    Attributes
    ----------
    chosen : bool array, shape (terms,)
    beta : array, shape (intercepts + columns,)
        Pooled coefficients of all candidate columns; zero where not chosen.
    covariance : array
        Of those that are in the model.
    separated, deficient : bool
        True if so in one of the tables.
    """

    chosen: BoolArray
    beta: FloatArray
    covariance: FloatArray
    separated: bool
    deficient: bool


@dataclass(frozen=True, slots=True, eq=False)
class PooledProcedure:
    """Candidates and rule of selection; called with completed tables, it develops a model.

    Attributes
    ----------
    design : Design
    selection : Selection
    firth : Firth, optional
        Firth's estimator in every table; with `only_separated` in all of those of a model
        that has no finite maximum-likelihood estimate in one of them, and in none elsewhere.
    """

    design: Design
    selection: Selection
    firth: Firth | None = None

    def __call__(self, tables: FloatArray, likelihood: Likelihood) -> PooledModel:
        """Develop on tables of shape (tables, n, columns) with one outcome.

        `likelihood` is that of maximum likelihood.
        """
        developments = self.developments(tables, likelihood)
        chosen = self.choose(developments)
        columns = developments[0].term_columns(chosen)
        fits = [each.fits for each in self._fits(developments, columns)]
        mean, covariance = rubin.pool_covariance(
            np.array([each.beta[0] for each in fits]),
            np.array([each.covariance() for each in fits]),
        )
        before = likelihood.intercepts
        beta = np.zeros(before + tables.shape[2])
        beta[np.concatenate([np.arange(before), before + columns])] = mean
        return PooledModel(
            chosen=chosen,
            beta=beta,
            covariance=covariance,
            separated=any(bool(each.separated[0]) for each in fits),
            deficient=any(bool(each.deficient[0]) for each in fits),
        )

    def developments(self, tables: FloatArray, likelihood: Likelihood) -> tuple[Development, ...]:
        """What predictors are chosen with, one a table."""
        plain = Selection()
        return tuple(Development(self.design, table, likelihood, plain) for table in tables)

    def _fits(self, developments: Sequence[Development], columns: IntArray) -> list[SubsetFits]:
        """The model of some columns in every table, all by one estimator."""
        everyone = np.ones((1, developments[0].event.size))

        def by(firth: Firth | None) -> list[SubsetFits]:
            return [
                with_firth(each.likelihood, firth).fit(each.matrix[:, columns], everyone)
                for each in developments
            ]

        if self.firth is None or not self.firth.only_separated:
            return by(self.firth)
        found = by(None)
        separated = any(bool(each.fits.separated[0]) for each in found)
        return by(replace(self.firth, only_separated=False)) if separated else found

    def choose(self, developments: Sequence[Development]) -> BoolArray:
        """Terms that stay, by the pooled test of each (D1), shape (terms,)."""
        count = len(self.design.terms)
        if self.selection.method == "univariable":
            alone = [
                self._p_values(developments, np.arange(count) == term)[0] for term in range(count)
            ]
            return np.array(alone) < self.selection.alpha
        chosen = np.ones(count, dtype=np.bool_)
        if self.selection.method != "backward":
            return chosen
        while chosen.any():
            p_values = self._p_values(developments, chosen)
            if p_values.max() <= self.selection.alpha:
                break
            chosen[np.flatnonzero(chosen)[p_values.argmax()]] = False
        return chosen

    def _p_values(self, developments: Sequence[Development], chosen: BoolArray) -> FloatArray:
        """P of D1 of each chosen term in the model of them all; 1 where it has no test."""
        columns = developments[0].term_columns(chosen)
        fits = [each.fits for each in self._fits(developments, columns)]
        beta = np.array([each.beta[0] for each in fits])
        covariance = np.array([each.covariance() for each in fits])
        kept = self.design.keep(
            term.name for term, use in zip(self.design.terms, chosen, strict=True) if use
        )
        before = beta.shape[1] - columns.size
        df = complete_df(developments[0].likelihood, beta.shape[1])
        found = []
        for part in kept.slices.values():
            own = np.arange(part.start, part.stop) + before
            spread = covariance[:, own][:, :, own]
            found.append(_p_value(beta[:, own], spread, df))
        return np.array(found)


def pooled_full_model(
    procedure: PooledProcedure, tables: FloatArray, likelihood: Likelihood
) -> FullModel:
    """All candidates together on the tables, pooled; what a selection is compared with."""
    columns = procedure.design.columns
    names = tuple((column.term, column.level) for column in columns)
    if len(names) + likelihood.intercepts >= tables.shape[1]:
        return FullModel.unknown(names)
    model = replace(procedure, selection=Selection())(tables, plain_likelihood(likelihood))
    if model.separated or model.deficient:
        return FullModel.unknown(names)
    errors = np.sqrt(np.diag(model.covariance))
    return FullModel(names, model.beta[likelihood.intercepts :], errors[likelihood.intercepts :])


def _p_value(beta: FloatArray, covariance: FloatArray, df_complete: float) -> float:
    regular = np.linalg.matrix_rank(covariance.mean(axis=0), hermitian=True) == beta.shape[1]
    return rubin.wald_test(beta, covariance, df_complete).p_value if regular else 1.0
