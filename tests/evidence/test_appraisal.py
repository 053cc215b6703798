"""PROBAST from a study's file: every rule turns on what it says it turns on."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.honest_papers.papers import honest_paper

import vertebrisk as vr
from vertebrisk.evidence.appraisal.predictors_of import final_model
from vertebrisk.evidence.library import library_ids
from vertebrisk.evidence.published import PaperModel, PublishedStudy
from vertebrisk.protocol.toml_files import frozen

SILENT = """
schema_version = 1
id = "lin2020"
[citation]
title = "Pain"
language = "en"
source = "paper"
[design]
kind = "cohort"
model = "logistic"
n_events = { value = "200", place = "Abstract" }
[outcome]
name = "pain"
label = "Pain"
kind = "binary"
definition = "Pain"
place = "Methods"
"""

# A development without a fault, scored on other patients: low in every domain.
GOOD = """
schema_version = 1
id = "lin2020"
[citation]
title = "Pain"
language = "en"
source = "paper"
[design]
kind = "cohort"
model = "logistic"
n = { value = "1000", place = "Abstract" }
n_events = { value = "200", place = "Abstract" }
[[eligibility.include]]
text = "T score of -2.5 or less"
place = "Methods"
known = "preoperative"
[outcome]
name = "pain"
label = "Pain"
kind = "binary"
definition = "VAS of 4 or more"
threshold = "VAS >= 4"
time_point = "1 month"
arises = "later"
place = "Methods, Outcome"
[methods]
purpose = { value = "development", place = "Abstract" }
use_at = { value = "preoperative", place = "Abstract" }
collection = { value = "prospective", place = "Methods" }
enrolled = { value = "1000", place = "Results" }
predictors_alike = { value = true, place = "Methods" }
outcome_by = { value = "score", place = "Methods" }
outcome_standard = { value = "standard", place = "Methods" }
outcome_uses = { value = ["vas_1m"], place = "Methods" }
outcome_alike = { value = true, place = "Methods" }
outcome_blinded = { value = true, place = "Methods" }
selection = { value = "stepwise", place = "Methods" }
nonlinearity = { value = "splines", place = "Methods" }
missing = { value = "multiple-imputation", place = "Methods" }
discrimination = { value = ["c-index"], place = "Results" }
calibration = { value = ["plot"], place = "Figure 3" }
internal_validation = { value = "bootstrap", place = "Methods" }
procedure_repeated = { value = true, place = "Methods" }
optimism_corrected = { value = true, place = "Table 4" }
external_validation = { value = true, place = "Results" }
[variables.age]
label = "Age"
timing = "preoperative"
[variables.cleft]
label = "Cleft"
levels = ["No", "Yes"]
timing = "preoperative"
[variables.grade]
label = "Grade"
levels = ["0-1", "2", "3-4"]
timing = "preoperative"
[variables.vas_1m]
label = "VAS at 1 month"
timing = "postoperative"
[[groups]]
name = "No pain"
event = false
n = "800"
place = "Table 1"
[[groups]]
name = "Pain"
event = true
n = "200"
place = "Table 1"
[[compared]]
variable = "age"
place = "Table 1"
mean_sd = ["71.2±5.3", "74.0±6.1"]
[[compared]]
variable = "cleft"
place = "Table 1"
levels = { No = ["600", "100"], Yes = ["200", "100"] }
[[compared]]
variable = "grade"
place = "Table 1"
[[compared]]
variable = "vas_1m"
place = "Table 2"
[[model]]
id = "final"
kind = "logistic"
place = "Table 3"
[[model.coefficient]]
term = "age"
estimate = "0.05"
ratio = "1.05"
[[model.coefficient]]
term = "cleft"
level = "Yes"
estimate = "1.10"
ratio = "3.00"
[[model.coefficient]]
term = "constant"
estimate = "-4.2"
"""

POPULATION = 'population = { text = "All", place = "Methods", n = "1000", n_events = "200" }\n'


def study_of(text: str) -> PublishedStudy:
    return PublishedStudy.model_validate(frozen(tomllib.loads(text)))


def appraised(text: str) -> vr.Appraisal:
    return vr.appraise(study_of(text))


def changed(*pairs: tuple[str, str]) -> str:
    text = GOOD
    for old, new in pairs:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text


def without(key: str) -> tuple[str, str]:
    """The line of a key taken away."""
    line = next(line for line in GOOD.splitlines() if line.startswith(f"{key} = "))
    return f"{line}\n", ""


def valued(key: str, value: str) -> tuple[str, str]:
    """The answer of a key of [methods], or the key added."""
    said = f'{key} = {{ value = {value}, place = "There" }}\n'
    if f"\n{key} = " in GOOD:
        return without(key)[0], said
    return "[methods]\n", f"[methods]\n{said}"


def test_a_study_without_a_fault_is_low_throughout() -> None:
    appraisal = appraised(GOOD)
    assert {each.question: each.answer for each in appraisal.answers if not each.good} == {}
    assert [each.risk_of_bias for each in appraisal.domains] == ["low"] * 4
    assert appraisal.overall.risk_of_bias == "low"


def test_a_silent_file_gives_no_information() -> None:
    appraisal = appraised(SILENT)
    said = {each.question: each.answer for each in appraisal.answers if each.answer != "NI"}
    assert said == {"1.1": "PY"}  # that it is a cohort is all the file says
    assert [each.risk_of_bias for each in appraisal.domains] == ["unclear"] * 4
    assert appraisal.overall.risk_of_bias == "unclear"
    assert all(each.reason for each in appraisal.answers)


CASE_CONTROL = ('kind = "cohort"\n', f'kind = "case-control"\n{POPULATION}')
COX = ('model = "logistic"\n', 'model = "cox"\n')
OVER_TIME = ('kind = "binary"\n', 'kind = "time-to-event"\n')
POSTOPERATIVE = ('levels = ["No", "Yes"]\ntiming = "preoperative"',
                 'levels = ["No", "Yes"]\ntiming = "postoperative"')  # fmt: skip


@pytest.mark.parametrize(
    ("question", "answer", "changes"),
    [
        ("1.1", "PY", [without("collection")]),
        ("1.1", "PY", [valued("collection", '"retrospective"')]),
        ("1.1", "PN", [CASE_CONTROL]),
        ("1.1", "N", [CASE_CONTROL, valued("prevalence_corrected", "false")]),
        ("1.1", "PY", [CASE_CONTROL, valued("prevalence_corrected", "true")]),
        ("1.2", "PN", [('known = "preoperative"', 'known = "postoperative"')]),
        ("1.2", "PY", [('known = "preoperative"', 'known = "intraoperative"')]),
        ("1.2", "NI", [('known = "preoperative"\n', "")]),
        ("1.2", "NI", [('source = "paper"', 'source = "abstract"')]),
        ("1.2", "NI", [('known = "preoperative"', 'known = "postoperative"'),
                       valued("use_at", '"postoperative"')]),
        ("1.2", "PN", [('known = "preoperative"', 'known = "postoperative"'),
                       valued("use_at", '"postoperative"'),
                       valued("incomplete_excluded", "true")]),
        ("2.1", "N", [valued("predictors_alike", "false")]),
        ("2.1", "NI", [without("predictors_alike")]),
        ("2.2", "NI", [valued("collection", '"retrospective"')]),
        ("2.2", "PY", [valued("collection", '"retrospective"'),
                       valued("predictors_precede", "true")]),
        ("2.2", "N", [valued("predictors_blinded", "false")]),
        ("2.3", "N", [POSTOPERATIVE]),
        ("2.3", "PN", [POSTOPERATIVE, without("use_at")]),
        ("2.3", "PY", [POSTOPERATIVE, valued("use_at", '"postoperative"')]),
        ("2.3", "PY", [without("use_at")]),
        ("2.3", "NI", [(GOOD[GOOD.index('[[model.coefficient]]'):], "")]),
        ("3.1", "NI", [without("outcome_by")]),
        ("3.1", "NI", [without("threshold")]),
        ("3.1", "NI", [without("time_point")]),
        ("3.1", "PY", [without("threshold"), valued("outcome_by", '"imaging"')]),
        ("3.1", "NI", [valued("outcome_by", '"records"')]),
        ("3.2", "NI", [without("outcome_standard")]),
        ("3.2", "PN", [valued("outcome_standard", '"own"')]),
        ("3.2", "N", [valued("outcome_standard", '"data-driven"')]),
        ("3.3", "N", [valued("outcome_uses", '["vas_1m", "cleft"]')]),
        ("3.3", "Y", [valued("outcome_uses", "[]")]),
        ("3.3", "NI", [without("outcome_uses")]),
        ("3.4", "N", [valued("outcome_alike", "false")]),
        ("3.5", "N", [valued("outcome_blinded", "false")]),
        ("3.5", "NI", [without("outcome_blinded")]),
        ("3.6", "NI", [POSTOPERATIVE]),
        ("3.6", "PY", [POSTOPERATIVE, valued("predictors_precede", "true")]),
        ("3.6", "N", [valued("predictors_precede", "false")]),
        ("3.6", "NI", [without("time_point")]),
        ("3.6", "NI", [('arises = "later"\n', "")]),
        ("3.6", "PY", [('arises = "later"', 'arises = "operation"')]),
        ("3.6", "N", [('arises = "later"', 'arises = "operation"'), POSTOPERATIVE]),
        # 4 parameters: age, cleft, two of grade; the outcome's score is none
        ("4.1", "N", [('n_events = { value = "200"', 'n_events = { value = "39"')]),
        ("4.1", "PN", [('n_events = { value = "200"', 'n_events = { value = "40"')]),
        ("4.1", "PN", [('n_events = { value = "200"', 'n_events = { value = "79"')]),
        ("4.1", "PY", [('n_events = { value = "200"', 'n_events = { value = "80"')]),
        # the smaller group counts: 1000 - 961 = 39
        ("4.1", "N", [('n_events = { value = "200"', 'n_events = { value = "961"')]),
        ("4.1", "PY", [('n_events = { value = "200"', 'n_events = { value = "961"'), OVER_TIME]),
        ("4.1", "NI", [('n_events = { value = "200"', 'n_events = { value = "1001"')]),
        ("4.1", "NI", [('source = "paper"', 'source = "abstract"')]),
        ("4.1", "PY", [valued("selection", '"prespecified"'),
                       ('source = "paper"', 'source = "abstract"')]),
        ("4.1", "N", [valued("candidates", '"30"')]),
        ("4.1", "NI", [('event = true', 'event = false')]),
        ("4.1", "Y", [valued("purpose", '"external-validation"')]),
        ("4.1", "N", [valued("purpose", '"external-validation"'),
                      ('n_events = { value = "200"', 'n_events = { value = "99"')]),
        ("4.2", "NI", [without("nonlinearity")]),
        ("4.2", "PN", [valued("nonlinearity", '"linear"')]),
        ("4.2", "Y", [valued("nonlinearity", '"checked"')]),
        ("4.2", "N", [('levels = ["No", "Yes"]', 'cut = true\nlevels = ["No", "Yes"]')]),
        ("4.2", "PN", [('"3-4"]', '"3-4"]\ncut = true')]),
        ("4.2", "PN", [('["0-1", "2", "3-4"]', '["<60", "60-70", ">70"]')]),
        ("4.2", "PY", [('[[model.coefficient]]\nterm = "age"\nestimate = "0.05"\nratio = "1.05"\n',
                        "")]),
        ("4.3", "PN", [valued("enrolled", '"1100"')]),
        ("4.3", "NI", [valued("enrolled", '"900"')]),
        ("4.3", "NI", [without("enrolled")]),
        ("4.3", "PN", [valued("incomplete_excluded", "true")]),
        ("4.3", "PY", [without("enrolled"), valued("incomplete_excluded", "false")]),
        ("4.3", "NI", [CASE_CONTROL]),
        ("4.4", "NI", [without("missing")]),
        ("4.4", "PN", [without("missing"), valued("incomplete_excluded", "true")]),
        ("4.4", "N", [valued("missing", '"complete-case"')]),
        ("4.4", "N", [valued("missing", '"indicator"')]),
        ("4.4", "PN", [valued("missing", '"single-imputation"')]),
        ("4.4", "Y", [valued("missing", '"complete"')]),
        ("4.5", "N", [valued("selection", '"univariable"')]),
        ("4.5", "N", [valued("selection", '"univariable-stepwise"')]),
        ("4.5", "NI", [without("selection")]),
        ("4.5", "Y", [valued("selection", '"prespecified"')]),
        ("4.5", "Y", [valued("selection", '"all-candidates"')]),
        ("4.5", "Y", [valued("selection", '"lasso"')]),
        ("4.5", "NA", [valued("purpose", '"external-validation"')]),
        ("4.6", "PN", [CASE_CONTROL]),
        ("4.6", "N", [CASE_CONTROL, valued("prevalence_corrected", "false")]),
        ("4.6", "PY", [CASE_CONTROL, valued("prevalence_corrected", "true")]),
        ("4.6", "N", [COX, OVER_TIME, ('arises = "later"', 'arises = "operation"')]),
        ("4.6", "NI", [COX, OVER_TIME]),
        ("4.6", "PY", [COX, OVER_TIME, valued("competing_risks", '"handled"')]),
        ("4.6", "PN", [COX, OVER_TIME, valued("competing_risks", '"ignored"')]),
        ("4.6", "PN", [OVER_TIME]),
        ("4.6", "PN", [valued("clustering", '"ignored"')]),
        ("4.6", "PN", [valued("incomplete_excluded", "true")]),
        ("4.6", "NI", [without("enrolled")]),
        ("4.7", "NI", [without("calibration")]),
        ("4.7", "NI", [valued("calibration", '["words"]')]),
        ("4.7", "PN", [valued("calibration", '["hosmer-lemeshow"]')]),
        ("4.7", "PY", [valued("calibration", '["hosmer-lemeshow", "slope"]')]),
        ("4.7", "NI", [without("discrimination")]),
        ("4.7", "PY", [without("discrimination"),
                       ("[[model]]", '[[statistic]]\nname = "auc"\nvalue = "0.78"\n'
                                     'place = "Abstract"\n[[model]]')]),
        ("4.7", "PY", [without("calibration"),
                       ("[[model]]", '[[statistic]]\nname = "calibration_slope_corrected"\n'
                                     'value = "0.91"\nplace = "Results"\n[[model]]')]),
        ("4.7", "N", [valued("discrimination", '["none"]'), valued("calibration", '["none"]')]),
        ("4.8", "NI", [without("internal_validation")]),
        ("4.8", "N", [valued("internal_validation", '"none"')]),
        ("4.8", "N", [valued("internal_validation", '"split"')]),
        ("4.8", "PN", [valued("procedure_repeated", "false")]),
        ("4.8", "NI", [without("procedure_repeated")]),
        ("4.8", "PY", [without("procedure_repeated"), valued("selection", '"prespecified"')]),
        ("4.8", "PN", [valued("optimism_corrected", "false")]),
        ("4.8", "NI", [without("optimism_corrected")]),
        ("4.8", "NA", [valued("purpose", '"external-validation"')]),
        ("4.9", "NI", [('[[model.coefficient]]\nterm = "constant"\nestimate = "-4.2"\n', "")]),
        ("4.9", "PN", [('ratio = "3.00"', 'ratio = "2.00"')]),
        ("4.9", "PN", [('estimate = "0.05"\nratio = "1.05"\n', "")]),
        ("4.9", "NA", [valued("purpose", '"external-validation"')]),
    ],
)  # fmt: skip
def test_a_rule_turns_on_one_change(
    question: str, answer: str, changes: list[tuple[str, str]]
) -> None:
    found = appraised(changed(*changes)).answer(question)
    assert found.answer == answer, found.reason


def test_counts_that_leave_patients_out_are_told() -> None:
    text = changed(without("missing"), ('Yes = ["200", "100"]', 'Yes = ["198", "99"]'))
    answer = appraised(text).answer("4.4")
    assert answer.answer == "NI"
    assert answer.reason.startswith("Cleft is not counted in 3 patients")
    # one level of two is no count of everybody
    text = changed(without("missing"), ('No = ["600", "100"], ', ""))
    assert appraised(text).answer("4.4").reason == "The file says nothing of missing values."


def test_a_domain_is_as_bad_as_its_worst_answer() -> None:
    unclear = appraised(changed(without("outcome_blinded")))
    assert unclear.domains[2].risk_of_bias == "unclear"
    assert unclear.domains[2].because == ("3.5",)
    assert unclear.overall.risk_of_bias == "unclear"
    high = appraised(changed(without("outcome_blinded"), valued("outcome_alike", "false")))
    assert high.domains[2].risk_of_bias == "high"
    assert high.domains[2].because == ("3.4",)
    assert high.overall.reason == "Outcome: high."


def test_a_development_that_nobody_validated_is_not_low() -> None:
    for change in (without("external_validation"), valued("external_validation", "false")):
        appraisal = appraised(changed(change))
        assert {each.risk_of_bias for each in appraisal.domains} == {"low"}
        assert appraisal.overall.risk_of_bias == "high"
        assert "without an external validation" in appraisal.overall.reason
    scored = '[[statistic]]\nname = "auc_external"\nvalue = "0.71"\nplace = "Results"\n[[model]]'
    text = changed(without("external_validation"), ("[[model]]", scored))
    assert appraised(text).overall.risk_of_bias == "low"
    both = changed(
        without("external_validation"), valued("purpose", '"development-and-validation"')
    )
    assert appraised(both).overall.risk_of_bias == "low"


METHODS = [
    line.split(" = ")[0]
    for line in GOOD[GOOD.index("[methods]\n") : GOOD.index("[variables.age]")].splitlines()[1:]
]


@given(st.sets(st.sampled_from(METHODS)))
def test_silence_is_never_a_fault(silent: set[str]) -> None:
    """Whatever a cohort's file leaves unsaid, no answer turns into a no."""
    appraisal = appraised(changed(*(without(key) for key in sorted(silent))))
    assert [each for each in appraisal.answers if each.bad] == []
    assert {each.risk_of_bias for each in appraisal.domains} <= {"low", "unclear"}


