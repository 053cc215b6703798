"""The one place that knows numba."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TypeVar

import numpy as np

from vertebrisk._types import FloatArray, IntArray

F = TypeVar("F", bound=Callable[..., object])
A = TypeVar("A", FloatArray, IntArray)


def jit(signature: str) -> Callable[[F], F]:
    """Compile a function for one signature now, or load it from the cache.

    No fast mathematics, so that results are those of NumPy to rounding. The cache of a
    file does not know of other files: a kernel calls functions of its own file only.
    """
    compiled: Callable[[F], F] = import_module("numba").njit(
        signature, cache=True, nogil=True, fastmath=False, error_model="numpy"
    )
    return compiled


def plain(array: A) -> A:
    """An array as the signatures ask for it: rows in a piece, not read-only."""
    return np.require(array, requirements=["C", "W"])
