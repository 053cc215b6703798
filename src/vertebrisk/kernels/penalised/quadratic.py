"""Quadratic programmes with an absolute-value penalty, many at once.

Each minimises b'Qb / 2 - c'b + sum of t_j |b_j|. Coordinate descent finds which
coefficients are not zero and their signs; given these the solution is that of a linear
system, which is taken as soon as it proves itself by the conditions of Karush, Kuhn and
Tucker. So the answer does not depend on where a descent would have been stopped.

References
----------
Friedman, Hastie and Tibshirani 2010, doi:10.18637/jss.v033.i01.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray

SWEEPS = 4  # of the descent, between two attempts at the linear system
ROUNDS = 60
UNIQUE = 2  # attempts at a system that has one solution, before it is taken for singular
SINGULAR = 1e-12  # eigenvalues below it, relative to the largest, are taken for zero
SLACK = 1e-10  # by which a condition may be missed, relative to the largest of c


def soft(value: FloatArray, threshold: FloatArray) -> FloatArray:
    """Values moved towards zero by a threshold, and no further than zero."""
    return np.asarray(np.sign(value) * np.maximum(np.abs(value) - threshold, 0.0))


def solve_quadratics(
    matrix: FloatArray, linear: FloatArray, threshold: FloatArray, start: FloatArray
) -> FloatArray:
    """Solutions of all programmes, shape (replicates, q).

    Parameters
    ----------
    matrix : array, shape (replicates, q, q)
        Q, symmetric with a positive diagonal wherever the threshold is finite.
    linear, threshold : array, shape (replicates, q)
        c and t; a coefficient with an infinite threshold stays zero, one with a
        threshold of 0 is not penalised.
    start : array, shape (replicates, q)
        Where the descent begins; the closer, the sooner it ends.
    """
    free = np.isfinite(threshold)
    beta = np.where(free, start, 0.0)
    moving = np.arange(linear.shape[0])
    for attempt in range(ROUNDS):
        solved, found = _with_signs(
            matrix[moving],
            linear[moving],
            threshold[moving],
            beta[moving],
            free[moving],
            least=attempt >= UNIQUE,
        )
        beta[moving[found]] = solved[found]
        moving = moving[~found]
        if moving.size == 0:
            break
        beta[moving] = _descended(matrix[moving], linear[moving], threshold[moving], beta[moving])
    return beta


def _with_signs(
    matrix: FloatArray,
    linear: FloatArray,
    threshold: FloatArray,
    beta: FloatArray,
    free: BoolArray,
    *,
    least: bool,
) -> tuple[FloatArray, BoolArray]:
    """Solutions that have the signs of `beta`, and whether each solves its programme.

    `least` takes the one of least norm, for columns that say the same.
    """
    plain = threshold == 0.0
    sign = np.sign(beta)
    support = free & (plain | (sign != 0.0))
    pull = np.where(free, threshold, 0.0) * sign
    system = matrix * (support[:, :, None] & support[:, None, :])
    unit = np.arange(linear.shape[1])
    system[:, unit, unit] += ~support
    right = np.where(support, linear - pull, 0.0)
    solved = np.where(support, _solved(system, right, least=least), 0.0)
    kept = plain | ~support | (np.sign(solved) == sign)
    slope = linear - np.einsum("rpq,rq->rp", matrix, solved)
    slack = SLACK * np.abs(linear).max(axis=1, keepdims=True, initial=0.0)
    missed = np.where(support, np.abs(slope - pull), np.abs(slope) - threshold)
    met = np.where(free, missed, 0.0) <= slack
    return solved, (kept & met).all(axis=1)


def _solved(system: FloatArray, right: FloatArray, *, least: bool) -> FloatArray:
    """Solutions of the systems; of least norm where that is asked for or any is singular."""
    if not least:
        try:
            return np.asarray(np.linalg.solve(system, right[:, :, None])[:, :, 0])
        except np.linalg.LinAlgError:
            pass
    inverse = np.linalg.pinv(system, rcond=SINGULAR, hermitian=True)
    return np.asarray((inverse @ right[:, :, None])[:, :, 0])


def _descended(
    matrix: FloatArray, linear: FloatArray, threshold: FloatArray, beta: FloatArray
) -> FloatArray:
    """Some sweeps of coordinate descent over the columns that may move."""
    beta = beta.copy()
    slope = linear - np.einsum("rpq,rq->rp", matrix, beta)
    diagonal = np.einsum("rpp->rp", matrix)
    safe = np.where(diagonal > 0, diagonal, 1.0)
    columns = _movable(threshold, diagonal)
    for _ in range(SWEEPS):
        for j in columns:
            own = slope[:, j] + diagonal[:, j] * beta[:, j]
            moved = soft(own, threshold[:, j]) / safe[:, j]
            change = moved - beta[:, j]
            beta[:, j] = moved
            slope -= matrix[:, :, j] * change[:, None]
    return beta


def _movable(threshold: FloatArray, diagonal: FloatArray) -> IntArray:
    return np.flatnonzero((np.isfinite(threshold) & (diagonal > 0)).any(axis=0))
