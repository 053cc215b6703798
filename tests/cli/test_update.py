"""`vertebrisk update`: what it prints, what it writes, and one line for what cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.models.cases import quiet_fit, simulated
from tests.reference.loader import frame

import vertebrisk as vr
from vertebrisk.cli import main
from vertebrisk.report.render_text import text_width

MODEL = quiet_fit("y ~ a + b", simulated(300, 6)).model
NEW = simulated(150, 8).with_columns(y=pl.col("y").cast(pl.Int64))
CODEBOOK = """
[variables.g]
label = { en = "Group", zh = "组" }
codes = { 7 = "low", 8 = "mid", 9 = "high" }
missing = [99]
timing = "preoperative"

[variables.a]
label = "Not asked for"
timing = "preoperative"
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str, str]:
    MODEL.save(tmp_path / "model.json")
    NEW.write_csv(tmp_path / "new.csv")
    return str(tmp_path / "model.json"), str(tmp_path / "new.csv"), "--outcome", "y == 1"


def test_text_says_what_was_tested_and_taken(
    files: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "updated.json"
    command = ["update", *files, "--extend", "g", "--out", str(out), "--when", "2026-03"]
    assert main([*command, "--resamples", "10"]) == 0
    text = capsys.readouterr().out
    found = vr.update_model(MODEL, NEW, outcome="y == 1", extension=["g"])
    assert f"150 of 150 rows used, {found.n_events} with the event" in text
    row = found.table.row(0, named=True)
    assert f"LR {row['lr_left']:.2f} on {row['df_left']} df" in text
    assert f"Taken: {found.method}, " in text
    assert "the apparent numbers of the update flatter" in " ".join(text.split())
    assert "Neither is a validation" in " ".join(text.split())
    checked = vr.validate_update(MODEL, NEW, outcome="y == 1", extension=["g"], resamples=10)
    assert f"{checked.table['corrected'][0]:.3f}" in text
    written = vr.RiskModel.load(out)
    np.testing.assert_allclose(written.beta, found.model.beta)
    assert [each.when for each in written.provenance.lineage] == ["2026-03"] * (
        found.method != "none"
    )


def test_wide_names_keep_the_coefficients_in_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cohort = NEW.select(pl.col("y"), pl.col("a").alias("年龄"))
    model = vr.RiskModel.from_table({"(Intercept)": -1.0, "年龄": 0.5}, ranges={"年龄": (-3, 3)})
    model.save(tmp_path / "model.json")
    cohort.write_csv(tmp_path / "new.csv")
    files = [str(tmp_path / "model.json"), str(tmp_path / "new.csv"), "--outcome", "y == 1"]
    assert main(["update", *files, "--resamples", "0", "--out", str(tmp_path / "new.json")]) == 0
    arrows = [line for line in capsys.readouterr().out.splitlines() if line.count(" -> ") == 1]
    assert len({text_width(line.split(" -> ")[0]) for line in arrows}) == 1


def test_json_holds_tests_lineage_and_performance(
    files: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["update", *files, "--method", "recalibration", "--resamples", "5", "--json"]
    assert main([*command, "--out", str(tmp_path / "u.json")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["schema"], printed["method"]) == ("vertebrisk/update", "recalibration")
    assert printed["lineage"][0]["when"]
    assert printed["performance"]["resamples"] == 5
    assert sum(printed["performance"]["methods"].values()) == 5
    assert (
        main([*command[:-3], "--resamples", "0", "--json", "--out", str(tmp_path / "v.json")]) == 0
    )
    assert json.loads(capsys.readouterr().out)["performance"] is None


def test_a_codebook_gives_codes_labels_and_the_reference(
    files: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    levels = sorted(NEW["g"].unique())
    codes = dict(zip(levels, ["7", "8", "9"], strict=True))
    coded = NEW.with_columns(g=pl.col("g").replace_strict(codes))
    coded = coded.with_columns(g=pl.Series(["99", *coded["g"][1:]]))
    coded.write_csv(tmp_path / "coded.csv")
    (tmp_path / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    out = tmp_path / "u.json"
    command = ["update", files[0], str(tmp_path / "coded.csv"), *files[2:], "--extend", "g"]
    command += ["--codebook", str(tmp_path / "codebook.toml"), "--resamples", "0"]
    assert main([*command, "--method", "extension", "--out", str(out)]) == 0
    assert "1 left out: predictor missing" in capsys.readouterr().out
    model = vr.RiskModel.load(out)
    group = model.design.predictor("g")
    assert (group.label, group.levels) == ("Group", ("low", "mid", "high"))
    assert group.translations["zh"]["label"] == "组"
    risks = model.predict(coded)["risk"]
    named = coded.with_columns(g=pl.col("g").replace({"7": "low", "8": "mid", "9": "high"}))
    assert risks.to_list() == model.predict(named)["risk"].to_list()
    assert risks.null_count() == 1


def test_a_mapping_and_a_time_are_taken_as_by_validate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gbsg = frame("gbsg")
    model = vr.fit_cox("Surv(rfstime, status) ~ nodes", gbsg[:300], horizons=[730]).model
    model.save(tmp_path / "cox.json")
    gbsg[300:].rename({"nodes": "lymph"}).write_csv(tmp_path / "theirs.csv")
    files = [str(tmp_path / "cox.json"), str(tmp_path / "theirs.csv")]
    draft = tmp_path / "draft.toml"
    assert main(["update", *files, "--propose-mapping", str(draft)]) == 0
    assert "Wrote" in capsys.readouterr().out
    mapping = tmp_path / "theirs.toml"
    mapping.write_text('[variables.nodes]\ncolumn = "lymph"\n', encoding="utf-8")
    rest = ["--mapping", str(mapping), "--time", "rfstime", "--outcome", "status", "--out"]
    out = tmp_path / "new.json"
    assert (
        main(["update", *files, *rest, str(out), "--method", "baseline", "--resamples", "0"]) == 0
    )
    expected = vr.update_model(
        model, gbsg[300:], outcome="Surv(rfstime, status)", method="baseline"
    ).model
    assert vr.RiskModel.load(out).baselines[0].at(730.0) == expected.baselines[0].at(730.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--outcome", "pain"], "no column 'pain'"),
        (["--outcome", " "], "--outcome is needed"),
        (["--time", "months"], "A logistic model has one time point"),
        (["--extend", "a"], "a, which the model has already"),
        (["--extend", "zz"], "no column 'zz'"),
        (["--method", "extension"], "extension names no term"),
        (["--method", "baseline"], "has no baseline hazard"),
        (["--alpha", "5"], "alpha is 5"),
        (["--resamples", "-1"], "--resamples -1 is below 0"),
        (["--when", "soon"], "when is 'soon'"),
        (["--out", "{model}"], "would overwrite an input"),
        (["--out", "u.csv"], "must end with .json"),
        (["--codebook", "none.toml", "--extend", "g"], "The codebook 'none.toml' does not exist"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    files: tuple[str, ...],
    tmp_path: Path,
    options: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = [each.replace("{model}", files[0]) for each in options]
    out = [] if "--out" in options else ["--out", str(tmp_path / "u.json")]
    assert main(["update", *files, *out, *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("vertebrisk: ")
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "u.json").exists()
