"""The cohorts that the survival references were computed on, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from tests.reference import loader

from vertebrisk._types import FloatArray, IntArray

_COLUMNS = {
    "lung": ("time", "status", 2),
    "veteran": ("time", "status", 1),
    "gbsg": ("rfstime", "status", 1),
    "rotterdam": ("rtime", "recur", 1),
}


def cohort(name: str) -> pl.DataFrame:
    """One data set with columns time and event, and for lung its month and entry."""
    frame = loader.frame(name)
    time, event, code = _COLUMNS[name]
    frame = frame.with_columns(time=pl.col(time).cast(pl.Float64), event=pl.col(event) == code)
    if name == "lung":
        reference = loader.load("kaplan_meier")
        frame = frame.with_columns(
            month=pl.Series(reference["lung_month"], dtype=pl.Float64),
            entry=pl.Series(reference["lung_entry"], dtype=pl.Float64),
        )
    return frame


def column(frame: pl.DataFrame, name: str | None) -> Any:
    """A column as an array, None for no name."""
    return None if name is None else frame[name].to_numpy()


def repeated(pattern: Any, size: int) -> FloatArray | None:
    """A pattern of weights repeated over the patients; None for no pattern."""
    return None if pattern is None else np.resize(np.asarray(pattern, dtype=np.float64), size)


def censored_sample(seed: int, size: int, *, tied: bool = False) -> tuple[FloatArray, IntArray]:
    """Invented times and statuses: 0 censored, 1 the event, 2 the competing event."""
    rng = np.random.default_rng(seed)
    time = rng.exponential(4.0, size)
    time = np.ceil(time) if tied else time
    return time, rng.choice(3, size, p=[0.4, 0.4, 0.2])
