"""`vertebrisk library`, and library ids where a model is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from scipy.special import expit

from vertebrisk.cli import main
from vertebrisk.evidence.library import library, library_ids
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.models.portable.risk_model import RiskModel


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_the_list_names_every_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["library"]) == 0
    short = capsys.readouterr().out
    assert main(["library", "list"]) == 0
    assert capsys.readouterr().out == short
    assert all(study_id in short for study_id in library_ids())
    for arguments in (["library", "--json"], ["library", "list", "--json"],
                      ["library", "--json", "list"]):  # fmt: skip
        assert main(arguments) == 0
        listed = json.loads(capsys.readouterr().out)["studies"]
        assert [each["id"] for each in listed] == list(library_ids())
    li2021 = next(each for each in listed if each["id"] == "li2021")
    assert li2021["n"] == 268
    assert "intercept" in li2021["prints"]


@pytest.mark.parametrize("study", library(), ids=lambda study: study.id)
def test_a_study_is_shown_whole(study: PublishedStudy, capsys: pytest.CaptureFixture[str]) -> None:
    study_id = study.id
    assert main(["library", "show", study_id]) == 0
    text = capsys.readouterr().out

    def numbers(value: object) -> list[Printed]:
        if isinstance(value, Printed):
            return [value]
        if isinstance(value, dict):
            return [each for item in value.values() for each in numbers(item)]
        if isinstance(value, tuple):
            return [each for item in value for each in numbers(item)]
        names = [name for name in getattr(type(value), "model_fields", ()) if name != "numbers"]
        return [each for name in names for each in numbers(getattr(value, name))]

    assert all(number.text in text for number in numbers(study))
    assert max(len(line) for line in text.splitlines()) < 180
    assert main(["library", "show", study_id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == study_id


def test_export_writes_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "model.json"
    assert main(["library", "export", "li2021", "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "note: constant is read as the constant of blocky cement" in text
    assert RiskModel.load(out).intercept == pytest.approx(-4.161)
    arguments = ["--prevalence", "0.054", "--distribution", "paper", "--out", str(out), "--json"]
    assert main(["library", "export", "anonymous2020", *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["model"]["intercept"] == RiskModel.load(out).intercept
    assert any("assumption" in note for note in document["notes"])


def test_a_cohort_file_is_the_population(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patients = tmp_path / "patients.csv"
    patients.write_text(
        "tfi,liquefaction,fractures,cement_distribution\n"
        "Yes,No,2,Satisfied\nNo,No,1,Satisfied\nNo,Yes,1,Dissatisfied\n,Yes,1,Satisfied\n",
        encoding="utf-8",
    )
    out = tmp_path / "model.json"
    arguments = ["--prevalence", "0.2", "--cohort", str(patients), "--out", str(out)]
    assert main(["library", "export", "anonymous2020", *arguments]) == 0
    assert "1 rows lack a predictor" in capsys.readouterr().out
    frame = pl.read_csv(patients)
    assert RiskModel.load(out).predict(frame)["risk"].mean() == pytest.approx(0.2, rel=1e-9)


def test_what_cannot_be_exported_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--out", str(tmp_path / "model.json"))
    told = refused(capsys, "library", "export", "chen2025", *out)
    assert "baseline survival" in told
    assert "an intercept" in refused(capsys, "library", "export", "anonymous2024", *out)
    told = refused(capsys, "library", "export", "li2021", "--prevalence", "0.1", *out)
    assert "A prevalence alone gives no intercept" in told
    told = refused(capsys, "library", "export", "li2021", "--out", str(tmp_path / "model.txt"))
    assert "must end with .json" in told
    assert "Did you mean 'li2021'" in refused(capsys, "library", "show", "li2012")
    assert list(tmp_path.iterdir()) == []


def test_predict_takes_a_library_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    patients = tmp_path / "new.csv"
    patients.write_text(
        "ivc,fascia_oedema,goutallier,cement_distribution\nYes,No,3-4,Blocky\n", encoding="utf-8"
    )
    assert main(["predict", "li2021", str(patients), "--json"]) == 0
    captured = capsys.readouterr()
    row = json.loads(captured.out)["patients"][0]
    assert row["risk"] == pytest.approx(expit(-4.161 + 1.332 + 2.622 + 0.8), rel=1e-9)
    assert "note: " in captured.err
    assert "an intercept" in refused(capsys, "predict", "anonymous2024", str(patients))
