"""Newton's method on a partial likelihood, for many weightings of the same patients at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple, Protocol, Self

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.steps import ranks, solve_steps

MAX_ITERATIONS = 80  # steps of FARTHEST take a row that is coded far off out of sight
HALVINGS = 12
DECREMENT_TOLERANCE = 1e-12  # the step after it has an error of this order squared
LARGEST = 1e4  # log-likelihoods beyond it do not loosen the tolerance further
CONSTANT = 1e-10  # variance within the risk sets, relative to the mean square
CUTOFF = 1e-10  # of eigenvalues: the information is a difference of two sums
FIRST_SUSPECT = 12  # a finite maximum is nearly always reached in fewer iterations
LEAP = 16.0  # further steps that a runaway fit would take one by one
FARTHEST = 12.0  # change of a linear predictor in one step, before hazards lose their digits
SEPARATING_STEP = 0.25  # a runaway fit moves its linear predictor by 1 each iteration
RESTING = 1e-3  # a step of a coefficient, in spreads, that ends at a maximum is far smaller


class Likelihood(Protocol):
    """A partial likelihood of every replicate, as the method needs it."""

    @property
    def weights(self) -> FloatArray:
        """Frequencies, shape (replicates, m)."""

    @property
    def mask(self) -> BoolArray:
        """Columns in use, shape (replicates, p)."""

    def take(self, active: IntArray) -> Self:
        """The same of some replicates only."""

    def eta(self, beta: FloatArray) -> FloatArray:
        """Linear predictors of each row, up to a constant of the replicate."""

    def apart(self, eta: FloatArray, before: FloatArray) -> FloatArray:
        """Largest change of a linear predictor of each replicate, shape (replicates,)."""

    def likelihood(self, eta: FloatArray) -> FloatArray:
        """Log-likelihood of each replicate."""

    def derivatives(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient and information of each replicate, before any mask."""

    def squares(self, eta: FloatArray) -> FloatArray:
        """Uncentred counterpart of the information's diagonal, by which that is judged."""

    def runs_away(self, step: FloatArray, gain: FloatArray, *, nearly: bool = False) -> BoolArray:
        """True where moving along Newton's step never stops raising the likelihood.

        `gain` is the step's slope, shape (replicates,): its squared decrement. With `nearly`
        it is enough that the step is such a direction but for a little, which is no proof.
        """


def largest_change(eta: FloatArray, before: FloatArray) -> FloatArray:
    """Of each replicate, (replicates, ...) to (replicates,)."""
    return np.asarray(np.abs(eta - before).reshape(eta.shape[0], -1).max(axis=1, initial=0.0))


def both(mask: BoolArray) -> BoolArray:
    """Pairs of columns that are both in use, (replicates, p) to (replicates, p, p)."""
    return np.asarray(mask[:, :, None] & mask[:, None, :])


class Beginning(NamedTuple):
    """A point near the maximum, shape (replicates, p).

    `null` are the log-likelihoods at zero. What is known of a point whose decrement is below
    `rested` holds for the next one, which is not looked at.
    """

    beta: FloatArray
    null: FloatArray
    rested: float


