"""Backward elimination of terms: by refits, or by the covariance of the model of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.distributions import chi2_upper, normal_two_sided
from vertebrisk.kernels.elimination.running import eliminated
from vertebrisk.kernels.newton import MANY, LogisticFits
from vertebrisk.kernels.patterns import find_patterns, grouped
from vertebrisk.kernels.stepdown import WholeFits
from vertebrisk.models.likelihoods import (
    BinaryLikelihood,
    Likelihood,
    PartialLikelihood,
    with_intercept,
)
from vertebrisk.models.selection.approximate import whole_fits

Criterion = Literal["p", "aic", "bic"]
TOGETHER = 250  # models that are fitted at once where few replicates are refitted
TOLD = 1e-9  # likelihood ratio below which the precision of two fits does not tell it from 0


@dataclass(frozen=True, slots=True, eq=False)
class Backward:
    """What is eliminated, and by which rule.

    Attributes
    ----------
    likelihood : Likelihood
    matrix : array, shape (n, columns)
        Columns of all candidates.
    parts : list of int arrays
        Columns of each term.
    criterion : {"p", "aic", "bic"}
    alpha : float
        Significance level of staying in, by P.
    """

    likelihood: Likelihood
    matrix: FloatArray
    parts: list[IntArray]
    criterion: Criterion
    alpha: float

    @property
    def limit(self) -> float:
        """Cost above which a term leaves."""
        return self.alpha if self.criterion == "p" else 0.0

    def eliminated(self, weights: FloatArray, *, approximate: bool) -> BoolArray:
        """Terms that stay, shape (replicates, terms): by one fit of all of them, or by refits."""
        asked = self.approximated if approximate else self.refitted
        few = self.matrix.shape[0] < MANY
        if not (few and compiled.enabled() and isinstance(self.likelihood, BinaryLikelihood)):
            return asked(weights)
        chosen, known = self._one_by_one(self.likelihood, weights, approximate=approximate)
        if not known.all():
            chosen[~known] = asked(weights[~known])
        return chosen

    def _one_by_one(
        self, likelihood: BinaryLikelihood, weights: FloatArray, *, approximate: bool
    ) -> tuple[BoolArray, BoolArray]:
        """The same by the compiled kernels, and for which replicates."""
        from vertebrisk.kernels.compiled import elimination

        patterns = find_patterns(self.matrix)
        penalty = {"p": -1.0, "aic": 2.0, "bic": 0.0}[self.criterion]
        penalties = np.full(weights.shape[0], penalty)
        if self.criterion == "bic":
            penalties = np.log(np.maximum(self._sizes(weights), 1.0))
        return elimination.eliminated(
            with_intercept(patterns.rows),
            *likelihood.shares(patterns, weights),
            [likelihood.intercepts + part for part in self.parts],
            penalties,
            self.limit,
            approximate=approximate,
        )

    def approximated(self, weights: FloatArray) -> BoolArray:
        """Terms that stay by one fit of all of them, shape (replicates, terms).

        Replicates without such a fit are refitted at each step.
        """
        whole, known = whole_fits(self.likelihood, self.matrix, weights)
        chosen = np.empty((weights.shape[0], len(self.parts)), dtype=np.bool_)
        chosen[known] = self._by_covariance(weights[known], whole)
        chosen[~known] = self.refitted(weights[~known])
        return chosen

    def _by_covariance(self, weights: FloatArray, whole: WholeFits) -> BoolArray:
        chosen = np.ones((weights.shape[0], len(self.parts)), dtype=np.bool_)
        widths = np.array([part.size for part in self.parts], dtype=np.int64)
        moving = np.arange(weights.shape[0])
        while moving.size and self.parts:
            gain = whole.statistics(self.parts)
            cost = self._costs(gain, np.broadcast_to(widths, gain.shape), weights[moving])
            cost = np.where(chosen[moving], cost, -np.inf)
            weakest = cost.argmax(axis=1)
            found = np.flatnonzero(cost.max(axis=1) > self.limit)
            moving, weakest = moving[found], weakest[found]
            chosen[moving, weakest] = False
            whole = whole.take(found).without([self.parts[term] for term in weakest])
        return chosen

    def refitted(self, weights: FloatArray) -> BoolArray:
        """Terms that stay by refits at each step, shape (replicates, terms)."""
        replicates, terms = weights.shape[0], len(self.parts)
        chosen = np.ones((replicates, terms), dtype=np.bool_)
        moving = np.arange(replicates)
        if isinstance(self.likelihood, BinaryLikelihood) and replicates and terms:
            found, known = self._bounded(self.likelihood, weights)
            chosen[known] = found[known]
            moving = np.flatnonzero(~known)
        while moving.size:
            dropped = self._drops(chosen[moving], weights[moving])
            still = dropped >= 0
            chosen[moving[still], dropped[still]] = False
            moving = moving[still]
        return chosen

    def _bounded(
        self, likelihood: BinaryLikelihood, weights: FloatArray
    ) -> tuple[BoolArray, BoolArray]:
        """The same where few refits do, and for which replicates; see `kernels.elimination`."""

        def cost(gain: FloatArray, freed: IntArray, replicates: IntArray) -> FloatArray:
            return self._costs(gain[:, None], freed[:, None], weights[replicates])[:, 0]

        model = likelihood.fit(self.matrix, weights)
        assert isinstance(model.fits, LogisticFits)
        share, total = likelihood.shares(model.patterns, weights)
        parts = [likelihood.intercepts + part for part in self.parts]
        return eliminated(model.rows, model.fits, share, total, parts, cost, self.limit)

    def _drops(self, chosen: BoolArray, weights: FloatArray) -> IntArray:
        """Term that each replicate drops next, -1 where it drops none."""
        dropped = np.full(chosen.shape[0], -1, dtype=np.int64)
        for subset, members in grouped(chosen):
            terms = np.flatnonzero(subset)
            if terms.size == 0:
                continue
            cost = self._refitted_costs(terms, weights[members])
            weakest = cost.argmax(axis=1)
            beyond = cost[np.arange(members.size), weakest] > self.limit
            dropped[members] = np.where(beyond, terms[weakest], -1)
        return dropped

    def _refitted_costs(self, terms: IntArray, weights: FloatArray) -> FloatArray:
        """What speaks for dropping each of some terms, from the model without it."""
        parts = [self.parts[term] for term in terms]
        columns = self.matrix[:, np.concatenate(parts)]
        owner = np.repeat(np.arange(terms.size), [part.size for part in parts])
        few = weights.shape[0] * (terms.size + 1) <= TOGETHER
        if few and isinstance(self.likelihood, BinaryLikelihood | PartialLikelihood):
            return self._costs(*self._refitted_together(columns, owner, weights), weights)
        full = self.likelihood.fit(columns, weights).fits
        gain = np.empty((weights.shape[0], terms.size))
        freed = np.empty(gain.shape, dtype=np.int64)
        for position in range(terms.size):
            null = self.likelihood.without(columns, weights, owner == position)
            gain[:, position] = 2.0 * (full.log_likelihood - null.log_likelihood)
            freed[:, position] = full.rank - null.rank
        return self._costs(_told(gain), freed, weights)

    def _refitted_together(
        self, columns: FloatArray, owner: IntArray, weights: FloatArray
    ) -> tuple[FloatArray, IntArray]:
        """Likelihood ratio and freed columns of each term, the models of few replicates as one."""
        terms, replicates = int(owner.max()) + 1, weights.shape[0]
        use = np.concatenate([[owner >= 0], owner != np.arange(terms)[:, None]])
        mask = np.repeat(use, replicates, axis=0)
        fits = self.likelihood.fit(columns, np.tile(weights, (terms + 1, 1)), mask).fits
        likelihood = fits.log_likelihood.reshape(-1, replicates).T
        rank = fits.rank.reshape(-1, replicates).T
        return _told(2.0 * (likelihood[:, :1] - likelihood[:, 1:])), rank[:, :1] - rank[:, 1:]

    def _costs(self, gain: FloatArray, freed: IntArray, weights: FloatArray) -> FloatArray:
        """What speaks for dropping terms: P values, or what a criterion gains without them.

        `gain` and `freed` have shape (replicates, terms).
        """
        if self.criterion == "aic":
            return 2.0 * freed - gain
        if self.criterion == "bic":
            size = np.log(np.maximum(self._sizes(weights), 1.0))[:, None]
            return np.asarray(size * freed - gain)
        value = normal_two_sided(np.sqrt(np.maximum(gain, 0.0)))  # of one column
        others = freed != 1
        value[others] = chi2_upper(gain[others], np.maximum(freed[others], 1))
        return np.where(freed > 0, value, 1.0)

    def _sizes(self, weights: FloatArray) -> FloatArray:
        """What BIC counts: patients, or the events of a model of time to event.

        Volinsky and Raftery 2000, doi:10.1111/j.0006-341X.2000.00256.x.
        """
        if self.likelihood.intercepts:
            return np.asarray(weights.sum(axis=1))
        return np.asarray(weights @ self.likelihood.event)


def _told(gain: FloatArray) -> FloatArray:
    """Likelihood ratios without their rounding: terms of no gain leave in their order."""
    return np.where(gain > TOLD, gain, 0.0)
