"""Sums on a cluster: the same bits as here, one clear line where it cannot be had."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clusters import started

from vertebrisk.engines import clustered
from vertebrisk.engines import engine as engines
from vertebrisk.engines.clustered import DaskEngine
from vertebrisk.engines.columns import ColumnWriter, HeldColumns, StoredColumns
from vertebrisk.engines.derived import DerivedColumns, Made
from vertebrisk.engines.engine import Chunk, LocalEngine, Sums, added
from vertebrisk.engines.naming import engine_named
from vertebrisk.engines.partitions import Job, versions
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.engines.stretches import Stretches
from vertebrisk.engines.trees import Tree
from vertebrisk.errors import ArgumentError, EngineError, MissingExtraError, VertebriskError

CHUNK = 100
SIZE = 12_345


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", CHUNK)


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> StoredColumns:
    rng = np.random.default_rng(7)
    writer = ColumnWriter(tmp_path_factory.mktemp("shared"), {"x": np.float64, "code": np.int8})
    writer.append({"x": rng.lognormal(size=SIZE), "code": rng.integers(-1, 5, SIZE, np.int8)})
    return writer.finish()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with two workers, all of them threads of this process."""
    with started(2) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def cluster(scheduler: str) -> Iterator[DaskEngine]:
    with DaskEngine(scheduler) as engine:
        yield engine


def moments(chunk: Chunk) -> Sums:
    x = chunk.values["x"]
    return np.asarray(x.size), x.sum(), np.outer(x[:3], x[-3:])


def same(one: Sums, other: Sums) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@given(st.integers(1, 40), st.integers(0, 4), st.sampled_from((2, 4, clustered.FAN_IN)))
def test_any_partition_gives_the_same_bits(chunks: int, height: int, fan_in: int) -> None:
    """What workers do, without a cluster: partial sums, joined in groups, level by level.

    Groups of three would not be branches of the tree, and give other bits.
    """
    held = HeldColumns({"x": np.random.default_rng(chunks).lognormal(size=10 * chunks - 7)})
    tree = Tree(added)
    for low in range(0, held.size, 10):
        tree.add(moments(Chunk(low, held.read(slice(low, low + 10), ("x",)))))
    job: Job[Sums] = Job(held, ("x",), moments, added, 10, versions())
    firsts = range(0, held.size, 10 << height)
    level: list[Any] = [job.partial(low, min(low + firsts.step, held.size)) for low in firsts]
    while len(level) > 1:
        level = [job.joined(level[k : k + fan_in]) for k in range(0, len(level), fan_in)]
    joined = Tree(added)
    joined.take(level[0])
    assert same(joined.total(), tree.total())