@dataclass(slots=True, eq=False)
class Maximum:
    """Where each replicate stands; rows of replicates still moving are updated in place."""

    beta: FloatArray
    eta: FloatArray
    step: FloatArray
    gain: FloatArray
    log_likelihood: FloatArray
    null: FloatArray
    use: BoolArray
    rank: IntArray
    full: BoolArray
    separated: BoolArray
    direction: FloatArray
    iterations: IntArray
    converged: BoolArray
    seen: tuple[FloatArray, FloatArray] | None  # derivatives at the start, until the first step

    @classmethod
    def start(cls, problem: Likelihood, beginning: Beginning | None = None) -> Maximum:
        """At zero or a beginning, with the columns that vary in some risk set."""
        replicates, size = problem.mask.shape
        beta = np.zeros((replicates, size)) if beginning is None else beginning.beta.copy()
        eta = problem.eta(beta)
        likelihood = problem.likelihood(eta)
        null = likelihood if beginning is None else beginning.null
        worse = ~(likelihood >= null)
        if worse.any():
            beta[worse] = 0.0
            eta = problem.eta(beta)
            likelihood = np.where(worse, null, likelihood)
        seen = problem.derivatives(eta)
        information = seen[1]
        varies = np.einsum("rpp->rp", information) > CONSTANT * problem.squares(eta)
        use = problem.mask & varies
        rank = ranks(_masked(information, use)) - (~use).sum(axis=1)
        return cls(
            beta=np.where(use, beta, 0.0),
            eta=eta,
            step=np.zeros((replicates, size)),
            gain=np.zeros(replicates),
            log_likelihood=likelihood.copy(),
            null=null,
            use=use,
            rank=rank,
            full=rank == use.sum(axis=1),
            separated=np.zeros(replicates, dtype=np.bool_),
            direction=np.zeros((replicates, size)),
            iterations=np.zeros(replicates, dtype=np.int64),
            converged=np.zeros(replicates, dtype=np.bool_),
            seen=seen,
        )

    def put(self, at: IntArray, others: Maximum) -> None:
        """Others in the place of some."""
        for each in fields(self):
            if each.name != "seen":
                getattr(self, each.name)[at] = getattr(others, each.name)

    def leap(self, active: IntArray, problem: Likelihood) -> None:
        """Note the replicates that a step proves to run away, and carry them to their limit."""
        if active.size == 0:
            return
        found = active[problem.take(active).runs_away(self.step[active], self.gain[active])]
        if found.size == 0:
            return
        new = found[~self.separated[found]]
        self.separated[new] = True
        self.direction[new] = self.step[new]
        part = problem.take(found)
        beta = self.beta[found] + LEAP * self.step[found]
        eta = part.eta(beta)
        reached = part.likelihood(eta)
        higher = reached >= self.log_likelihood[found]  # not beyond what hazards can tell apart
        nearer = found[higher]
        self.beta[nearer], self.eta[nearer] = beta[higher], eta[higher]
        self.log_likelihood[nearer] = reached[higher]

    def suspect(self, active: IntArray, problem: Likelihood) -> None:
        """Call those that came to no end monotone where their steps nearly say so.

        A step that moves only rows of whom nothing is expected any more says nothing.
        """
        new = active[~self.separated[active]]
        if new.size:
            part = problem.take(new)
            eta = part.eta(self.beta[new] + self.step[new])
            new = new[part.apart(eta, self.eta[new]) > SEPARATING_STEP]
        if new.size:
            part = problem.take(new)
            found = new[part.runs_away(self.step[new], self.gain[new], nearly=True)]
            self.separated[found] = True
            self.direction[found] = self.step[found]

    def advance(self, active: IntArray, problem: Likelihood, rested: float = 0.0) -> FloatArray:
        """One Newton step of the active replicates; returns their squared decrements."""
        beta, current, use = self.beta[active], self.log_likelihood[active], self.use[active]
        gradient, information = self.seen or problem.derivatives(self.eta[active])
        self.seen = None
        gradient = gradient * use
        information = _masked(information, use)
        step = solve_steps(information, gradient, self.full[active], CUTOFF)
        limit = np.flatnonzero(self.separated[active])
        if limit.size:
            squares = problem.take(limit).squares(self.eta[active[limit]])
            step[limit] = _limit_steps(information[limit], gradient[limit], squares)
        decrement = np.asarray(np.einsum("rp,rp->r", gradient, step))
        self.gain[active] = decrement
        if (np.abs(decrement) < rested).all():
            self.step[active] = step
            self.beta[active] = beta + step
            return decrement
        factor = np.ones(active.size)
        for _ in range(HALVINGS):
            eta = problem.eta(beta + factor[:, None] * step)
            moved = problem.likelihood(eta)
            worse = ~(moved >= current - 1e-9 * (1.0 + np.abs(current)))
            worse |= problem.apart(eta, self.eta[active]) > FARTHEST
            if not worse.any():
                break
            factor[worse] *= 0.5
        self.step[active] = step
        self.beta[active] = beta + factor[:, None] * step
        self.eta[active] = eta
        self.log_likelihood[active] = moved
        return decrement


def _limit_steps(information: FloatArray, gradient: FloatArray, squares: FloatArray) -> FloatArray:
    """Newton steps at the limit of a runaway fit, where its own directions have none left.

    The information is a difference of two sums of the size of the squares, shape
    (replicates, p); of a direction of which less is left than CUTOFF, it is rounding.
    """
    scale = np.sqrt(np.where(squares > 0, squares, 1.0))
    values, vectors = np.linalg.eigh(information / (scale[:, :, None] * scale[:, None, :]))
    along = np.einsum("rpq,rp->rq", vectors, gradient / scale)
    told = values > CUTOFF
    length = np.where(told, along, 0.0) / np.where(told, values, 1.0)
    return np.asarray(np.einsum("rpq,rq->rp", vectors, length) / scale)


def _masked(information: FloatArray, use: BoolArray) -> FloatArray:
    """Unit rows and columns where a column is not in use."""
    if use.all():
        return information
    masked = information * both(use)
    unit = np.arange(use.shape[1])
    masked[:, unit, unit] += ~use
    return np.asarray(masked)


def maximised(problem: Likelihood, beginning: Beginning | None = None) -> Maximum:
    """Newton's method with halved steps, from zero or, where it is likelier, a beginning."""
    state = Maximum.start(problem, beginning)
    active = np.arange(problem.weights.shape[0])
    part = problem
    rested = 0.0 if beginning is None else beginning.rested
    for iteration in range(1, MAX_ITERATIONS + 1):
        decrement = state.advance(active, part, rested)
        state.iterations[active] = iteration
        if iteration >= FIRST_SUSPECT:
            state.leap(active, problem)
        size = np.minimum(np.abs(state.log_likelihood[active]), LARGEST)
        done = np.abs(decrement) < np.maximum(DECREMENT_TOLERANCE * (1.0 + size), rested)
        state.converged[active[done]] = True
        moving = np.abs(state.step[active]).max(axis=1, initial=0.0) > RESTING
        state.leap(active[done & moving], problem)
        state.suspect(active[done & moving], problem)
        if done.any():
            active = active[~done]
            part = problem.take(active)
        if active.size == 0:
            break
    state.suspect(active, problem)
    # beyond the lowest hazards told apart a step may lead down, to where no slope is left
    state.converged &= state.log_likelihood >= state.null - 1e-9 * (1.0 + np.abs(state.null))
    return state


def begun(problem: Likelihood, beta: FloatArray, null: FloatArray) -> Maximum:
    """The same from coefficients near most of the maxima, shape (replicates, p).

    Replicates that are less likely there than `null` begin at zero. Those that have no single,
    finite maximum are searched from zero, and so are those with a column that does not vary
    there: what is said of them does not depend on where others are.
    """
    state = maximised(problem, Beginning(np.where(problem.mask, beta, 0.0), null, 0.0))
    unlike = (state.use != problem.mask).any(axis=1)
    odd = np.flatnonzero(~state.converged | state.separated | ~state.full | unlike)
    if odd.size:
        state.put(odd, maximised(problem.take(odd)))
    return state
