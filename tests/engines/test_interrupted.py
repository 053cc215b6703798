"""Ctrl-C or SIGTERM while a large table is added up: nothing hangs, nothing is left."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from tests.interrupting import check_interrupted

SOURCE = Path(__file__).resolve().parents[2] / "src"

# Ten thousand chunks, minutes of work were it not interrupted; one of them, in a thread of its
# own, would take ten minutes alone.
WORKS = """
import sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from pathlib import Path
from vertebrisk.cli import main, pool
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import ColumnWriter
from vertebrisk.engines.engine import LocalEngine, added
from vertebrisk.engines.scratch import ScratchFolder

engines.CHUNK = 100

def work(chunk):
    if chunk.first == 200 and sys.argv[3] == "threads":
        time.sleep(600)
    time.sleep(0.05)
    return (chunk.values["x"].sum(),)

def watch(step, done, total):
    if done == 2:
        print("begun", flush=True)

def reduce(arguments):
    with ScratchFolder(Path(sys.argv[2])) as folder:
        writer = ColumnWriter(folder.path / "columns", {"x": np.float64})
        writer.append({"x": np.ones(1_000_000)})
        columns = writer.finish()
        threads = 2 if sys.argv[3] == "threads" else 1
        LocalEngine(threads, watch).reduce(columns, ("x",), work, added)
    return 0

pool._run = reduce
sys.exit(main(["pool", "a"]))
"""

# It waits for ten minutes, with a scratch folder that nothing but the end of the process removes.
WAITS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from vertebrisk.cli import main, pool
from vertebrisk.engines.scratch import ScratchFolder

class Slow:
    def __del__(self):
        print("begun", flush=True)
        time.sleep(2)

def wait(arguments):
    global folder
    folder = ScratchFolder(Path(sys.argv[2]))
    if sys.argv[3] == "removing":
        Slow()
    else:
        import distributed
        print("begun", flush=True)
    for _ in range(6000):
        time.sleep(0.1)

pool._run = wait
sys.exit(main(["pool", "a"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a console sends Ctrl-C to all it runs")
@pytest.mark.parametrize("how", ["removing", "dask"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_never_ignored_and_no_folder_outlives_it(
    by: signal.Signals, how: str, tmp_path: Path
) -> None:
    check_interrupted("-c", WAITS, str(SOURCE), str(tmp_path), how, by=by)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a console sends Ctrl-C to all it runs")
@pytest.mark.parametrize("how", ["threads", "alone"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_it_at_once_and_leaves_nothing(
    by: signal.Signals, how: str, tmp_path: Path
) -> None:
    check_interrupted("-c", WORKS, str(SOURCE), str(tmp_path), how, by=by)
    assert list(tmp_path.iterdir()) == []
