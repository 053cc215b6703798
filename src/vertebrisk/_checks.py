"""Checks at the public edge. Kernels assume that these have passed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.text.messages import Message, joined, say


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause such as `` Did you mean 'alpha'?``, or nothing when no name is close."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return say(" Did you mean '{name}'?", name=matches[0]) if matches else ""


def listed(names: Sequence[object], limit: int = 8) -> Message:
    """Names joined for a message, cut after `limit` with the number left out."""
    shown = joined(names[:limit])
    if len(names) <= limit:
        return shown
    return say("{shown} and {more} more", shown=shown, more=len(names) - limit)


def check_choice(value: str, name: str, literal: object) -> None:
    """`value` must be one of the strings of a `Literal` alias."""
    allowed = get_args(literal)
    if value not in allowed:
        raise ArgumentError(
            f"{name} is '{value}'; allowed are {', '.join(allowed)}.{nearest(str(value), allowed)}"
        )


def place_of(name: str, names: Sequence[str], what: str) -> int:
    """Position of a name among those that there are.

    Raises
    ------
    ArgumentError
        If there is none of that name; the message lists those that there are.
    """
    if name not in names:
        close = nearest(name, names)
        raise ArgumentError(f"There is no {what} '{name}'; allowed are {listed(names, 40)}.{close}")
    return names.index(name)


def check_positive_int(value: int, name: str) -> None:
    """`value` must be a whole number of at least one."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ArgumentError(f"{name} is {value!r}; a whole number of 1 or more is needed.")


def check_fraction(value: float, name: str) -> None:
    """`value` must be a number strictly between 0 and 1."""
    number = isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, bool) or not number or not 0.0 < value < 1.0:
        raise ArgumentError(f"{name} is {value!r}; a number between 0 and 1 is needed.")


def as_event(event: ArrayLike, name: str = "event") -> BoolArray:
    """Boolean outcome from booleans or 0/1; both classes must occur, none may be missing."""
    values = np.asarray(event)
    if values.ndim != 1:
        raise ArgumentError(f"{name} has {values.ndim} dimensions; one value a patient is needed.")
    if values.dtype != np.bool_:
        try:
            numeric = values.astype(np.float64)
        except (TypeError, ValueError):
            raise ArgumentError(
                f"{name} holds values that are not numbers; give booleans, or 0 and 1."
            ) from None
        if np.isnan(numeric).any():
            raise ArgumentError(
                f"{name} has {int(np.isnan(numeric).sum())} missing values; "
                "leave those patients out."
            )
        if not np.isin(numeric, (0.0, 1.0)).all():
            raise ArgumentError(
                f"{name} holds values other than 0 and 1; say which means the event."
            )
        values = numeric == 1.0
    if values.size == 0 or values.all() or not values.any():
        raise ArgumentError(
            f"{name} has {int(values.sum())} events among {values.size} patients; "
            "both outcomes must occur."
        )
    return np.asarray(values, dtype=np.bool_)


def as_numbers(values: ArrayLike, name: str, size: int | None = None) -> FloatArray:
    """Finite one-dimensional floats, of a given length where one is stated."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name} holds values that are not numbers.") from None
    if numbers.ndim != 1:
        raise ArgumentError(f"{name} has {numbers.ndim} dimensions; one value a patient is needed.")
    if size is not None and numbers.size != size:
        raise ArgumentError(f"{name} has {numbers.size} values where {size} are needed.")
    if not np.isfinite(numbers).all():
        bad = int((~np.isfinite(numbers)).sum())
        raise ArgumentError(
            f"{name} has {bad} missing or infinite values; leave those patients out."
        )
    return numbers


def as_risks(values: ArrayLike, name: str, size: int | None = None) -> FloatArray:
    """Probabilities from 0 to 1, not percentages."""
    risks = as_numbers(values, name, size)
    if risks.size and (risks.min() < 0.0 or risks.max() > 1.0):
        raise ArgumentError(
            f"{name} runs from {risks.min():.4g} to {risks.max():.4g}; "
            "probabilities lie between 0 and 1 (divide percentages by 100)."
        )
    return risks


def as_indicator(event: ArrayLike, size: int, name: str = "event") -> BoolArray:
    """Event of each patient from booleans or 0/1; one class alone is allowed."""
    values = np.asarray(event)
    if values.dtype == np.bool_ and values.ndim == 1 and values.size == size:
        return np.asarray(values, dtype=np.bool_)
    numbers = as_numbers(values, name, size)
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise ArgumentError(f"{name} holds values other than 0 and 1; say which means the event.")
    return np.asarray(numbers == 1.0, dtype=np.bool_)


def as_clusters(cluster: ArrayLike, size: int, name: str = "cluster") -> IntArray:
    """Codes from 0 of the patient to whom each row belongs; any labels, none missing."""
    labels = np.asarray(cluster)
    if labels.shape != (size,):
        raise ArgumentError(f"{name} has {labels.size} values where {size} are needed.")
    missing = sum(label is None or label != label for label in labels.tolist())
    if missing:
        raise ArgumentError(f"{name} has {missing} missing values; leave those rows out.")
    _, codes = np.unique(labels.astype(str), return_inverse=True)
    return np.asarray(codes, dtype=np.int64)


def check_independent(clusters: IntArray | None) -> None:
    """Sampled controls are taken for independent: they do not come in clusters."""
    if clusters is not None:
        raise ArgumentError(
            "prevalence and cluster cannot be given together: sampled controls are taken for "
            "independent. Leave one out, or keep one row a patient."
        )


def as_entry(entry: ArrayLike | None, time: FloatArray) -> FloatArray | None:
    """Time of entry of each patient, before the end of follow-up, or None."""
    if entry is None:
        return None
    entries = as_numbers(entry, "entry", time.size)
    late = int((entries >= time).sum())
    if late:
        raise ArgumentError(
            f"entry is not before time in {late} patients; they were never at risk, leave them out."
        )
    return entries


def as_weights(weights: ArrayLike | None, size: int) -> FloatArray | None:
    """Weight of each patient, 0 or more and not all 0, or None."""
    if weights is None:
        return None
    values = as_numbers(weights, "weights", size)
    if values.size and (values.min() < 0.0 or values.max() == 0.0):
        raise ArgumentError("weights must be 0 or more, and some above 0.")
    return values


def check_seed(seed: int) -> None:
    """`seed` must be a whole number of 0 or more."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ArgumentError(f"seed is {seed!r}; a whole number of 0 or more is needed.")


