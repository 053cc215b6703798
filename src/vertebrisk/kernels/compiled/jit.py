"""The one place that knows numba."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels import compiled

F = TypeVar("F", bound=Callable[..., object])
A = TypeVar("A", FloatArray, IntArray, BoolArray)


_HOOK = threading.Lock()  # for what hears of ignored errors, of which a process has one

FUSED = {"contract"}  # what LLVM may do with a product that is added: round once
REORDERED = FUSED | {"reassoc"}  # and what with sums: add up several at once


def jit(signature: str, *, sums: bool = False, fused: bool = False) -> Callable[[F], F]:
    """Compile a function for one signature now, or load it from the cache.

    No fast mathematics, so that results are those of NumPy to rounding; with `fused`, products
    that are added to something are not rounded before, and with `sums`, sums are added up in
    whatever order is quick besides, which moves them by rounding, too.

    Raises
    ------
    NotCompiledError
        Where it is not in the cache and `from_cache_only` is set.
    """

    def made(function: F) -> F:
        with _no_compiler(function) if compiled.from_cache_only.get() else nullcontext():
            done = import_module("numba").njit(
                nogil=True,
                fastmath=REORDERED if sums else FUSED if fused else False,
                error_model="numpy",
            )(function)
            done._cache = _cache_of(function)
            with _interruptible():
                done.compile(signature)
            done.disable_compile()
        kernel: F = done
        return kernel

    return made


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends what is done meanwhile, even where it comes while LLVM calls Python.

    An error cannot pass through LLVM: it is told as one that was ignored, and the compiler goes
    on, or ends with an error of its own.
    """
    ignored = []

    def noted(told: sys.UnraisableHookArgs) -> None:
        if told.exc_type is KeyboardInterrupt:
            ignored.append(told.exc_value)
        else:
            before(told)

    with _HOOK:
        before, sys.unraisablehook = sys.unraisablehook, noted
        try:
            yield
        except Exception:
            if not ignored:
                raise
        finally:
            sys.unraisablehook = before
    if ignored:
        raise KeyboardInterrupt


def _cache_of(function: Callable[..., object]) -> Any:
    """Numba's cache, which knows of the files of the kernels that are called, too.

    Numba's own knows a kernel by its own file alone, and would keep what another has changed. It
    is the folder beside the file where that can be written, and one of the user's where it cannot;
    then what whoever installed vertebrisk has compiled is read beside the file all the same. What
    cannot be read is as absent, and what cannot be kept is not: numba's own would raise what the
    reading of its bytes, or a full or forbidden disk, raises.
    """
    stamps = tuple((file.name, file.stat().st_mtime_ns) for file in sorted(_files(function, set())))
    places = _places(function)
    for place in places:
        place._index_key = _stamped(place._index_key, stamps)
    loads = [(place.load_overload, place.flush) for place in places]
    kept: Any = places[0]
    save = kept.save_overload

    def load_overload(*of: Any) -> Any:
        for load, flush in loads:
            try:
                found = load(*of)
            except compiled.NotCompiledError:
                raise
            except Exception:  # whatever the bytes of a file cut short, or of another's, lead to
                found = None
                with suppress(OSError):
                    flush()
            if found is not None:
                return found
        return None

    def save_overload(*of: Any) -> None:
        with suppress(OSError):
            save(*of)

    kept.load_overload = load_overload
    kept.save_overload = save_overload
    return kept


def _places(function: Callable[..., object]) -> list[Any]:
    """The cache that can be written, if there is one, and the one beside the file.

    A folder that `NUMBA_CACHE_DIR` names is the only one.
    """
    caching = import_module("numba.core.caching")
    anyones = type("Anyones", (caching.InTreeCacheLocator,), {"ensure_cache_path": lambda _: None})
    of_it = type("Beside", (caching.CompileResultCacheImpl,), {"_locator_classes": [anyones]})
    beside = type("BesideCache", (caching.FunctionCache,), {"_impl_class": of_it})(function)
    try:
        written = caching.FunctionCache(function)
    except RuntimeError:  # neither beside the file nor in the user's folder
        return [beside]
    alone = caching.config.CACHE_DIR or written.cache_path == beside.cache_path
    return [written] if alone else [written, beside]


def _stamped(index_key: Callable[..., tuple[object, ...]], stamps: object) -> Callable[..., object]:
    """An index of a cache that holds these stamps besides."""
    return lambda *of: (*index_key(*of), stamps)


def _files(function: Callable[..., object], found: set[Path]) -> set[Path]:
    """Files of the kernels that a file's kernels call, and of those that these call."""
    for each in function.__globals__.values():
        if hasattr(each, "py_func"):
            file = Path(each.py_func.__code__.co_filename)
            if file not in found:
                found.add(file)
                _files(each.py_func, found)
    return found


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
