"""The penalised likelihood of logistic models, for many weightings of the same rows at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.firth.climbing import Point, inverses, inverted
from vertebrisk.kernels.newton import log_likelihood
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.steps import pair_products, pairs, ranks, unpacked

CACHED = 10_000  # rows of all replicates that are worked on at once


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What stays fixed while the maximum is sought; columns are centred and scaled.

    `at_half` is the information where all risks are a half.
    """

    design: FloatArray
    products: FloatArray
    target: FloatArray
    weights: FloatArray
    mask: BoolArray
    at_half: FloatArray
    rank: IntArray
    full: BoolArray
    scaling: Scaling

    @classmethod
    def of(
        cls,
        design: FloatArray,
        target: FloatArray,
        weights: FloatArray,
        mask: BoolArray | None = None,
        *,
        scaling: Scaling | None = None,
        centred: bool = True,
    ) -> Problem:
        """`scaling` where it is known; `centred` is False where the intercept is to be held."""
        scaling = scaling or Scaling.of(design, weights)
        if not centred:
            scaling = Scaling(np.zeros_like(scaling.centre), scaling.scale, scaling.intercept)
        use = np.ones((weights.shape[0], design.shape[1]), np.bool_) if mask is None else mask
        return cls._of_scaled(scaling.apply(design), np.atleast_2d(target), weights, use, scaling)

    @classmethod
    def _of_scaled(
        cls,
        design: FloatArray,
        target: FloatArray,
        weights: FloatArray,
        mask: BoolArray,
        scaling: Scaling,
    ) -> Problem:
        products = pair_products(design)
        at_half = masked(unpacked(0.25 * weights @ products, design.shape[1]), mask)
        rank = ranks(at_half)
        full = rank == design.shape[1]
        return cls(design, products, target, weights, mask, at_half, rank, full, scaling)

    def of_columns(self, design: FloatArray) -> Problem:
        """The same of other columns, in the same units."""
        return self._of_scaled(design, self.target, self.weights, self.mask, self.scaling)

    def take(self, active: IntArray) -> Problem:
        """See `Objective.take`."""
        return Problem(
            self.design,
            self.products,
            self.target if self.target.shape[0] == 1 else self.target[active],
            self.weights if self.weights.shape[0] == 1 else self.weights[active],
            self.mask[active],
            self.at_half[active],
            self.rank[active],
            self.full[active],
            self.scaling,
        )

    def at(self, beta: FloatArray) -> Point:
        """See `Objective.at`; a few replicates at a time, so that their rows stay in the cache."""
        few = max(1, CACHED // max(1, self.design.shape[0]))
        if beta.shape[0] <= few:
            return self._at(beta)
        each = np.arange(beta.shape[0])
        parts = [each[first : first + few] for first in range(0, each.size, few)]
        return Point.joined([self.take(part)._at(beta[part]) for part in parts])

    def bend(self, beta: FloatArray, along: FloatArray) -> FloatArray:
        """Third derivatives of the likelihood, twice along each of k directions, shape (k, p).

        Without the penalty, at coefficients of shape (p,).
        """
        eta = self.design @ beta
        risk = expit(eta)
        third = self.weights * risk * (1.0 - risk) * (2.0 * risk - 1.0)
        moved = along @ self.design.T
        moved *= moved
        moved *= third
        return np.asarray(moved @ self.design)

    def _at(self, beta: FloatArray) -> Point:
        eta = beta @ self.design.T
        small = np.abs(eta)
        np.negative(small, out=small)
        np.exp(small, out=small)
        larger = 1.0 / (1.0 + small)
        spread = np.multiply(small, larger, out=small)
        spread *= larger
        size = self.design.shape[1]
        information = masked(unpacked((self.weights * spread) @ self.products, size), self.mask)
        inverse, determinant = inverted(information, self.rank, self.full)
        leverage = quadratic(inverse * both(self.mask), self.products)
        leverage *= spread
        above = np.copysign(larger - 0.5, eta)  # of the risk, over one half
        residual = leverage + 1.0
        residual *= above
        np.subtract(self.target - 0.5, residual, out=residual)
        residual *= self.weights
        outcome = np.maximum(eta, 0.0, out=above)
        np.subtract(self.target * eta, outcome, out=outcome)
        outcome += np.log(larger, out=larger)
        value = np.einsum("rn,rn->r", self.weights, outcome) + 0.5 * determinant
        return Point(value, (residual @ self.design) * self.mask, information, inverse)


@dataclass(frozen=True, slots=True, eq=False)
class Unpenalised:
    """The likelihood of a problem alone, where pseudo-patients stand for the penalty (FLAC)."""

    problem: Problem

    @property
    def full(self) -> BoolArray:
        """See `Objective.full`."""
        return self.problem.full

    def take(self, active: IntArray) -> Unpenalised:
        """See `Objective.take`."""
        return Unpenalised(self.problem.take(active))

    def at(self, beta: FloatArray) -> Point:
        """See `Objective.at`."""
        own = self.problem
        eta = beta @ own.design.T
        risk = expit(eta)
        packed = (own.weights * risk * expit(-eta)) @ own.products
        information = masked(unpacked(packed, own.design.shape[1]), own.mask)
        return Point(
            log_likelihood(eta, own.target, own.weights),
            (own.weights * (own.target - risk)) @ own.design * own.mask,
            information,
            inverses(information, self.full),
        )


def both(mask: BoolArray) -> BoolArray:
    """Pairs of columns that are both in use, (replicates, p) to (replicates, p, p)."""
    return np.asarray(mask[:, :, None] & mask[:, None, :])


def masked(information: FloatArray, mask: BoolArray) -> FloatArray:
    """Unit rows and columns where a column is not in use."""
    if mask.all():
        return information
    information = information * both(mask)
    unit = np.arange(mask.shape[1])
    information[:, unit, unit] += ~mask
    return np.asarray(information)


def quadratic(matrices: FloatArray, products: FloatArray) -> FloatArray:
    """Value of x'Mx for every row, shape (replicates, n); the matrices are symmetric."""
    first, second = pairs(matrices.shape[1])
    packed = matrices[:, first, second] * np.where(first == second, 1.0, 2.0)
    return np.asarray(packed @ products.T)