def as_thresholds(thresholds: ArrayLike) -> FloatArray:
    """Distinct thresholds of risk in ascending order, strictly between 0 and 1."""
    cuts = np.unique(as_numbers(np.atleast_1d(np.asarray(thresholds)), "thresholds"))
    if not ((cuts > 0.0) & (cuts < 1.0)).all():
        raise ArgumentError("thresholds must lie strictly between 0 and 1.")
    return cuts


def some_thresholds(thresholds: ArrayLike) -> FloatArray:
    """The same, at least one of them."""
    cuts = as_thresholds(thresholds)
    if cuts.size == 0:
        raise ArgumentError("thresholds is empty; give at least one.")
    return cuts


def check_alone(prevalence: float | None, cluster: ArrayLike | None) -> None:
    """A scan is a cohort with one row a patient."""
    if prevalence is not None or cluster is not None:
        raise ArgumentError(
            "A scan is judged without prevalence and cluster. Read the patients by read_table for "
            "these."
        )


def as_times(times: ArrayLike, name: str, size: int | None = None) -> FloatArray:
    """Times of 0 or more, at least one."""
    numbers = as_numbers(times, name, size)
    if numbers.size == 0:
        raise ArgumentError(f"{name} has no values; one a patient is needed.")
    negative = int((numbers < 0.0).sum())
    if negative:
        raise ArgumentError(
            f"{name} has {negative} values below 0; times count from the origin. Correct them "
            "or leave those patients out."
        )
    return numbers


def as_status(status: ArrayLike, name: str, size: int) -> IntArray:
    """Codes of competing risks: 0 censored, 1 the event, 2 the competing event."""
    numbers = as_numbers(status, name, size)
    strange = np.setdiff1d(numbers, (0.0, 1.0, 2.0))
    if strange.size:
        raise ArgumentError(
            f"{name} holds {listed([f'{value:g}' for value in strange])}; allowed are "
            "0 (censored), 1 (the event) and 2 (any competing event)."
        )
    return numbers.astype(np.int64)


MOST_CASES = 50  # in one matched set; beyond, sets are strata and not matches
MOST_PLACES = 2_000_000  # sets times members of the largest


def check_sets(case: BoolArray, sets: IntArray, name: str) -> None:
    """Matched sets must be small enough for the exact likelihood; `sets` are codes from 0.

    Raises
    ------
    DataError
        A set has too many cases, or one is so large that a table of all sets is.
    """
    most = int(np.bincount(sets, weights=case).max(initial=0))
    if most > MOST_CASES:
        raise DataError(
            f"A set of '{name}' has {most} cases; matched sets have a few (at most {MOST_CASES} "
            "here). For large strata use a logistic model with the stratum as a predictor."
        )
    sizes = np.bincount(sets)
    if sizes.size * int(sizes.max(initial=0)) > MOST_PLACES:
        raise DataError(
            f"The largest of {sizes.size} sets of '{name}' has {sizes.max()} members; the exact "
            f"likelihood lays out sets times members, at most {MOST_PLACES:,} places here. Match "
            "each case with a few controls, or sample some of each set."
        )
