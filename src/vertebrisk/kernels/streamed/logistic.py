"""Logistic regression over one chunk: likelihood, slope and curvature at given coefficients.

Columns are centred as they are read, so that no digits are lost to their means; sums are those
of blocks in their order. Where columns lie in one table and their means are no more than `FAR`
spreads from zero, linear predictors and slopes are products of the table as it is, and what the
centre takes off is taken off these: three digits at most are lost, of sixteen. Up to `NEAR`
spreads the products that make the information are, too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.kernels import compiled
from vertebrisk.kernels.products import long_product, product
from vertebrisk.kernels.streamed.rows import Rows, blocks

FAR = 1000.0  # spreads of a mean from zero, beyond which columns are centred before anything
NEAR = 8.0  # spreads of a mean from zero, up to which squares lose two digits at most
PIECE = 8192  # rows of a table that are worked on at once

Sums = tuple[FloatArray, ...]


def slopes(rows: Rows, centre: FloatArray, beta: FloatArray, away: float = np.inf) -> Sums:
    """Log-likelihood and gradient of complete rows.

    Parameters
    ----------
    rows : Rows
    centre : array, shape (p,)
        Taken off each column.
    beta : array, shape (1 + p,)
        Intercept at the centre, and coefficients.
    away : float
        Spreads of the farthest mean from zero.

    Returns
    -------
    tuple
        Log-likelihood, a number; gradient, shape (1 + p,).
    """
    if away <= FAR and rows.table is not None:
        return _slopes_of_table(rows, rows.table, centre, beta)
    value, gradient = 0.0, np.zeros(beta.size)
    for part, block in blocks(rows, centre):
        likelihood, residual, _ = _parts(rows, part, beta @ block)
        value += likelihood
        gradient += product(block, residual)
    return np.asarray(value), gradient


def curvature(rows: Rows, centre: FloatArray, beta: FloatArray, away: float = np.inf) -> Sums:
    """The same with the information, shape (1 + p, 1 + p)."""
    if away <= FAR and rows.table is not None:
        return _curvature_of_table(rows, rows.table, centre, beta, away)
    value, gradient = 0.0, np.zeros(beta.size)
    information = np.zeros((beta.size, beta.size))
    for part, block in blocks(rows, centre):
        likelihood, residual, spread = _parts(rows, part, beta @ block)
        value += likelihood
        gradient += product(block, residual)
        block *= np.sqrt(spread)
        information += product(block, block.T)
    return np.asarray(value), gradient, information


def _slopes_of_table(rows: Rows, table: FloatArray, centre: FloatArray, beta: FloatArray) -> Sums:
    if _compiled(rows, table):
        from vertebrisk.kernels.compiled.regression import slopes_of_table

        return slopes_of_table(table, rows.target, centre, beta)
    value, total, sums = 0.0, 0.0, np.zeros(centre.size)
    for part, piece in _pieces(table):
        likelihood, residual, _ = _parts(rows, part, _linear(piece, centre, beta))
        value += likelihood
        total += residual.sum()
        sums += long_product(piece, residual[None])[:, 0]
    return np.asarray(value), np.append(total, sums - total * centre)


def _curvature_of_table(
    rows: Rows, table: FloatArray, centre: FloatArray, beta: FloatArray, away: float
) -> Sums:
    """Products of columns as they lie, or centred first where digits would be lost to that."""
    if _compiled(rows, table):
        from vertebrisk.kernels.compiled.regression import curvature_of_table

        return curvature_of_table(table, rows.target, centre, beta)
    value, total, weight, width = 0.0, 0.0, 0.0, centre.size
    products = np.zeros((width + 2, width))  # of weighted columns, of weights, of residuals
    room = np.empty((width + 2, min(PIECE, rows.size)))
    for part, piece in _pieces(table):
        likelihood, residual, spread = _parts(rows, part, _linear(piece, centre, beta))
        value += likelihood
        total, weight = total + residual.sum(), weight + spread.sum()
        about = piece if away <= NEAR else piece - centre[:, None]
        weighted = room[:, : spread.size]
        np.multiply(about, spread, out=weighted[:width])
        weighted[width], weighted[width + 1] = spread, residual
        products += long_product(weighted, about)
    off = centre if away <= NEAR else np.zeros(width)  # what is still to be taken off
    means, sums = products[width] - weight * off, products[width + 1] - total * off
    products = products[:width] - np.outer(products[width], off) - np.outer(off, means)
    information = np.block([[np.full((1, 1), weight), means[None]], [means[:, None], products]])
    return np.asarray(value), np.append(total, sums), 0.5 * (information + information.T)


def _compiled(rows: Rows, table: FloatArray) -> bool:
    """True where compiled kernels are switched on, and know such rows."""
    plain = rows.weights is None and rows.offset is None
    return plain and table.strides[1] == table.itemsize and compiled.enabled()


def _pieces(table: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
    """Runs of rows of a table, which stay in the cache while they are read more than once."""
    for start in range(0, table.shape[1], PIECE):
        part = slice(start, start + PIECE)
        piece = table[:, part]
        yield part, piece if piece.strides[1] == piece.itemsize else piece.copy()


def _linear(table: FloatArray, centre: FloatArray, beta: FloatArray) -> FloatArray:
    """Linear predictors of columns as they lie in a table."""
    eta = beta[1:] @ table
    eta += beta[0] - centre @ beta[1:]
    return np.asarray(eta)


def bend(rows: Rows, centre: FloatArray, beta: FloatArray, step: FloatArray) -> FloatArray:
    """How the information of `curvature` changes with a small step, to first order."""
    change = np.zeros((beta.size, beta.size))
    for part, block in blocks(rows, centre):
        eta = beta @ block
        _, _, spread = _parts(rows, part, eta)
        bent = spread * np.tanh(0.5 * eta) * (step @ block)
        change -= product(block * bent, block.T)
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
    residual = target - np.maximum(small, eta >= 0.0) / whole  # 1 / whole where eta is positive
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
