"""Sums over chunks: the same bits, whoever makes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import ColumnWriter, HeldColumns, StoredColumns
from vertebrisk.engines.engine import Chunk, LocalEngine, Sums, added
from vertebrisk.engines.trees import Tree
from vertebrisk.errors import ArgumentError, DataError


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 100)


def held(size: int) -> HeldColumns:
    rng = np.random.default_rng(7)
    return HeldColumns({"x": rng.lognormal(size=size), "code": rng.integers(0, 5, size, np.uint8)})


def moments(chunk: Chunk) -> Sums:
    x = chunk.values["x"]
    return np.asarray(x.size), x.sum(), x @ x


def test_threads_and_places_give_the_same_bits(small_chunks: None, tmp_path: Path) -> None:
    columns = held(1234)
    writer = ColumnWriter(tmp_path / "columns", {"x": np.float64, "code": np.uint8})
    for part in (slice(0, 500), slice(500, 501), slice(501, 1234)):
        writer.append(columns.read(part, ("x", "code")))
    stored = writer.finish()
    expected = LocalEngine().reduce(columns, ("x",), moments, added)
    assert expected[0] == 1234
    assert expected[1] == pytest.approx(columns.values["x"].sum(), rel=1e-14)
    for place in (columns, stored, StoredColumns.open(tmp_path / "columns")):
        for threads in (1, 2, 5):
            found = LocalEngine(threads).reduce(place, ("x",), moments, added)
            assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_chunks_come_in_order_and_are_watched(small_chunks: None) -> None:
    seen: list[tuple[str, int, int]] = []
    engine = LocalEngine(3, lambda *told: seen.append(told))
    firsts = engine.collect(held(450), ("code",), lambda chunk: (chunk.first, chunk.size), "look")
    assert firsts == [(0, 100), (100, 100), (200, 100), (300, 100), (400, 50)]
    assert seen[-1] == ("look", 5, 5)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=70), st.integers(0, 4))
def test_branches_made_apart_join_to_the_same_bits(leaves: list[float], height: int) -> None:
    whole: Tree[float] = Tree(lambda a, b: a + b)
    joined: Tree[float] = Tree(lambda a, b: a + b)
    for leaf in leaves:
        whole.add(leaf)
    for start in range(0, len(leaves), 2**height):
        part: Tree[float] = Tree(lambda a, b: a + b)
        for leaf in leaves[start : start + 2**height]:
            part.add(leaf)
        joined.take(part.branches)
    assert joined.total() == whole.total()


def test_a_folder_that_was_not_finished_is_refused(tmp_path: Path) -> None:
    writer = ColumnWriter(tmp_path, {"x": np.float64})
    writer.append({"x": np.ones(3)})
    writer.close()
    with pytest.raises(DataError, match="no whole set of columns"):
        StoredColumns.open(tmp_path)


def test_columns_of_different_lengths_are_refused(tmp_path: Path) -> None:
    writer = ColumnWriter(tmp_path, {"x": np.float64, "y": np.float64})
    with pytest.raises(ArgumentError, match="one length"):
        writer.append({"x": np.ones(3), "y": np.ones(4)})
    writer.close()


def test_a_failing_chunk_ends_the_work(small_chunks: None) -> None:
    def fails(chunk: Chunk) -> int:
        raise ValueError(f"row {chunk.first}")

    with pytest.raises(ValueError, match="row 0"):
        LocalEngine(2).collect(held(1000), ("x",), fails)
