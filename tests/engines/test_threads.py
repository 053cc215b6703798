"""Threads: as many as may be used, and never threads of the linear algebra on top of them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

from vertebrisk.cli import main
from vertebrisk.engines import engine as engines
from vertebrisk.engines import threads
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import Chunk, LocalEngine
from vertebrisk.engines.threads import beside, one_thread, processors, threads_allowed
from vertebrisk.errors import ArgumentError
from vertebrisk.validation.working import in_order


def blas_threads() -> set[int]:
    found = threadpoolctl.threadpool_info()
    return {each["num_threads"] for each in found if each["user_api"] == "blas"}


def test_who_asks_is_heard_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTEBRISK_THREADS", " 3 ")
    assert threads_allowed(5) == 5
    assert threads_allowed() == 3
    assert LocalEngine().threads == 3
    monkeypatch.delenv("VERTEBRISK_THREADS")
    assert threads_allowed() == processors() >= 1


@pytest.mark.parametrize("written", ["0", "-1", "two", "1.5"])
def test_a_number_that_is_none_is_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTEBRISK_THREADS", written)
    with pytest.raises(ArgumentError, match=r"VERTEBRISK_THREADS is .*whole number of 1 or more"):
        threads_allowed()
    with pytest.raises(ArgumentError, match="threads is 0"):
        LocalEngine(0)


def test_a_container_s_share_of_time_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "CONTROL_GROUPS", tmp_path)
    free = processors()
    (tmp_path / "cpu.max").write_text("max 100000\n", encoding="ascii")
    assert processors() == free
    (tmp_path / "cpu.max").write_text("50000 100000\n", encoding="ascii")
    assert processors() == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_processors_that_may_not_be_used_do_not_count() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.parametrize("asked", [1, 2])
def test_linear_algebra_has_one_thread_inside_and_its_own_number_after(
    asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 10)

    def look(chunk: Chunk) -> set[int]:
        return blas_threads()

    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        found = LocalEngine(asked).collect(HeldColumns({"x": np.ones(35)}), ("x",), look)
        assert found == [{1}] * 4
        assert blas_threads() == {2}


def test_the_last_who_leaves_gives_the_threads_back() -> None:
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        inside, leave = threading.Event(), threading.Event()

        def other() -> None:
            with one_thread():
                inside.set()
                leave.wait(10)

        thread = threading.Thread(target=other)
        with one_thread():
            thread.start()
            inside.wait(10)
        assert blas_threads() == {1}
        leave.set()
        thread.join()
        assert blas_threads() == {2}


def test_batches_of_resamples_have_the_linear_algebra_to_themselves() -> None:
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        assert list(in_order(lambda start: blas_threads(), range(3))) == [{1}] * 3
        assert blas_threads() == {2}


def test_a_failure_gives_the_threads_back() -> None:
    def fails(chunk: Chunk) -> int:
        raise ValueError("no")

    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        with pytest.raises(ValueError, match="no"):
            LocalEngine(2).collect(HeldColumns({"x": np.ones(35)}), ("x",), fails)
        assert blas_threads() == {2}


def test_commands_obey_threads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("VERTEBRISK_THREADS", "POLARS_MAX_THREADS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    assert main(["run", "absent.toml", "--threads", "0"]) == 2
    assert "threads is 0; a whole number of 1 or more is needed" in capsys.readouterr().err
    assert main(["run", "absent.toml", "--threads", "1"]) == 2
    assert (os.environ["VERTEBRISK_THREADS"], os.environ["POLARS_MAX_THREADS"]) == ("1", "1")
    assert "absent.toml" in capsys.readouterr().err


def test_frames_have_no_more_threads_than_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VERTEBRISK_THREADS", "POLARS_MAX_THREADS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    assert main(["run", "absent.toml", "--threads", "10000"]) == 2
    assert os.environ["POLARS_MAX_THREADS"] == str(processors())


@pytest.mark.parametrize("allowed", [1, 2])
def test_work_beside_other_work(allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTEBRISK_THREADS", str(allowed))
    one, other = beside(threading.get_ident, threading.get_ident)
    assert one == threading.get_ident()
    assert (other == one) == (allowed == 1)
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 // 0, lambda: None)
    with pytest.raises(ZeroDivisionError):
        beside(lambda: None, lambda: 1 // 0)
