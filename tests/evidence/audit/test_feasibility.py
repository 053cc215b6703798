"""The audit of whole regression tables against the margins of the groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.evidence.audit.papers import paper, table

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.audit.regression.possible_fit import checks
from vertebrisk.evidence.audit.subject import Subject, subject_of
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.library import find_study

# With 2, 4 and 9 of those with a cleft and the event in grades 1 to 3, and 6, 6 and 8 of
# those with a cleft and without it, the fit is -2.120, 1.203, 0.451 and 1.001.
COMPARED = [
    {
        "variable": "cleft", "place": "Table 1",
        "levels": {"No": {"count": ["25", "140"]}, "Yes": {"count": ["15", "20"]}},
    },
    {
        "variable": "grade", "place": "Table 1",
        "levels": {
            "1": {"count": ["10", "70"]}, "2": {"count": ["14", "60"]}, "3": {"count": ["16", "30"]}
        },
    },
]  # fmt: skip
CLEFT = {"term": "cleft", "level": "Yes", "estimate": "1.203"}
GRADES = [
    {"term": "grade", "level": "2", "estimate": "0.451"},
    {"term": "grade", "level": "3", "estimate": "1.001"},
]


def subject(*rows: dict[str, Any], model: dict[str, Any] | None = None, **tables: Any) -> Subject:
    given = {"compared": COMPARED, "model": [table(*rows, **(model or {}))]} | tables
    return subject_of(paper(**given))


def only(given: Subject) -> Check:
    found = list(checks(given))
    assert len(found) == 1
    return found[0]


def test_a_table_that_the_groups_allow_is_consistent() -> None:
    check = only(subject(CLEFT, *GRADES))
    assert check.verdict == "consistent"
    assert check.message.startswith("Patients with the counts and means of Table 1 can have")


def test_a_sign_that_no_cohort_can_have_is_named() -> None:
    check = only(subject(CLEFT | {"estimate": "-1.203"}, *GRADES))
    assert check.id == "possible-fit"
    assert (check.verdict, check.severity, check.failure) == ("inconsistent", "risk", "wording")
    assert "one alone is possible: 'Cleft' with its sign turned" in check.message
    assert check.notes[0].startswith("The one possible reading")
    assert "Cleft = Yes +1.203" in check.notes[0]


def test_a_table_without_a_possible_reading_is_irreconcilable() -> None:
    check = only(subject(CLEFT | {"estimate": "4.30"}, *GRADES))
    assert (check.verdict, check.failure) == ("inconsistent", "irreconcilable")
    assert "none is possible" in check.message


def test_a_constant_that_predicts_too_many_events_says_how_many() -> None:
    constant = {"term": "constant", "estimate": "0.20"}
    check = only(subject(CLEFT, *GRADES, constant))
    assert check.verdict == "inconsistent"
    assert "events where 40 were seen" in check.message


def test_a_number_that_its_row_outvotes_is_read_as_the_row_says() -> None:
    """With its B off alone, a row is one inconsistency, not two."""
    outvoted = {
        "term": "cleft", "level": "Yes", "estimate": "2.103", "std_error": "0.425", "wald": "8.03",
        "p_value": "0.005", "ratio": "3.331", "conf_low": "1.449", "conf_high": "7.656",
    }  # fmt: skip
    given = subject(outvoted, *GRADES)
    assert only(given).verdict == "consistent"
    found = audit_subjects([given]).inconsistent
    assert [check.id for check in found] == ["ratio-of-coefficient"]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"methods": {"estimator": {"value": "firth", "place": "Methods"}}}, "but firth"),
        ({"methods": {"nonlinearity": {"value": "splines", "place": "Methods"}}}, "taken linear"),
        (
            {"methods": {"missing": {"value": "multiple-imputation", "place": "Methods"}}},
            "pooled after imputation",
        ),
        ({"model": {"place": "Abstract"}}, "may leave out terms"),
        ({"model": {"id": "univariable"}}, "models of their own"),
        ({"compared": []}, "is not printed"),
    ],
)
def test_another_method_or_sample_is_not_checkable(changes: dict[str, Any], match: str) -> None:
    check = only(subject(CLEFT | {"estimate": "-1.203"}, *GRADES, **changes))
    assert check.verdict == "not checkable"
    assert match in check.message


def test_a_table_of_another_sample_leaves_the_models_patients_unknown() -> None:
    given = subject(CLEFT | {"estimate": "-1.203"}, *GRADES)
    assert given.main is not None
    group = given.main.groups[0]
    other = replace(given.main, id="other", groups=(replace(group, event=None),), rows=())
    check = only(replace(given, comparisons=(*given.comparisons, other)))
    assert check.verdict == "not checkable"
    assert "different samples" in check.message


def test_a_quotation_is_not_asked_again() -> None:
    tables = [table(CLEFT, *GRADES), table(CLEFT, id="abstract", quotes="final")]
    assert only(subject_of(paper(compared=COMPARED, model=tables))).about == "model 'final'"


def pasted(*rows: dict[str, Any]) -> Subject:
    given = subject(*rows, model={"id": "multivariable"})
    return replace(given, variables={}, statistics=(), statements=(), study=None)


def test_of_a_table_alone_a_penalised_fit_is_not_ruled_out_by_little() -> None:
    far = only(pasted(CLEFT | {"estimate": "-1.203"}, *GRADES))
    assert far.verdict == "inconsistent"
    near = only(pasted(CLEFT | {"estimate": "1.600"}, *GRADES))
    assert near.verdict == "not checkable"
    assert "Firth" in near.message
    known = only(subject(CLEFT | {"estimate": "1.600"}, *GRADES))
    assert known.verdict == "inconsistent"


def test_a_table_alone_must_say_that_its_rows_are_one_model() -> None:
    given = pasted(CLEFT, *GRADES)
    model = given.models[0].model_copy(update={"id": "table 2"})
    check = only(replace(given, models=(model,)))
    assert "Whether the rows are one model" in check.message


def test_the_tables_of_the_library() -> None:
    li = only(subject_of(find_study("li2021")))
    assert "+0.800" in li.message
    assert "Table 2 and Table 3" in li.message
    assert "events where 37 were seen" in li.message
    assert "the constant that of patients with 'Cement distribution = Blocky'" in li.message
    assert "constant -4.161" in li.notes[0]
    anonymous = only(subject_of(find_study("anonymous2020")))
    assert "All of them have 'Number of fractured vertebrae' with its sign turned" in (
        anonymous.message
    )
    for name in ("anonymous2021", "anonymous2024", "chen2025"):
        assert only(subject_of(find_study(name))).verdict == "not checkable"
