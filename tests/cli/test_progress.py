"""The line on the terminal while a command works."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.progress import Progress, TaskID
from tests.models.monitoring.test_monitor import MODEL, patients

from vertebrisk.cli import _bar, main
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


def test_of_a_step_that_cannot_be_counted_the_time_so_far_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar(False) as progress:
        progress("reading", 0, 0)
        time.sleep(0.3)  # the line is drawn ten times a second
        progress("resamples", 1, 4)
    before, after = stream.getvalue().split("resamples", 1)
    assert "reading" in before
    assert "0:00:00 so far" in before
    assert "left" not in before
    assert "1/4" in after


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


NEW = ["{folder}/model.json", "{folder}/new.csv", "--outcome", "y"]
COMMANDS = {
    "monitor": (["monitor", *NEW, "--date", "day", "--run-length", "200"], "chart of odds x 2"),
    "update": (["update", *NEW, "--resamples", "5", "--out", "{folder}/updated.json"], "0/5"),
    "validate": (["validate", *NEW, "--resamples", "9", "--out", "{folder}/page"], "figures"),
    "compare": (["validate", *NEW, "--against", "{folder}/other.json", "--resamples", "9"], "0/9"),
    "predict": (["predict", *NEW[:2], "--out", "{folder}/risks.csv"], "scoring"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_say_which_step_is_under_way(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    MODEL.save(tmp_path / "model.json")
    MODEL.save(tmp_path / "other.json")
    patients(160, 60).write_csv(tmp_path / "new.csv")
    command, step = COMMANDS[name]
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_bar, "Progress", Every)
        assert main([part.format(folder=tmp_path) for part in command]) in (0, 1)
    assert step in stream.getvalue()


class Every(Progress):
    """A line that is drawn at every step, however short."""

    def add_task(self, *arguments: Any, **named: Any) -> TaskID:
        task = super().add_task(*arguments, **named)
        self.refresh()
        return task
