"""`vertebrisk plan`: the reasons on the terminal, the proposal as a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.test_commands import failure

from vertebrisk.cli import main
from vertebrisk.studies import embedded_protocol


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    with embedded_protocol("anonymous2024") as path:
        shutil.copytree(path.parent, tmp_path / "study")
    return tmp_path / "study" / "protocol.toml"


def test_reasons_are_printed_and_the_proposal_is_written(
    protocol: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = protocol.read_bytes()
    out = protocol.with_name("planned.toml")
    assert main(["plan", str(protocol), "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "150 rows, 14 with the event" in printed
    assert '* select = "prespecified"' in printed
    assert f"Wrote {out}" in printed
    assert protocol.read_bytes() == before
    assert main(["check", str(out)]) == 0
    capsys.readouterr()
    assert main(["plan", str(out)]) == 0
    assert "\n* " not in capsys.readouterr().out


def test_json_holds_the_protocol(protocol: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(protocol), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["size"]["n_events"] == 14
    changed = {
        each["change"]["key"]: each["change"]["value"]
        for each in document["proposals"]
        if each["change"] is not None
    }
    assert changed["select"] == "prespecified"
    assert 'select = "prespecified"' in document["protocol"]
    assert document["file"] is None
    assert not protocol.with_name("planned.toml").exists()


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("study/planned.txt", "must end with .toml"),
        ("study/protocol.toml", "would overwrite the protocol"),
        ("planned.toml", "outside the protocol's folder"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    protocol: Path, capsys: pytest.CaptureFixture[str], out: str, said: str
) -> None:
    target = protocol.parent.parent / out
    assert said in failure(capsys, "plan", str(protocol), "--out", str(target))


def test_a_protocol_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "absent.toml" in failure(capsys, "plan", str(tmp_path / "absent.toml"))
