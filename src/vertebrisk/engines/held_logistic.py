"""Logistic regression of many patients in memory: the passes of a stream over their columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.extents import extent
from vertebrisk.engines.logistic import PART, fit_logistic_stream, looked_within
from vertebrisk.engines.logistic_passes import Regression
from vertebrisk.engines.threads import one_thread
from vertebrisk.kernels import compiled
from vertebrisk.kernels.newton import STRIDE, LogisticFits
from vertebrisk.kernels.steps import ranks
from vertebrisk.kernels.streamed.rows import Look, Rows, runs


def fit_logistic_held(
    columns: FloatArray, target: FloatArray, engine: Engine, weights: FloatArray | None = None
) -> LogisticFits | None:
    """Fit a logistic model with an intercept, as `fit_logistic_batch` of one replicate.

    Parameters
    ----------
    columns : array, shape (n, p)
        Without the intercept's ones; the fastest where each column lies together.
    target : array, shape (n,)
        1 for the event.
    engine : Engine
    weights : array, shape (n,), optional
        How often each row counts.

    Returns
    -------
    LogisticFits, or None where no finite and unique estimate was proved: the rows then need a
    closer look.
    """
    values = {"columns": columns, "target": target}
    if weights is not None:
        values["weights"] = weights
    compiled.enabled()  # kernels that were asked for are loaded before the engine's threads begin
    regression = Regression(engine, HeldColumns(values), tuple(values), _rows)
    with one_thread():
        found = fit_logistic_stream(regression, *_looks(_rows(Chunk(0, values))))
    return replace(found.fits, proved=True) if found.finite else None


def _rows(chunk: Chunk) -> Rows:
    table, weights = chunk.values["columns"].T, chunk.values.get("weights")
    target = chunk.values["target"]
    return Rows(tuple(table), target, weights, whole=weights is None, table=table)


def _looks(rows: Rows) -> tuple[Look | None, Look | None]:
    """What a first pass would tell, and what one through a part of the rows tells.

    Means and spreads are those of the part. Means are only where columns are centred, and a part
    of the rows has no more independent columns than all; None where it has fewer than all columns,
    so that a pass must say.
    """
    if rows.weights is not None or rows.table is None:
        return None, None
    stride = max(STRIDE, rows.size // PART)
    table = runs(rows.table, stride)
    part = Rows(tuple(table), runs(rows.target, stride), whole=True, table=table)
    found = looked_within(part)
    scale = np.where(found.spread > 0.0, found.spread, 1.0)
    if int(ranks((found.cross / np.outer(scale, scale))[None])[0]) < len(rows.columns):
        return None, None
    lowest, greatest = extent(rows.table.T)
    seen = replace(
        found,
        size=rows.size,
        weight=float(rows.size),
        events=float(rows.target.sum()),
        cross=found.cross * (rows.size / part.size),
        lowest=lowest,
        greatest=greatest,
        part=part,
    )
    return seen, found
