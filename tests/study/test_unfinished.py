"""A run that is interrupted goes on from where it stood, to the same bytes."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.study.test_penalised_run import gbsg_study, pima_study

from vertebrisk.cli import INTERRUPTED, main
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.unfinished import Unfinished
from vertebrisk.validation import resampling

pytestmark = pytest.mark.usefixtures("undrawn")

FILES = ("results.json", "model.json", "report.html", "reproduce.R", "figures/calibration.svg")
SECOND = "validation, model held fixed"
Progress = Callable[[str, int, int], None]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of ten resamples."""
    monkeypatch.setattr(resampling, "WEIGHTS", 10)


def study(folder: Path) -> Path:
    wanted = {"resamples": 20, "thresholds": [0.2]}
    return pima_study(folder, wanted, estimator="ml", select="backward")


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def until(step: str, done: int) -> Progress:
    """Somebody who interrupts as soon as so much of a step is done."""

    def progress(now: str, count: int, total: int) -> None:
        if now == step and count >= done:
            raise KeyboardInterrupt

    return progress


def run(
    path: Path, out: Path, progress: Progress | None = None, seed: int | None = None
) -> Unfinished:
    unfinished = Unfinished(out, soon=0.0)
    quiet = progress or (lambda step, done, total: None)
    made = run_study(load_protocol(path), RunOptions(seed=seed), quiet, unfinished)
    write_run(made, out)
    unfinished.remove()
    return unfinished


def interrupted(path: Path, out: Path, step: str, done: int) -> str:
    unfinished = Unfinished(out, soon=0.0)
    with pytest.raises(KeyboardInterrupt):
        run_study(load_protocol(path), RunOptions(), until(step, done), unfinished)
    return unfinished.interrupted()


def test_it_goes_on_from_where_it_stood(tmp_path: Path) -> None:
    path = study(tmp_path)
    assert run(path, tmp_path / "a").notes == []
    said = interrupted(path, tmp_path / "b", SECOND, 10)
    assert said.startswith(f"kept in '{tmp_path / 'b' / 'unfinished'}': 20 of 20 resamples of the ")
    assert said.endswith("Run the same command again to go on from there.")
    assert "\n" not in said

    left = tmp_path / "b" / "unfinished"
    assert stat.S_IMODE(left.stat().st_mode) == 0o700
    assert len(list(left.glob("validation_*.npz"))) == 2

    done: list[tuple[str, int]] = []
    made = run(path, tmp_path / "b", lambda step, count, total: done.append((step, count)))
    assert made.notes == []
    assert done.count(("validation", 20)) == 1
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert not left.exists()


def test_what_is_kept_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = study(tmp_path)
    interrupted(path, tmp_path / "out", SECOND, 0)
    worked = resampling._one_batch
    begun = []

    def counted(*arguments: object, **more: object) -> object:
        begun.append(1)
        return worked(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(resampling, "_one_batch", counted)
    run(path, tmp_path / "out")
    assert len(begun) == 2  # those of the second validation


def test_another_seed_or_protocol_never_takes_it_up(tmp_path: Path) -> None:
    path = study(tmp_path)
    interrupted(path, tmp_path / "out", SECOND, 0)
    made = run(path, tmp_path / "out", seed=4)
    assert len(made.notes) == 2
    assert "is of another protocol, data, seed or version; it is not used" in made.notes[0]
    run(path, tmp_path / "fresh", seed=4)
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


def test_a_damaged_file_is_told_and_done_again(tmp_path: Path) -> None:
    path = study(tmp_path)
    run(path, tmp_path / "a")
    interrupted(path, tmp_path / "b", SECOND, 0)
    broken = tmp_path / "b" / "unfinished" / "validation_10.npz"
    broken.write_bytes(broken.read_bytes()[:-40])
    (broken.parent / "notes.txt").write_text("mine", encoding="utf-8")
    made = run(path, tmp_path / "b")
    assert made.notes == [f"'{broken}' is damaged; it is not used"]
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert [each.name for each in broken.parent.iterdir()] == ["notes.txt"]


def test_short_work_is_not_kept(tmp_path: Path) -> None:
    unfinished = Unfinished(tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        run_study(load_protocol(study(tmp_path)), RunOptions(), until(SECOND, 0), unfinished)
    assert unfinished.interrupted() == "nothing is kept, and files are whole or absent."
    assert not (tmp_path / "out").exists()


def test_no_patient_is_kept(tmp_path: Path) -> None:
    path = gbsg_study(tmp_path)
    out = tmp_path / "out"
    interrupted(path, out, "validation", 1)
    patients = load_protocol(path)
    n = len(patients.data_path.read_text(encoding="utf-8").splitlines()) - 1
    for file in (out / "unfinished").iterdir():
        start = file.read_bytes().split(b"\n", 3)[3]
        (tmp_path / "arrays.npz").write_bytes(start)
        with np.load(tmp_path / "arrays.npz") as arrays:
            assert all(n not in arrays[name].shape for name in arrays.files)
    crossed = {"method": "leave-one-out", "resamples": None}
    (tmp_path / "left").mkdir()
    said = interrupted(
        pima_study(tmp_path / "left", crossed, estimator="ml"), out / "b", "validation", 100
    )
    assert said.startswith("nothing is kept")


def test_the_command_ends_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(protocol: object, options: object, progress: object, kept: Unfinished) -> None:
        kept.follower("validation", {}, 20, lambda count: None)
        raise KeyboardInterrupt

    monkeypatch.setattr("vertebrisk.study.running.run_study", stopped)
    # other tests of this process may have left workers, which would end it
    monkeypatch.setattr("vertebrisk.cli._leave_workers", lambda: None)
    path = study(tmp_path)
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == INTERRUPTED
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "vertebrisk: interrupted; nothing is kept, and files are whole or absent.\n"


def test_the_results_do_not_tell_of_it(tmp_path: Path) -> None:
    path = study(tmp_path)
    interrupted(path, tmp_path / "out", SECOND, 0)
    run(path, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert not any("unfinished" in name for name in manifest["files"])
