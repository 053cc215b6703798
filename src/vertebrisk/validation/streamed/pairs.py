"""Concordance of a score of any number of patients: one sort by time, then parts by score."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from vertebrisk._types import IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.columns import Values
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, watch_of
from vertebrisk.engines.pairs import PairTotals, count_pairs
from vertebrisk.errors import ArgumentError
from vertebrisk.validation.streamed.scored import scored_columns


def scanned_pairs(
    scan: PatientScan, time: str, event: str, score: str, tau: float | None
) -> tuple[PairTotals, int]:
    """Pairs of the patients of a scan by a column of scores, and the number of events.

    Events after `tau` are not looked at.
    """
    columns = scored_columns(scan, event, time=time, score=score)
    negative, events = scan.engine.reduce(columns, ("time", "event"), _counted, np.add, "check")
    if negative:
        raise ArgumentError(
            f"'{time}' has {negative} values below 0; times count from the origin. Correct them "
            "or leave those patients out."
        )
    if tau is not None:
        early = Made(("time", "event"), partial(_early, tau=tau))
        columns = DerivedColumns(columns, {"event": early})
    return count_pairs(columns, watch_of(scan.engine)), int(events)


def _counted(chunk: Chunk) -> IntArray:
    negative = np.count_nonzero(chunk.values["time"] < 0.0)
    return np.array([negative, chunk.values["event"].sum(dtype=np.int64)], dtype=np.int64)


def _early(read: Mapping[str, Values], tau: float) -> Values:
    return read["event"] * (read["time"] <= tau).astype(np.uint8)
