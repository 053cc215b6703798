"""Checks of what a sample size is calculated from."""

from __future__ import annotations

import math

from vertebrisk._checks import check_positive_int
from vertebrisk.errors import ArgumentError


def check_available(available: int | None) -> int | None:
    """Patients at hand, one or more, or None."""
    if available is not None:
        check_positive_int(available, "available")
    return available


def check_c_index(c_index: float) -> float:
    """More than 0.5, less than 1."""
    if not 0.5 < c_index < 1:
        raise ArgumentError(f"c_index is {c_index!r}; a number between 0.5 and 1 is needed.")
    return c_index


def check_positive(value: float, name: str) -> None:
    """Finite and more than 0."""
    if not 0 < value < math.inf:
        raise ArgumentError(f"{name} is {value!r}; a number above 0 is needed.")


def only_one(**given: float | None) -> None:
    """At most one of these is stated."""
    stated = [name for name, value in given.items() if value is not None]
    if len(stated) > 1:
        raise ArgumentError(f"{' and '.join(stated)} say the same thing; give one of them.")