@given(st.permutations(range(4)), st.permutations(range(3)))
def test_order_of_rows_does_not_matter(compared: list[int], coefficients: list[int]) -> None:
    study = study_of(changed(valued("outcome_uses", '["cleft"]'), valued("candidates", '"30"')))
    model = study.model[0]
    turned = study.model_copy(
        update={
            "compared": tuple(study.compared[place] for place in compared),
            "model": (
                model.model_copy(
                    update={"coefficient": tuple(model.coefficient[k] for k in coefficients)}
                ),
            ),
        }
    )
    replies = [each.answer for each in vr.appraise(study).answers]
    assert [each.answer for each in vr.appraise(turned).answers] == replies


def test_rows_of_honest_papers_are_not_called_contradictory() -> None:
    """Truncated ratios, ratios per ten units and of the inverse coding are no contradictions."""
    judged = 0
    for seed in range(40):
        study = honest_paper(np.random.default_rng(seed)).subject().study
        if study is not None and study.model:
            judged += 1
            assert "contradicted" not in vr.appraise(study).answer("4.9").reason
    assert judged > 10


def test_applicability_is_left_to_the_reader() -> None:
    applicability = [each.applicability for each in appraised(GOOD).domains]
    assert applicability == ["not rated"] * 3 + ["not asked"]


