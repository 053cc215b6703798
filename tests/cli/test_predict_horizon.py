"""`vertebrisk predict` with a model of time to event."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.reference.loader import frame as reference_frame

import vertebrisk as vr
from vertebrisk.cli import main


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cox") / "model.json"
    fit = vr.fit_cox(
        "Surv(rfstime, status) ~ age + nodes + strata(hormon)",
        reference_frame("gbsg"),
        horizons=[730, 1500],
        time_unit="days",
    )
    fit.model.save(path)
    return path


@pytest.fixture(scope="module")
def patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("patients") / "new.csv"
    reference_frame("gbsg").head(12).select("pid", "age", "nodes", "hormon").write_csv(path)
    return path


@pytest.mark.parametrize(("asked", "by"), [([], 730.0), (["--horizon", "1000.5"], 1000.5)])
def test_the_file_says_by_when_its_risks_hold(
    model: Path, patients: Path, tmp_path: Path, asked: list[str], by: float
) -> None:
    out = tmp_path / "risks.csv"
    assert main(["predict", str(model), str(patients), "--out", str(out), *asked]) == 0
    scored = pl.read_csv(out)
    assert scored.columns[-2:] == ["horizon", "time_unit"]
    assert scored["horizon"].unique().to_list() == [by]
    assert scored["time_unit"].unique().to_list() == ["days"]
    expected = vr.RiskModel.load(model).predict(pl.read_csv(patients), by)
    assert_allclose(scored["risk"], expected["risk"], atol=5e-7)  # six decimals are written


def test_json_says_by_when_its_risks_hold(
    model: Path, patients: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(model), str(patients), "--horizon", "1500", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["horizon"], printed["time_unit"]) == (1500.0, "days")
    assert len(printed["patients"]) == 12


@pytest.mark.parametrize("horizon", ["0", "-3", "1e6", "nan", "inf"])
def test_a_horizon_outside_follow_up_is_one_line(
    model: Path, patients: Path, horizon: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(model), str(patients), f"--horizon={horizon}"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.strip().splitlines()
    assert "this model predicts from above 0 to" in line
    assert "days, where its follow-up ends" in line


def test_a_file_without_the_stratum_is_one_line(
    model: Path, patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = tmp_path / "lacking.csv"
    pl.read_csv(patients).drop("hormon").write_csv(lacking)
    assert main(["predict", str(model), str(lacking)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "needs hormon, which the data do not have" in line


@pytest.mark.parametrize("name", ["horizon", "risk", "row"])
def test_names_of_patients_overwrite_no_column(
    name: str, model: Path, patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = tmp_path / "named.csv"
    pl.read_csv(patients).rename({"pid": name}).write_csv(named)
    assert main(["predict", str(model), str(named), "--id", name]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert f"The column '{name}' has the name of a column of the output" in line
