"""Firth's logistic regression, for many weightings of the same rows at once.

Estimates are those of ``logistf`` and of ``brglm2`` with ``type = "AS_mean"``. Two further
steps make the mean risk equal to the prevalence, which Firth's estimate draws towards one
half: FLIC estimates the intercept anew, FLAC tells the pseudo-data that the penalty adds from
the patients (Puhr et al. 2017, doi:10.1002/sim.7273).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import expit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.firth.climbing import Climb, climb, inverted
from vertebrisk.kernels.firth.problem import Problem, both, masked, quadratic
from vertebrisk.kernels.firth.summits import highest
from vertebrisk.kernels.newton import LogisticFits, fit_logistic_batch
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.steps import information, pair_products

SHIFTS = 100  # steps towards another intercept
LAST_SHIFT = 1e-12
FLATTEST = 1e-300  # curvature below which there is next to none


@dataclass(frozen=True, slots=True, eq=False)
class FirthFits:
    """Firth's fits, one a replicate.

    Attributes
    ----------
    beta : array, shape (replicates, p)
        Coefficients, in the columns' order; zero for a column that is masked.
    penalised : array, shape (replicates,)
        Log-likelihood with the penalty, whose information is that of the columns in their units.
    scaled_information : array, shape (replicates, p, p)
    rank : int array, shape (replicates,)
        Number of independent columns among those in use.
    mask : bool array, shape (replicates, p)
    iterations : int array, shape (replicates,)
    converged : bool array, shape (replicates,)
    """

    beta: FloatArray
    penalised: FloatArray
    scaled_information: FloatArray
    scaling: Scaling
    rank: IntArray
    mask: BoolArray
    iterations: IntArray
    converged: BoolArray

    def put(self, at: IntArray, others: FirthFits) -> None:
        """Others, with the same columns in use and the same scaling, in the place of some."""
        for each in fields(self):
            if each.name != "scaling":
                getattr(self, each.name)[at] = getattr(others, each.name)


def fit_firth_batch(
    design: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    *,
    mask: BoolArray | None = None,
    held: BoolArray | None = None,
    scaling: Scaling | None = None,
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
    scaling : Scaling, optional
        Where it is known.
    """
    problem = Problem.of(design, target, weights, mask, scaling=scaling)
    free = problem.mask if held is None else problem.mask & ~held
    state = climb(problem, np.zeros(free.shape), free)
    return gathered(problem, highest(problem, state, free))


def gathered(problem: Problem, state: Climb) -> FirthFits:
    """The fits in the columns' own units."""
    units = (np.log(problem.scaling.scale) * problem.mask).sum(axis=1)
    return FirthFits(
        beta=problem.scaling.undo(state.beta),
        penalised=state.point.value + units,
        scaled_information=state.point.information,
        scaling=problem.scaling,
        rank=problem.rank - (~problem.mask).sum(axis=1),
        mask=problem.mask,
        iterations=state.iterations,
        converged=state.converged,
    )


def leverages(fits: FirthFits, design: FloatArray) -> FloatArray:
    """Diagonal of the hat matrix of one patient with each row, shape (replicates, n)."""
    eta = fits.beta @ design.T
    unused = (~fits.mask).sum(axis=1)
    full = fits.rank + unused == design.shape[1]
    inverse, _ = inverted(fits.scaled_information, fits.rank + unused, full)
    products = pair_products(fits.scaling.apply(design))
    found = quadratic(inverse * both(fits.mask), products)
    found *= expit(eta) * expit(-eta)
    return found


def as_maximum(fits: FirthFits) -> LogisticFits:
    """The fits as those of any other logistic regression: finite, and never separated."""
    return unseparated(
        fits, fits.beta, fits.penalised, fits.scaled_information, fits.rank, fits.converged
    )


def unseparated(
    fits: FirthFits,
    beta: FloatArray,
    likelihood: FloatArray,
    scaled_information: FloatArray,
    rank: IntArray,
    converged: BoolArray,
) -> LogisticFits:
    """Fits with other estimates and information, finite and never separated."""
    return LogisticFits(
        beta=beta,
        scaled_information=scaled_information,
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
    for _ in range(SHIFTS):
        risk = expit(offset + intercept[:, None])
        gradient = events - (weights * risk).sum(axis=1)
        curvature = (weights * risk * (1.0 - risk)).sum(axis=1)
        step = np.where(known, gradient / np.maximum(curvature, FLATTEST), 0.0)
        intercept += np.clip(step, -1.0, 1.0)
        if np.abs(step).max(initial=0.0) < LAST_SHIFT:
            break
    beta = fits.beta.copy()
    beta[:, 0] = intercept
    eta = beta @ design.T
    scaled = fits.scaling.apply(design)
    spread = weights * expit(eta) * expit(-eta)
    own = masked(information(scaled, None, spread), fits.mask)
    return unseparated(fits, beta, fits.penalised, own, fits.rank, fits.converged)


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
            np.hstack([weights, weights * leverages(fits, design)]),
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
    whole = found.scaled_information
    size = design.shape[1]
    inside = whole[:, :size, :size]
    cross = whole[:, :size, size:]
    corner = whole[:, size:, size:]
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
