"""The command line as a user meets it: status, lines, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import polars as pl
import pytest

from vertebrisk.cli import main

SMALL = ("--resamples", "5")


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "vertebrisk", *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo, and what it printed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    with redirect_stdout(StringIO()) as printed:
        assert main(["demo", "--out", str(out), *SMALL]) == 0
    return out, printed.getvalue()


@pytest.fixture
def folder(demo: tuple[Path, str]) -> Path:
    return demo[0]


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of a command that cannot run."""
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("vertebrisk: ")
    return lines[0]


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["demo"],
        ["new"],
        ["check"],
        ["plan"],
        ["run"],
        ["predict"],
        ["validate"],
        ["library"],
        ["audit"],
        ["pool"],
        ["library", "export"],
    ],
)
def test_every_command_has_help_with_an_example(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        main([*command, "--help"])
    assert "Example:" in capsys.readouterr().out


def test_the_module_runs_as_a_command() -> None:
    done = shell("demo", "--help")
    assert done.returncode == 0
    assert b"Example:" in done.stdout


def test_demo_prints_the_summary_and_where_the_report_lies(demo: tuple[Path, str]) -> None:
    folder, text = demo
    assert "Reconstructed data" in text
    assert "0.780" in text
    assert str(folder / "report.html") in text


@pytest.mark.parametrize(
    "study",
    [
        "anonymous2020",
        pytest.param("anonymous2024", marks=pytest.mark.slow),
        pytest.param("chen2025", marks=pytest.mark.slow),
    ],
)
def test_demo_runs_any_embedded_study_in_chinese_and_any_console_prints_it(
    study: str, tmp_path: Path
) -> None:
    out, printed = tmp_path / study, BytesIO()
    with redirect_stdout(TextIOWrapper(printed, encoding="ascii", write_through=True)):
        assert main(["demo", "--study", study, "--lang", "zh", "--out", str(out), *SMALL]) == 0
        assert b"\\u62a5\\u544a" in printed.getvalue()  # the report
    assert json.loads((out / "results.json").read_text(encoding="utf-8"))["study"]["id"] == study
    assert 'lang="zh' in (out / "report.html").read_text(encoding="utf-8")


def test_demo_of_an_unknown_study_names_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = failure(capsys, "demo", "--study", "chen2024", "--out", str(tmp_path / "x"))
    assert "Did you mean 'chen2025'" in line


def test_json_is_the_results_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path), "--json", *SMALL]) == 0
    document = json.loads(capsys.readouterr().out)
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert document["results"] == written


def test_predict_writes_a_row_a_patient(folder: Path, tmp_path: Path) -> None:
    patients = tmp_path / "new.csv"
    patients.write_text(
        "ivc,fascia_oedema,goutallier,cement_distribution\n"
        "Yes,No,3-4,Blocky\nNo,,2,Spongy\nNo,No,5,Spongy\n",
        encoding="utf-8",
    )
    out = tmp_path / "risks.csv"
    done = shell("predict", str(folder / "model.json"), str(patients), "--out", str(out))
    assert done.returncode == 0
    assert b"2 of 3 rows could not be scored" in done.stderr
    risks = pl.read_csv(out)
    assert risks.height == 3
    assert risks["risk"].null_count() == 2
    assert risks["flags"].to_list()[1:] == ["missing: fascia_oedema", "unknown level: goutallier"]
    assert set(risks["model_data"].to_list()) == {"reconstructed"}


def test_new_then_check_asks_for_what_only_a_person_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "p.csv"
    data.write_text("id,age,vas\n1,70,3\n2,80,5\n3,75,6\n4,66,1\n", encoding="utf-8")
    assert main(["new", str(tmp_path / "s"), "--data", str(data)]) == 0
    capsys.readouterr()
    assert main(["check", str(tmp_path / "s" / "protocol.toml")]) == 2
    assert "FILL-IN" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "s"), "--data", str(data)]) == 2


def test_a_missing_protocol_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert "does not exist" in failure(capsys, "run", "nowhere.toml")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--resamples", "0"),
        ("--seed", "-1"),
        ("--formats", "jpg"),
        ("--formats", "svg,,pdf"),
        ("--formats", "svg,"),
        ("--widths", "12"),
        ("--widths", "85,,174"),
    ],
)
def test_options_out_of_range(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str, value: str
) -> None:
    assert option.strip("-") in failure(capsys, "demo", "--out", str(tmp_path), option, value)


@pytest.mark.parametrize("formats", ["svg", "docx,xlsx"])
def test_widths_without_figures_for_print(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, formats: str
) -> None:
    asked = ("--formats", formats, "--widths", "85")
    line = failure(capsys, "demo", "--out", str(tmp_path / "x"), *asked)
    assert "--formats asks for none; add one of pdf, png, tiff" in line
    assert not (tmp_path / "x").exists()


def test_an_unknown_journal_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = failure(capsys, "demo", "--out", str(tmp_path / "x"), "--journal", "lancett")
    assert "Journal 'lancett' is not known" in line
    assert "Did you mean 'lancet'?" in line
    assert not (tmp_path / "x").exists()


def test_an_output_that_is_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("mine", encoding="utf-8")
    assert "is a file" in failure(capsys, "demo", "--out", str(file), *SMALL)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_damaged_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text('{"schema": "vertebrisk/model", "schema_version": 99}', encoding="utf-8")
    patients = tmp_path / "p.csv"
    patients.write_text("a\n1\n2\n", encoding="utf-8")
    assert "schema version 99" in failure(capsys, "predict", str(model), str(patients))


def test_a_bug_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("vertebrisk.study.checking.check_study", broken)
    assert "internal error" in failure(capsys, "check", "x.toml")


@pytest.mark.parametrize("name", ["p.csv", "model.json", "x.xlsx", "x"])
def test_predict_overwrites_no_input_and_writes_only_csv(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, folder: Path, name: str
) -> None:
    model = tmp_path / "model.json"
    model.write_bytes((folder / "model.json").read_bytes())
    patients = tmp_path / "p.csv"
    patients.write_text("ivc,goutallier\nYes,2\nNo,2\n", encoding="utf-8")
    before = patients.read_bytes(), model.read_bytes()
    out = str(tmp_path / name)
    assert "--out" in failure(capsys, "predict", str(model), str(patients), "--out", out)
    assert (patients.read_bytes(), model.read_bytes()) == before


def test_predict_keeps_the_name_that_is_asked_for(folder: Path, tmp_path: Path) -> None:
    patients = tmp_path / "p.csv"
    patients.write_text(
        "who,ivc,fascia_oedema,goutallier,cement_distribution\n=A1,Yes,No,2,Spongy\n7b,No,No,2,Spongy\n",
        encoding="utf-8",
    )
    out = tmp_path / "r.csv"
    model = str(folder / "model.json")
    assert main(["predict", model, str(patients), "--id", "who", "--out", str(out)]) == 0
    assert pl.read_csv(out)["who"].to_list() == ["'=A1", "7b"]


def test_too_many_resamples(capsys: pytest.CaptureFixture[str]) -> None:
    assert "at most" in failure(capsys, "demo", "--resamples", "999999999")


def test_a_full_disk_behind_the_output_is_one_line(folder: Path, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("SKIPPED LOUDLY: this system has no /dev/full")
    patients = tmp_path / "p.csv"
    patients.write_text(
        "ivc,fascia_oedema,goutallier,cement_distribution\nYes,No,2,Spongy\nNo,No,2,Spongy\n",
        encoding="utf-8",
    )
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "vertebrisk",
                "predict",
                str(folder / "model.json"),
                str(patients),
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr
