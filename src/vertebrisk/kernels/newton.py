"""Logistic regression by Newton's method, for many weightings of the same rows at once.

A resample, a fold, a subgroup and the plain fit are all rows of one weight matrix.
One matrix product gives every replicate's gradient, one every information matrix,
one batched solve every step. A mask lets each replicate use columns of its own. The
estimates are those of R's ``glm``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.finite import proves_maximum
from vertebrisk.kernels.narrow import fitted_apart
from vertebrisk.kernels.scaling import Scaling
from vertebrisk.kernels.separation import separating_direction
from vertebrisk.kernels.steps import (
    equilibrated,
    information,
    kept_products,
    ranks,
    solve_steps,
)

MAX_ITERATIONS = 40
HALVINGS = 12
DECREMENT_TOLERANCE = 1e-12  # the step after it has an error of this order squared
SEPARATING_STEP = 0.25  # a separated fit moves its linear predictor by 1 each iteration
FIRST_SUSPECT = 12  # a finite maximum is nearly always reached in fewer iterations
LEAP = 16.0  # further steps that a separated fit would take one by one
FARTHEST = 12.0  # change of a linear predictor in a step that is taken again, and shorter
MANY = 50_000  # rows from which on every STRIDE-th of them is fitted first
STRIDE = 16
RESTING = 1e-3  # a step of a coefficient, in spreads, that ends at a maximum is far smaller


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFits:
    """Maximum-likelihood fits, one a replicate.

    Attributes
    ----------
    beta : array, shape (replicates, p)
        Coefficients, in the columns' order; zero for a column that is masked.
    scaled_information : array, shape (replicates, p, p)
        Fisher information at the estimate, for columns centred and scaled by `scaling`.
    log_likelihood : array, shape (replicates,)
    separated : bool array, shape (replicates,)
        True where no finite estimate exists; proved by a direction along which every
        weighted row moves towards its outcome, which is the last Newton step or, where
        that is none of a fit that was long on its way, one of a linear programme. There
        the likelihood, the ranks and the fitted risks are those of the limit, to 1e-10.
    rank : int array, shape (replicates,)
        Number of independent columns among those in use. Where it is lower the estimate
        is the one of least norm, and fitted risks are unique all the same.
    direction : array, shape (replicates, p)
        Where a fit is separated, the direction in which its coefficients run away; zero
        elsewhere.
    mask : bool array, shape (replicates, p)
        Columns in use.
    iterations : int array, shape (replicates,)
    converged : bool array, shape (replicates,)
        True where a finite maximum was found.
    proved : bool
        True where it is known of the one replicate that no direction separates the outcomes.
    """

    beta: FloatArray
    scaled_information: FloatArray
    scaling: Scaling
    log_likelihood: FloatArray
    separated: BoolArray
    rank: IntArray
    direction: FloatArray
    mask: BoolArray
    iterations: IntArray
    converged: BoolArray
    proved: bool = False

    @property
    def deficient(self) -> BoolArray:
        """True where columns in use are linearly dependent."""
        return np.asarray(self.rank < self.mask.sum(axis=1))

    def covariance(self, replicate: int = 0) -> FloatArray:
        """Inverse information of one replicate, shape (p, p)."""
        scaled, scale = equilibrated(self.scaled_information[replicate][None])
        inverse = np.linalg.pinv(scaled[0], rcond=1e-13, hermitian=True)
        inverse = inverse * np.outer(self.mask[replicate], self.mask[replicate])
        back = self.scaling.back() / scale[0]
        return np.asarray(back @ inverse @ back.T)

    def put(self, at: IntArray, others: LogisticFits) -> None:
        """Others, with the same columns in use, in the place of some."""
        information = others.scaled_information
        if others.scaling is not self.scaling:
            change = np.linalg.solve(others.scaling.back(), self.scaling.back())
            use = self.mask[at]
            information = change.T @ information @ change * (use[:, :, None] & use[:, None, :])
            unit = np.arange(use.shape[1])
            information[:, unit, unit] += ~use
        self.scaled_information[at] = information
        for each in fields(self):
            if each.name not in ("scaled_information", "scaling", "mask", "proved"):
                getattr(self, each.name)[at] = getattr(others, each.name)


def proves_overlap(fits: LogisticFits, design: FloatArray) -> bool:
    """True where the estimate of one replicate proves that nothing separates; see `finite`."""
    if fits.proved:
        return True
    size = 1.0 + abs(float(fits.log_likelihood[0]))
    return bool(fits.converged[0] and not fits.deficient[0]) and proves_maximum(
        fits.scaling.apply(design), fits.scaled_information[0], DECREMENT_TOLERANCE * size
    )


def log_likelihood(eta: FloatArray, target: FloatArray, weights: FloatArray) -> FloatArray:
    """Bernoulli log-likelihood summed over the last axis; `target` may be a fraction."""
    loss = np.maximum(eta, 0.0) + np.log1p(np.exp(-np.abs(eta)))
    return np.asarray(np.sum(weights * (target * eta - loss), axis=-1))


def fit_logistic_batch(
    design: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    offset: FloatArray | None = None,
    start: FloatArray | None = None,
    mask: BoolArray | None = None,
    scaling: Scaling | None = None,
) -> LogisticFits:
    """Fit every replicate of a logistic model.

    Parameters
    ----------
    design : array, shape (n, p)
        Columns as they are, the intercept's among them.
    target : array, shape (n,) or (replicates, n)
        Outcome, 1 for the event; fractions are allowed.
    weights : array, shape (replicates, n)
        Frequency of each row in each replicate; zero leaves it out.
    offset : array, shape (n,) or (replicates, n), optional
        Added to the linear predictor.
    start : array, shape (p,), optional
        Coefficients to begin with, zero by default; beside an offset the constant, where there
        is one, is by default that with which as many risks exceed a half as there are events.
    mask : bool array, shape (replicates, p), optional
        Columns that each replicate uses; all by default. The intercept is always used.
    scaling : Scaling, optional
        That of all replicates together, where these are only some of them.
    """
    together = scaling is None
    scaling = scaling or Scaling.of(design, weights)
    scaled = scaling.apply(design)
    use = np.ones((weights.shape[0], design.shape[1]), np.bool_) if mask is None else mask
    problem = _Problem(
        scaled,
        kept_products(scaled),
        np.atleast_2d(target),
        weights,
        np.zeros((1, design.shape[0])) if offset is None else np.atleast_2d(offset),
        use,
    )
    state = _State.start(problem)
    if start is not None:
        state.move_to(np.asarray(np.linalg.solve(scaling.back(), start), np.float64), problem)
    elif design.shape[0] >= MANY:
        level = state.log_likelihood
        state.move_to(_of_a_part(problem, scaling.intercept), problem)
        absurd = ~(state.log_likelihood >= level)  # for a row far out that is not of the part
        if absurd.any():
            state.move_to(np.where(absurd[:, None], 0.0, state.beta), problem)
    elif offset is not None and scaling.intercept is not None:
        state.move_to(_beside_offset(problem, scaling.intercept), problem)
    active = np.arange(weights.shape[0])
    for iteration in range(1, MAX_ITERATIONS + 1):
        decrement = state.advance(active, problem.take(active))
        state.iterations[active] = iteration
        if iteration == FIRST_SUSPECT:
            state.leap(active, problem)
        done = decrement < DECREMENT_TOLERANCE * (1.0 + np.abs(state.log_likelihood[active]))
        state.converged[active[done]] = True
        active = active[~done]
        if active.size == 0:
            break
    separated, direction = _proved_separated(problem, state)
    fits = LogisticFits(
        beta=scaling.undo(state.beta),
        scaled_information=problem.information(_risk(state.eta)),
        scaling=scaling,
        log_likelihood=state.log_likelihood,
        separated=separated,
        rank=state.rank,
        direction=scaling.undo(direction),
        mask=use,
        iterations=state.iterations,
        converged=state.converged & ~separated,
    )
    for group in apart(design, scaled, weights, use) if together else []:
        others = fit_logistic_batch(
            design,
            target if target.ndim == 1 or target.shape[0] == 1 else target[group],
            weights[group],
            offset if offset is None or problem.offset.shape[0] == 1 else offset[group],
            start,
            use[group],
        )
        fits.put(group, others)
    return fits


def apart(
    design: FloatArray, scaled: FloatArray, weights: FloatArray, use: BoolArray
) -> list[IntArray]:
    """Groups of replicates that need a scale of their own; see `narrow.fitted_apart`."""
    if weights.shape[0] == 1:
        return []
    return fitted_apart(design, scaled.T, weights, use & (scaled != scaled[0]).any(axis=0))


def _beside_offset(problem: _Problem, intercept: int) -> FloatArray:
    """Coefficients with which risks are neither all 0 nor all 1, shape (replicates, p).

    A likelihood without information has no Newton step, and an offset far from zero would
    begin with one.
    """
    offset = np.broadcast_to(problem.offset, problem.weights.shape)
    order = np.argsort(-offset, axis=1, kind="stable")
    above = np.cumsum(np.take_along_axis(problem.weights, order, axis=1), axis=1)
    events = (problem.weights * problem.target).sum(axis=1)
    place = np.minimum((above < events[:, None]).sum(axis=1), offset.shape[1] - 1)
    rows = np.arange(place.size)
    beta = np.zeros(problem.mask.shape)
    beta[:, intercept] = -offset[rows, order[rows, place]]
    return beta


def _of_a_part(problem: _Problem, intercept: int | None) -> FloatArray:
    """Estimates from every few rows, to begin with; zero where these have no finite one."""
    size = problem.design.shape[1]
    part = fit_logistic_batch(
        problem.design[::STRIDE],
        problem.target[:, ::STRIDE],
        problem.weights[:, ::STRIDE],
        problem.offset[:, ::STRIDE],
        mask=problem.mask,
        scaling=Scaling(np.zeros(size), np.ones(size), intercept),
    )
    return np.where((part.converged & ~part.deficient)[:, None], part.beta, 0.0)


def _risk(eta: FloatArray) -> FloatArray:
    small = np.exp(-np.abs(eta))
    return np.where(eta >= 0, 1.0, small) / (1.0 + small)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """What stays fixed while Newton's method runs; `take` narrows it to some replicates."""

    design: FloatArray
    products: FloatArray | None
    target: FloatArray
    weights: FloatArray
    offset: FloatArray
    mask: BoolArray

    def take(self, active: IntArray) -> _Problem:
        if active.size == self.weights.shape[0]:
            return self
        return _Problem(
            self.design,
            self.products,
            self.target if self.target.shape[0] == 1 else self.target[active],
            self.weights[active],
            self.offset if self.offset.shape[0] == 1 else self.offset[active],
            self.mask[active],
        )

    def eta(self, beta: FloatArray) -> FloatArray:
        return beta @ self.design.T + self.offset

    def likelihood(self, eta: FloatArray) -> FloatArray:
        return log_likelihood(eta, self.target, self.weights)

    def information(self, risk: FloatArray) -> FloatArray:
        """Information of each replicate; unit rows and columns where a column is masked."""
        found = information(self.design, self.products, self.weights * risk * (1.0 - risk))
        if not self.mask.all():
            found *= self.mask[:, :, None] & self.mask[:, None, :]
            unit = np.arange(self.design.shape[1])
            found[:, unit, unit] += ~self.mask
        return found


