"""The maximum of a likelihood with Jeffreys' penalty, for many replicates at once.

The penalised log-likelihood is ``l(b) + log|I(b)| / 2``. Its gradient is Firth's modified
score; steps are those of Fisher's scoring, halved until the penalised likelihood rises. They
converge linearly, slowly where patients are nearly told apart, so after a few of them the
inverse information is corrected by what the gradient does (BFGS). A
coefficient may be held where it is while the penalty stays that of all columns: so are
likelihood-ratio tests and profiles made (Heinze and Schemper 2002).

References
----------
Firth 1993, doi:10.1093/biomet/80.1.27. Heinze and Schemper 2002, doi:10.1002/sim.1047.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.steps import CUTOFF, equilibrated, solve_steps

MAX_ITERATIONS = 200
SCORING = 6  # steps of Fisher's scoring before its matrix is corrected
HALVINGS = 20
TOLERANCE = 1e-20  # squared length of the last step in standard errors; convergence is linear
SLACK = 1e-11  # rounding of the likelihood, relative
LONGEST = 5.0  # largest step of a coefficient, in units of its column's spread


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Penalised log-likelihood, its gradient, the information and its inverse, one a replicate."""

    value: FloatArray
    gradient: FloatArray
    information: FloatArray
    inverse: FloatArray

    def take(self, rows: IntArray | BoolArray) -> Point:
        """The same of some replicates."""
        return Point(
            self.value[rows], self.gradient[rows], self.information[rows], self.inverse[rows]
        )

    def put(self, rows: IntArray, other: Point) -> None:
        """Some replicates are now those of `other`."""
        self.value[rows] = other.value
        self.gradient[rows] = other.gradient
        self.information[rows] = other.information
        self.inverse[rows] = other.inverse

    @classmethod
    def joined(cls, parts: Sequence[Point]) -> Point:
        """The replicates of several, in their order."""
        return cls(
            np.concatenate([each.value for each in parts]),
            np.concatenate([each.gradient for each in parts]),
            np.concatenate([each.information for each in parts]),
            np.concatenate([each.inverse for each in parts]),
        )


class Objective(Protocol):
    """A penalised likelihood of every replicate, in columns of comparable spread."""

    @property
    def full(self) -> BoolArray:
        """Replicates whose columns in use are independent."""

    def take(self, active: IntArray) -> Self:
        """The same of some replicates only."""

    def at(self, beta: FloatArray) -> Point:
        """Where the coefficients `beta`, shape (replicates, p), stand."""


@dataclass(slots=True, eq=False)
class Climb:
    """Where each replicate came to rest."""

    beta: FloatArray
    point: Point
    iterations: IntArray
    converged: BoolArray
    inverse: FloatArray  # what a gradient is multiplied by, once it is corrected

    def put(self, rows: IntArray, other: Climb, at: IntArray) -> None:
        """Some replicates came to rest where those `at` of another climb did."""
        self.beta[rows] = other.beta[at]
        self.point.put(rows, other.point.take(at))
        self.iterations[rows] += other.iterations[at]
        self.converged[rows] = other.converged[at]
        self.inverse[rows] = other.inverse[at]


def climb(problem: Objective, start: FloatArray, free: BoolArray) -> Climb:
    """Maximise over the free coefficients from `start`; both have shape (replicates, p)."""
    beta = start.copy()
    point = problem.at(beta)
    replicates = beta.shape[0]
    state = Climb(
        beta,
        point,
        np.zeros(replicates, dtype=np.int64),
        np.zeros(replicates, dtype=np.bool_),
        np.zeros((replicates, beta.shape[1], beta.shape[1])),
    )
    active = np.arange(replicates)
    part = problem
    for iteration in range(1, MAX_ITERATIONS + 1):
        if iteration == SCORING + 1:
            start_from = held_columns(state.point.information[active], free[active])
            state.inverse[active] = inverses(start_from, part.full)
        length = _advance(state, active, part, free[active], corrected=iteration > SCORING)
        state.iterations[active] = iteration
        done = length < TOLERANCE
        state.converged[active[done]] = True
        if done.any():
            active = active[~done]
            part = problem.take(active)
        if active.size == 0:
            break
    return state


