"""Checks of what is pooled: one number a study, named by its place where something is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.text.plurals import agreeing


def as_studies(values: ArrayLike, name: str, size: int | None = None) -> FloatArray:
    """Finite numbers, one a study, of a given length where one is stated."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{name} holds values that are not numbers; give one a study."
        ) from None
    if numbers.ndim != 1:
        raise ArgumentError(f"{name} has {numbers.ndim} dimensions; one number a study is needed.")
    if size is not None and numbers.size != size:
        raise ArgumentError(
            f"{name} has {numbers.size} values where there are {size} studies; give one a study."
        )
    refuse(~np.isfinite(numbers), name, "missing or infinite", "Leave out what is not known.")
    return numbers


def refuse(wrong: BoolArray, name: str, what: str, remedy: str) -> None:
    """An error that names the studies, counted from 1, in which something is wrong."""
    places = [int(place) + 1 for place in np.flatnonzero(wrong)]
    if places:
        noun = agreeing(len(places), "study", "studies")
        raise ArgumentError(f"{name} is {what} in {noun} {listed(places)} (from 1). {remedy}")


def as_effects(estimates: ArrayLike, std_errors: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Estimates of two or more studies and their sampling variances."""
    effects = as_studies(estimates, "estimates")
    errors = as_studies(std_errors, "std_errors", effects.size)
    refuse(
        errors <= 0,
        "std_errors",
        "not above zero",
        "Give standard errors on the scale of the estimates (of an odds ratio, those of its log).",
    )
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        variances = errors**2
        usable = np.isfinite(variances) & np.isfinite(1 / variances)
        apart = np.square((effects - effects[:1]) / errors)
    refuse(~usable, "std_errors", "too large or too small to square", "Change the unit.")
    refuse(
        ~np.isfinite(apart),
        "estimates",
        "too far from study 1 for its standard error to be reckoned with",
        "Look again.",
    )
    need_studies(effects.size)
    return effects, variances


def need_studies(k: int, least: int = 2) -> None:
    """At least this many studies."""
    if k < least:
        raise ArgumentError(
            f"{k} {agreeing(k, 'study was', 'studies were')} given; pooling needs {least} or more."
        )


def as_names(studies: Sequence[str] | None, k: int) -> tuple[str, ...]:
    """Names of the studies, by default their places from 1."""
    if studies is None:
        return tuple(str(place + 1) for place in range(k))
    names = tuple(str(name) for name in studies)
    if len(names) != k:
        raise ArgumentError(
            f"studies has {len(names)} names where there are {k} studies; give one a study."
        )
    return names


def check_flag(value: object, name: str) -> None:
    """`value` must be True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ArgumentError(f"{name} is {value!r}; give True or False.")


def as_counts(
    events: ArrayLike,
    sizes: ArrayLike,
    names: tuple[str, str] = ("events", "sizes"),
    k: int | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Whole numbers of patients with the event and in all, one of each a study."""
    x = as_studies(events, names[0], k)
    n = as_studies(sizes, names[1], x.size)
    for counts, name in ((x, names[0]), (n, names[1])):
        wrong = (counts != np.rint(counts)) | (counts < 0)
        refuse(wrong, name, "not a whole number of 0 or more", "Give numbers of patients.")
    refuse(n < 1, names[1], "zero", "Leave out studies without patients.")
    refuse(x > n, names[0], f"above {names[1]}", "Give patients with the event, and in all.")
    return x, n
