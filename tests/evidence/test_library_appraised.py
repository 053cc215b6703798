"""PROBAST of the library's studies, and its words and JSON form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import vertebrisk as vr
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.appraisal.answers import REPLIES
from vertebrisk.evidence.appraisal.questions import QUESTIONS
from vertebrisk.evidence.library import library_ids


@pytest.mark.parametrize("study_id", library_ids())
def test_every_study_of_the_library_is_appraised(study_id: str) -> None:
    appraisal = vr.appraise(study_id)
    assert [each.question for each in appraisal.answers] == [each.number for each in QUESTIONS]
    assert {each.answer for each in appraisal.answers} <= set(REPLIES)
    for answer in appraisal.answers:
        assert answer.reason.endswith(".")
        assert answer.places or answer.answer in ("NI", "PY", "NA")
        assert all("  " not in place for place in answer.places)
    assert appraisal.overall.risk_of_bias == "high"


@pytest.mark.parametrize(
    ("study_id", "answers"),
    [
        ("li2021", {"1.2": "PN", "2.3": "PY", "4.1": "N", "4.2": "PN", "4.5": "N", "4.7": "PY",
                    "4.8": "NI", "4.9": "PN"}),
        ("anonymous2020", {"1.1": "N", "2.3": "N", "4.1": "N", "4.5": "N", "4.6": "N", "4.7": "N",
                           "4.8": "N"}),
        ("anonymous2021", {"2.3": "PN", "3.1": "NI", "4.1": "N", "4.3": "Y", "4.9": "PN"}),
        ("anonymous2024", {"2.3": "PN", "3.1": "PY", "4.1": "N", "4.3": "Y", "4.9": "NI"}),
        ("chen2025", {"3.6": "N", "4.1": "N", "4.6": "N", "4.7": "NI", "4.9": "NI"}),
    ],
)  # fmt: skip
def test_what_the_five_papers_are_known_for(study_id: str, answers: dict[str, str]) -> None:
    appraisal = vr.appraise(study_id)
    assert {number: appraisal.answer(number).answer for number in answers} == answers


def test_events_are_counted_for_each_candidate_parameter() -> None:
    # 22 variables of which age has 3 parameters, level and Goutallier grade 2 each
    reason = vr.appraise("li2021").answer("4.1").reason
    assert (
        reason == "37 events for 26 candidate parameters (22 variables): 1.4 each, fewer than 10."
    )


def test_the_json_form_is_plain_and_whole() -> None:
    document = vr.appraise("li2021").to_dict()
    assert document["schema_version"] == 1
    assert [each["question"] for each in document["answers"]] == [each.number for each in QUESTIONS]
    assert document["answers"][0]["words"]["zh"]
    assert document["domains"][0]["applicability"] == "not rated"

    def plain(value: Any, walk: Callable[[Any], bool]) -> bool:
        if isinstance(value, dict):
            return all(map(walk, value.values()))
        if isinstance(value, list):
            return all(map(walk, value))
        return value is None or isinstance(value, str | int)

    def walk(value: Any) -> bool:
        return plain(value, walk)

    assert walk(document)


def test_questions_are_in_two_languages() -> None:
    counts = [sum(each.domain == domain for each in QUESTIONS) for domain in (1, 2, 3, 4)]
    assert counts == [2, 3, 6, 9]
    for question in QUESTIONS:
        assert question.words("en").isascii()
        assert not question.words("zh").isascii()


def test_a_question_that_there_is_not_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"There is no question '4\.10'; allowed are 1\.1"):
        vr.appraise("li2021").answer("4.10")
