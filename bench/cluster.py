"""Passes over columns on disk by threads and by workers, and what they make of 100 workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from statistics import median

import numpy as np
from timings import Measured, Timing, timed

from vertebrisk.engines import clustered
from vertebrisk.engines import engine as engines
from vertebrisk.engines.clustered import DaskEngine
from vertebrisk.engines.columns import ColumnWriter, StoredColumns
from vertebrisk.engines.engine import Chunk, Engine, LocalEngine, Sums, added
from vertebrisk.engines.logistic import Regression, fit_logistic_stream
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.kernels.streamed.logistic import curvature
from vertebrisk.kernels.streamed.rows import Rows

SIZE = 2_000_000
PREDICTORS = 20
RUNS = 5
SHARES = (4, 16, 64)  # partitions a worker, by which the cost of one is found
GIGABIT = 125e6  # bytes a second
SHARED_DISK = 1e9  # bytes a second that all workers together read from a shared folder


def measure() -> Measured:
    found = Measured()
    with ScratchFolder(needed=SIZE * (PREDICTORS + 1) * 8) as folder:
        columns = written(folder)
        here = alone(found, columns)
        for workers in (1, 2):
            with closing(DaskEngine(workers=workers)) as engine:
                measured_on(found, f"{workers} workers", engine, columns)
                cost = overhead(found, workers, engine, folder)
        expectation(found, here, *cost)
    return found


def written(folder: ScratchFolder) -> StoredColumns:
    rng = np.random.default_rng(1)
    kinds = dict.fromkeys([f"x{place}" for place in range(PREDICTORS)] + ["event"], np.float64)
    writer = ColumnWriter(folder.path / "patients", kinds)
    for low in range(0, SIZE, engines.CHUNK):
        size = min(engines.CHUNK, SIZE - low)
        values = {name: rng.normal(size=size) for name in kinds}
        values["event"] = np.asarray(values["x0"] + rng.logistic(size=size) > 1.5, np.float64)
        writer.append(values)
    return writer.finish()


def rows_of(chunk: Chunk) -> Rows:
    *predictors, target = chunk.values.values()
    return Rows(tuple(predictors), target, whole=True)


def step(chunk: Chunk) -> Sums:
    """What one step of Newton's method needs of a chunk."""
    return curvature(rows_of(chunk), np.zeros(PREDICTORS), np.zeros(PREDICTORS + 1))


def one_pass(engine: Engine, columns: StoredColumns) -> Sums:
    return engine.reduce(columns, columns.names, step, added)


def fit(engine: Engine, columns: StoredColumns) -> object:
    return fit_logistic_stream(Regression(engine, columns, columns.names, rows_of))


def alone(found: Measured, columns: StoredColumns) -> float:
    """Processor time a row of one pass in this process."""
    for threads in (1, 2):
        measured_on(found, f"{threads} threads", LocalEngine(threads), columns)
    engine, spent = LocalEngine(1), []
    for _ in range(RUNS):
        start = time.process_time()
        one_pass(engine, columns)
        spent.append(time.process_time() - start)
    return median(spent) / SIZE


def measured_on(found: Measured, where: str, engine: Engine, columns: StoredColumns) -> None:
    what = f"{SIZE:,} x {PREDICTORS} on disk, {where}"
    actions: dict[str, Callable[[], object]] = {
        "a step of Newton's method": partial(one_pass, engine, columns),
        "the whole fit": partial(fit, engine, columns),
    }
    for name, action in actions.items():
        action()
        found.add(Timing(f"{name}, {what}", tuple(timed(action) for _ in range(RUNS))))


def overhead(
    found: Measured, workers: int, engine: DaskEngine, folder: ScratchFolder
) -> tuple[float, float, int]:
    """Seconds of a pass over nothing, seconds of one partition more, and bytes sent to each."""
    short = few(folder)
    whole, shares = engines.CHUNK, clustered.SHARES
    tasks, seconds = [], []
    try:
        engines.CHUNK = 1
        for clustered.SHARES in SHARES:
            one_pass(engine, short)
            taken = tuple(timed(partial(one_pass, engine, short)) for _ in range(RUNS))
            tasks.append(clustered.SHARES * workers)
            seconds.append(median(taken))
            name = f"a pass over nothing, {workers} workers, {tasks[-1]} partitions"
            found.add(Timing(name, taken))
    finally:
        engines.CHUNK, clustered.SHARES = whole, shares
    each, fixed = np.polyfit(tasks, seconds, 1)
    return float(fixed), float(each), engine.sent


def few(folder: ScratchFolder) -> StoredColumns:
    """128 rows: with chunks of one row, as many partitions as are asked for."""
    kinds = dict.fromkeys([f"x{place}" for place in range(PREDICTORS)] + ["event"], np.float64)
    writer = ColumnWriter(folder.path / "few", kinds)
    writer.append({name: np.zeros(128) for name in kinds})
    return writer.finish()


def expectation(found: Measured, row: float, fixed: float, each: float, sent: int) -> None:
    """What the parts make of one pass on 100 workers."""
    for size in (10_000_000, 100_000_000, 1_000_000_000):
        parts = expected_pass(size, PREDICTORS, 100, row, fixed, each, sent)
        said = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())
        found.notes.append(
            f"Expected of a step over {size:,} x {PREDICTORS} by 100 workers: {said}."
        )
    found.numbers |= {"seconds a row": row, "fixed": fixed, "a partition": each, "sent": sent}


def expected_pass(
    size: int, predictors: int, workers: int, row: float, fixed: float, each: float, sent: int
) -> dict[str, float]:
    """Seconds of the parts of one pass, as the guide to large data gives them."""
    partitions = clustered.SHARES * workers
    branch = 8 * ((predictors + 1) ** 2 + predictors + 2)
    return {
        "work": row * size / workers,
        "scheduling": fixed + each * partitions,
        "sending": sent * partitions / GIGABIT,
        "adding": 2 * clustered.FAN_IN * branch / GIGABIT * np.log(partitions) / np.log(8),
        "reading a shared disk for the first time": 8 * (predictors + 1) * size / SHARED_DISK,
    }
