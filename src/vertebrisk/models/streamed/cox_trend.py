"""Tests of proportional hazards of a Cox model of a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.engines.cox_trend import POWERS, trend_sums
from vertebrisk.engines.timed_counts import TimedCounts
from vertebrisk.errors import DataError
from vertebrisk.kernels.survival.residuals import TimeTransform, trend_statistics
from vertebrisk.models.streamed.followed_passes import passes_of
from vertebrisk.models.survival.inference import trend_frame

if TYPE_CHECKING:
    from vertebrisk.models.streamed.cox import StreamedCoxFit


def trend_table(fit: StreamedCoxFit, transform: TimeTransform) -> pl.DataFrame:
    """See `StreamedCoxFit.proportional_hazards`."""
    passes, scale, counts = passes_of(fit, seed=0, replicates=POWERS)
    events = counts.counts[:, 1].astype(np.float64)
    own = transformed(counts, transform)
    found = trend_sums(passes.everyone(), fit.beta * scale, events, own)
    information = found.plain, found.mixed, found.twice
    parts = list(fit.design.slices.values())
    return trend_frame(fit.design, *trend_statistics(found.gradient, information, parts))


def transformed(counts: TimedCounts, transform: TimeTransform) -> FloatArray:
    """Each time on the scale of the trend; see `residuals.transformed_times`."""
    if transform == "identity":
        return counts.times
    if transform == "log":
        if counts.times[0] == 0.0:
            raise DataError("A patient has time 0, which has no logarithm; use transform='km'.")
        return np.asarray(np.log(counts.times))
    left = counts.counts.sum(axis=1)
    if transform == "rank":
        return np.asarray(np.cumsum(left) - (left - 1) / 2.0)
    at_risk = np.cumsum(left[::-1])[::-1]
    survival = np.cumprod(1.0 - counts.counts[:, 1] / at_risk)
    return np.asarray(1.0 - np.concatenate([[1.0], survival[:-1]]))
