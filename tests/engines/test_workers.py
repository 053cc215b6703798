"""Workers that are processes of their own: started, killed, lost, interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.interrupting import check_interrupted

from vertebrisk.engines import clustered, partitions
from vertebrisk.engines import engine as engines
from vertebrisk.engines.clustered import DaskEngine
from vertebrisk.engines.columns import ColumnWriter, StoredColumns
from vertebrisk.engines.engine import Chunk, LocalEngine, Sums, added
from vertebrisk.errors import EngineError

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).resolve().parents[2] / "src"
CHUNK = 100
SIZE = 12_345
CHUNKS = 124


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", CHUNK)


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> StoredColumns:
    writer = ColumnWriter(tmp_path_factory.mktemp("shared"), {"x": np.float64})
    writer.append({"x": np.random.default_rng(7).lognormal(size=SIZE)})
    return writer.finish()


@pytest.fixture(params=[1, 2])
def cluster(request: pytest.FixtureRequest) -> Iterator[DaskEngine]:
    with DaskEngine(workers=request.param) as engine:
        yield engine


def here(columns: StoredColumns) -> Sums:
    return LocalEngine(1).reduce(columns, ("x",), sums, added)


def sums(chunk: Chunk) -> Sums:
    x = chunk.values["x"]
    return x.sum(), x @ x


def test_one_and_two_workers_give_the_same_bits(
    cluster: DaskEngine, columns: StoredColumns
) -> None:
    assert cluster.reduce(columns, ("x",), sums, added) == here(columns)
    processes = set(cluster.collect(columns, ("x",), lambda chunk: os.getpid()))
    assert os.getpid() not in processes


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by a signal")
def test_a_killed_worker_costs_a_retry_and_no_more(columns: StoredColumns, tmp_path: Path) -> None:
    count = tmp_path / "chunks"

    def slow(chunk: Chunk) -> Sums:
        with count.open("ab", buffering=0) as stream:
            stream.write(f"{os.getpid()}\n".encode())
        time.sleep(0.02)
        return sums(chunk)

    def kill(step: str, done: int, total: int) -> None:
        if done and not killed:
            killed.append(int(count.read_text(encoding="ascii").split()[-1]))
            os.kill(killed[0], signal.SIGKILL)

    killed: list[int] = []
    with DaskEngine(watch=kill, workers=2) as engine:
        assert engine.reduce(columns, ("x",), slow, added) == here(columns)
    worked = [int(line) for line in count.read_text(encoding="ascii").split()]
    assert killed[0] in worked
    # Something was done again, and at most what the lost worker had done, or had under way.
    assert CHUNKS < len(worked) <= CHUNKS + worked.count(killed[0])


def test_workers_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "__version__", "0.0.0")
    with pytest.raises(EngineError, match=r"has vertebrisk .* this process has vertebrisk 0\.0\.0"):
        DaskEngine(workers=1)


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by a signal")
def test_a_lost_scheduler_is_one_clear_error(
    columns: StoredColumns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(chunk: Chunk) -> Sums:
        time.sleep(0.02)
        return sums(chunk)

    def kill(step: str, done: int, total: int) -> None:
        if done:
            scheduler.kill()

    monkeypatch.setattr(clustered, "CONNECT_S", 30.0)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = tmp_path / "scheduler.json"
    options = ["--no-dashboard", "--scheduler-file", str(told)]
    begin = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1"]
    quiet = subprocess.DEVNULL
    with (
        subprocess.Popen(
            [*begin, "--port", "0", *options], env=environment, stdout=quiet, stderr=quiet
        ) as scheduler,
        subprocess.Popen(
            [*worker, *options], env=environment, stdout=quiet, stderr=quiet, cwd=tmp_path
        ) as working,
    ):
        try:
            with (
                DaskEngine(address(told), watch=kill) as engine,
                pytest.raises(EngineError, match=r"tcp://.* was lost\. Start it again"),
            ):
                engine.reduce(columns, ("x",), slow, added)
        finally:
            working.kill()
            scheduler.kill()


def address(told: Path) -> str:
    for _ in range(600):
        if told.exists() and told.read_text(encoding="utf-8"):
            return str(json.loads(told.read_text(encoding="utf-8"))["address"])
        time.sleep(0.1)
    raise AssertionError("the scheduler did not begin")


WORKS = """
import sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from pathlib import Path
from vertebrisk.cli import main, pool
from vertebrisk.engines import engine as engines
from vertebrisk.engines.clustered import DaskEngine
from vertebrisk.engines.columns import ColumnWriter
from vertebrisk.engines.engine import added
from vertebrisk.engines.scratch import ScratchFolder

engines.CHUNK = 100

def work(chunk):
    time.sleep(600 if chunk.first >= 50_000 else 0)
    return (chunk.values["x"].sum(),)

def watch(step, done, total):
    if done:
        print("begun", flush=True)

def reduce(arguments):
    with ScratchFolder(Path(sys.argv[2])) as folder:
        writer = ColumnWriter(folder.path / "columns", {"x": np.float64})
        writer.append({"x": np.ones(100_000)})
        DaskEngine(watch=watch, workers=1).reduce(writer.finish(), ("x",), work, added)
    return 0

if __name__ == "__main__":
    pool._run = reduce
    sys.exit(main(["pool", "a"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a console sends Ctrl-C to all it runs")
def test_an_interruption_ends_the_workers_too(tmp_path: Path) -> None:
    script, place = tmp_path / "works.py", tmp_path / "scratch"
    script.write_text(WORKS, encoding="utf-8")
    place.mkdir()
    check_interrupted(str(script), str(SOURCE), str(place))
    assert list(place.iterdir()) == []
