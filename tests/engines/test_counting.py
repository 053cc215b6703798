"""What is counted is what was read, called and held."""

from __future__ import annotations

import numpy as np
import pytest
from tests.counting import MB, CountedColumns, count_calls, memory

from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import Chunk, LocalEngine
from vertebrisk.kernels import steps


@pytest.mark.parametrize("threads", [1, 3])
def test_passes_rows_and_bytes_are_counted(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(engines, "CHUNK", 100)
    columns = CountedColumns(HeldColumns({"x": np.zeros(250), "code": np.zeros(250, np.uint8)}))

    def nothing(chunk: Chunk) -> int:
        return chunk.size

    engine = LocalEngine(threads)
    assert engine.collect(columns, ("x",), nothing) == [100, 100, 50]
    engine.collect(columns, ("x", "code"), nothing)
    assert (columns.passes("x"), columns.passes("code")) == (2.0, 1.0)
    assert (columns.reads, columns.longest) == (6, 100)
    assert columns.bytes == 2 * 250 * 8 + 250
    columns.begin()
    assert (columns.reads, columns.bytes, columns.passes("x")) == (0, 0, 0.0)


def test_the_most_memory_and_what_is_left_are_counted() -> None:
    kept = []
    with memory() as held:
        np.zeros(5 * MB, np.uint8)
        kept.append(np.zeros(2 * MB, np.uint8))
    assert 5 * MB <= held.peak < 5.1 * MB
    assert 2 * MB <= held.left < 2.1 * MB


def test_calls_are_counted_where_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_calls(monkeypatch, "vertebrisk.kernels.steps", "pair_products")
    assert steps.kept_products(np.ones((4, 2))) is not None
    assert calls.count == 1
    assert calls.arguments[0][0].shape == (4, 2)
