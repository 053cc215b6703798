"""Whom the models of a bootstrap of a Cox model would act on, counted by time and threshold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines.cox_bootstrap import FollowedPasses
from vertebrisk.engines.cox_bootstrap_lines import STEP
from vertebrisk.kernels.streamed.acted_replicates import acted_by_time

HELD = 1 << 22  # counts that are held at once


def acted_on(
    passes: FollowedPasses,
    beta: FloatArray,
    log_hazards: FloatArray,
    until: int,
    thresholds: FloatArray,
) -> Iterator[FloatArray]:
    """Counts of each replicate after the other, shape (times, thresholds + 1, 2).

    Parameters are those of `acted_by_time`. A pass counts for as many replicates as `HELD` allows.
    """
    count, chunks = beta.shape[0], passes.draws.patients.columns.size // engines.CHUNK
    size = max(1, HELD // (2 * (thresholds.size + 1) * (until + 1 + chunks)))
    for start in range(0, count, size):
        some = np.arange(start, min(start + size, count))
        work = partial(
            acted_by_time,
            beta=beta[some],
            log_hazards=log_hazards[some],
            until=until,
            thresholds=thresholds,
        )
        found = passes.some(some).by_time(work, STEP, until + 1)
        yield from found.transpose(1, 2, 0).reshape(some.size, until + 1, -1, 2)
