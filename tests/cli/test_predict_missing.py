"""`vertebrisk predict` where inputs are missing: averaged over or not, and never in silence."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from tests.models.cases import quiet_fit, simulated

import vertebrisk as vr
from vertebrisk.cli import main

FIT = quiet_fit("y ~ a + b + g", simulated(200, 6))
ROWS = """a,b,g
0.1,0.2,low
,0.2,low
0.1,,
,,
o.1,0.2,low
0.3,0.2,low
0.4,0.2,high
0.5,0.1,low
0.6,0.1,middle
0.7,0.1,low
0.8,0.1,low
0.9,0.1,low
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    asking, averaging, people = (tmp_path / each for each in ("a.json", "b.json", "new.csv"))
    FIT.model.save(asking)
    FIT.model.with_missing_inputs(FIT).save(averaging)
    people.write_text(ROWS, encoding="utf-8")
    return asking, averaging, people


def test_a_model_that_averages_names_what_it_averaged_over(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, averaging, people = files
    assert main(["predict", str(averaging), str(people), "--json"]) == 0
    told = capsys.readouterr()
    rows = json.loads(told.out)["patients"]
    assert [each["flags"] for each in rows[:6]] == [
        "", "averaged over: a", "averaged over: b; averaged over: g",
        "missing: a; missing: b; missing: g", "unreadable: a", "",
    ]  # fmt: skip
    assert [each["risk"] is None for each in rows[:6]] == [False, False, False, True, True, False]
    assert [each["conf_low"] is None for each in rows[3:5]] == [True, True]
    assert rows[1]["linear_predictor"] is rows[2]["total_points"] is None
    frame = pl.DataFrame(
        {"a": [None], "b": [0.2], "g": ["low"]}, schema_overrides={"a": pl.Float64}
    )
    assert rows[1]["risk"] == vr.RiskModel.load(averaging).predict(frame)["risk"][0]
    assert "2 of 12 rows have missing inputs; their risks are averages over these" in told.err
    assert "2 of 12 rows could not be scored" in told.err


def test_a_model_that_asks_leaves_them_without_a_risk(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    asking, _, people = files
    assert main(["predict", str(asking), str(people), "--json"]) == 0
    told = capsys.readouterr()
    rows = json.loads(told.out)["patients"]
    assert [each["flags"] for each in rows[:5]] == [
        "", "missing: a", "missing: b; missing: g", "missing: a; missing: b; missing: g",
        "unreadable: a",
    ]  # fmt: skip
    assert "averages" not in told.err
    assert "4 of 12 rows could not be scored" in told.err


def test_a_damaged_model_is_one_line(
    files: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, averaging, people = files
    document = json.loads(averaging.read_text(encoding="utf-8"))
    document["missing_inputs"]["inputs"][0]["sd"] = "wide"
    averaging.write_text(json.dumps(document), encoding="utf-8")
    assert main(["predict", str(averaging), str(people)]) == 2
    told = capsys.readouterr().err
    assert "have something of 'a' that is no number" in told
    assert told.count("\n") == 1
