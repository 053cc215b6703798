"""Firth's logistic regression, for many weightings of the same rows at once.

Estimates are those of ``logistf`` and of ``brglm2`` with ``type = "AS_mean"``. Two further
steps make the mean risk equal to the prevalence, which Firth's estimate draws towards one
half: FLIC estimates the intercept anew, FLAC tells the pseudo-data that the penalty adds from
the patients (Puhr et al. 2017, doi:10.1002/sim.7273).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.firth.climbing import Climb, Point, climb, inverted
from vertebrisk.kernels.newton import LogisticFits, Scaling, fit_logistic_batch, log_likelihood
from vertebrisk.kernels.steps import pair_products, pairs, ranks, unpacked

CACHED = 10_000  # rows of all replicates that are worked on at once


@dataclass(frozen=True, slots=True, eq=False)
class FirthFits:
    """Firth's fits, one a replicate.

    Attributes
    ----------
    beta : array, shape (replicates, p)
        Coefficients, in the columns' order; zero for a column that is masked.
    log_likelihood : array, shape (replicates,)
        Of the outcome, without the penalty.
    penalised : array, shape (replicates,)
        With it, the information that of the columns in their own units.
    leverage : array, shape (replicates, n)
        Diagonal of the hat matrix of one patient with each row.
    scaled_information : array, shape (replicates, p, p)
    rank : int array, shape (replicates,)
        Number of independent columns among those in use.
    mask : bool array, shape (replicates, p)
    iterations : int array, shape (replicates,)
    converged : bool array, shape (replicates,)
    """

    beta: FloatArray
    log_likelihood: FloatArray
    penalised: FloatArray
    leverage: FloatArray
    scaled_information: FloatArray
    scaling: Scaling
    rank: IntArray
    mask: BoolArray
    iterations: IntArray
    converged: BoolArray


def fit_firth_batch(
    design: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    *,
    mask: BoolArray | None = None,
    held: BoolArray | None = None,
) -> FirthFits:
    """Fit every replicate of a logistic model by Firth's penalised likelihood.

    Parameters
    ----------
    design : array, shape (n, p)
        Columns as they are, the intercept's among them.
    target : array, shape (n,) or (replicates, n)
        Outcome, 1 for the event; fractions are allowed.
    weights : array, shape (replicates, n)
        Frequency of each row in each replicate; zero leaves it out.
    mask : bool array, shape (replicates, p), optional
        Columns that each replicate uses; all by default.
    held : bool array, shape (replicates, p), optional
        Columns, other than the intercept, with a coefficient of zero that count in the
        penalty all the same: the null hypothesis of a penalised likelihood-ratio test.
    """
    problem = Problem.of(design, target, weights, mask)
    free = problem.mask if held is None else problem.mask & ~held
    state = climb(problem, np.zeros(free.shape), free)
    return problem.gathered(state)


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What stays fixed while the maximum is sought; columns are centred and scaled."""

    design: FloatArray
    products: FloatArray
    target: FloatArray
    weights: FloatArray
    mask: BoolArray
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
        centred: bool = True,
    ) -> Problem:
        """`centred` is False where the intercept itself is to be held."""
        scaling = Scaling.of(design, weights)
        if not centred:
            scaling = Scaling(np.zeros_like(scaling.centre), scaling.scale, scaling.intercept)
        scaled = scaling.apply(design)
        use = np.ones((weights.shape[0], design.shape[1]), np.bool_) if mask is None else mask
        products = pair_products(scaled)
        at_half = masked(unpacked(0.25 * weights @ products, design.shape[1]), use)
        rank = ranks(at_half)
        return cls(
            scaled,
            products,
            np.atleast_2d(target),
            weights,
            use,
            rank,
            rank == design.shape[1],
            scaling,
        )

    def take(self, active: IntArray) -> Problem:
        """See `Objective.take`."""
        return Problem(
            self.design,
            self.products,
            self.target if self.target.shape[0] == 1 else self.target[active],
            self.weights if self.weights.shape[0] == 1 else self.weights[active],
            self.mask[active],
            self.rank[active],
            self.full[active],
            self.scaling,
        )

    def at(self, beta: FloatArray) -> Point:
        """See `Objective.at`."""
        value, gradient, information, _ = self._parts(beta)
        return Point(value, gradient, information)

    def _parts(self, beta: FloatArray) -> tuple[FloatArray, ...]:
        """See `_sums`; a few replicates at a time, so that their rows stay in the cache."""
        few = max(1, CACHED // max(1, self.design.shape[0]))
        if beta.shape[0] <= few:
            return self._sums(beta)
        each = np.arange(beta.shape[0])
        parts = [each[first : first + few] for first in range(0, each.size, few)]
        found = [self.take(part)._sums(beta[part]) for part in parts]
        return tuple(np.concatenate(pieces) for pieces in zip(*found, strict=True))

    def _sums(self, beta: FloatArray) -> tuple[FloatArray, ...]:
        """Penalised likelihood, modified score, information and leverages."""
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
        return value, (residual @ self.design) * self.mask, information, leverage

    def gathered(self, state: Climb) -> FirthFits:
        """The fits in the columns' own units."""
        leverage = self._parts(state.beta)[3]
        outcome = log_likelihood(state.beta @ self.design.T, self.target, self.weights)
        units = (np.log(self.scaling.scale) * self.mask).sum(axis=1)
        return FirthFits(
            beta=self.scaling.undo(state.beta),
            log_likelihood=outcome,
            penalised=state.point.value + units,
            leverage=leverage,
            scaled_information=state.point.information,
            scaling=self.scaling,
            rank=self.rank - (~self.mask).sum(axis=1),
            mask=self.mask,
            iterations=state.iterations,
            converged=state.converged,
        )


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
        gradient = (own.weights * (own.target - risk)) @ own.design * own.mask
        return Point(
            log_likelihood(eta, own.target, own.weights),
            gradient,
            masked(unpacked(packed, own.design.shape[1]), own.mask),
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


def as_maximum(fits: FirthFits) -> LogisticFits:
    """The fits as those of any other logistic regression: finite, and never separated."""
    return _unseparated(
        fits, fits.beta, fits.penalised, fits.scaled_information, fits.rank, fits.converged
    )


def _unseparated(
    fits: FirthFits,
    beta: FloatArray,
    likelihood: FloatArray,
    information: FloatArray,
    rank: IntArray,
    converged: BoolArray,
) -> LogisticFits:
    return LogisticFits(
        beta=beta,
        scaled_information=information,
        scaling=fits.scaling,
        log_likelihood=likelihood,
        separated=np.zeros(beta.shape[0], dtype=np.bool_),
        rank=rank,
        direction=np.zeros_like(beta),
        mask=fits.mask,
        iterations=fits.iterations,
        converged=converged,
    )


def with_intercept(
    fits: FirthFits, design: FloatArray, target: FloatArray, weights: FloatArray
) -> LogisticFits:
    """FLIC: the slopes stay, the intercept is estimated by maximum likelihood.

    The information is that at the new estimate. A replicate in which all patients have one
    outcome keeps Firth's intercept.
    """
    target = np.atleast_2d(target)
    slopes = fits.beta.copy()
    slopes[:, 0] = 0.0
    offset = slopes @ design.T
    total = weights.sum(axis=1)
    events = (weights * target).sum(axis=1)
    known = (events > 0) & (events < total)
    intercept = fits.beta[:, 0].copy()
    for _ in range(100):
        risk = expit(offset + intercept[:, None])
        gradient = events - (weights * risk).sum(axis=1)
        curvature = (weights * risk * (1.0 - risk)).sum(axis=1)
        step = np.where(known, gradient / np.maximum(curvature, 1e-300), 0.0)
        intercept += np.clip(step, -1.0, 1.0)
        if np.abs(step).max(initial=0.0) < 1e-12:
            break
    beta = fits.beta.copy()
    beta[:, 0] = intercept
    eta = beta @ design.T
    scaled = fits.scaling.apply(design)
    spread = weights * expit(eta) * expit(-eta)
    packed = spread @ pair_products(scaled)
    information = masked(unpacked(packed, design.shape[1]), fits.mask)
    return _unseparated(fits, beta, fits.penalised, information, fits.rank, fits.converged)


@dataclass(frozen=True, slots=True, eq=False)
class Augmented:
    """FLAC's data: patients, then as many pseudo-patients, told apart by a last column.

    Every pseudo-patient has the leverage for weight and the outcome one half, which stands
    for both outcomes with half the weight each.
    """

    design: FloatArray
    target: FloatArray
    weights: FloatArray

    @classmethod
    def of(
        cls, fits: FirthFits, design: FloatArray, target: FloatArray, weights: FloatArray
    ) -> Augmented:
        """From a fit by Firth's method."""
        size = design.shape[0]
        pseudo = np.repeat([0.0, 1.0], size)
        own = np.broadcast_to(np.atleast_2d(target), weights.shape)
        return cls(
            np.column_stack([np.vstack([design, design]), pseudo]),
            np.hstack([own, np.full_like(own, 0.5)]),
            np.hstack([weights, weights * fits.leverage]),
        )

    def fit(self, mask: BoolArray) -> LogisticFits:
        """Maximum likelihood, the pseudo-patients' column last; `mask` is that of the others."""
        whole = np.column_stack([mask, np.ones(mask.shape[0], np.bool_)])
        own = Scaling.of(self.design, self.weights)
        centre, scale = own.centre.copy(), own.scale.copy()
        centre[-1], scale[-1] = 0.0, 1.0  # the intercept is to stay that of the patients
        scaling = Scaling(centre, scale, own.intercept)
        return fit_logistic_batch(
            self.design, self.target, self.weights, mask=whole, scaling=scaling
        )


def with_covariate(
    fits: FirthFits, design: FloatArray, target: FloatArray, weights: FloatArray
) -> LogisticFits:
    """FLAC: maximum likelihood of patients and pseudo-patients with an indicator of these.

    The information is that of the augmented data, the indicator's share taken out.
    """
    found = Augmented.of(fits, design, target, weights).fit(fits.mask)
    information = found.scaled_information
    size = design.shape[1]
    inside = information[:, :size, :size]
    cross = information[:, :size, size:]
    corner = information[:, size:, size:]
    part = inside - cross @ cross.transpose(0, 2, 1) / corner
    scaling = Scaling(
        found.scaling.centre[:size], found.scaling.scale[:size], found.scaling.intercept
    )
    return LogisticFits(
        beta=np.ascontiguousarray(found.beta[:, :size]),
        scaled_information=part,
        scaling=scaling,
        log_likelihood=fits.penalised,
        separated=found.separated,
        rank=fits.rank,
        direction=np.ascontiguousarray(found.direction[:, :size]),
        mask=fits.mask,
        iterations=fits.iterations,
        converged=fits.converged,
    )
