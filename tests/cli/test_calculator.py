"""`vertebrisk calculator`: the page as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.test_commands import failure

from vertebrisk.bedside.calculator.page import calculator_page
from vertebrisk.cli import main
from vertebrisk.evidence.export import find_model
from vertebrisk.models.portable.identity import model_version


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_model_is_written_as_its_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    out = tmp_path / "new" / "pain.html"
    assert main(["calculator", "li2021", "--out", str(out), "--lang", language]) == 0
    model, _ = find_model("li2021")
    text = out.read_text(encoding="utf-8")
    assert text == calculator_page(model, "zh" if language == "zh" else "en")
    assert list(out.parent.iterdir()) == [out]
    assert f"{out} ({out.stat().st_size:,} bytes)" in capsys.readouterr().out


def test_a_saved_model_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, _ = find_model("li2021")
    model.save(tmp_path / "model.json")
    out = tmp_path / "calculator.html"
    arguments = ["calculator", str(tmp_path / "model.json"), "--out", str(out), "--json"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(out),
        "bytes": out.stat().st_size,
        "model_version": model_version(model),
    }


@pytest.mark.parametrize(
    ("model", "out", "said"),
    [
        ("li2021", "page.txt", "must end with .html"),
        ("li2021", "page", "must end with .html"),
        ("nobody1999", "page.html", "nobody1999"),
        ("absent.json", "page.html", "absent.json"),
        ("li2021", "folder.html", "is a folder"),
        ("li2021", "file/page.html", "cannot be written"),
        ("own.html", "own.html", "would overwrite the model"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    model: str,
    out: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert said in failure(capsys, "calculator", model, "--out", out)
    assert not (tmp_path / "page.html").exists()
