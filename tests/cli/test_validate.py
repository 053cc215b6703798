"""`vertebrisk validate`: text, JSON, the file it writes, and one line for what cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.models.cases import quiet_fit, simulated

import vertebrisk as vr
from vertebrisk.cli import main

FIT = quiet_fit("y ~ a + b + g", simulated(300, 6))
NEW = simulated(150, 8).with_columns(y=pl.col("y").cast(pl.Int64))


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    FIT.model.save(tmp_path / "model.json")
    NEW.write_csv(tmp_path / "new.csv")
    return str(tmp_path / "model.json"), str(tmp_path / "new.csv")


def test_text_names_each_measure_with_its_interval(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["validate", *files, "--outcome", "y == 1", "--resamples", "20"]
    assert main([*command, "--thresholds", "0.3,0.2"]) == 0
    text = capsys.readouterr().out
    found = vr.external_validation(FIT.model, NEW, outcome="y", resamples=20)
    area = found.estimate("c_index")
    assert f"C-index                     {area.estimate:.3f}" in text
    assert f"({area.conf_low:.3f} to {area.conf_high:.3f}, DeLong)" in text
    assert f"150 of 150 rows measured, {found.counts.n_events} with the event" in text
    assert "by loess (degree 2, span 0.75, direct)" in text
    assert "at 0.2: " in text
    assert "warning: " in text


def test_json_is_the_record_and_out_holds_it(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "validated"
    command = ["validate", *files, "--outcome", "y", "--resamples", "20", "--json"]
    assert main([*command, "--out", str(out)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / "validation.json").read_text(encoding="utf-8"))
    curve = [round(0.01 * cut, 2) for cut in range(2, 51)]
    record = vr.external_validation(FIT.model, NEW, outcome="y", resamples=20, thresholds=curve)
    assert printed == json.loads(json.dumps(record.to_dict()))
    assert (printed["schema"], printed["schema_version"]) == ("vertebrisk/external-validation", 1)


def test_a_cell_that_cannot_be_read_is_no_missing_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FIT.model.save(tmp_path / "model.json")
    texts = NEW["a"].cast(pl.String).to_list()
    NEW.with_columns(a=pl.Series(["o.1", None, *texts[2:]])).write_csv(tmp_path / "new.csv")
    command = ["validate", str(tmp_path / "model.json"), str(tmp_path / "new.csv")]
    assert main([*command, "--outcome", "y", "--resamples", "20", "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts["reasons"] == {"missing: a": 1, "unreadable: a": 1}
    assert (counts["n"], counts["not_scored"]) == (148, 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--outcome", "pain"], "no column 'pain'"),
        (["--outcome", "y >="], "y >="),
        (["--outcome", "a > 99"], "none has the event"),
        (["--outcome", "y", "--thresholds", "low"], "--thresholds 'low'"),
        (["--outcome", "y", "--thresholds", "20"], "between 0 and 1"),
        (["--outcome", "y", "--resamples", "0"], "resamples"),
        (["--outcome", "y", "--out", "{model}"], "is a file; name a folder"),
        (["--outcome", "y", "--out", "{model}x", "--threshold-range", "0.5"], "--threshold-range"),
        (["--outcome", "y", "--formats", "bmp"], "--formats 'bmp'"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    files: tuple[str, str],
    options: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = [each.replace("{model}", files[0]) for each in options]
    assert main(["validate", *files, *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.splitlines()) == 1
