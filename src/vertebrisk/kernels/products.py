"""Matrix products of threads that work side by side."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import FloatArray


def product(one: FloatArray, other: FloatArray) -> FloatArray:
    """The product of two arrays that lie in a piece, while other threads go on.

    NumPy's `@` keeps the interpreter to itself where the result has fewer than 500 numbers,
    whatever the length of what is summed: threads would take turns. `dot` never does, but copies
    an array with gaps between its rows.
    """
    return np.asarray(np.dot(one, other))
