"""What was printed beside what was found, judged on the rounding of the print."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from vertebrisk.comparison.results import (
    ComparedVariable,
    Comparison,
    Group,
    LevelCount,
    LevelRow,
    NumericSummary,
)
from vertebrisk.comparison.results import TestResult as GroupTest
from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.models.tables import RegressionRow
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.toml_files import frozen
from vertebrisk.report.results.study import PrintedNumber, StudyResult
from vertebrisk.study.replication import benefit_range, found_text, published_study, replicate
from vertebrisk.validation.results import DecisionCurve, Estimate


def test_found_numbers_take_the_printed_decimals() -> None:
    assert found_text(Printed.parse("3.790"), 3.79046) == "3.790"
    assert found_text(Printed.parse("37"), 37.0) == "37"
    assert found_text(Printed.parse("<0.001"), 0.00004, "p_value") == "<0.001"
    assert found_text(Printed.parse("0.000"), 0.00004, "p_value") == "<0.001"


def curve(model: list[float], treat_all: list[float]) -> DecisionCurve:
    thresholds = [0.1, 0.2, 0.3, 0.4]
    frame = pl.concat(
        pl.DataFrame({"model": name, "threshold": thresholds, "net_benefit": values})
        for name, values in (("model", model), ("all", treat_all), ("none", [0.0] * 4))
    )
    return DecisionCurve(frame, 0.14)


def test_benefit_range_needs_both_rivals_beaten() -> None:
    decision = curve([0.05, 0.04, 0.01, 0.0], [0.05, -0.01, -0.1, -0.2])
    assert benefit_range(decision) == (0.2, 0.3)
    assert benefit_range(curve([0.0] * 4, [0.05, -0.01, -0.1, -0.2])) is None


def result(language: str = "en") -> StudyResult:
    """Two variables, a model with a misprinted row, and performance."""
    test = GroupTest("student", "t", 0.4112, 266.0, None, 0.6812)
    summary = NumericSummary(231, 0, 23.924, 3.611, None, None, None, None, None)
    other = NumericSummary(37, 0, 23.656, 3.266, None, None, None, None, None)
    bmi = ComparedVariable(
        "bmi", "BMI", "kg/m2", "mean_sd", None, (summary, other), (), (0, 0), test, None
    )
    cells = (LevelCount(75, 32.468), LevelCount(21, 56.757))
    row = LevelRow("Blocky", "Blocky cement", LevelCount(96, 35.8), cells)
    chi = GroupTest("pearson", "chi2", 8.1842, 1.0, None, 0.00423)
    cement = ComparedVariable("cement", "Cement", "", "count", None, (), (row,), (0, 0), chi, None)
    groups = (Group("0", "No pain", 231), Group("1", "Pain", 37))
    rows = (
        RegressionRow("intercept", "(Intercept)", "Constant", "", "", -4.16027, 0.7),
        RegressionRow("estimate", "cement", "Cement", "Blocky", "Spongy", 0.79971, 0.39195, 4.163),
    )
    return cast(
        StudyResult,
        SimpleNamespace(
            facts=SimpleNamespace(language=language, model="logistic"),
            comparison=Comparison("pain", groups, (bmi, cement)),
            multivariable=rows,
            flow=SimpleNamespace(n=268, n_events=37),
            c_index=Estimate(0.7798643, 0.70, 0.86),
            validation=SimpleNamespace(corrected=lambda _: 0.751),
            validation_fixed=None,
            sampling=None,
            decision=curve([0.05, 0.04, 0.01, 0.02], [0.05, -0.01, -0.1, -0.2]),
        ),
    )


PRINTED = """
schema_version = 1
id = "lin2021"
[citation]
title = "Pain"
language = "en"
source = "paper"
[design]
kind = "cohort"
model = "logistic"
n_events = { value = "37", place = "Text" }
[outcome]
name = "pain"
label = "Pain"
kind = "binary"
definition = "Pain"
place = "Text"
[variables]
age = { label = { en = "Age", zh = "年龄" }, timing = "preoperative" }
bmi = { label = "BMI", timing = "preoperative" }
cement = { label = "Cement", levels = ["Spongy", "Blocky"], timing = "postoperative" }
[[groups]]
name = "N"
event = false
n = "231"
place = "Table 1"
[[groups]]
name = "R"
event = true
n = "38"
place = "Table 1"
[[compared]]
place = "Table 1"
variable = "bmi"
mean = ["23.92", "23.66"]
sd = ["3.61", "3.28"]
statistic = "0.411"
p_value = "0.681"
[[compared]]
place = "Table 3"
variable = "cement"
levels = { Blocky = { count = ["75", "22"], percent = ["32.5", "56.8"] } }
[[compared]]
place = "Table 1"
variable = "age"
p_value = "0.5"
[[model]]
id = "final"
kind = "logistic"
place = "Table 4"
[[model.coefficient]]
term = "cement"
level = "Blocky"
estimate = "-0.800"
std_error = "0.392"
remarks = { estimate = { en = "Sign.", zh = "符号。" } }
[model.coefficient.reading]
label = "read otherwise"
weights = [["cement", "Blocky", -1.0]]
estimate = "-0.800"
[[model.coefficient]]
term = "constant"
estimate = "-3.361"
[model.coefficient.reading]
label = "of blocky"
weights = [["constant", "", 1.0], ["cement", "Blocky", 1.0]]
estimate = "-3.361"
ratio = "0.035"
[[statistic]]
name = "auc"
label = "AUC"
value = "0.780"
place = "Text"
[[statistic]]
name = "c_index_corrected_fixed"
label = "C"
value = "0.752"
place = "Text"
[[statistic]]
name = "net_benefit_low"
label = "From"
value = "0.2"
place = "Text"
[[statistic]]
name = "net_benefit_high"
label = "To"
value = "0.66"
place = "Text"
[[statistic]]
name = "count"
variable = "cement"
level = "Blocky"
value = "96"
place = "Text"
[[statistic]]
name = "percent"
variable = "cement"
level = "Blocky"
group = "R"
value = "56.8"
place = "Text"
[[statistic]]
name = "follow_up_months"
value = "12"
place = "Text"
"""


def paper(text: str = PRINTED) -> PublishedStudy:
    return PublishedStudy.model_validate(frozen(tomllib.loads(text)))


def found(lines: tuple[PrintedNumber, ...]) -> dict[str, tuple[str, bool | None]]:
    return {line.quantity: (line.found, line.agrees) for line in lines}


def test_every_number_has_its_line_and_verdict() -> None:
    lines = replicate(result(), paper())
    assert found(lines) == {
        "No pain, patients": ("231", True),
        "Pain, patients": ("37", False),
        "BMI, mean, No pain": ("23.92", True),
        "BMI, mean, Pain": ("23.66", True),
        "BMI, SD, No pain": ("3.61", True),
        "BMI, SD, Pain": ("3.27", False),
        "BMI, test statistic": ("0.411", True),
        "BMI, P": ("0.681", True),
        "Cement: Blocky cement, n, No pain": ("75", True),
        "Cement: Blocky cement, n, Pain": ("21", False),
        "Cement: Blocky cement, %, No pain": ("32.5", True),
        "Cement: Blocky cement, %, Pain": ("56.8", True),
        "Age, P": ("–", None),
        "Cement: Blocky cement, B": ("0.800", False),
        "Cement: Blocky cement, SE": ("0.392", True),
        "Cement: Blocky cement, B, read otherwise": ("-0.800", True),
        "Constant, B": ("-4.160", False),
        "Constant, B, of blocky": ("-3.361", True),
        "Constant, odds ratio, of blocky": ("0.035", True),
        "AUC": ("0.780", True),
        "C": ("–", None),
        "From": ("0.2", True),
        "To": ("0.40", None),
        "Cement: Blocky cement, n": ("96", True),
        "follow up months": ("–", None),
    }


def test_remarks_follow_the_language() -> None:
    for language, remark, word in (("en", "Sign.", "mean"), ("zh", "符号。", "均数")):
        lines = replicate(result(language), paper())
        assert next(line.remark for line in lines if line.quantity.endswith(", B")) == remark
        assert any(word in line.quantity for line in lines)


def test_groups_are_matched_by_the_event() -> None:
    turned = PRINTED.replace("event = false", "event = None").replace(
        "event = true", "event = false"
    )
    lines = replicate(result(), paper(turned.replace("event = None", "event = true")))
    told = found(lines)
    assert told["Pain, patients"] == ("37", False)
    assert told["BMI, mean, Pain"] == ("23.66", False)
    assert told["BMI, mean, No pain"] == ("23.92", False)
    # A t statistic is the first printed group less the second.
    assert told["BMI, test statistic"] == ("-0.411", False)


def test_a_paper_is_found_in_the_library_or_beside_the_protocol(tmp_path: Path) -> None:
    def protocol(printed: str | None) -> Protocol:
        study = SimpleNamespace(printed=printed)
        path = tmp_path / (printed or "")
        return cast(Protocol, SimpleNamespace(study=study, printed_path=path))

    (tmp_path / "paper.toml").write_text(PRINTED, encoding="utf-8")
    assert published_study(protocol(None)) is None
    for name, study_id in (("li2021", "li2021"), ("paper.toml", "lin2021")):
        study = published_study(protocol(name))
        assert study is not None
        assert study.id == study_id
    with pytest.raises(DataError, match="Did you mean 'li2021'"):
        published_study(protocol("li2012"))
    with pytest.raises(DataError, match="does not exist"):
        published_study(protocol("absent.toml"))