def test_words_of_the_file_do_not_change_an_answer() -> None:
    """Free text is never searched: a claim that is not in [methods] answers nothing."""
    claim = (
        '[[statement]]\ntext = "Univariable selection, complete cases, no validation, unblinded"\n'
        'place = "Methods"\n'
    )
    assert appraised(SILENT + claim).answers == appraised(SILENT).answers


def test_the_model_that_is_judged_is_final_or_whole_or_last() -> None:
    final = study_of(GOOD).model[0]
    bare = final.model_copy(update={"id": "bare", "coefficient": final.coefficient[:1]})
    named = final.model_copy(update={"id": "whole"})

    def judged(*models: PaperModel) -> str:
        chosen = final_model(study_of(GOOD).model_copy(update={"model": models}))
        return chosen.id if chosen is not None else ""

    assert judged() == ""
    assert judged(bare, final, named) == "final"
    assert judged(bare, named, bare.model_copy(update={"id": "quoted"})) == "whole"
    assert judged(bare, bare.model_copy(update={"id": "quoted"})) == "quoted"


def test_several_studies_keep_their_order() -> None:
    assert [each.study for each in vr.appraise_library()] == list(library_ids())
    chosen = vr.appraise_library("li2021", study_of(GOOD), "chen2025")
    assert [each.study for each in chosen] == ["li2021", "lin2020", "chen2025"]
    with pytest.raises(vr.errors.DataError, match="Did you mean 'li2021'"):
        vr.appraise("li2012")
