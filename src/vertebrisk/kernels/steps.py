"""Newton steps of many small problems at once: packed products, ranks, solved systems."""

from __future__ import annotations

from functools import cache

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray

RANK_TOLERANCE = 1e-10  # smallest eigenvalue of the scaled information, relative to 1
CUTOFF = 1e-13  # eigenvalues below it are taken for zero in a generalised inverse
HELD = 4_000_000  # products of pairs that are kept from step to step
CHUNK = 1024  # rows whose products are made at once where there are more: they stay in the cache
FEW = 4  # replicates up to which each has its own product of matrices


@cache
def pairs(size: int) -> tuple[IntArray, IntArray]:
    """First and second of every pair of columns, the way in which pairs are packed."""
    return np.triu_indices(size)


def pair_products(design: FloatArray) -> FloatArray:
    """Products of every pair of columns, shape (n, p (p + 1) / 2), each pair's together."""
    rows, size = design.shape
    products = np.empty((size * (size + 1) // 2, rows))
    columns = np.ascontiguousarray(design.T)
    start = 0
    for column in range(size):
        end = start + size - column
        np.multiply(columns[column], columns[column:], out=products[start:end])
        start = end
    return products.T


def kept_products(design: FloatArray) -> FloatArray | None:
    """Products of pairs for `information`, or None where they are too many to keep."""
    size = design.shape[1]
    few = design.shape[0] * (size * (size + 1) // 2) <= HELD
    return pair_products(design) if few else None


def information(design: FloatArray, products: FloatArray | None, weights: FloatArray) -> FloatArray:
    """X'WX of every replicate, shape (replicates, p, p), by the kept products or row by row.

    Rows are added up in chunks of a fixed size, in their order.
    """
    size = design.shape[1]
    if products is not None:
        return unpacked(weights @ products, size)
    replicates = weights.shape[0]
    if replicates > FEW:
        packed = np.zeros((replicates, size * (size + 1) // 2))
        for rows in chunks(design.shape[0]):
            packed += weights[:, rows] @ pair_products(design[rows])
        return unpacked(packed, size)
    total = np.zeros((replicates, size, size))
    for rows in chunks(design.shape[0]):
        part = design[rows]
        for replicate in range(replicates):
            total[replicate] += (part * weights[replicate, rows, None]).T @ part
    return total


def triangle(matrix: FloatArray) -> FloatArray:
    """A matrix of at most CHUNK rows with the lengths and angles of the columns of another.

    Chunk by chunk the rows are turned, together with what the chunks before them left, into
    a triangle.
    """
    left = matrix[:CHUNK]
    for rows in chunks(matrix.shape[0])[1:]:
        left = np.asarray(np.linalg.qr(np.vstack([left, matrix[rows]]), mode="r"), np.float64)
    return left


def chunks(size: int) -> list[slice]:
    """Slices that cover so many rows, in order."""
    return [slice(start, start + CHUNK) for start in range(0, size, CHUNK)]


def unpacked(packed: FloatArray, size: int) -> FloatArray:
    """Symmetric matrices from their pairs: (replicates, p (p + 1) / 2) to (replicates, p, p)."""
    matrices = np.empty((packed.shape[0], size, size))
    first, second = pairs(size)
    matrices[:, first, second] = packed
    matrices[:, second, first] = packed
    return matrices


def equilibrated(information: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Information with a unit diagonal, and the scale of each column that was taken out."""
    diagonal = np.einsum("rpp->rp", information)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    return information / (scale[:, :, None] * scale[:, None, :]), scale


def ranks(information: FloatArray) -> IntArray:
    """Number of independent columns of each replicate."""
    if information.shape[1] == 0:
        return np.zeros(information.shape[0], dtype=np.int64)
    scaled, _ = equilibrated(information)
    return np.asarray(np.sum(np.linalg.eigvalsh(scaled) > RANK_TOLERANCE, axis=1))


def dependent_columns(products: FloatArray, tolerance: float) -> BoolArray:
    """Columns that are a linear combination of those before them; see `remaining_shares`."""
    return np.asarray(remaining_shares(products, tolerance) < tolerance)


def remaining_shares(products: FloatArray, tolerance: float) -> FloatArray:
    """Share of each column's variance that the columns before it leave, shape (p,).

    Parameters
    ----------
    products : array, shape (p, p)
        Of the deviations of the columns from their means, summed.
    tolerance : float
        A column of which less is left is passed over where later ones are looked at.
    """
    scaled, _ = equilibrated(products[None])
    size = products.shape[0]
    lower, shares = np.zeros((size, size)), np.zeros(size)
    for place in range(size):
        for before in range(place):
            if lower[before, before] > 0.0:
                known = lower[place, :before] @ lower[before, :before]
                lower[place, before] = (scaled[0, place, before] - known) / lower[before, before]
        shares[place] = scaled[0, place, place] - lower[place] @ lower[place]
        lower[place, place] = np.sqrt(max(shares[place], 0.0)) if shares[place] >= tolerance else 0
    return shares


def solve_steps(
    information: FloatArray, gradient: FloatArray, full: BoolArray, cutoff: float = CUTOFF
) -> FloatArray:
    """Newton steps; of least norm where the information is singular."""
    scaled, scale = equilibrated(information)
    right = (gradient / scale)[:, :, None]
    step = np.empty_like(gradient)
    regular = full.copy()
    if regular.any():
        try:
            step[regular] = np.linalg.solve(scaled[regular], right[regular])[:, :, 0]
        except np.linalg.LinAlgError:
            regular[:] = False
    if not regular.all():
        inverse = np.linalg.pinv(scaled[~regular], rcond=cutoff, hermitian=True)
        step[~regular] = (inverse @ right[~regular])[:, :, 0]
    return step / scale


def inverse_information(information: FloatArray, cutoff: float = CUTOFF) -> FloatArray:
    """Covariance of one replicate, shape (p, p); a generalised inverse where it is singular."""
    scaled, scale = equilibrated(information[None])
    inverse = np.linalg.pinv(scaled[0], rcond=cutoff, hermitian=True)
    return np.asarray(inverse / np.outer(scale[0], scale[0]))
