"""Scratch folders: for their owner alone, never without room, never left behind."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from vertebrisk.cli import main
from vertebrisk.engines import columns, scratch
from vertebrisk.engines.columns import ColumnWriter
from vertebrisk.engines.scratch import ScratchFolder
from vertebrisk.errors import DataError

SOURCE = Path(__file__).resolve().parents[2] / "src"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def no_folder_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERTEBRISK_SCRATCH", "")


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_a_folder_is_its_owner_s_alone_and_goes_with_its_content(tmp_path: Path) -> None:
    with ScratchFolder(tmp_path) as folder:
        if os.name == "posix":
            assert folder.path.stat().st_mode & 0o777 == 0o700
        writer = ColumnWriter(folder.path / "columns", {"x": np.float64})
        writer.append({"x": np.ones(3)})
        writer.finish()
    assert left(tmp_path) == []


def test_it_goes_after_an_error_and_with_who_refers_to_it(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ScratchFolder(tmp_path):
        raise KeyboardInterrupt
    assert left(tmp_path) == []
    folder = ScratchFolder(tmp_path)
    assert len(left(tmp_path)) == 1
    del folder
    gc.collect()
    assert left(tmp_path) == []


def test_who_names_a_folder_is_heard_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results, other = tmp_path / "results", tmp_path / "other"
    other.mkdir()
    with ScratchFolder(beside=results / "run") as folder:
        assert folder.path.parent == tmp_path  # the nearest folder there is
    monkeypatch.setenv("VERTEBRISK_SCRATCH", str(other))
    with ScratchFolder(beside=results) as folder:
        assert folder.path.parent == other
    with ScratchFolder(tmp_path, beside=results) as folder:
        assert folder.path.parent == tmp_path


def test_room_is_asked_for_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(9e9, 6.5e9, 2.5e9))
    with pytest.raises(DataError) as error:
        ScratchFolder(tmp_path, needed=12_300_000_000)
    assert str(error.value) == (
        f"12.3 GB of disk are needed in '{tmp_path}', and 2.5 GB are free. Make room there, or "
        "name a folder on another disk by --scratch or VERTEBRISK_SCRATCH."
    )
    assert left(tmp_path) == []
    ScratchFolder(tmp_path, needed=2_500_000_000).close()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No scratch folder can be made in .*absent.*--scratch"):
        ScratchFolder(tmp_path / "absent")


DIES = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from vertebrisk.engines.scratch import ScratchFolder
folder = ScratchFolder(Path(sys.argv[2]))
(folder.path / "column").write_bytes(b"1234")
print(folder.path.name, flush=True)
sys.argv[3] == "dies" and os._exit(9)
sys.stdin.read()
"""


def begun(place: Path, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DIES, str(SOURCE), str(place), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_a_killed_process_left_is_swept_and_what_is_used_is_not(tmp_path: Path) -> None:
    with begun(tmp_path, "dies") as killed:
        first = killed.communicate()[0].strip()
    with begun(tmp_path, "lives") as living:
        assert living.stdout is not None
        second = living.stdout.readline().strip()
        assert left(tmp_path) == [second], "the one that lives sweeps the one that was killed"
        assert first != second
        folder = ScratchFolder(tmp_path)
        assert left(tmp_path) == sorted([second, folder.path.name])
        folder.close()
        living.communicate()
    assert left(tmp_path) == []


def test_folders_of_other_machines_and_other_people_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ["vertebrisk-000000000000-1-1-abc", "vertebrisk-report", "vertebrisk-calculator.html"]
    for name in others:
        (tmp_path / name).mkdir()
    outside = tmp_path / "patients"
    outside.mkdir()
    link = tmp_path / f"vertebrisk-{scratch._machine()}-0-1-abc"
    link.symlink_to(outside)
    ScratchFolder(tmp_path).close()
    assert left(tmp_path) == sorted([*others, "patients", link.name])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is full")
def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_file", lambda folder, place: Path("/dev/full"))
    writer = ColumnWriter(tmp_path, {"x": np.float64})
    with pytest.raises(DataError, match=r"cannot be written: No space left on device.*--scratch"):
        writer.append({"x": np.ones(100_000)})
    writer.append({"x": np.ones(1)})
    with pytest.raises(DataError, match="cannot be written"):
        writer.finish()


def test_commands_obey_scratch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "absent.toml", "--scratch", "elsewhere"]) == 2
    assert os.environ["VERTEBRISK_SCRATCH"] == "elsewhere"
    assert "absent.toml" in capsys.readouterr().err


def test_ctrl_c_while_the_folder_is_removed_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ScratchFolder(tmp_path)
    (folder.path / "0.bin").write_bytes(b"1")
    removed, calls = shutil.rmtree, []

    def interrupted(path: Path, ignore_errors: bool) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise KeyboardInterrupt
        removed(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        folder.close()
    assert not folder.path.exists()
