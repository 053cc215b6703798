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
SINGULAR = 1e-12  # eigenvalues below it, relative to the largest, are taken for zero
PIVOT = 1e-10  # pivots below it, relative to the largest, may hide such an eigenvalue
NOISE = 1e-6  # of a way, relative to its largest part
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
    for _ in range(ROUNDS):
        solved, found = _with_signs(
            matrix[moving],
            linear[moving],
            threshold[moving],
            beta[moving],
            free[moving],
        )
        beta[moving[found]] = solved[found]
        aim, moving = solved[~found], moving[~found]
        if moving.size == 0:
            break
        part = (matrix[moving], linear[moving], threshold[moving])
        beta[moving] = _descended(*part, _approached(*part, beta[moving], aim))
    return beta


def _with_signs(
    matrix: FloatArray,
    linear: FloatArray,
    threshold: FloatArray,
    beta: FloatArray,
    free: BoolArray,
) -> tuple[FloatArray, BoolArray]:
    """Solutions that have the signs of `beta`, and whether each solves its programme.

    Where there is none, a point beyond. Columns that say the same share what they explain: of
    many solutions, that of least norm.
    """
    plain = threshold == 0.0
    sign = np.sign(beta)
    support = free & (plain | (sign != 0.0))
    pull = np.where(free, threshold, 0.0) * sign
    system = matrix * (support[:, :, None] & support[:, None, :])
    unit = np.arange(linear.shape[1])
    system[:, unit, unit] += ~support
    right = np.where(support, linear - pull, 0.0)
    solved = np.where(support, _solved(system, right), 0.0)
    rest = np.where(support, right - np.einsum("rpq,rq->rp", system, solved), 0.0)
    kept = plain | ~support | (np.sign(solved) == sign)
    slope = linear - np.einsum("rpq,rq->rp", matrix, solved)
    slack = SLACK * np.abs(linear).max(axis=1, keepdims=True, initial=0.0)
    missed = np.where(support, np.abs(slope - pull), np.abs(slope) - threshold)
    met = np.where(free, missed, 0.0) <= slack
    endless = np.abs(rest).max(axis=1, initial=0.0) > slack[:, 0]
    aim = np.where(endless[:, None], beta + _to_the_last_zero(beta, rest), solved)
    return aim, (kept & met).all(axis=1)


def _to_the_last_zero(beta: FloatArray, way: FloatArray) -> FloatArray:
    """As far along a way as a coefficient meets its zero.

    Where columns that depend on each other are pulled apart, no solution has the signs of
    `beta`: it grows for ever along what the system leaves unsolved.
    """
    way = np.where(np.abs(way) > NOISE * np.abs(way).max(axis=1, keepdims=True), way, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = -beta / way
    reach = np.where(np.isfinite(reach) & (reach > 0.0), reach, 0.0).max(axis=1, initial=0.0)
    return np.asarray(reach[:, None] * way)


def _solved(system: FloatArray, right: FloatArray) -> FloatArray:
    """Solutions of the systems; of those that have more than one, that of least norm."""
    singular = _singular(system)
    solved = np.empty_like(right)
    solved[~singular] = np.linalg.solve(system[~singular], right[~singular, :, None])[:, :, 0]
    if singular.any():
        inverse = np.linalg.pinv(system[singular], rcond=SINGULAR, hermitian=True)
        solved[singular] = (inverse @ right[singular, :, None])[:, :, 0]
    return solved


def _singular(system: FloatArray) -> BoolArray:
    """Which systems have, or nearly have, more than one solution, by Cholesky's pivots."""
    return np.array([_nearly_singular(each) for each in system], dtype=np.bool_)


def _nearly_singular(system: FloatArray) -> bool:
    try:
        pivots = np.diagonal(np.linalg.cholesky(system)) ** 2
    except np.linalg.LinAlgError:
        return True
    return bool(pivots.min(initial=np.inf) < PIVOT * pivots.max(initial=0.0))


def _approached(
    matrix: FloatArray,
    linear: FloatArray,
    threshold: FloatArray,
    beta: FloatArray,
    aim: FloatArray,
) -> FloatArray:
    """The best point of each line from `beta` to `aim` among its end and the zeros it crosses.

    A sign that `aim` turns is given up on the way (Lee and others 2006, feature-sign search).
    """
    way = aim - beta
    with np.errstate(divide="ignore", invalid="ignore"):
        zero = -beta / way
    crossed = (zero > 0.0) & (zero < 1.0)
    share = np.concatenate([np.where(crossed, zero, 0.0), np.ones((beta.shape[0], 1))], axis=1)
    curve = np.einsum("rp,rpq,rq->r", way, matrix, way)
    slope = np.einsum("rpq,rq->rp", matrix, beta) - linear
    bend = np.where(np.isfinite(threshold), threshold, 0.0)
    points = beta[:, None, :] + share[:, :, None] * way[:, None, :]
    value = (
        0.5 * curve[:, None] * share**2
        + share * np.sum(slope * way, axis=1)[:, None]
        + np.einsum("rkp,rp->rk", np.abs(points), bend)
    )
    best = np.argmin(value, axis=1)
    rows = np.arange(best.size)
    at = share[rows, best]
    return np.where(crossed & (zero == at[:, None]), 0.0, beta + at[:, None] * way)


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
