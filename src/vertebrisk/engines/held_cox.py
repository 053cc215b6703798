"""Cox regression of many patients in memory: put into order once, then chunk by chunk."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from vertebrisk._types import FloatArray, IntArray, Ties
from vertebrisk.engines.columns import HeldColumns, Values
from vertebrisk.engines.cox import COVARIATES, fit_cox_sorted
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.engines.sorted_patients import SortedPatients
from vertebrisk.kernels.streamed.centring import Centring, centring, pooled
from vertebrisk.kernels.streamed.sorted_rows import Rows, Scaling
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.times import SurvivalTimes

SHORT = 65_535  # the greatest whole number that sorts by its digits
MANY = 100_000  # patients from which on chunks are faster than whole columns


def fit_cox_held(
    columns: FloatArray,
    times: SurvivalTimes,
    engine: Engine,
    *,
    weights: FloatArray | None = None,
    ties: Ties = "efron",
) -> CoxFits:
    """Fit a Cox model, as `fit_cox_batch` of one replicate.

    Parameters
    ----------
    columns : array, shape (n, p)
    times : SurvivalTimes
        Without late entry.
    engine : Engine
    weights : array, shape (n,), optional
        Case weights as those of ``coxph``.
    ties : {"efron", "breslow"}
    """
    columns = np.asarray(columns, dtype=np.float64)
    own: dict[str, Values] = {"time": times.exit, "event": times.event}
    if times.strata is not None:
        own["stratum"] = times.strata
    if weights is not None:
        own["weights"] = weights
    order = in_order(times)
    held = HeldColumns(own | {"x": columns})
    spread = engine.reduce(held, tuple(held.values), _spread, pooled, COVARIATES)
    sorted_columns = np.empty(columns.shape)
    place = partial(_placed, columns, spread.scaling, sorted_columns)
    engine.collect(HeldColumns({"order": order}), ("order",), place, COVARIATES)
    values = {name: each[order] for name, each in own.items()} | {"x": sorted_columns}
    patients = SortedPatients(
        HeldColumns(values),
        ("x",),
        _covariates,
        stratum="stratum" if "stratum" in own else None,
        weights="weights" if weights is not None else None,
        spread=spread,
    )
    return fit_cox_sorted(patients, engine, ties=ties)


def in_order(times: SurvivalTimes) -> IntArray:
    """Positions by stratum, and within it from the latest time to the earliest."""
    if times.strata is None:
        return np.argsort(_backwards(times.exit), kind="stable")
    return np.lexsort((-times.exit, times.strata))


def _backwards(exit_times: FloatArray) -> FloatArray | NDArray[np.uint16]:
    """Keys from the latest to the earliest: short whole numbers, which sort faster, if they do."""
    latest = float(exit_times.max(initial=0.0))
    behind = latest - exit_times
    if behind.max(initial=0.0) <= SHORT and (exit_times == np.rint(exit_times)).all():
        return behind.astype(np.uint16)
    return -exit_times


def _spread(chunk: Chunk) -> Centring:
    values = chunk.values
    weights = values.get("weights")
    event = values["event"] if weights is None else values["event"] & (weights > 0)
    return centring(Rows(values["x"], values["time"], event, weights=weights))


def _placed(
    columns: FloatArray, scaling: Scaling, sorted_columns: FloatArray, chunk: Chunk
) -> None:
    """The covariates of a chunk, scaled, at their place."""
    found = sorted_columns[chunk.first : chunk.first + chunk.size]
    np.take(columns, chunk.values["order"], axis=0, out=found, mode="clip")
    found -= scaling.centre
    found *= 1.0 / scaling.scale


def _covariates(values: dict[str, Values]) -> FloatArray:
    return np.asarray(values["x"])