def _advance(
    state: Climb, active: IntArray, problem: Objective, free: BoolArray, *, corrected: bool
) -> FloatArray:
    """One step of the active replicates; its squared length in standard errors."""
    every = active.size == state.converged.size
    here, beta = (
        (state.point, state.beta) if every else (state.point.take(active), state.beta[active])
    )
    gradient = here.gradient * free
    if corrected:
        step = np.einsum("rpq,rq->rp", state.inverse[active], gradient) * free
    else:
        step = steps(here, gradient, free, problem.full)
    length = np.einsum("rp,rp->r", gradient, step)
    step *= np.minimum(1.0, LONGEST / np.maximum(np.abs(step).max(axis=1, initial=0.0), 1e-300))[
        :, None
    ]
    there = problem.at(beta + step)
    for _ in range(HALVINGS):
        worse = ~(there.value >= here.value - SLACK * (1.0 + np.abs(here.value)))
        if not worse.any():
            break
        rows = np.flatnonzero(worse)
        step[rows] *= 0.5
        there.put(rows, problem.take(rows).at(beta[rows] + step[rows]))
    if corrected:
        fall = gradient - there.gradient * free
        state.inverse[active] = _corrected(state.inverse[active], step, fall)
    if every:
        state.beta, state.point = beta + step, there
    else:
        state.beta[active] = beta + step
        state.point.put(active, there)
    return np.asarray(length)


def steps(here: Point, gradient: FloatArray, free: BoolArray, full: BoolArray) -> FloatArray:
    """Steps of Fisher's scoring; of least norm where columns depend on one another."""
    if full.all() and free.all():
        return np.asarray((here.inverse @ gradient[:, :, None])[:, :, 0])
    return solve_steps(held_columns(here.information, free), gradient, full) * free


def _corrected(inverse: FloatArray, step: FloatArray, fall: FloatArray) -> FloatArray:
    """The inverse that takes the fall of the gradient to the step that made it (BFGS).

    Left as it is where the gradient did not fall along the step.
    """
    along = np.einsum("rp,rp->r", step, fall)
    moved = np.einsum("rpq,rq->rp", inverse, fall)
    known = along > 1e-10 * np.sqrt((step**2).sum(axis=1) * (fall**2).sum(axis=1))
    scale = np.where(known, 1.0 / np.where(known, along, 1.0), 0.0)
    weight = scale**2 * (along + np.einsum("rp,rp->r", fall, moved))
    crossed = moved[:, :, None] * step[:, None, :]
    change = weight[:, None, None] * step[:, :, None] * step[:, None, :]
    change -= scale[:, None, None] * (crossed + crossed.transpose(0, 2, 1))
    return np.asarray(inverse + change)


def inverses(information: FloatArray, full: BoolArray) -> FloatArray:
    """Inverse of each information; a generalised one where columns depend on one another."""
    scaled, scale = equilibrated(information)
    found = np.empty_like(scaled)
    if full.any():
        found[full] = _regular(scaled[full])
    if not full.all():
        found[~full] = np.linalg.pinv(scaled[~full], rcond=CUTOFF, hermitian=True)
    return np.asarray(found / (scale[:, :, None] * scale[:, None, :]))


def _regular(scaled: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.inv(scaled))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(scaled, rcond=1e-15, hermitian=True))


def held_columns(information: FloatArray, free: BoolArray) -> FloatArray:
    """Unit rows and columns where a coefficient is held."""
    if free.all():
        return information
    kept = information * (free[:, :, None] & free[:, None, :])
    unit = np.arange(free.shape[1])
    kept[:, unit, unit] += ~free
    return np.asarray(kept)


def inverted(
    information: FloatArray, rank: IntArray, full: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Inverse and log-determinant of each information, on the span of its columns.

    Columns that depend on one another leave a null space that does not move with the
    coefficients, so the penalty is that of any independent ones among them. `rank` is that
    of the whole matrix, masked columns with their unit rows included.
    """
    size = information.shape[1]
    inverse = np.empty_like(information)
    determinant = np.empty(information.shape[0])
    if full.any():
        part = information if full.all() else information[full]
        diagonal = np.sqrt(np.maximum(np.einsum("rpp->rp", part), 1e-300))
        scaled = part / (diagonal[:, :, None] * diagonal[:, None, :])
        sign, logs = np.linalg.slogdet(scaled)
        lost = ~(sign > 0)  # so far out that every risk is 0 or 1 to the last digit
        if lost.any():
            scaled = np.where(lost[:, None, None], np.eye(size), scaled)
            logs = np.where(lost, -np.inf, logs)
        inverse[full] = np.linalg.inv(scaled) / (diagonal[:, :, None] * diagonal[:, None, :])
        determinant[full] = logs + 2.0 * np.log(diagonal).sum(axis=1)
    if not full.all():
        values, vectors = np.linalg.eigh(information[~full])
        kept = np.arange(size) >= size - rank[~full, None]
        safe = np.where(kept, np.maximum(values, 1e-300), 1.0)
        inverse[~full] = (
            vectors * np.where(kept, 1.0 / safe, 0.0)[:, None, :]
        ) @ vectors.transpose(0, 2, 1)
        determinant[~full] = np.log(safe).sum(axis=1)
    return inverse, determinant
