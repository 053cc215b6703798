"""The questionnaire of a model: sound by every rule of R4, and enough to answer the model."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bedside.calculator.models import CASES
from tests.bedside.fhir.invariants import broken
from tests.bedside.fhir.oracle import valid
from tests.bedside.fhir.requests import NOW, answered, form_of, named

from vertebrisk.bedside.fhir.answers import questionnaire_response
from vertebrisk.bedside.fhir.capability import capability_statement
from vertebrisk.bedside.fhir.reading import missing_inputs, read_patients
from vertebrisk.bedside.fhir.terms import RANGE
from vertebrisk.design.codings import Coding
from vertebrisk.models.portable.risk_model import RiskModel


def with_predictor(model: RiskModel, name: str, **changes: Any) -> RiskModel:
    predictors = tuple(
        replace(each, **changes) if each.name == name else each for each in model.design.predictors
    )
    return replace(model, design=replace(model.design, predictors=predictors))


@pytest.mark.parametrize("name", CASES)
def test_the_questionnaire_of_any_model_is_sound(name: str) -> None:
    model = CASES[name]()
    form = form_of(model)
    valid(form)
    names = [*(each.name for each in model.design.predictors), *model.strata]
    assert [each["linkId"] for each in form["item"]] == names


@settings(max_examples=3, deadline=None)
@pytest.mark.parametrize("name", CASES)
@given(seed=st.integers(0, 10**6))
def test_answers_to_it_are_scored_as_the_same_patient(name: str, seed: int) -> None:
    model = CASES[name]()
    response = answered(form_of(model), seed)
    valid(response)
    read = read_patients(named(model), response, NOW)
    (patient,) = read.patients
    assert missing_inputs(named(model), read.patients) == []
    given_answers = {
        each["linkId"]: next(iter(each["answer"][0].values())) for each in response["item"]
    }
    for item in model.design.predictors:
        if not item.categorical:
            assert patient.values[item.name] == given_answers[item.name]
    risk = model.predict(pl.DataFrame([patient.values]))["risk"][0]
    assert risk is not None
    again = questionnaire_response(named(model), patient.values, NOW)
    valid(again)
    twice = read_patients(named(model), again, NOW).patients[0]
    assert model.predict(pl.DataFrame([twice.values]))["risk"][0] == risk


def test_words_codes_unit_and_limits() -> None:
    model = with_predictor(
        CASES["transformed"](),
        "c",
        label="Cleft volume",
        unit="ml",
        ucum="mL",
        definition="On CT",
        codings=(Coding("http://loinc.org", "39156-5", "x"),),
        translations={"zh": {"label": "裂隙体积", "definition": "CT"}},
    )
    form = form_of(model)
    valid(form)
    (item,) = [each for each in form["item"] if each["linkId"] == "c"]
    assert item["type"] == "decimal"
    assert item["required"] is True
    assert item["code"][0] == {"system": "http://loinc.org", "code": "39156-5", "display": "x"}
    assert item["code"][1]["system"] == "urn:vertebrisk:model:m1:inputs"
    content = item["_text"]["extension"][0]["extension"]
    assert content == [
        {"url": "lang", "valueCode": "zh"}, {"url": "content", "valueString": "裂隙体积"},
    ]  # fmt: skip
    by_url = {each["url"].rpartition("/")[2]: each for each in item["extension"]}
    assert by_url["questionnaire-unit"]["valueCoding"]["code"] == "mL"
    assert by_url["minValue"]["valueDecimal"] == 0
    assert by_url[RANGE]["extension"][1]["valueDecimal"] == model.design.predictors[0].limits[1]  # type: ignore[index]
    assert "maxValue" not in str(form)
    (told,) = item["item"]
    assert (told["type"], told["text"]) == ("display", "On CT")


def test_types_of_items() -> None:
    types = {
        name: {each["linkId"]: each["type"] for each in form_of(CASES[name]())["item"]}
        for name in ("truth", "cox", "cox-two-strata", "li2021")
    }
    assert types["truth"] == {"a": "decimal", "e": "boolean"}
    assert types["cox"]["grade"] == "choice"
    assert types["cox"]["hormon"] == "integer"
    assert types["cox-two-strata"]["hormon"] == "choice"
    assert set(types["li2021"].values()) == {"choice"}


def test_levels_are_offered_by_their_codes_where_each_has_one() -> None:
    form = form_of(CASES["li2021"]())
    by_name = {each["linkId"]: each for each in form["item"]}
    offered = [each["valueCoding"] for each in by_name["ivc"]["answerOption"]]
    assert [each["code"] for each in offered] == ["373067005", "373066001"]
    systems = {each["valueCoding"]["system"] for each in by_name["goutallier"]["answerOption"]}
    assert systems == {"urn:vertebrisk:model:m1:levels"}


def test_an_input_made_of_others_is_asked_for_with_them() -> None:
    model = with_predictor(CASES["plain"](), "a", derive="(before - after) / before")
    form = form_of(model)
    valid(form)
    required = {each["linkId"]: each["required"] for each in form["item"]}
    assert required == {"a": False, "b": True, "before": False, "after": False}
    response = questionnaire_response(named(model), {"b": 1, "before": 2, "after": 1.5}, NOW)
    valid(response)
    read = read_patients(named(model), response, NOW)
    assert read.patients[0].values == {"b": 1, "before": 2, "after": 1.5}
    assert missing_inputs(named(model), read.patients) == []
    read = read_patients(named(model), {**response, "item": response["item"][:2]}, NOW)
    (issue,) = missing_inputs(named(model), read.patients)
    assert issue.text.startswith("'a' is missing")


def test_names_and_levels_of_any_script_stay_apart() -> None:
    model = CASES["levels"]()
    odd = ("no  x", " yes ", "是=否")
    model = with_predictor(model, "g", levels=odd, level_labels=("a", "a", "a"))
    form = form_of(model)
    codes = [each["valueCoding"]["code"] for each in form["item"][1]["answerOption"]]
    assert len(set(codes)) == 3
    assert broken(form) == []
    for place, level in enumerate(odd):
        response = answered(form, 1)
        response["item"][1]["answer"] = [form["item"][1]["answerOption"][place]]
        assert read_patients(named(model), response, NOW).patients[0].values["g"] == level


def test_a_broken_questionnaire_is_caught() -> None:
    form = form_of(CASES["li2021"]())
    assert broken(form) == []

    def item(change: dict[str, Any]) -> dict[str, Any]:
        other = copy.deepcopy(form)
        other["item"][0] |= change
        return other

    choice = {"valueCoding": {"system": "urn:x", "code": "y"}}
    shown = {"linkId": "z", "type": "display", "text": "z"}
    broken_ones = {
        "que-0": {**form, "name": "1 x"},
        "que-1": item({"type": "group", "item": []}),
        "que-2": item({"linkId": form["item"][1]["linkId"]}),
        "que-3": item({"type": "display", "answerOption": [choice]}),
        "que-4": item({"answerValueSet": "urn:x"}),
        "que-5": item({"type": "boolean"}),
        "que-6": item({"item": [{**shown, "required": True}]}),
        "que-8": item({"item": [{**shown, "initial": [choice]}]}),
        "que-9": item({"item": [{**shown, "readOnly": True}]}),
        "que-10": item({"maxLength": 3}),
        "que-11": item({"initial": [choice]}),
        "que-12": item({"enableWhen": [{"question": "a"}, {"question": "b"}]}),
        "que-13": item({"type": "integer", "initial": [{"valueInteger": 1}, {"valueInteger": 2}]}),
        "item.type": item({"type": "number"}),
        "answerOption twice": item({"answerOption": [choice, choice]}),
        "Questionnaire.status": {**form, "status": "final"},
        "uri: url": {**form, "url": "urn: x"},
    }
    for rule, other in broken_ones.items():
        assert rule in broken(other), rule


def test_what_is_spoken_here() -> None:
    statement = capability_statement(NOW)
    valid(statement)
    assert statement["fhirVersion"] == "4.0.1"
    assert "cpb-1" in broken({key: each for key, each in statement.items() if key != "rest"})
    assert "cpb-15" in broken(
        {key: each for key, each in statement.items() if key != "implementation"}
    )
