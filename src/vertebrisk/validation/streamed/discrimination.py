"""Discrimination of a score of any number of patients: one sort by the score, one pass."""

from __future__ import annotations

import numpy as np
import polars as pl

from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.areas import counts_from, placements, scores_in_order, spread_scores
from vertebrisk.engines.engine import watch_of
from vertebrisk.kernels.streamed.areas import Placements
from vertebrisk.validation.streamed.scored import events_of, scored_columns

POINTS = 1001  # thresholds of a curve


def scanned_placements(scan: PatientScan, event: str, score: str) -> Placements:
    """Of the events of a scan among its other patients, by a column of scores."""
    columns = scored_columns(scan, event, score=score)
    events_of(scan, columns)
    with scores_in_order(columns, watch_of(scan.engine)) as ordered:
        return placements(scan.engine, ordered)


def scanned_curve(scan: PatientScan, event: str, score: str) -> tuple[Placements, pl.DataFrame]:
    """The same, and the curve at `POINTS` scores at equal distances in rank."""
    columns = scored_columns(scan, event, score=score)
    events_of(scan, columns)
    with scores_in_order(columns, watch_of(scan.engine)) as ordered:
        found = placements(scan.engine, ordered)
        thresholds = spread_scores(ordered, POINTS)
        above, false = counts_from(scan.engine, ordered, thresholds)[:, ::-1]
    curve = pl.DataFrame(
        {
            "threshold": [None, *thresholds[::-1].tolist()],
            "sensitivity": np.append(0.0, above / found.events),
            "specificity": np.append(1.0, 1.0 - false / found.others),
        },
        schema={"threshold": pl.Float64, "sensitivity": pl.Float64, "specificity": pl.Float64},
    )
    return found, curve
