"""Checks of what the measures of risks over time are given."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import as_numbers, as_risks, as_status, as_times
from vertebrisk._types import FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.survival.censoring import EVENT


def as_followed(time: ArrayLike, status: ArrayLike) -> tuple[FloatArray, IntArray]:
    """Times of 0 or more and their statuses, 0, 1 or 2."""
    exit = as_times(time, "time")
    return exit, as_status(np.asarray(status), "status", exit.size)


def as_horizon(horizon: float, exit: FloatArray, status: IntArray) -> float:
    """A horizon inside follow-up, with an event by it."""
    at = float(as_numbers(np.atleast_1d(np.asarray(horizon)), "horizon", 1)[0])
    last = float(exit.max())
    if at <= 0.0:
        raise ArgumentError(f"horizon is {at:g}; a time above 0 is needed.")
    if at > last:
        raise ArgumentError(
            f"horizon {at:g} lies beyond the last follow-up, {last:g}; nothing is known of it. "
            f"Choose a horizon up to {last:g}."
        )
    events = exit[status == EVENT]
    if events.size == 0 or float(events.min()) > at:
        first = "there is none at all" if events.size == 0 else f"the first is at {events.min():g}"
        raise ArgumentError(
            f"No event (status 1) by the horizon {at:g}: {first}. Choose a later horizon, or "
            "check which status is the event."
        )
    return at


def as_horizons(horizon: ArrayLike, exit: FloatArray, status: IntArray) -> FloatArray:
    """One or more horizons in ascending order."""
    wanted = as_numbers(np.atleast_1d(np.asarray(horizon)), "horizon")
    if wanted.size == 0:
        raise ArgumentError("horizon is empty; give at least one time.")
    if np.unique(wanted).size < wanted.size or np.any(np.diff(wanted) < 0):
        raise ArgumentError("horizon must be distinct times in ascending order.")
    return np.array([as_horizon(value, exit, status) for value in wanted])


def as_risk_columns(risk: ArrayLike, size: int, horizons: int) -> FloatArray:
    """Risks of each patient by each horizon, shape (n, horizons)."""
    values = np.asarray(risk)
    if values.ndim == 1 and horizons == 1:
        return as_risks(values, "risk", size)[:, None]
    if values.ndim != 2 or values.shape[1] != horizons:
        shape = " x ".join(str(length) for length in values.shape)
        raise ArgumentError(
            f"risk has the shape {shape} where {size} x {horizons} is needed: one column a horizon."
        )
    return np.column_stack(
        [as_risks(values[:, column], "risk", size) for column in range(horizons)]
    )
