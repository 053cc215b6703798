"""One variable's shapes compared, the other terms as they stand, in every replicate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.powers import LINEAR, SHAPES
from vertebrisk.kernels.patterns import grouped
from vertebrisk.models.firth.likelihoods import FirthBinary, FirthPartial
from vertebrisk.models.fractional.ranking import expanded, shape_gains
from vertebrisk.models.fractional.shapes import Shapes
from vertebrisk.models.likelihoods import BinaryLikelihood, Likelihood, PartialLikelihood

FEW = 2  # replicates up to which every shape is fitted
TOGETHER = 20  # replicates of one logistic model that make fitting every shape the shorter way
ROUNDS = 6  # expansions, each at the best model so far
TRIED = 2  # shapes that are fitted in each round
SAME = 1e-9  # log-likelihoods that differ by less are one
ONE = np.array([at for at, each in enumerate(SHAPES) if len(each) == 1])
TWO = np.array([at for at, each in enumerate(SHAPES) if len(each) == 2])


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The best shapes of one variable, one a replicate, and what they gain.

    `one` and `two` are the best single power and the best pair (places in `SHAPES`). Gains are
    likelihood-ratio statistics over the model without the variable; that of a pair is not
    known (NaN) where one power is the most that is asked. Without `null` only their differences
    mean something.
    """

    one: IntArray
    two: IntArray
    gain_linear: FloatArray
    gain_one: FloatArray
    gain_two: FloatArray


