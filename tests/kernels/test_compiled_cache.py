"""Compiled kernels are kept, and compiled anew where what was kept is old or damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from vertebrisk.kernels import compiled

pytest.importorskip("numba", reason="numba is not installed: compiled kernels are not tested")

CALLED = """
from vertebrisk.kernels.compiled.jit import jit
@jit("int64(int64)")
def added(value):
    return value + {number}
"""
BETWEEN = """
from called import added
from vertebrisk.kernels.compiled.jit import jit
@jit("int64(int64)")
def twice(value):
    return added(added(value))
"""
CALLING = """
from between import twice
from vertebrisk.kernels.compiled.jit import jit
@jit("int64(int64)")
def four_times(value):
    return twice(twice(value))
print(four_times(0))
"""

FORBIDDEN = """
from numba.core.caching import InTreeCacheLocator
def refused(self):
    raise PermissionError("the folder of the kernels cannot be written")
InTreeCacheLocator.ensure_cache_path = refused
"""
INTERRUPTED = """
from llvmlite.binding.executionengine import ExecutionEngine
def pressed(self, pointer):
    raise KeyboardInterrupt
ExecutionEngine._find_module_ptr = pressed
"""


def process(
    folder: Path, number: int, before: str = "", **places: str
) -> subprocess.CompletedProcess[str]:
    """A new process that compiles three kernels, or has them from the cache, and prints a number.

    The cache is the folder of that name, unless variables of the environment say otherwise, and
    the program `before` is run first.
    """
    source = Path(compiled.__file__).parents[3]
    called, between, calling = (folder / f"{name}.py" for name in ("called", "between", "calling"))
    for file, text in ((between, BETWEEN), (calling, CALLING)):
        if not file.exists():
            file.write_text(text)
    if not called.exists() or called.read_text() != CALLED.format(number=number):
        called.write_text(CALLED.format(number=number))
    env = os.environ | {"PYTHONPATH": f"{source}{os.pathsep}{folder}"}
    env |= places or {"NUMBA_CACHE_DIR": str(folder / "cache")}
    program = [sys.executable, "-c", f"{before}import calling"]
    return subprocess.run(program, env=env, capture_output=True, text=True, check=False)


def answer(folder: Path, number: int, before: str = "", **places: str) -> int:
    """What such a process finds."""
    done = process(folder, number, before, **places)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
def test_a_kernel_is_compiled_anew_when_one_that_it_calls_changes(tmp_path: Path) -> None:
    assert [answer(tmp_path, number) for number in (3, 3, 5)] == [12, 12, 20]


@pytest.mark.slow
def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    assert answer(tmp_path, 3) == 12
    for ending, kept in product(("nbi", "nbc"), (0, 60)):
        files = list((tmp_path / "cache").rglob(f"*.{ending}"))
        assert len(files) == 3
        for file in files:
            file.write_bytes(file.read_bytes()[:kept])
        assert answer(tmp_path, 3) == 12
        assert all(file.stat().st_size > kept for file in files), (ending, kept)


def test_what_was_compiled_beside_the_kernels_is_read_by_who_writes_elsewhere(
    tmp_path: Path,
) -> None:
    def kept(name: str) -> dict[Path, int]:
        files = (tmp_path / name).rglob("*.nb?")
        return {file: file.stat().st_mtime_ns for file in files}

    assert answer(tmp_path, 3, NUMBA_CACHE_DIR="") == 12
    beside = kept("__pycache__")
    assert len(beside) == 6

    own = {"NUMBA_CACHE_DIR": "", "XDG_CACHE_HOME": str(tmp_path / "own")}
    assert answer(tmp_path, 3, FORBIDDEN, **own) == 12
    assert not kept("own")

    assert answer(tmp_path, 5, FORBIDDEN, **own) == 20
    assert len(kept("own")) == 6
    assert kept("__pycache__") == beside


def test_where_nothing_can_be_kept_kernels_are_compiled_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").write_text("not a folder")
    nowhere = {"NUMBA_CACHE_DIR": "", "XDG_CACHE_HOME": os.devnull}
    assert answer(tmp_path, 3, **nowhere) == 12
    assert (tmp_path / "__pycache__").read_text() == "not a folder"


def test_an_interruption_while_the_compiler_calls_python_is_not_lost(tmp_path: Path) -> None:
    done = process(tmp_path, 3, INTERRUPTED)
    assert done.returncode != 0
    assert not done.stdout
    assert done.stderr.strip().endswith("KeyboardInterrupt")
    assert "ignored" not in done.stderr
    assert answer(tmp_path, 3) == 12
