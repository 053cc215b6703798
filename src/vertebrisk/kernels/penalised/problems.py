"""Log-likelihoods of many weightings of the same rows, as a penalised search needs them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from scipy.special import expit

from vertebrisk._types import FloatArray, IntArray, Ties
from vertebrisk.kernels.steps import pair_products, unpacked
from vertebrisk.kernels.survival.cox import CoxProblem
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.ties import TiedTerms
from vertebrisk.kernels.survival.times import SurvivalTimes

PACKED_COLUMNS = 64  # more columns are multiplied replicate by replicate


class Problem(Protocol):
    """A log-likelihood of every replicate; columns are those of `design`, shape (m, p)."""

    @property
    def design(self) -> FloatArray:
        """The columns, an intercept's among them where there is one."""

    @property
    def weights(self) -> FloatArray:
        """Weight of each row in each replicate, shape (replicates, m)."""

    @property
    def total(self) -> FloatArray:
        """Weight of all rows, those included that carry no information, shape (replicates,)."""

    @property
    def best(self) -> FloatArray:
        """Log-likelihood of a model that fits every row exactly, shape (replicates,)."""

    def take(self, active: IntArray) -> Self:
        """The same of some replicates only."""

    def eta(self, beta: FloatArray) -> FloatArray:
        """Linear predictors of the rows, shape (replicates, m), up to a constant."""

    def value(self, eta: FloatArray) -> FloatArray:
        """Log-likelihood of each replicate."""

    def gradient(self, eta: FloatArray) -> FloatArray:
        """Its derivative by the coefficients, shape (replicates, p)."""

    def information(self, eta: FloatArray, columns: IntArray) -> FloatArray:
        """Less its second derivative by some coefficients, shape (replicates, q, q)."""


@dataclass(frozen=True, slots=True, eq=False)
class LogisticProblem:
    """Bernoulli log-likelihood.

    Attributes
    ----------
    design : array, shape (m, p)
        Rows, the 1 of the intercept first.
    events : array, shape (replicates, m)
        Weight of the events in each row.
    weights : array, shape (replicates, m)
        Weight of each row.
    """

    design: FloatArray
    events: FloatArray
    weights: FloatArray

    @property
    def total(self) -> FloatArray:
        """See `Problem.total`."""
        return np.asarray(self.weights.sum(axis=1))

    @property
    def best(self) -> FloatArray:
        """0: every patient is taken for a row of his own."""
        return np.zeros(self.weights.shape[0])

    def take(self, active: IntArray) -> LogisticProblem:
        """See `Problem.take`."""
        return LogisticProblem(self.design, self.events[active], self.weights[active])

    def eta(self, beta: FloatArray) -> FloatArray:
        """See `Problem.eta`."""
        return beta @ self.design.T

    def value(self, eta: FloatArray) -> FloatArray:
        """See `Problem.value`."""
        loss = np.maximum(eta, 0.0) + np.log1p(np.exp(-np.abs(eta)))
        return np.asarray(np.sum(self.events * eta - self.weights * loss, axis=1))

    def gradient(self, eta: FloatArray) -> FloatArray:
        """See `Problem.gradient`."""
        return np.asarray((self.events - self.weights * expit(eta)) @ self.design)

    def information(self, eta: FloatArray, columns: IntArray) -> FloatArray:
        """See `Problem.information`."""
        risk = expit(eta)
        return cross_products(self.weights * risk * (1.0 - risk), self.design[:, columns])


def cross_products(weights: FloatArray, columns: FloatArray) -> FloatArray:
    """X' diag(w) X of each replicate: (replicates, m) and (m, q) to (replicates, q, q)."""
    if columns.shape[1] <= PACKED_COLUMNS:
        return unpacked(weights @ pair_products(columns), columns.shape[1])
    return np.stack([(columns.T * each) @ columns for each in weights])


@dataclass(frozen=True, slots=True, eq=False)
class CoxPenalised:
    """Partial log-likelihood of a Cox model, which has no intercept.

    Attributes
    ----------
    cox : CoxProblem
        Over the rows that are at risk at some event time.
    design : array, shape (m, p)
    total : array, shape (replicates,)
        Weight of all patients, those among them who are never at risk.
    best : array, shape (replicates,)
        Log-likelihood where at each event time only those with the event could have it.
    """

    cox: CoxProblem
    design: FloatArray
    total: FloatArray
    best: FloatArray

    @classmethod
    def of(
        cls,
        columns: FloatArray,
        times: SurvivalTimes,
        weights: FloatArray,
        ties: Ties,
        counts: FloatArray,
    ) -> CoxPenalised:
        """Of all patients; `counts` says how many rows stand behind each weight."""
        sets = RiskSets.of(times)
        rows = sets.rows
        inside, behind = weights[:, rows], counts[:, rows[sets.deaths]]
        dead = inside[:, sets.deaths]
        cox = CoxProblem(
            risk_sets=sets,
            columns=np.ascontiguousarray(columns[rows].T),
            products=np.empty((rows.size, 0)),  # made for the columns that move
            weights=inside,
            offset=np.zeros((1, rows.size)),
            mask=np.ones((weights.shape[0], columns.shape[1]), dtype=np.bool_),
            terms=TiedTerms.of(sets, dead, behind, ties),
        )
        dying = sets.dying(dead)
        best = -cox.terms.log_sum(dying, dying)
        return cls(cox, columns[rows], np.asarray(weights.sum(axis=1)), best)

    @property
    def weights(self) -> FloatArray:
        """See `Problem.weights`."""
        return self.cox.weights

    def take(self, active: IntArray) -> CoxPenalised:
        """See `Problem.take`."""
        return replace(
            self, cox=self.cox.take(active), total=self.total[active], best=self.best[active]
        )

    def eta(self, beta: FloatArray) -> FloatArray:
        """See `Problem.eta`."""
        return self.cox.eta(beta)

    def value(self, eta: FloatArray) -> FloatArray:
        """See `Problem.value`."""
        return self.cox.likelihood(eta)

    def gradient(self, eta: FloatArray) -> FloatArray:
        """See `Problem.gradient`."""
        return self.cox.gradient(eta)

    def information(self, eta: FloatArray, columns: IntArray) -> FloatArray:
        """See `Problem.information`."""
        return self.cox.narrowed(columns).derivatives(eta)[1]
