"""Logistic regression over one chunk: likelihood, slope and curvature at given coefficients.

Columns are centred as they are read, so that no digits are lost to their means; sums are those
of blocks in their order.
"""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels.streamed.rows import Rows, blocks

Sums = tuple[FloatArray, ...]


def slopes(rows: Rows, centre: FloatArray, beta: FloatArray) -> Sums:
    """Log-likelihood and gradient of complete rows.

    Parameters
    ----------
    rows : Rows
    centre : array, shape (p,)
        Taken off each column.
    beta : array, shape (1 + p,)
        Intercept at the centre, and coefficients.

    Returns
    -------
    tuple
        Log-likelihood, a number; gradient, shape (1 + p,).
    """
    value, gradient = 0.0, np.zeros(beta.size)
    for part, block in blocks(rows, centre):
        likelihood, residual, _ = _parts(rows, part, beta @ block)
        value += likelihood
        gradient += block @ residual
    return np.asarray(value), gradient


def curvature(rows: Rows, centre: FloatArray, beta: FloatArray) -> Sums:
    """The same with the information, shape (1 + p, 1 + p)."""
    value, gradient = 0.0, np.zeros(beta.size)
    information = np.zeros((beta.size, beta.size))
    for part, block in blocks(rows, centre):
        likelihood, residual, spread = _parts(rows, part, beta @ block)
        value += likelihood
        gradient += block @ residual
        block *= np.sqrt(spread)
        information += block @ block.T
    return np.asarray(value), gradient, information


def bend(rows: Rows, centre: FloatArray, beta: FloatArray, step: FloatArray) -> FloatArray:
    """How the information of `curvature` changes with a small step, to first order."""
    change = np.zeros((beta.size, beta.size))
    for part, block in blocks(rows, centre):
        eta = beta @ block
        _, _, spread = _parts(rows, part, eta)
        change -= (block * (spread * np.tanh(0.5 * eta) * (step @ block))) @ block.T
    return change


def _parts(rows: Rows, part: slice, eta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Log-likelihood of a block, and each row's weighted residual and variance.

    The offset is added to `eta`.
    """
    target = rows.target[part]
    if rows.offset is not None:
        eta += rows.offset[part]
    small = np.exp(-np.abs(eta))
    whole = 1.0 + small
    gain = target * eta - np.maximum(eta, 0.0) - np.log(whole)
    residual = target - np.where(eta >= 0, 1.0, small) / whole
    spread = small / (whole * whole)
    if rows.weights is None:
        return float(gain.sum()), residual, spread
    weights = rows.weights[part]
    return float(weights @ gain), weights * residual, weights * spread


def movement(rows: Rows, centre: FloatArray, step: FloatArray) -> Sums:
    """How far a step moves the linear predictors, and how far any away from its outcome.

    Returns
    -------
    tuple of two numbers
        Greatest movement, and greatest of the movements of an event downwards, of a patient
        without it upwards, and of a fraction either way.
    """
    farthest = wrong = 0.0
    for part, block in blocks(rows, centre):
        moved, target = step @ block, rows.target[part]
        upwards, downwards = np.where(target < 1.0, moved, 0.0), np.where(target > 0.0, moved, 0.0)
        farthest = max(farthest, float(np.abs(moved).max()))
        wrong = max(wrong, float(upwards.max()), float(-downwards.min()))
    return np.asarray(farthest), np.asarray(wrong)


def greater(one: Sums, other: Sums) -> Sums:
    """Of each number the greater."""
    return tuple(np.maximum(a, b) for a, b in zip(one, other, strict=True))
