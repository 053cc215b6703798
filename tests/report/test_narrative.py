"""Sentences: right numbers, associational wording, and nothing said about what is absent."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.report.example import example_result, intercept_only
from tests.report.example_tables import MULTIVARIABLE

from vertebrisk._types import Language
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.main_numbers import predictors
from vertebrisk.report.narrative import narrate
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.sentences import SENTENCES
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.validation.choices import choices_of


def _told(result: StudyResult) -> dict[str, str]:
    sections = narrate(result, build_tables(result))
    return {
        key: " ".join(paragraphs).replace("\u00a0", " ") for key, paragraphs in sections.items()
    }


def _in(result: StudyResult, language: Language) -> StudyResult:
    return replace(result, facts=replace(result.facts, language=language))


def test_the_flow_is_told_with_reasons() -> None:
    told = _told(example_result())["participants"]
    assert "held 301 patients. Of these, 33 patients left" in told
    assert 'criterion "Osteoporosis on DXA" not met (12)' in told
    assert "Neurological" not in told, "nobody left at this step"
    assert "268 patients were analysed, of whom 37 (13.8%) had residual back pain" in told


def test_terms_carry_ratio_interval_and_p() -> None:
    told = _told(example_result())["multivariable"]
    assert (
        "Intravertebral vacuum cleft: Yes vs No (OR 3.79, 95 % CI 1.17 to 12.26, P = 0.026)" in told
    )
    assert "Goutallier grade: 3-4 vs 0-1 (OR 13.76, 95 % CI 3.48 to 54.48, P < 0.001)" in told
    assert "too optimistic" in told, "predictors were selected with the same data"


def test_repeated_selection_is_told_in_both_languages() -> None:
    result = example_result()
    rows = [[True, True, False], [True, False, True], [True, False, True], [True, True, False]]
    chosen = np.array([*rows, [True, False, True]])
    choices = choices_of(chosen, ("goutallier", "oedema", "cement"), ("goutallier", "oedema"))
    result = replace(result, validation=replace(result.validation, choices=choices))
    told = _told(result)["validation"]
    assert "itself chosen in 40.0% of the resamples, among 2 different models" in told
    assert "(60.0%) was another one: Goutallier grade + Cement distribution" in told
    assert "took each other's place: they were chosen together in 0.0%" in told
    assert "where 24.0% would be expected" in told
    assert "choosing by the data accounts for" in told
    chinese = _told(_in(result, "zh"))["validation"]
    assert "最终模型的入选比例为" in chinese
    assert "相互替代" in chinese
    assert "来自由数据作出的选择" in chinese


def test_a_prespecified_model_carries_no_selection_warning() -> None:
    result = example_result()
    result = replace(result, facts=replace(result.facts, selection="prespecified"))
    assert "too optimistic" not in _told(result)["multivariable"]
    assert "fixed before the analysis" in _told(result)["statistical_methods"]


def test_an_unclear_term_is_not_called_a_risk_factor() -> None:
    result = example_result()
    weak = replace(MULTIVARIABLE[0], p_value=0.4)
    told = _told(replace(result, multivariable=(weak, *MULTIVARIABLE[1:])))["multivariable"]
    assert "compatible with no association for Intravertebral vacuum cleft: Yes" in told


def test_a_spline_is_told_as_a_whole() -> None:
    result = example_result()
    whole = RegressionRow("overall", "rcs(age, 3)", "Age", "", "", wald=9.0, df=2, p_value=0.011)
    parts = [
        RegressionRow("estimate", "rcs(age, 3)", "Age", level, "", 0.1, 0.2, ratio=1.1, p_value=0.6)
        for level in ("age", "age'")
    ]
    told = _told(replace(result, multivariable=(whole, *parts)))["multivariable"]
    assert "Age (all its terms together, P = 0.011)" in told
    assert "age'" not in told


def test_a_separated_term_is_told_without_an_interval() -> None:
    result = example_result()
    open_ended = replace(MULTIVARIABLE[0], conf_low=None, conf_high=None)
    told = _told(replace(result, multivariable=(open_ended, *MULTIVARIABLE[1:])))["multivariable"]
    assert "Yes vs No (OR 3.79, P = 0.026)" in told


def test_a_model_without_predictors_says_so() -> None:
    told = _told(intercept_only())
    assert "No candidate was selected" in told["multivariable"]
    assert "13.8%" in told["multivariable"]
    assert "has no nomogram" in told["nomogram"]
    assert "the same risk" in told["summary"]
    assert told["replication"] == ""
    assert "held fixed" not in told["validation"]
    assert "slope" not in told["calibration"], "a slope that does not exist is not told"


def test_validation_tells_optimism_and_what_was_left_out() -> None:
    told = _told(example_result())["validation"]
    assert "With 1000 bootstrap resamples" in told
    assert "from 0.780 to 0.753 (95 % CI 0.673 to 0.823), an optimism of 0.027" in told
    assert "held fixed, as papers commonly do, it would have been 0.765" in told
    assert "49 of the resamples had no finite" in told
    assert "2 of the resamples could not be fitted" in told


def test_vertebrae_are_told_as_clustered() -> None:
    result = example_result()
    flow = Flow("vertebra", 300, (), 300, 37, 268)
    told = _told(replace(result, flow=flow))["participants"]
    assert "300 vertebrae were analysed" in told
    assert "from 268 patients" in told
    assert "None was excluded" in told


def test_decision_is_told_at_the_thresholds_of_the_protocol() -> None:
    told = _told(example_result())["decision"]
    assert "net benefit of the model was 0.093 (95 % CI 0.063 to 0.123)" in told
    assert "the apparent one was 0.099" in told


def test_replication_counts_agreement() -> None:
    told = _told(example_result())["replication"]
    assert "Of 4 printed numbers, 2 agree with what was found here and 1 do not." in told
    assert "1 cannot be judged." in told


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("result", [example_result(), intercept_only()], ids=["full", "bare"])
def test_no_sentence_is_broken_or_causal(result: StudyResult, language: Language) -> None:
    told = " ".join(_told(_in(result, language)).values())
    for wrong in (
        "None",
        "nan",
        "inf ",
        "{",
        "}",
        "..",
        "。。",
        "diagnos",
        "risk factor",
        "caused",
    ):
        if wrong == "None" and language == "en":
            wrong = "None)"
        assert wrong not in told
    if language == "zh":
        assert "。" in told


def test_both_languages_have_the_same_places() -> None:
    for key, (english, chinese) in SENTENCES.items():
        places = set(re.findall(r"{(\w+)}", english))
        assert places == set(re.findall(r"{(\w+)}", chinese)), key


def test_missing_values_are_told_by_kind() -> None:
    flow = example_result().flow
    steps = (
        FlowStep("outcome-missing", "Outcome Not Known", "", 12, 280),
        FlowStep("predictor-missing", "Candidate Missing", "", 12, 268),
    )
    result = replace(example_result(), flow=replace(flow, steps=steps))
    assert "outcome missing (12) and predictor missing (12)" in _told(result)["participants"]
    chinese = _told(_in(result, "zh"))["participants"]
    assert "结局缺失（12）、预测因子缺失（12）" in chinese


def test_units_of_predictors_stand_in_brackets() -> None:
    result = example_result()
    axis = replace(result.nomogram.axes[0], label="Age", unit="years")
    nomogram = replace(result.nomogram, axes=(axis,))
    row = RegressionRow("estimate", "age", "Age, years", "", "", 0.1, 0.1)
    aged = replace(result, nomogram=nomogram, multivariable=(row,))
    assert predictors(aged) == ("Age (years)",)
    assert predictors(_in(aged, "zh")) == ("Age（years）",)


def test_no_selection_is_given_as_the_reason_for_absent_values() -> None:
    assert "has no corrected value" in _told(intercept_only())["validation"]
    assert "has no corrected value" not in _told(example_result())["validation"]
