"""What was printed beside what was found, judged on the rounding of the print."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

import vertebrisk
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
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.results import PrintedNumber, StudyResult
from vertebrisk.study.replication import agrees, benefit_range, decimals_of, found_text, replicate
from vertebrisk.validation.results import DecisionCurve, Estimate

LI = Path(vertebrisk.__file__).parent / "study" / "embedded" / "li2021" / "printed.toml"


@pytest.mark.parametrize(
    ("printed", "found", "expected"),
    [
        ("0.026", 0.0255, True),
        ("0.026", 0.02549, False),
        ("0.026", 0.0265, False),
        ("0.026", 0.02649, True),
        ("-0.800", -0.8005, False),
        ("-0.800", -0.7995, True),
        ("-0.800", 0.8, False),
        ("268", 268.0, True),
        ("268", 267.0, False),
        ("0.780", 0.7798643, True),
        ("0.7799", 0.7798643, True),
        ("0.774", 0.7798643, False),
        ("0.000", 0.00049, True),
        ("0.000", 0.0005, False),
        ("<0.001", 0.00099, True),
        ("<0.001", 0.001, False),
        (">0.999", 0.9995, True),
    ],
)
def test_agreement_is_judged_on_the_rounding(printed: str, found: float, expected: bool) -> None:
    assert agrees(printed, found) is expected


def test_found_numbers_take_the_printed_decimals() -> None:
    assert decimals_of("3.790") == 3
    assert found_text("3.790", 3.79046) == "3.790"
    assert found_text("37", 37.0) == "37"
    assert found_text("<0.001", 0.00004, "p_value") == "<0.001"
    assert found_text("0.000", 0.00004, "p_value") == "<0.001"


def test_a_number_that_is_none_is_said() -> None:
    with pytest.raises(DataError, match="'1,175' among the printed numbers"):
        agrees("1,175", 1.175)


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
            facts=SimpleNamespace(language=language),
            comparison=Comparison("pain", groups, (bmi, cement)),
            multivariable=rows,
            flow=SimpleNamespace(n=268, n_events=37),
            c_index=Estimate(0.7798643, 0.70, 0.86),
            validation=SimpleNamespace(corrected=lambda _: 0.751),
            validation_fixed=None,
            decision=curve([0.05, 0.04, 0.01, 0.02], [0.05, -0.01, -0.1, -0.2]),
        ),
    )


PRINTED: dict[str, Any] = {
    "groups": {"place": "Table 1", "n": ["231", "38"]},
    "compared": [
        {
            "place": "Table 1",
            "variable": "bmi",
            "mean": ["23.92", "23.66"],
            "sd": ["3.61", "3.28"],
            "statistic": "0.411",
            "p_value": "0.681",
        },
        {
            "place": "Table 3",
            "variable": "cement",
            "levels": {"Blocky": {"count": ["75", "22"], "percent": ["32.5", "56.8"]}},
        },
        {"place": "Table 1", "variable": "age", "p_value": "0.5"},
    ],
    "coefficient": [
        {
            "place": "Table 4",
            "term": "cement",
            "level": "Blocky",
            "estimate": "-0.800",
            "std_error": "0.392",
            "remarks": {"estimate": {"en": "Sign.", "zh": "符号。"}},
            "reading": {
                "label": "read otherwise",
                "weights": [["cement", "Blocky", -1.0]],
                "estimate": "-0.800",
            },
        },
        {
            "place": "Table 4",
            "term": "constant",
            "level": "",
            "estimate": "-3.361",
            "reading": {
                "label": "of blocky",
                "weights": [["constant", "", 1.0], ["cement", "Blocky", 1.0]],
                "estimate": "-3.361",
                "ratio": "0.035",
            },
        },
    ],
    "statistic": [
        {"place": "Text", "label": "AUC", "value": "auc", "printed": "0.780"},
        {"place": "Text", "label": "C", "value": "c_index_corrected_fixed", "printed": "0.752"},
        {"place": "Text", "label": "From", "value": "net_benefit_low", "printed": "0.2"},
        {"place": "Text", "label": "To", "value": "net_benefit_high", "printed": "0.66"},
    ],
}


def found(lines: tuple[PrintedNumber, ...]) -> dict[str, tuple[str, bool | None]]:
    return {line.quantity: (line.found, line.agrees) for line in lines}


def test_every_number_has_its_line_and_verdict() -> None:
    lines = replicate(result(), PRINTED)
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
        "age, P": ("–", None),
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
    }


def test_remarks_follow_the_language() -> None:
    for language, remark, word in (("en", "Sign.", "mean"), ("zh", "符号。", "均数")):
        lines = replicate(result(language), PRINTED)
        assert next(line.remark for line in lines if line.quantity.endswith(", B")) == remark
        assert any(word in line.quantity for line in lines)


def test_an_unknown_value_is_said() -> None:
    printed = {"statistic": [{"place": "", "label": "", "value": "aic", "printed": "1"}]}
    with pytest.raises(DataError, match="'aic' is not a value"):
        replicate(result(), printed)


def test_the_printed_numbers_of_li_2021_are_all_numbers_and_complete() -> None:
    printed = tomllib.loads(LI.read_text(encoding="utf-8"))
    lines = replicate(result(), printed)
    assert len(printed["compared"]) == 22
    assert all("printed" in line.to_dict() for line in lines)
    for line in lines:
        agrees(line.printed, 0.0)
    counts = [row for row in printed["compared"] if "levels" in row]
    for row in counts:
        for group, size in enumerate((231, 37)):
            numbers = [int(level["count"][group]) for level in row["levels"].values()]
            assert sum(numbers) == size
            # Percentages follow from the counts, which guards against slips in copying.
            for level, number in zip(row["levels"].values(), numbers, strict=True):
                assert agrees(level["percent"][group], 100 * number / size)
