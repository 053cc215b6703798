"""The line on the terminal while a command works."""

from __future__ import annotations

import io
import sys

import pytest

from vertebrisk.cli._options import progress_bar


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
