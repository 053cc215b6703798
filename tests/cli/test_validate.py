"""`vertebrisk validate`: text, JSON, the file it writes, and one line for what cannot be done."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.models.cases import quiet_fit, simulated

import vertebrisk as vr
from vertebrisk._files import sha256
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


THEIRS = NEW.select(
    Alpha=pl.col("a") / 10, b="b", grade=pl.col("g").cast(pl.String).str.to_uppercase(), y="y"
)
MAPPING = """
[variables.a]
column = "Alpha"
factor = 10
[variables.g]
column = "grade"
levels = { LOW = "low", MIDDLE = "middle", HIGH = "high" }
"""


def test_a_file_in_other_terms_is_named_drafted_and_mapped(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, draft = tmp_path / "theirs.csv", tmp_path / "map.toml"
    THEIRS.write_csv(theirs)
    command = ["validate", files[0], str(theirs), "--outcome", "y", "--resamples", "5"]
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "The model needs a, g" in told
    assert "--propose-mapping" in told
    assert main(["validate", files[0], str(theirs), "--propose-mapping", str(draft)]) == 0
    assert f"Wrote {draft}" in capsys.readouterr().out
    assert main([*command, "--mapping", str(draft)]) == 2
    assert "still marked FILL-IN" in capsys.readouterr().err
    draft.write_text(MAPPING, encoding="utf-8")
    assert main([*command, "--mapping", str(draft), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    own = vr.external_validation(FIT.model, NEW, outcome="y", resamples=5).to_dict()
    for one, other in zip(found["measures"], own["measures"], strict=True):
        assert one["estimate"] == pytest.approx(other["estimate"], rel=1e-9)
    assert main(["predict", files[0], str(theirs), "--mapping", str(draft)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert main(["predict", *files]) == 0
    assert [each.split(",")[1] for each in rows] == [
        each.split(",")[1] for each in capsys.readouterr().out.splitlines()
    ]
    assert main(["predict", *files, "--propose-mapping", str(tmp_path / "none.toml")]) == 0
    assert "no mapping is needed" in capsys.readouterr().out


def test_missing_inputs_by_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gaps = NEW.with_columns(a=pl.when(pl.int_range(pl.len()) >= 7).then("a"))
    gaps.write_csv(tmp_path / "new.csv")
    FIT.model.with_missing_inputs(FIT).save(tmp_path / "averaging.json")
    FIT.model.save(tmp_path / "model.json")
    options = ["--outcome", "y", "--resamples", "5", "--json"]

    def asked(model: str, *more: str) -> dict[str, Any]:
        assert main(["validate", str(tmp_path / model), str(tmp_path / "new.csv"), *more]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    averaged = asked("averaging.json", *options)
    assert (averaged["missing"], averaged["counts"]["averaged"]) == (None, {"a": 7})
    left = asked("averaging.json", *options, "--missing", "leave")
    assert left["counts"]["reasons"] == {"missing: a": 7}
    assert left["counts"]["n"] == 143
    again = asked("averaging.json", *options, "--missing", "average")
    assert again["measures"] == averaged["measures"]
    for model, policy, said in (
        ("averaging.json", "refuse", "Inputs are missing (a in 7 rows)"),
        ("model.json", "average", "does not average over missing inputs"),
    ):
        command = ["validate", str(tmp_path / model), str(tmp_path / "new.csv"), *options]
        assert main([*command, "--missing", policy]) == 2
        told = capsys.readouterr()
        assert said in told.err
        assert len(told.err.splitlines()) == 1


def test_risks_of_sampled_controls_hold_for_the_local_prevalence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    NEW.write_csv(tmp_path / "new.csv")
    sampled = replace(FIT.model.population, design="case-control", n=200, n_events=80)
    model = replace(FIT.model, population=sampled)
    model.save(tmp_path / "sampled.json")
    FIT.model.save(tmp_path / "cohort.json")
    command = ["--outcome", "y", "--resamples", "5", "--json"]
    new = str(tmp_path / "new.csv")

    def found(*more: str) -> tuple[dict[str, float], set[str]]:
        assert main(["validate", str(tmp_path / "sampled.json"), new, *command, *more]) == 0
        document = json.loads(capsys.readouterr().out)
        values = {each["measure"]: each["estimate"] for each in document["measures"]}
        return values, {each["code"] for each in document["findings"]}

    plain, said = found()
    assert "case-control" in said
    local, said = found("--prevalence", "0.2")
    assert "case-control" not in said
    assert local["c_index"] == plain["c_index"]
    assert local["slope"] == pytest.approx(plain["slope"], rel=1e-6)
    moved = plain["in_the_large"] - math.log(0.2 / 0.8) + math.log(80 / 120)
    assert local["in_the_large"] == pytest.approx(moved, rel=1e-6)
    for name, share, why in (
        ("cohort.json", "0.2", "this one is of a cohort"),
        ("sampled.json", "20", "prevalence is 20.0; a number between 0 and 1"),
    ):
        assert main(["validate", str(tmp_path / name), new, *command, "--prevalence", share]) == 2
        assert why in capsys.readouterr().err


def test_bad_files_are_told_in_words(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One class, ties everywhere, another unit, nine patients: an answer or one line."""
    cases = {
        "one_class": (NEW.with_columns(y=pl.lit(1)), 2, "all have the event"),
        "ties": (NEW.with_columns(a=pl.lit(1.0), b=pl.lit(0.0), g=pl.lit("low")), 0, "one-risk"),
        "unit": (NEW.with_columns(pl.col("a") + 50), 0, "extrapolation"),
        "nine": (NEW.head(9), 0, "few-events"),
        "empty": (NEW.clear(), 2, "no rows of data"),
    }
    for name, (frame, status, said) in cases.items():
        path = tmp_path / f"{name}.csv"
        frame.write_csv(path)
        command = ["validate", files[0], str(path), "--outcome", "y", "--resamples", "5"]
        assert main([*command, "--json"]) == status, name
        told = capsys.readouterr()
        assert said in (told.err if status else told.out), (name, told.err)
        assert len(told.err.splitlines()) <= 1
        if name == "unit":  # everybody is outside: more than worth a note
            found = {each["code"]: each["severity"] for each in json.loads(told.out)["findings"]}
            assert found["extrapolation"] == "warning"


def test_development_patients_are_told_from_these(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulated(300, 6).with_columns(pl.col("y").cast(pl.Int64)).write_csv(tmp_path / "old.csv")
    command = ["validate", *files, "--outcome", "y", "--resamples", "5", "--development"]
    assert main([*command, str(tmp_path / "old.csv")]) == 0
    text = capsys.readouterr().out
    assert "Membership model: 300 development patients told from 150 here" in text
    assert "Linear predictor where the model was made: mean " in text
    assert "C-index expected of these patients, were the risks right: 0." in text
    NEW.drop("a").write_csv(tmp_path / "old.csv")
    assert main([*command, str(tmp_path / "old.csv")]) == 2
    assert "Of the development patients: The model needs a" in capsys.readouterr().err


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
    assert text.count("  AUC expected of these patients, were the risks right: 0.") == 2
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


def test_the_file_that_the_model_was_made_from_is_known(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["validate", *files, "--outcome", "y", "--resamples", "2", "--json"]
    assert main(command) == 0
    assert "development-patients" not in capsys.readouterr().out
    digest = sha256(Path(files[1]).read_bytes())
    own = replace(FIT.model, provenance=replace(FIT.model.provenance, data_sha256=digest))
    own.save(files[0])
    assert main(command) == 0
    assert "development-patients" in capsys.readouterr().out