@dataclass(frozen=True, eq=False)
class Visit:
    """A term whose shapes are compared.

    Attributes
    ----------
    shapes : Shapes
    likelihood : Likelihood
    weights : array, shape (replicates, n)
    others : bool array, shape (replicates, columns)
        Columns of the other terms in use.
    term : int
    """

    shapes: Shapes
    likelihood: Likelihood
    weights: FloatArray
    others: BoolArray
    term: int

    def compared(self, degree: int, *, needed_null: bool) -> Compared:
        """The best shapes of the term; every one is fitted where there are few replicates."""
        plain = _plain(self.likelihood)
        if plain is None or self._few(plain):
            return self._every(degree)
        return self._nearest(degree, plain, needed_null=needed_null)

    def _few(self, plain: BinaryLikelihood | PartialLikelihood) -> bool:
        """True where fitting every shape is quick."""
        size = self.weights.shape[0]
        models = np.unique(self.others, axis=0).shape[0]
        alike = isinstance(plain, BinaryLikelihood) and size >= TOGETHER * models
        return size <= FEW or alike

    def gains(self, states: IntArray) -> FloatArray:
        """Gain of the term in these states over none, shape (replicates,)."""
        if _penalised(self.likelihood):
            return self._penalised_gains(states)
        return np.maximum(2.0 * (self._fitted(states)[0] - self._null), 0.0)

    @cached_property
    def _null(self) -> FloatArray:
        """Log-likelihood without the term."""
        return self._fitted(np.zeros(self.weights.shape[0], dtype=np.int64))[0]

    def _mask(self, states: IntArray) -> BoolArray:
        whole = np.zeros((states.size, self.shapes.degrees.size), dtype=np.int64)
        whole[:, self.term] = states
        return self.others | self.shapes.mask(whole)

    def _fitted(self, states: IntArray) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood of each replicate in its state, and coefficients of all columns."""
        before = self.likelihood.intercepts
        found = np.empty(states.size)
        beta = np.zeros((states.size, before + self.shapes.matrix.shape[1]))
        for use, members in grouped(self._mask(states)):
            columns = np.flatnonzero(use)
            fits = self.likelihood.fit(self.shapes.matrix[:, columns], self.weights[members]).fits
            found[members] = fits.log_likelihood
            at = np.concatenate([np.arange(before), before + columns])
            beta[np.ix_(members, at)] = fits.beta
        return found, beta

    def _penalised_gains(self, states: IntArray) -> FloatArray:
        """Penalised likelihood ratios, whose penalty is that of the columns with the term."""
        found = np.zeros(states.size)
        part = self.shapes.slices[self.term]
        for use, members in grouped(self._mask(states)):
            columns = np.flatnonzero(use)
            drop = (columns >= part.start) & (columns < part.stop)
            if not drop.any():
                continue
            matrix, weights = self.shapes.matrix[:, columns], self.weights[members]
            full = self.likelihood.fit(matrix, weights).fits.log_likelihood
            null = self.likelihood.without(matrix, weights, drop).log_likelihood
            found[members] = np.maximum(2.0 * (full - null), 0.0)
        return found

    def _every(self, degree: int) -> Compared:
        """Every shape fitted."""
        size = self.weights.shape[0]
        asked = ONE if degree == 1 else np.concatenate([ONE, TWO])
        gains = np.full((size, len(SHAPES)), np.nan)
        for shape in asked.tolist():
            gains[:, shape] = self.gains(np.full(size, shape))
        one = ONE[gains[:, ONE].argmax(axis=1)]
        two = one if degree == 1 else TWO[gains[:, TWO].argmax(axis=1)]
        rows = np.arange(size)
        most = np.full(size, np.nan) if degree == 1 else gains[rows, two]
        return Compared(one, two, gains[:, LINEAR], gains[rows, one], most)

    def _nearest(
        self,
        degree: int,
        plain: BinaryLikelihood | PartialLikelihood,
        *,
        needed_null: bool,
    ) -> Compared:
        """The nearest shapes by an expansion at the best model so far, until none is better."""
        size = self.weights.shape[0]
        base = self._null if needed_null else np.zeros(size)
        straight, beta = self._fitted(np.full(size, LINEAR))
        family = ONE if degree == 1 else TWO
        best = np.full(size, LINEAR)
        height = straight.copy() if degree == 1 else np.full(size, -np.inf)
        near = np.empty((size, len(SHAPES)))
        climbing = np.arange(size)
        for _ in range(ROUNDS):
            part = self._of(climbing)
            near[climbing] = part._ranked(plain, beta[climbing])
            moved = np.zeros(climbing.size, dtype=np.bool_)
            ranked = np.argsort(-near[climbing][:, family], axis=1, kind="stable")
            for place in range(TRIED):
                shape = family[ranked[:, place]]
                found, fitted = part._fitted(shape)
                rows = climbing[found > height[climbing] + SAME]
                better = np.isin(climbing, rows)
                best[rows], height[rows] = shape[better], found[better]
                beta[rows] = fitted[better]
                moved |= better
            climbing = climbing[moved]
            if climbing.size == 0:
                break
        gain_linear, gain_best = 2.0 * (straight - base), 2.0 * (height - base)
        if degree == 1:
            return Compared(best, best, gain_linear, gain_best, np.full(size, np.nan))
        one = ONE[near[:, ONE].argmax(axis=1)]
        single = self._fitted(one)[0]
        one = np.where(straight > single, LINEAR, one)
        gain_one = 2.0 * (np.maximum(straight, single) - base)
        return Compared(one, best, gain_linear, gain_one, gain_best)

    def _of(self, rows: IntArray) -> Visit:
        """The same in some replicates."""
        return replace(self, weights=self.weights[rows], others=self.others[rows])

    def _ranked(self, plain: BinaryLikelihood | PartialLikelihood, beta: FloatArray) -> FloatArray:
        """Gain of each shape as the expansion at `beta` has it, shape (replicates, shapes)."""
        before = self.likelihood.intercepts
        part = self.shapes.slices[self.term]
        wanted: BoolArray = np.asarray(self.others.any(axis=0))
        wanted[part] = True
        columns = np.flatnonzero(wanted)
        at = np.concatenate([np.arange(before), before + columns])
        expansion = expanded(plain, self.shapes.matrix[:, columns], self.weights, beta[:, at])
        use = np.ones((self.weights.shape[0], at.size), dtype=np.bool_)
        use[:, before:] = self.others[:, columns]
        first = before + int((columns < part.start).sum())
        return shape_gains(expansion, use, slice(first, first + part.stop - part.start))


def _penalised(likelihood: Likelihood) -> bool:
    return isinstance(likelihood, FirthBinary | FirthPartial)


def _plain(likelihood: Likelihood) -> BinaryLikelihood | PartialLikelihood | None:
    """The likelihood where its expansion is known; None where every shape has to be fitted."""
    return likelihood if isinstance(likelihood, BinaryLikelihood | PartialLikelihood) else None
