"""`vertebrisk monitor`: text, JSON, the folder, its exit status, and one line for bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from tests.models.monitoring.test_monitor import MODEL, patients
from tests.report.table_files import check_table_files

import vertebrisk as vr
from vertebrisk.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("watched")
    MODEL.save(made / "model.json")
    patients(160, 60).write_csv(made / "new.csv")
    patients(60, odds=1.0).write_csv(made / "quiet.csv")
    return made


def command(folder: Path, data: str = "new.csv") -> list[str]:
    files = [str(folder / "model.json"), str(folder / data)]
    return ["monitor", *files, "--outcome", "y", "--date", "day", "--run-length", "200"]


def test_text_names_windows_and_signals_and_the_status_is_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(folder)) == 1
    text = capsys.readouterr().out
    found = vr.monitor(MODEL, patients(160, 60), outcome="y", date="day", run_length=200)
    first = found.signals[0]
    assert f"Signal in {first.when:%Y-%m}, patient {first.patient}: more events" in text
    assert f"{first.n_events} against {first.expected:.1f} in {first.patients} patients" in text
    assert "160 of 160 rows watched" in text
    assert "one in 200 patients brings a false alarm" in text
    row = found.windows.row(0, named=True)
    assert f"O/E {row['observed_expected']:.2f}" in text


def test_json_and_folder_hold_the_record(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main([*command(folder), "--out", str(out), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / "monitoring.json").read_text(encoding="utf-8"))
    files = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert set(files) == {
        "report.html",
        "monitoring.json",
        "figures/watch_chart.svg",
        "figures/watch_windows.svg",
    }
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Has the model drifted?" in page
    assert page.count("<svg") == 2
    assert not re.search("202[0-9][-\u2011][0-9]{2}[-\u2011][0-9]{2}", page)
    before = (out / "report.html").read_bytes()
    assert main([*command(folder), "--out", str(out)]) == 1
    assert (out / "report.html").read_bytes() == before


def test_a_quiet_model_has_status_0_and_a_page_in_chinese(folder: Path, tmp_path: Path) -> None:
    quiet = [*command(folder, "quiet.csv"), "--window", "quarter", "--lang", "zh"]
    tables = ["--formats", "xlsx,tex", "--journal", "Lancet"]
    assert main([*quiet, *tables, "--out", str(tmp_path / "zh")]) == 0
    files = {each.name: each.read_bytes() for each in (tmp_path / "zh").glob("*.*")}
    assert check_table_files(files) == 1
    page = (tmp_path / "zh" / "report.html").read_text(encoding="utf-8")
    assert "未发现漂移" in page
    assert "继续使用" in page
    assert "Neither chart" not in page


def test_an_updated_model_says_so_on_its_page(folder: Path, tmp_path: Path) -> None:
    moved = vr.update_model(MODEL, patients(), outcome="y", method="in-the-large").model
    moved.save(tmp_path / "moved.json")
    files = [str(tmp_path / "moved.json"), str(folder / "quiet.csv")]
    rest = ["--outcome", "y", "--date", "day", "--run-length", "200"]
    assert main(["monitor", *files, *rest, "--out", str(tmp_path / "out")]) in (0, 1)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Lineage" in page
    assert moved.provenance.lineage[0].version in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--date", "when"], "no column 'when'"),
        (["--date", ""], "date is ''"),
        (["--outcome", ""], "outcome is ''"),
        (["--date", "a"], "'a' holds no dates"),
        (["--outcome", "pain"], "pain"),
        (["--window", "week"], "--window 'week'"),
        (["--odds", "0.5"], "odds is 0.5"),
        (["--run-length", "1"], "run_length is 1"),
        (["--horizon", "12"], "another horizon"),
        (["--formats", "gif"], "--formats 'gif'"),
        (["--out", "{file}"], "is a file; name a folder"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    folder: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [each.replace("{file}", str(folder / "new.csv")) for each in options]
    assert main([*command(folder), *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("vertebrisk: ")
    assert said in error
    assert error.count("\n") == 1


def test_a_file_s_own_dates_and_bad_cells_are_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = patients(60).with_columns(day=pl.col("day").dt.strftime("%Y/%m/%d"))
    data.with_columns(a=pl.Series(["o.1", *data["a"].cast(pl.String)[1:]])).write_csv(
        tmp_path / "other.csv"
    )
    run = command(folder)
    run[2] = str(tmp_path / "other.csv")
    assert main([*run, "--json"]) in (0, 1)
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert (counts["n"], counts["reasons"]) == (59, {"unreadable: a": 1})
