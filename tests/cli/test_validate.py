"""`vertebrisk validate`: text, JSON, the file it writes, and one line for what cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
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


def followed(seed: int) -> pl.DataFrame:
    """Invented patients with months to relapse, death or the last visit."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=200)
    months = np.ceil(rng.exponential(20.0 * np.exp(-0.6 * risk)))
    why = rng.choice(["alive", "relapse", "dead"], 200, p=[0.2, 0.6, 0.2])
    return pl.DataFrame({"risk": risk, "months": months, "why": why})


def test_a_model_of_time_to_event_has_a_table_a_horizon(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = followed(1).with_columns(relapse=pl.col("why") == "relapse")
    fit = vr.fit_cox("Surv(months, relapse) ~ risk", old, horizons=(6, 12), time_unit="months")
    fit.model.save(tmp_path / "cox.json")
    followed(2).write_csv(tmp_path / "new.csv")
    command = ["validate", str(tmp_path / "cox.json"), str(tmp_path / "new.csv")]
    command += ["--outcome", "why == 'relapse'", "--resamples", "5"]
    assert main([*command, "--time", "months", "--thresholds", "0.3"]) == 0
    text = capsys.readouterr().out
    assert "By 6 months:" in text
    assert "By 12 months:" in text
    assert "Followed for " in text
    assert "  AUC, time-dependent " in text
    assert text.count("  at 0.3: ") == 2
    with_death = ["--time", "months", "--competing", "why == 'dead'", "--horizons", "12"]
    assert main([*command, *with_death, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["horizon"] for each in document["horizons"]] == [12]
    assert document["followed"]["n_competing"] > 0
    for wrong, said in (
        ([], "give time"),
        (["--time", "weeks"], "no column 'weeks'"),
        (["--time", "months", "--horizons", "soon"], "--horizons 'soon' is not a list"),
        (["--time", "months", "--horizons", "900"], "predicts from above 0 to"),
    ):
        assert main([*command, *wrong]) == 2
        told = capsys.readouterr()
        assert said in told.err
        assert len(told.err.splitlines()) == 1


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
