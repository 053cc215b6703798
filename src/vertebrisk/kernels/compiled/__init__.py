"""Compiled kernels for whole replicates: off until they are switched on in this process.

They do what the NumPy kernels do, replicate by replicate instead of pass by pass, and
their results agree with those to rounding. numba compiles them; it is optional and is
imported by `warm_up` only, so nobody waits for a compiler without having asked for one.
They leave Python's lock: threads share the work.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

from vertebrisk.errors import ArgumentError

SWITCH = "VERTEBRISK_COMPILED"  # 1 in the environment switches the kernels on
_MISSING = (
    "The compiled kernels need numba, which is not installed. Install it with "
    "python -m pip install 'vertebrisk[fast]', or leave {what} out: the results are the same."
)
_on: bool | None = None


def available() -> bool:
    """True where numba is installed."""
    return find_spec("numba") is not None


def enabled() -> bool:
    """True where the kernels are switched on, by `warm_up` or by VERTEBRISK_COMPILED=1."""
    if _on is None:
        if os.environ.get(SWITCH) == "1":
            _load(f"{SWITCH}=1")
        else:
            switch_off()
    return bool(_on)


def warm_up() -> None:
    """Compile the kernels, or load them from the cache of an earlier time, and use them.

    Compiling takes some seconds, once; the cache lies beside the package, or in the user's
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
    from vertebrisk.kernels.compiled import drawing, later, newton, scoring, smoothing

    _on = all(module.READY for module in (drawing, later, newton, scoring, smoothing))