@pytest.mark.parametrize(
    ("chunks", "threads", "partitions"),
    [(1, 1, 1), (124, 1, 8), (124, 2, 16), (3, 2, 3), (1526, 100, 191), (152_588, 100, 597)],
)
def test_every_thread_has_some_partitions_and_none_too_many(
    chunks: int, threads: int, partitions: int
) -> None:
    assert -(-chunks // 2 ** clustered._height(chunks, threads)) == partitions


def test_workers_give_the_bits_of_this_process(cluster: DaskEngine, columns: StoredColumns) -> None:
    seen: list[tuple[str, int, int]] = []
    cluster.watch = lambda *told: seen.append(told)
    found = cluster.reduce(columns, ("x",), moments, added, "moments")
    assert same(found, LocalEngine(1).reduce(columns, ("x",), moments, added))
    assert seen[0] == ("moments", 0, 124)
    assert seen[-1] == ("moments", 124, 124)
    assert sorted(seen) == seen
    firsts = cluster.collect(columns, ("code",), lambda chunk: (chunk.first, chunk.size))
    assert firsts == [(low, min(CHUNK, SIZE - low)) for low in range(0, SIZE, CHUNK)]


def test_one_chunk_and_none_are_as_here(cluster: DaskEngine, columns: StoredColumns) -> None:
    few = StoredColumns(columns.folder, 7, columns.types)
    here = LocalEngine(1).reduce(few, ("x",), moments, added)
    assert same(cluster.reduce(few, ("x",), moments, added), here)
    none = StoredColumns(columns.folder, 0, columns.types)
    assert cluster.collect(none, ("x",), moments) == []


def test_what_is_sent_does_not_grow_with_the_patients(
    cluster: DaskEngine, columns: StoredColumns
) -> None:
    sizes = []
    for size in (200, SIZE):
        some = StoredColumns(columns.folder, size, columns.types)
        cluster.reduce(some, ("x",), moments, added)
        sizes.append(cluster.sent)
    assert sizes[0] <= sizes[1] + 8 < 1000  # the length itself takes some bytes more


def test_columns_in_memory_stay_in_this_process(cluster: DaskEngine) -> None:
    held = HeldColumns({"x": np.random.default_rng(1).lognormal(size=1000)})
    names = cluster.collect(held, ("x",), lambda chunk: threading.current_thread().name)
    assert not any(name.startswith("Dask") for name in names)
    found = cluster.reduce(held, ("x",), moments, added)
    assert same(found, LocalEngine(1).reduce(held, ("x",), moments, added))
    assert cluster.sent == 0


def test_work_may_refer_to_its_engine_and_its_folder(
    cluster: DaskEngine, columns: StoredColumns, tmp_path: Path
) -> None:
    with ScratchFolder(tmp_path) as folder:

        def work(chunk: Chunk) -> tuple[str, str]:
            return type(cluster).__name__, folder.path.name if chunk.size < 0 else ""

        assert set(cluster.collect(columns, ("x",), work)) == {("LocalEngine", "")}
        assert folder.path.is_dir()


def test_columns_made_from_those_on_disk_are_made_by_the_workers(
    cluster: DaskEngine, columns: StoredColumns
) -> None:
    some = Stretches(columns, (slice(3, 170), slice(900, columns.size)))
    made = DerivedColumns(some, {"y": Made(("x",), lambda read: 1.0 / read["x"])})

    def work(chunk: Chunk) -> Sums:
        return (chunk.values["y"].sum(),)

    assert cluster.reduce(made, ("y",), work, added) == LocalEngine(1).reduce(
        made, ("y",), work, added
    )
    assert cluster.sent > 0


def test_an_error_of_the_work_comes_as_it_is(cluster: DaskEngine, columns: StoredColumns) -> None:
    def fails(chunk: Chunk) -> Sums:
        raise VertebriskError(f"row {chunk.first}")

    with pytest.raises(VertebriskError, match=r"^row (0|\d+00)$"):
        cluster.reduce(columns, ("x",), fails, added)


def test_a_worker_that_sees_no_columns_or_is_another_says_so(columns: StoredColumns) -> None:
    absent = StoredColumns(Path("absent"), 5, columns.types)
    with pytest.raises(EngineError, match=r"does not find 'absent.*--scratch"):
        Job(absent, ("x",), moments, added, CHUNK, versions()).partial(0, 5)
    with pytest.raises(EngineError, match=r"has vertebrisk .* this process has .*Install the same"):
        Job(columns, ("x",), moments, added, CHUNK, "vertebrisk 0").partial(0, 5)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"python -m pip install 'vertebrisk\[dask\]'"):
        engine_named("dask")


def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustered, "CONNECT_S", 0.3)
    with pytest.raises(EngineError, match=r"'node' is no address .* tcp://node:8786"):
        engine_named("dask", "node")
    with pytest.raises(EngineError, match=r"tcp://127\.0\.0\.1:9 cannot be reached"):
        engine_named("dask", "tcp://127.0.0.1:9")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", r"What answers at tcp://.* is no scheduler of dask"),
        (b"", r"cannot be reached \(timed out after 0\.3 s"),
    ],
)
def test_another_service_at_the_address_is_one_line(
    said: bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clustered, "CONNECT_S", 0.3)
    asked = threading.Event()

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(said)
            asked.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(EngineError, match=told):
            DaskEngine(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        asked.set()
        answering.join()


def test_a_worker_is_no_scheduler() -> None:
    with started(1) as cluster, pytest.raises(EngineError, match="is no scheduler of dask"):
        DaskEngine(cluster.workers[0].address)


def test_a_scheduler_without_workers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustered, "CONNECT_S", 0.3)
    with (
        started(0) as empty,
        pytest.raises(EngineError, match=r"has no workers; start some with: dask worker tcp://"),
    ):
        DaskEngine(empty.scheduler_address)


def test_engines_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_named("local", threads=3) == LocalEngine(3)
    with pytest.raises(ArgumentError, match=r"engine 'desk' is not known.*Did you mean 'dask'"):
        engine_named("desk")
    with pytest.raises(ArgumentError, match="engine 'local' has none"):
        engine_named("local", "tcp://node:8786")
