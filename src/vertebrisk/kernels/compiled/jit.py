"""The one place that knows numba."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.kernels import compiled

F = TypeVar("F", bound=Callable[..., object])
A = TypeVar("A", FloatArray, IntArray)


def jit(signature: str) -> Callable[[F], F]:
    """Compile a function for one signature now, or load it from the cache.

    No fast mathematics, so that results are those of NumPy to rounding. The cache of a
    file does not know of other files: a kernel calls functions of its own file only.

    Raises
    ------
    NotCompiledError
        Where it is not in the cache and `from_cache_only` is set.
    """

    def made(function: F) -> F:
        with _no_compiler(function) if compiled.from_cache_only.get() else nullcontext():
            done: F = import_module("numba").njit(
                signature, cache=True, nogil=True, fastmath=False, error_model="numpy"
            )(function)
        return done

    return made


def _no_compiler(function: Callable[..., object]) -> AbstractContextManager[None]:
    """While it lasts, compiling that function is an error; loading it is not."""
    event = import_module("numba.core.event")

    class Refuse(event.Listener):  # type: ignore[name-defined, misc]
        def on_start(self, told: Any) -> None:
            if told.data["dispatcher"].py_func is function:
                raise compiled.NotCompiledError(f"{function.__qualname__} is not in the cache")

        def on_end(self, told: Any) -> None:
            """Nothing: it was loaded."""

    context: AbstractContextManager[None] = event.install_listener("numba:compile", Refuse())
    return context


def plain(array: A) -> A:
    """An array as the signatures ask for it: rows in a piece, not read-only."""
    return np.require(array, requirements=["C", "W"])
