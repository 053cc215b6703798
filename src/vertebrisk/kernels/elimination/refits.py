"""Logistic models of many replicates with some terms left out, fitted from where they are near.

A level that holds no event, or events only, has no finite coefficient. Its patients then add
nothing to the likelihood, so that they and its column are set aside until its term leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.levels import Levels
from vertebrisk.kernels.newton import DECREMENT_TOLERANCE, RESTING, log_likelihood
from vertebrisk.kernels.steps import information

STEPS = 15  # Newton steps in which a model with a maximum is found from where it starts
HALVINGS = 6

Cost = Callable[[FloatArray, IntArray, IntArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """A model of each replicate; `found` is False where no maximum was reached.

    `beta` are coefficients of the scaled columns, shape (replicates, p).
    """

    beta: FloatArray
    likelihood: FloatArray
    information: FloatArray
    found: BoolArray

    def take(self, at: IntArray) -> Models:
        """Some of them."""
        return Models(*(getattr(self, name)[at] for name in self.__slots__))

    def put(self, at: IntArray, others: Models) -> None:
        """Others in the place of some."""
        for name in self.__slots__:
            getattr(self, name)[at] = getattr(others, name)


@dataclass(frozen=True, slots=True, eq=False)
class Elimination:
    """Rows, their outcome, and what the terms cost.

    Attributes
    ----------
    design : array, shape (n, p)
        Scaled columns, the intercept's first.
    products : array, shape (n, p (p + 1) / 2)
    target, weights : array, shape (replicates, n)
    parts : list of int arrays
        Columns of each term.
    widths : int array, shape (terms,)
        How many these are.
    of_term : bool array, shape (terms, p)
        Which these are.
    levels : Levels
    cost : callable
        What speaks for dropping terms: from their likelihood ratios, columns and replicates,
        falling with the ratio.
    limit : float
        A term stays whose cost is not above it.
    """

    design: FloatArray
    products: FloatArray
    target: FloatArray
    weights: FloatArray
    parts: list[IntArray]
    widths: IntArray
    of_term: BoolArray
    levels: Levels
    cost: Cost
    limit: float

    def kept(self, owner: IntArray, lost: BoolArray) -> FloatArray:
        """Weights without the rows of lost levels."""
        weights = self.weights[owner]
        if lost.any():
            weights[self.levels.aside(lost)] = 0.0
        return weights

    def fitted(
        self, owner: IntArray, mask: BoolArray, lost: BoolArray, start: FloatArray
    ) -> Models:
        """Newton's method from `start`, on the columns of `mask`, without lost levels."""
        if lost.any():
            mask = mask & ~self.levels.unused(lost, mask.shape[1])
        weights, target = self.kept(owner, lost), self.target[owner]
        beta = np.where(mask, start, 0.0)
        eta = beta @ self.design.T
        likelihood = log_likelihood(eta, target, weights)
        size = self.design.shape[1]
        models = Models(
            beta, likelihood, np.empty((owner.size, size, size)), np.zeros(owner.size, np.bool_)
        )
        active = np.arange(owner.size)
        for _ in range(STEPS):
            own, hit, use = weights[active], target[active], mask[active]
            before, current = beta[active], likelihood[active]
            risk = expit(eta[active])
            gradient = (own * (hit - risk)) @ self.design * use
            curved = masked(information(self.design, self.products, own * risk * (1.0 - risk)), use)
            models.information[active] = curved
            try:
                step = np.linalg.solve(curved, gradient[:, :, None])[:, :, 0]
            except np.linalg.LinAlgError:
                break
            after = before + step
            for _ in range(HALVINGS):
                moved = after @ self.design.T
                reached = log_likelihood(moved, hit, own)
                worse = ~(reached >= current - 1e-9 * (1.0 + np.abs(current)))
                if not worse.any():
                    break
                after[worse] = 0.5 * (after[worse] + before[worse])
            beta[active], eta[active], likelihood[active] = after, moved, reached
            decrement = np.einsum("rp,rp->r", gradient, step)
            done = decrement < DECREMENT_TOLERANCE * (1.0 + np.abs(reached))
            models.found[active] = done & (np.abs(step).max(axis=1) < RESTING)
            active = active[~done & np.isfinite(reached)]
            if active.size == 0:
                break
        return models


def masked(matrices: FloatArray, mask: BoolArray) -> FloatArray:
    """Information of the columns in use; unit rows and columns where one is not."""
    if not mask.all():
        matrices = matrices * (mask[:, :, None] & mask[:, None, :])
        unit = np.arange(mask.shape[1])
        matrices[:, unit, unit] += ~mask
    return matrices
