"""Studies told in Chinese: no English sentence is left in the report or the results."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.chinese import english_left
from tests.study import (
    test_followed_run as followed,
)
from tests.study import (
    test_imputed_run as imputed,
)
from tests.study import (
    test_matched_run as matched,
)
from tests.study import (
    test_penalised_run as penalised,
)

from vertebrisk.cli import main
from vertebrisk.findings import Finding
from vertebrisk.protocol import load_protocol
from vertebrisk.studies import embedded_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

# What these protocols give in English alone, and where the paper has its numbers.
GIVEN = (
    "Made for a test", "at the visit", "Body mass overweight", "Body mass obese",
    "Hormonal therapy", "Gall bladder disease", "gall bladder disease",
    "Abstract and Results", "Methods, General Data",
)  # fmt: skip


def demo(folder: Path) -> StudyRun:
    with embedded_protocol("li2021") as path:
        return run_study(load_protocol(path), RunOptions(resamples=8, language="zh"))


def survival(folder: Path) -> StudyRun:
    path = followed.gbsg_study(folder, validation={"resamples": 6})
    return followed.made(path, language="zh")


def in_sets(folder: Path) -> StudyRun:
    return matched.run(folder, language="zh")


def with_imputation(folder: Path) -> StudyRun:
    data = imputed.patients({"glu": 0.15, "bmi_group": 0.2})
    return imputed.run(imputed.study(folder, data, imputed.IMPUTED), language="zh")


def with_penalty(folder: Path) -> StudyRun:
    path = penalised.pima_study(folder, penalty={"rule": "1se", "folds": 4})
    return penalised.run(path, language="zh")


@pytest.mark.parametrize("make", [demo, survival, in_sets, with_imputation, with_penalty])
def test_no_english_sentence_is_left(make: Callable[[Path], StudyRun], tmp_path: Path) -> None:
    run = make(tmp_path)
    out = tmp_path / "out"
    write_run(run, out)
    assert english_left((out / "report.html").read_text(encoding="utf-8"), GIVEN) == []
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert results["findings"]
    for finding in results["findings"]:
        told = [finding[name] for name in ("message", "remedy", "explanation")]
        assert english_left("\n".join(told), GIVEN) == []
    rows = list(csv.reader((out / "findings.csv").read_text(encoding="utf-8").splitlines()[2:]))
    assert {row[2] for row in rows} == {finding["message"] for finding in results["findings"]}


def test_check_prints_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = followed.gbsg_study(tmp_path)
    assert main(["check", str(path), "--lang", "zh"]) == 0
    printed = capsys.readouterr().out
    assert "读入686行" in printed
    assert english_left(printed, GIVEN) == []
    assert main(["check", str(path), "--lang", "zh", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert findings
    assert all(each["message"] in printed for each in findings)


def test_plan_prints_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = {"select": {"method": "univariable", "alpha": 0.05}}
    data = imputed.patients({"glu": 0.15, "bmi_group": 0.2})
    path = imputed.study(tmp_path, data, {}, **chosen)
    assert main(["plan", str(path), "--lang", "zh"]) == 0
    printed = capsys.readouterr().out
    assert "200行，发生事件68行" in printed
    assert english_left(printed, GIVEN) == []


def test_english_that_is_left_is_seen() -> None:
    page = "<p>共3例 were left out of it</p><code>a b c d</code><li>Cox DR. On it. doi:10.1/2</li>"
    assert english_left(page) == ["were left out of it"]
    assert english_left(page, ["were left out"]) == []


def test_findings_of_a_run_in_english_are_as_ever(tmp_path: Path) -> None:
    run = matched.run(tmp_path)
    assert all(isinstance(each, Finding) for each in run.result.findings)
    assert any("odds ratios and ranks inside the sets" in e.message for e in run.result.findings)
