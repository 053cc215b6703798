"""The line on the terminal while a command works."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest

from vertebrisk.cli._options import progress_bar
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import HeldColumns
from vertebrisk.engines.engine import LocalEngine


class Terminal(io.StringIO):
    """Standard error that somebody watches."""

    def isatty(self) -> bool:
        return True


def shown(quiet: bool, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar(quiet) as progress:
        progress("validation", 0, 1000)
        progress("validation", 250, 1000)
        progress("validation, model held fixed", 0, 1000)
        progress("validation, model held fixed", 500, 1000)
    return stream.getvalue()


def test_step_count_and_time_left_stand_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(False, Terminal(), monkeypatch)
    assert "validation, model held fixed" in text
    assert "500/1000" in text
    assert "left" in text
    assert text.count("\n") == 1  # of the line that is wiped at the end


def test_nothing_is_shown_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(False, io.StringIO(), monkeypatch) == ""
    assert shown(True, Terminal(), monkeypatch) == ""


def test_a_pass_over_many_patients_is_shown_and_a_second_one_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(engines, "CHUNK", 10)
    with progress_bar(False) as progress:
        engine = LocalEngine(1, progress)
        for size in (30, 70):
            columns = HeldColumns({"x": np.ones(size)})
            engine.collect(columns, ("x",), lambda chunk: chunk.size, "slope")
    assert "slope" in stream.getvalue()
    assert "7/7" in stream.getvalue()