@dataclass(slots=True, eq=False)
class _State:
    """Where each replicate stands; rows of replicates still moving are updated in place."""

    beta: FloatArray
    eta: FloatArray
    step: FloatArray
    log_likelihood: FloatArray
    rank: IntArray
    full: BoolArray
    iterations: IntArray
    converged: BoolArray

    @classmethod
    def start(cls, problem: _Problem) -> _State:
        replicates, size = problem.mask.shape
        masked = size - problem.mask.sum(axis=1)
        rank = ranks(problem.information(np.full_like(problem.weights, 0.5)))
        eta = np.zeros_like(problem.weights) + problem.offset
        return cls(
            beta=np.zeros((replicates, size)),
            eta=eta,
            step=np.zeros((replicates, size)),
            log_likelihood=problem.likelihood(eta),
            rank=rank - masked,
            full=rank == size,
            iterations=np.zeros(replicates, dtype=np.int64),
            converged=np.zeros(replicates, dtype=np.bool_),
        )

    def move_to(self, beta: FloatArray, problem: _Problem) -> None:
        self.beta[:] = beta
        self.eta = problem.eta(self.beta)
        self.log_likelihood = problem.likelihood(self.eta)

    def leap(self, active: IntArray, problem: _Problem) -> None:
        """Carry separated replicates close to their limit, instead of step by step."""
        runaway = active[_separating(self.step[active], problem.take(active))]
        if runaway.size:
            part = problem.take(runaway)
            beta = self.beta[runaway] + LEAP * self.step[runaway]
            eta = part.eta(beta)
            reached = part.likelihood(eta)
            higher = reached >= self.log_likelihood[runaway]  # as along a direction without end
            runaway = runaway[higher]
            self.beta[runaway], self.eta[runaway] = beta[higher], eta[higher]
            self.log_likelihood[runaway] = reached[higher]

    def advance(self, active: IntArray, problem: _Problem) -> FloatArray:
        """One Newton step of the active replicates; returns their squared decrements."""
        beta, current = self.beta[active], self.log_likelihood[active]
        risk = _risk(self.eta[active])
        gradient = (problem.weights * (problem.target - risk)) @ problem.design
        gradient *= problem.mask
        step = solve_steps(problem.information(risk), gradient, self.full[active])
        factor = np.ones(active.size)
        for _ in range(HALVINGS):
            eta = problem.eta(beta + factor[:, None] * step)
            moved = problem.likelihood(eta)
            worse = moved < current - 1e-9 * (1.0 + np.abs(current))
            if not worse.any():
                break
            factor[worse] *= _shorter(eta[worse], self.eta[active[worse]])
        self.step[active] = step
        self.beta[active] = beta + factor[:, None] * step
        self.eta[active] = eta
        self.log_likelihood[active] = moved
        return np.asarray(np.einsum("rp,rp->r", gradient, step))


