"""Passes over the patients of a Cox model of a scan, summed by the time at which they left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.engines.cox import centred
from vertebrisk.engines.cox_bootstrap import Draws, FollowedPasses
from vertebrisk.engines.engine import Chunk
from vertebrisk.engines.timed_counts import TimedCounts, counted_by_time

if TYPE_CHECKING:
    from vertebrisk.models.streamed.cox import StreamedCoxFit


def passes_of(
    fit: StreamedCoxFit, seed: int, replicates: int
) -> tuple[FollowedPasses, FloatArray, TimedCounts]:
    """Passes with so many replicates, spreads of the covariates, and patients by time.

    The latter are counted without the event, and with it.

    Raises
    ------
    DataError
        Follow-up ends at too many different times, see `counted_by_time`.
    """
    patients, engine = fit.patients, fit.engine
    fate = partial(_fate, patients.time, patients.event)
    counts = counted_by_time(engine, patients.columns, patients.own, fate, 2)
    scaling = centred(patients.at_risk(engine), engine).scaling
    draws = Draws(patients, scaling, counts.times, seed, np.arange(replicates))
    return FollowedPasses(engine, draws, fit.ties), scaling.scale, counts


def _fate(time: str, event: str, chunk: Chunk) -> tuple[FloatArray, list[IntArray]]:
    return chunk.values[time], [np.asarray(chunk.values[event] != 0, dtype=np.int64)]
