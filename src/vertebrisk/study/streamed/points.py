"""How the patients of a scan are spread over the total points of a nomogram."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.cohort.scanning.patient_scan import PatientScan
from vertebrisk.engines.engine import Chunk
from vertebrisk.nomogram.results import Nomogram
from vertebrisk.study.steps import binned_points, point_edges, points_in_bins


def total_points(nomogram: Nomogram, scores: PatientScan) -> pl.DataFrame:
    """How the patients are spread over total points, in bins."""
    if not nomogram.axes:
        return binned_points(np.empty(0), np.empty(0, dtype=np.int64))
    edges = point_edges(nomogram)
    counts = scores.engine.reduce(
        scores.columns,
        ("linear_predictor",),
        partial(_binned, nomogram=nomogram, edges=edges),
        np.add,
        "points",
    )
    return binned_points(edges, counts)


def _binned(chunk: Chunk, nomogram: Nomogram, edges: FloatArray) -> IntArray:
    return points_in_bins(nomogram, chunk.values["linear_predictor"], edges)
