"""Penalised maximum likelihood at given penalties, for many replicates at once.

Newton's method: at each step the log-likelihood is replaced by its quadratic expansion,
the penalty kept whole, and the step halved where it does not help. It ends when every
coefficient meets its condition: where it is not zero, the slope of the log-likelihood
equals that of the penalty; where it is zero, it does not exceed it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.penalised.problems import Problem
from vertebrisk.kernels.penalised.quadratic import solve_quadratics

MAX_ITERATIONS = 60
HALVINGS = 20
MET = 1e-12  # a condition missed by no more is met; slopes are per patient and SD
ROUNDING = 1e-9  # where the search stalls for want of digits, this much is still met


@dataclass(frozen=True, slots=True, eq=False)
class Penalties:
    """What each coefficient of each replicate is held back by, shape (replicates, p) each.

    Attributes
    ----------
    absolute : array
        Factor of |b_j|; infinite where a column is not in use, 0 where it is free.
    square : array
        Factor of b_j^2 / 2.
    """

    absolute: FloatArray
    square: FloatArray

    def cost(self, beta: FloatArray) -> FloatArray:
        """The penalty of each replicate."""
        held = np.where(np.isfinite(self.absolute), self.absolute, 0.0)
        return np.asarray(np.sum(held * np.abs(beta) + 0.5 * self.square * beta**2, axis=1))


@dataclass(slots=True, eq=False)
class Position:
    """Where the search of each replicate stands."""

    beta: FloatArray
    eta: FloatArray
    log_likelihood: FloatArray
    converged: BoolArray

    @classmethod
    def at(cls, problem: Problem, beta: FloatArray) -> Position:
        """At given coefficients."""
        eta = problem.eta(beta)
        return cls(beta, eta, problem.value(eta), np.zeros(beta.shape[0], dtype=np.bool_))


def missed(slope: FloatArray, beta: FloatArray, penalties: Penalties) -> FloatArray:
    """By how much each coefficient misses its condition; `slope` is per unit of weight."""
    rest = slope - penalties.square * beta
    held = np.where(np.isfinite(penalties.absolute), penalties.absolute, 0.0)
    moved = np.abs(rest - held * np.sign(beta))
    still = np.maximum(np.abs(rest) - penalties.absolute, 0.0)
    return np.asarray(np.where(beta != 0.0, moved, still))


def descend(
    problem: Problem, beta: FloatArray, penalties: Penalties, spread: FloatArray
) -> Position:
    """Maximise the log-likelihood per unit of weight less the penalties.

    Parameters
    ----------
    problem : Problem
    beta : array, shape (replicates, p)
        Where to begin.
    penalties : Penalties
    spread : array, shape (replicates, p)
        Size of each column, by which slopes are judged.
    """
    state = Position.at(problem, beta.copy())
    active = np.arange(beta.shape[0])
    best = np.full(beta.shape[0], np.inf)
    part, total = problem, problem.total
    for _ in range(MAX_ITERATIONS):
        held = Penalties(penalties.absolute[active], penalties.square[active])
        slope = part.gradient(state.eta[active]) / total[active, None]
        gap = missed(slope, state.beta[active], held) / spread[active]
        worst = gap.max(axis=1, initial=0.0)
        stalled = (worst <= ROUNDING) & (worst > 0.5 * best[active])
        done = (worst <= MET) | stalled
        best[active] = worst
        state.converged[active[done]] = True
        if done.any():
            active = active[~done]
            if active.size == 0:
                break
            part = problem.take(active)
            held = Penalties(penalties.absolute[active], penalties.square[active])
            slope, gap = slope[~done], gap[~done]
        _step(part, state, active, slope, gap, held, total[active])
    return state


def _step(
    problem: Problem,
    state: Position,
    active: IntArray,
    slope: FloatArray,
    gap: FloatArray,
    penalties: Penalties,
    total: FloatArray,
) -> None:
    """One step of the active replicates, over the columns that any of them moves."""
    beta, eta = state.beta[active], state.eta[active]
    current = state.log_likelihood[active] / total - penalties.cost(beta)
    columns = np.flatnonzero(((beta != 0.0) | (gap > MET)).any(axis=0))
    matrix = problem.information(eta, columns) / total[:, None, None]
    start, square = beta[:, columns], penalties.square[:, columns]
    linear = slope[:, columns] + np.einsum("rpq,rq->rp", matrix, start)
    unit = np.arange(columns.size)
    matrix[:, unit, unit] += square
    aim = beta.copy()
    aim[:, columns] = solve_quadratics(matrix, linear, penalties.absolute[:, columns], start)
    factor = np.ones(active.size)
    for _ in range(HALVINGS):
        moved = np.where(factor[:, None] == 1.0, aim, beta + factor[:, None] * (aim - beta))
        eta = problem.eta(moved)
        value = problem.value(eta)
        reached = value / total - penalties.cost(moved)
        worse = ~(reached >= current - 1e-13 * (1.0 + np.abs(current)))
        if not worse.any():
            break
        factor[worse] *= 0.5
    state.beta[active], state.eta[active], state.log_likelihood[active] = moved, eta, value
