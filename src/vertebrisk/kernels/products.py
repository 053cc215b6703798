"""Matrix products of threads that work side by side."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray

FREE = 500  # numbers of a result from which on `@` leaves the interpreter to other threads
SMALL = 1_000_000  # multiplications of a product that some processors make without copying first
NARROW = 32  # rows from which on a product is quicker with a copy, and in one
LONG = 4096  # numbers of a row that are then summed at once


def product(one: FloatArray, other: FloatArray) -> FloatArray:
    """The product of two arrays that lie in a piece, while other threads go on.

    NumPy's `@` keeps the interpreter to itself where the result has fewer than 500 numbers,
    whatever the length of what is summed: threads would take turns. `dot` never does, but copies
    an array with gaps between its rows.
    """
    return np.asarray(np.dot(one, other))


def long_product(one: FloatArray, other: FloatArray) -> FloatArray:
    """What one array of few long rows times another's transpose is, while other threads go on.

    Rows may have gaps between them. They are taken in runs, so many that their products have
    `FREE` numbers.

    Parameters
    ----------
    one : array, shape (a, n)
    other : array, shape (b, n)
        Of both, the numbers of a row lie side by side.

    Returns
    -------
    array, shape (a, b)
    """
    numbers, size = one.shape[0] * other.shape[0], one.shape[1]
    most = LONG if min(one.shape[0], other.shape[0]) >= NARROW else SMALL // max(numbers, 1)
    length = max(1, min(most, size // -(-FREE // max(numbers, 1))))
    runs, end = size // length, size - size % length
    left = one[:, :end].reshape(one.shape[0], runs, length).transpose(1, 0, 2)
    right = other[:, :end].reshape(other.shape[0], runs, length).transpose(1, 2, 0)
    found = (left @ right).sum(axis=0)
    if end < size:
        found += one[:, end:] @ other[:, end:].T
    return np.asarray(found)