def _shorter(eta: FloatArray, before: FloatArray) -> FloatArray:
    """Factor for a step that lowered the likelihood: a half, or less where it led far away."""
    return np.asarray(np.minimum(0.5, FARTHEST / np.abs(eta - before).max(axis=1)))


def _proved_separated(problem: _Problem, state: _State) -> tuple[BoolArray, FloatArray]:
    """Replicates whose likelihood is proved to have no maximum, and the directions that do."""
    separated = np.zeros(state.iterations.size, dtype=np.bool_)
    moving = np.abs(state.step).max(axis=1, initial=0.0) > RESTING
    suspect = np.flatnonzero((state.iterations >= FIRST_SUSPECT) | moving)
    direction = np.zeros_like(state.step)
    if suspect.size:
        proved = _separating(state.step[suspect], problem.take(suspect))
        proved &= state.iterations[suspect] >= FIRST_SUSPECT
        proved[proved] = _goes_on(problem.take(suspect[proved]), state, suspect[proved])
        separated[suspect] = proved
        direction[suspect[proved]] = state.step[suspect[proved]]
        for replicate in suspect[~proved]:
            direction[replicate] = _sought(problem.take(np.array([replicate])))
            separated[replicate] = direction[replicate].any()
    return separated, direction


def _goes_on(part: _Problem, state: _State, rows: IntArray) -> BoolArray:
    """False where the next step is one that ends at a maximum, whatever the last one moved."""
    risk = _risk(state.eta[rows])
    gradient = (part.weights * (part.target - risk)) @ part.design * part.mask
    step = solve_steps(part.information(risk), gradient, state.full[rows])
    return np.asarray(np.abs(step).max(axis=1, initial=0.0) > RESTING)


def _sought(problem: _Problem) -> FloatArray:
    """The direction in which one replicate is separated, by a linear programme; or zeros."""
    rows, use = problem.weights[0] > 0, problem.mask[0]
    target = problem.target[0, rows]
    side = (target >= 1.0).astype(np.int64) - (target <= 0.0)
    direction = np.zeros(use.size)
    direction[use] = separating_direction(problem.design[np.ix_(rows, use)], side)
    return direction


def _separating(step: FloatArray, problem: _Problem) -> BoolArray:
    """True where moving along the step never stops raising the likelihood.

    A step d is a proof when x'd >= 0 for every weighted event, x'd <= 0 for every
    weighted non-event, and not all are zero (Albert and Anderson 1984,
    doi:10.1093/biomet/71.1.1).
    """
    movement = step @ problem.design.T
    movement[problem.weights <= 0] = 0.0
    largest = np.abs(movement).max(axis=1)
    tolerance = 1e-3 * largest[:, None]
    towards = (problem.target >= 1.0) & (movement >= -tolerance)
    towards |= (problem.target <= 0.0) & (movement <= tolerance)
    towards |= np.abs(movement) <= tolerance
    return np.asarray(towards.all(axis=1) & (largest > SEPARATING_STEP))
