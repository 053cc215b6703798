"""Net benefit by counts: patients of one outcome between two thresholds are alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.resamples import bootstrap_counts, derived_seed, weight_blocks


def risk_cells(event: BoolArray, risk: FloatArray, thresholds: FloatArray) -> IntArray:
    """How many thresholds each risk reaches, twice, and one more where the event occurred."""
    reached = np.searchsorted(thresholds, risk, side="right")
    return np.asarray(2 * reached + event, dtype=np.int64)


def counted_benefit(
    counts: FloatArray, odds: FloatArray, standing: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Net benefit (replicates, thresholds) and share of events, of counts by `risk_cells`.

    `odds` is what a needless treatment weighs at each threshold, `standing` what a patient
    without the event weighs, and one with it.
    """
    size = counts.sum(axis=1)
    below, events = counts[:, 0::2], counts[:, 1::2]
    false, true = (np.cumsum(side[:, :0:-1], axis=1)[:, ::-1] for side in (below, events))
    benefit = standing[1] * true - standing[0] * false * odds
    return benefit / size[:, None], standing[1] * events.sum(axis=1) / size


def drawn_cells(counts: FloatArray, resamples: int, seed: int) -> FloatArray:
    """Bootstrap resamples of patients as counts by cell, shape (resamples, cells).

    Patients of a cell are alike, so a resample of as many patients is one multinomial draw.
    """
    total = counts.sum()
    stream = np.random.Generator(np.random.Philox(derived_seed(seed, 1)))
    return stream.multinomial(int(total), counts / total, size=resamples).astype(np.float64)


def cell_counts(
    cells: IntArray,
    width: int,
    draws: tuple[int, int],
    clusters: IntArray | None,
    strata: BoolArray | None,
) -> Iterator[FloatArray]:
    """Patients in each cell: those that there are, then those of all resamples."""
    if clusters is None and strata is None:
        yield np.bincount(cells, minlength=width)[None].astype(np.float64)
        yield bootstrap_counts(cells, width, *draws)
        return
    order = np.argsort(cells, kind="stable")
    occupied, starts = np.unique(cells[order], return_index=True)
    for weights in weight_blocks(cells.size, *draws, clusters=clusters, strata=strata):
        counts = np.zeros((weights.shape[0], width))
        counts[:, occupied] = np.add.reduceat(weights[:, order], starts, axis=1)
        yield counts
