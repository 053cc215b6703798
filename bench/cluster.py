"""Passes over columns on disk by threads and by workers, and what they make of 100 workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from timings import Measured, Timing, timed

from vertebrisk.engines import clustered
from vertebrisk.engines import engine as engines
from vertebrisk.engines.clustered import DaskEngine
from vertebrisk.engines.columns import ColumnWriter, StoredColumns
from vertebrisk.engines.engine import Chunk, Engine, LocalEngine, Sums, added
from vertebrisk.engines.logistic import fit_logistic_stream
from vertebrisk.engines.logistic_passes import Regression
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
        for threads in (1, 2):
            measured_on(found, f"{threads} threads", LocalEngine(threads), columns)
        row = spent(LocalEngine(1), columns)[0] / SIZE
        for workers in (1, 2):
            with closing(DaskEngine(workers=workers)) as engine:
                measured_on(found, f"{workers} workers", engine, columns)
                here, there = spent(engine, columns)
                found.notes.append(
                    f"Processor time of a step by {workers} workers: {there:.2f} s in the workers, "
                    f"{here:.2f} s in client and scheduler; {row * SIZE:.2f} s without them."
                )
                cost = overhead(found, workers, engine, folder)
        expectation(found, row, *cost)
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


def spent(engine: Engine, columns: StoredColumns) -> tuple[float, float]:
    """Processor time of one pass in this process and in the workers, the median of some."""
    client = engine._client if isinstance(engine, DaskEngine) else None
    times = []
    for _ in range(RUNS):
        before, start = worked(client), time.process_time()
        one_pass(engine, columns)
        times.append((time.process_time() - start, worked(client) - before))
    here, there = zip(*times, strict=True)
    return median(here), median(there)


def worked(client: Any) -> float:
    """Processor time of all workers so far."""
    return 0.0 if client is None else float(sum(client.run(time.process_time).values()))


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
    """Processor time of a pass over nothing in this process, which is client and scheduler.

    Then that of one partition more, and the bytes sent to each.
    """
    short = few(folder)
    kept = engines.CHUNK, clustered.SHARES, clustered.LEAST
    tasks, costs = [], []
    try:
        engines.CHUNK, clustered.LEAST = 1, 0
        for clustered.SHARES in SHARES:
            one_pass(engine, short)
            begun = time.process_time()
            taken = tuple(timed(partial(one_pass, engine, short)) for _ in range(RUNS))
            costs.append((time.process_time() - begun) / RUNS)
            tasks.append(clustered.SHARES * workers)
            found.add(
                Timing(f"a pass over nothing, {workers} workers, {tasks[-1]} partitions", taken)
            )
    finally:
        engines.CHUNK, clustered.SHARES, clustered.LEAST = kept
    each, fixed = np.polyfit(tasks, costs, 1)
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
    chunks = -(-size // engines.CHUNK)
    partitions = -(-chunks // 2 ** clustered._height(chunks, workers))
    branch = 8 * ((predictors + 1) ** 2 + predictors + 2)
    return {
        "work": row * size / partitions * -(-partitions // workers),
        "scheduling": fixed + each * partitions,
        "sending": sent * partitions / GIGABIT,
        "adding": 2 * clustered.FAN_IN * branch / GIGABIT * np.log(partitions) / np.log(8),
        "reading a shared disk for the first time": 8 * (predictors + 1) * size / SHARED_DISK,
    }
