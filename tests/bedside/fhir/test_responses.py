"""Answers to a questionnaire of the model as patients, or a refusal at the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.bedside.fhir.requests import answered, bundle, form_of, observations
from tests.bedside.fhir.test_reading import GOOD, MODEL, Resource, issues_of, one, read

from vertebrisk.bedside.fhir.assessment import NOBODY

Change = Callable[[Resource], object]
ANSWERS: dict[str, tuple[Change, str]] = {
    "twice": (lambda r: r["item"].append(r["item"][0]), "duplicate"),
    "two answers": (lambda r: r["item"][0]["answer"].append({"valueDecimal": 1}), "conflict"),
    "strange": (lambda r: r["item"].append(
        {"linkId": "Zhang", "answer": [{"valueString": "San"}]}), "not-supported"),
    "another": (lambda r: r.update(questionnaire="http://x.example/q"), "not-supported"),
    "stopped": (lambda r: r.update(status="stopped"), "code-invalid"),
    "no status": (lambda r: r.pop("status"), "code-invalid"),
    "text for a number": (
        lambda r: r["item"][0].update(answer=[{"valueString": "Zhang"}]), "value"),
    "no level": (lambda r: r["item"][2].update(answer=[{"valueString": "Zhang"}]), "code-invalid"),
    "quantity for a level": (
        lambda r: r["item"][2].update(answer=[{"valueQuantity": {"value": 3}}]), "code-invalid"),
    "two values": (
        lambda r: r["item"][0]["answer"][0].update(valueInteger=1), "structure"),
    "no list": (lambda r: r.update(item={"linkId": "a"}), "structure"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_are_refused(name: str) -> None:
    change, code = ANSWERS[name]
    response = answered(form_of(MODEL), 4)
    change(response)
    issues = issues_of(response)
    assert issues[0].code == code
    assert issues[0].expression.startswith("QuestionnaireResponse")
    assert "Zhang" not in str([each.to_dict() for each in issues])


def test_answers_in_groups_not_final_or_to_an_older_form_are_read() -> None:
    response = answered(form_of(MODEL), 4)
    expected = one(response).values
    response["item"] = [{"linkId": "group", "item": response["item"]}]
    response |= {"status": "in-progress", "id": "r1", "subject": {"reference": "Patient/3"}}
    response["questionnaire"] = "urn:vertebrisk:model:m1:questionnaire|old"
    found = one(response)
    assert found.values == expected
    assert found.grounds.preliminary
    assert len(found.grounds.remarks) == 2
    assert found.grounds.basis == [{"reference": "QuestionnaireResponse/r1"}]
    assert found.grounds.subject == {"reference": "Patient/3"}


def test_a_subject_inside_the_answers_is_not_referred_to_from_outside() -> None:
    response = {**answered(form_of(MODEL), 4), "subject": {"reference": "#p", "display": "x"}}
    assert one(response).grounds.subject == NOBODY


def test_responses_in_a_bundle_are_a_patient_each() -> None:
    responses = [answered(form_of(MODEL), seed) for seed in range(2)]
    for place, each in enumerate(responses):
        each["subject"] = {"reference": f"Patient/{place}"}
    assert len(read(bundle(responses))) == 2
    both = observations(MODEL, GOOD, "Patient/0")
    assert issues_of(bundle([responses[0], *both]))[0].code == "conflict"
