"""Areas under the ROC curve of scores of any number of patients: one sort, one pass in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.engines import engine as engines
from vertebrisk.engines import sorting
from vertebrisk.engines.columns import Columns, StoredColumns
from vertebrisk.engines.engine import Chunk, Engine, Watch
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.kernels.streamed.areas import (
    OrderedScores,
    Placements,
    joined_scores,
    ordered_scores,
)

EVENT, SCORE = "event", "score"
_ROW = 2 * (8 + 1)  # bytes of a row on disk, in runs and in the result


@contextmanager
def scores_in_order(columns: Columns, watch: Watch | None = None) -> Iterator[StoredColumns]:
    """The columns `event` and `score` by ascending score, in a scratch folder of their own.

    Raises
    ------
    DataError
        Where the disk has no room for them.
    """
    with ScratchFolder(needed=_ROW * columns.size) as scratch:
        folder = scratch.path / "sorted"
        yield sorting.sorted_columns(
            columns, (SCORE, EVENT), (SCORE,), folder, memory=sorting.MEMORY, watch=watch
        )


def placements(engine: Engine, ordered: Columns) -> Placements:
    """Of events among the others, from columns `event` and `score` by ascending score."""
    return engine.reduce(ordered, (SCORE, EVENT), _scores, joined_scores, "area").placements


def _scores(chunk: Chunk) -> OrderedScores:
    return ordered_scores(chunk.values[SCORE], chunk.values[EVENT] == 1)


def held_placements(event: BoolArray, score: FloatArray) -> Placements:
    """The same of patients in memory."""
    order = np.argsort(score)
    scores, events = score[order], event[order]
    found: OrderedScores | None = None
    for rows in engines.spans(score.size):
        part = ordered_scores(scores[rows], events[rows])
        found = part if found is None else joined_scores(found, part)
    return Placements() if found is None else found.placements


def spread_scores(ordered: StoredColumns, points: int) -> FloatArray:
    """At most so many different scores, at equal distances in rank, in ascending order."""
    rows = np.unique(np.linspace(0, ordered.size - 1, points).round().astype(np.int64))
    found = [ordered.read(slice(row, row + 1), (SCORE,))[SCORE] for row in rows.tolist()]
    return np.unique(np.concatenate(found))


def counts_from(engine: Engine, columns: Columns, thresholds: FloatArray) -> IntArray:
    """Events and others that reach each of ascending thresholds, shape (2, thresholds)."""
    work = partial(_reaching, thresholds=thresholds)
    return engine.reduce(columns, (SCORE, EVENT), work, np.add, "curve")


def _reaching(chunk: Chunk, thresholds: FloatArray) -> IntArray:
    reached = np.searchsorted(thresholds, chunk.values[SCORE], side="right")
    cells = 2 * reached + (chunk.values[EVENT] == 1)
    counts = np.bincount(cells, minlength=2 * (thresholds.size + 1)).reshape(-1, 2)
    return np.asarray(counts[:0:-1].cumsum(axis=0)[::-1, ::-1].T, dtype=np.int64)
