"""Compiled kernels: what the NumPy kernels do, patient by patient instead of pass by pass.

numba compiles them; it is optional, and nobody waits for it in vain. There are two kinds.

Kernels for whole replicates agree with NumPy's to rounding. They are off until somebody asks
for them (`warm_up`, or VERTEBRISK_COMPILED=1), so that a study does not depend on a cache to
its last bit.

Kernels that count are equal to NumPy's to the bit. They are used by themselves (`usable`)
where they are loaded already, and where the work is large: where NumPy would take longer than
a second, if an earlier process left them in the cache, from which they load in half a second;
and where it would take so long that compiling is the shorter wait. VERTEBRISK_COMPILED=0 turns
that off.

They leave Python's lock: threads share the work.
"""

from __future__ import annotations

import os
import sys
import threading
from contextvars import ContextVar
from importlib import import_module
from importlib.util import find_spec

from vertebrisk.errors import ArgumentError

SWITCH = "VERTEBRISK_COMPILED"  # in the environment: 1 uses all kernels, 0 uses none
LOADING_PAYS = 1.0  # seconds of NumPy's that are worth loading a module from the cache
COMPILING_PAYS = 30.0  # and worth compiling one, which takes some seconds
MODULES = (
    *("abreast", "algebra", "aside", "bounding", "climbing", "drawing", "elementary"),
    *("elimination", "firth", "horizon", "jeffreys", "later", "local", "newton", "ordered"),
    *("pairs", "partial", "recalibration", "regression", "risk_sums", "rowwise", "scoring"),
    *("smoothing", "stepdown"),
)
_MISSING = (
    "The compiled kernels need numba, which is not installed. Install it with "
    "python -m pip install 'vertebrisk[fast]', or leave {what} out: the results are the same."
)
_on: bool | None = None  # None until somebody decides
_LOADING = threading.Lock()  # of several threads that ask first, one loads and the others wait
_absent: set[str] = set()  # modules that were not in the cache when they were needed
from_cache_only: ContextVar[bool] = ContextVar("from_cache_only", default=False)


class NotCompiledError(ImportError):
    """A kernel is not in the cache, and is not to be compiled now."""


def available() -> bool:
    """True where numba is installed."""
    return find_spec("numba") is not None


def enabled() -> bool:
    """True where the kernels are switched on, by `warm_up` or by VERTEBRISK_COMPILED=1."""
    if _on is None and os.environ.get(SWITCH) == "1":
        _load(f"{SWITCH}=1")
    return bool(_on)


def usable(module: str, seconds: float) -> bool:
    """True where a module of counting kernels is to be used, and has been loaded.

    Parameters
    ----------
    module : str
        Name of the module in this package.
    seconds : float
        What NumPy would take for the work, about. It decides whether loading the module pays,
        and whether compiling it does.
    """
    if enabled():
        return True
    if _on is False or os.environ.get(SWITCH) == "0":
        return False
    if f"{__name__}.{module}" in sys.modules:
        return True
    if seconds < LOADING_PAYS:
        return False
    return available() and _found(module, compile_it=seconds >= COMPILING_PAYS)


def _found(module: str, *, compile_it: bool) -> bool:
    if module in _absent and not compile_it:
        return False
    told = from_cache_only.set(not compile_it)
    try:
        import_module(f"{__name__}.{module}")
    except NotCompiledError:
        _absent.add(module)
        return False
    finally:
        from_cache_only.reset(told)
    _absent.discard(module)
    return True


def warm_up() -> None:
    """Compile the kernels, or load them from the cache of an earlier time, and use them.

    Compiling takes about a minute, once; the cache lies beside the package, or in the user's
    cache folder where that cannot be written.

    Raises
    ------
    ArgumentError
        Where numba is not installed.
    """
    _load("warm_up()")


def switch_off() -> None:
    """Use the NumPy kernels from now on."""
    global _on
    _on = False


def _load(asked_by: str) -> None:
    global _on
    if not available():
        raise ArgumentError(_MISSING.format(what=asked_by))
    with _LOADING:
        _on = all(_found(module, compile_it=True) for module in MODULES)
