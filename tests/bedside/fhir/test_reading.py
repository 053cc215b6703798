"""Patients from FHIR: the newest final value of each input, in its unit, or a named refusal."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bedside.calculator.models import CASES, random_patients
from tests.bedside.fhir.invariants import broken
from tests.bedside.fhir.oracle import valid
from tests.bedside.fhir.requests import NOW, answered, bundle, form_of, named, observations

from vertebrisk.bedside.fhir.assessment import NOBODY
from vertebrisk.bedside.fhir.outcome import Issue, UnreadableResource, operation_outcome
from vertebrisk.bedside.fhir.reading import ReadPatient, missing_inputs, read_patients
from vertebrisk.design.codings import Coding
from vertebrisk.models.portable.risk_model import RiskModel

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
AGE = (Coding(LOINC, "30525-0", "Age"),)
SEX = (Coding(LOINC, "46098-0", "Sex"),)
GENDERS = {
    "low": (Coding(SNOMED, "248152002"),),
    "high": (Coding(SNOMED, "248153007"),),
}
Resource = dict[str, Any]


def coded_model() -> RiskModel:
    """Age `a` in years, length `b` in cm, sex `g` with codes, and one level without."""
    model = CASES["level-interacts"]()
    changes: dict[str, dict[str, Any]] = {
        "a": {"unit": "years", "ucum": "a", "codings": AGE},
        "b": {"unit": "cm", "ucum": "cm", "codings": (Coding(LOINC, "8302-2", "Body height"),)},
        "g": {"codings": SEX, "level_codings": GENDERS, "missing": ("9",)},
    }
    predictors = tuple(replace(each, **changes[each.name]) for each in model.design.predictors)
    return replace(model, design=replace(model.design, predictors=predictors))


MODEL = coded_model()
GOOD = {"a": 72, "b": 1.5, "g": "low"}
OTHER = {"a": 71, "b": 2.5, "g": "high"}


def read(document: Any, model: RiskModel = MODEL) -> list[ReadPatient]:
    return list(read_patients(named(model), document, NOW).patients)


def one(document: Any, model: RiskModel = MODEL) -> ReadPatient:
    (patient,) = read(document, model)
    return patient


def issues_of(document: Any, model: RiskModel = MODEL) -> tuple[Issue, ...]:
    with pytest.raises(UnreadableResource) as caught:
        read(document, model)
    valid(operation_outcome(caught.value.issues))
    return caught.value.issues


def good() -> list[Resource]:
    return observations(MODEL, GOOD)


def observed(code: tuple[str, str] = (LOINC, "8302-2"), **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": code[0], "code": code[1]}]},
        **more,
    }


@settings(max_examples=5, deadline=None)
@pytest.mark.parametrize("name", CASES)
@given(seed=st.integers(0, 10**6))
def test_observations_of_any_patient_of_any_model(name: str, seed: int) -> None:
    model = CASES[name]()
    (patient,) = random_patients(model, 1, seed)
    sent = bundle(observations(model, patient))
    valid(sent)
    found = one(sent, model)
    assert found.values == patient
    assert found.grounds.subject == {"reference": "Patient/p1"}
    assert found.grounds.basis == [
        {"reference": f"Observation/o{place}"} for place in range(len(patient))
    ]
    assert not found.grounds.preliminary


def test_codes_of_terminologies_are_known_and_levels_by_codes_words_and_truths() -> None:
    sex = {
        "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "248153007"}]},
    }
    found = one(bundle([observed((LOINC, "46098-0"), **sex)]))
    assert found.values == {"g": "high"}
    for value in (
        {"valueString": "middle"},
        {"valueCodeableConcept": {"text": "middle"}},
        {"valueCodeableConcept": {"coding": [
            {"system": "urn:vertebrisk:model:m1:levels", "code": "g=middle"},
            {"system": "http://ward.example", "code": "2"},
        ]}},
    ):  # fmt: skip
        assert one(bundle([observed((LOINC, "46098-0"), **value)])).values == {"g": "middle"}
    yes = CASES["li2021"]()
    key = ("urn:vertebrisk:model:m1:inputs", "ivc")
    assert one(bundle([observed(key, valueBoolean=True)]), yes).values == {"ivc": "Yes"}
    truth = CASES["truth"]()
    key = ("urn:vertebrisk:model:m1:inputs", "e")
    assert one(bundle([observed(key, valueBoolean=False)]), truth).values == {"e": "false"}


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [({"value": 165, "system": UCUM, "code": "cm"}, 165.0),
     ({"value": 1.65, "system": UCUM, "code": "m"}, 165.0),
     ({"value": 1650, "system": UCUM, "code": "mm"}, 165.0),
     ({"value": 0.7, "system": UCUM, "code": "dm"}, 7.0),
     ({"value": 165, "unit": "cm"}, 165.0)],
)  # fmt: skip
def test_units_are_converted_where_that_is_exact(quantity: Resource, expected: float) -> None:
    assert one(bundle([observed(valueQuantity=quantity)])).values == {"b": expected}


@given(st.decimals(-(10**6), 10**6, places=4))
def test_a_length_is_the_same_in_any_unit(length: Decimal) -> None:
    for code, digits in (("m", -2), ("dm", -1), ("cm", 0), ("mm", 1)):
        value = float(length.scaleb(digits))
        sent = bundle([observed(valueQuantity={"value": value, "system": UCUM, "code": code})])
        assert one(sent).values == {"b": float(length)}


@given(st.permutations(range(6)))
def test_the_order_of_a_bundle_says_nothing(order: list[int]) -> None:
    older = [{**each, "effectiveDateTime": "2025-01-01"} for each in observations(MODEL, OTHER)]
    everything = [*good(), *older]
    found = one(bundle([everything[place] for place in order]))
    assert found.values == GOOD


@pytest.mark.parametrize(
    "quantity",
    [{"value": 165}, {"value": 165, "system": UCUM, "code": "kg"},
     {"value": 65, "system": UCUM, "code": "[in_i]"}, {"value": 165, "unit": "inches"},
     {"value": 165, "system": "http://x.example", "code": "m"},
     {"value": 165, "system": UCUM, "code": "cm", "comparator": "<"},
     {"value": "165", "system": UCUM, "code": "cm"}, {"system": UCUM, "code": "cm"},
     {"value": True, "unit": "cm"}, {"value": 1e300, "unit": "cm"}, {"value": 1, "unit": {}}],
)  # fmt: skip
def test_any_other_unit_is_refused_by_the_name_of_the_input(quantity: Resource) -> None:
    issues = issues_of(bundle([observed(valueQuantity=quantity)]))
    assert issues[0].expression.startswith("Bundle.entry[0].resource.value")
    assert "65" not in issues[0].text
    assert {each.text.split("'")[1] for each in issues[1:]} == {"a", "g"}


def test_a_number_without_a_unit_is_taken_where_there_is_none() -> None:
    assert issues_of(bundle([observed(valueInteger=165)]))[0].code == "value"
    plain = CASES["plain"]()
    key = ("urn:vertebrisk:model:m1:inputs", "a")
    for value in (
        {"valueInteger": 2}, {"valueQuantity": {"value": 2}},
        {"valueQuantity": {"value": 2, "system": UCUM, "code": "{score}"}},
    ):  # fmt: skip
        assert one(bundle([observed(key, **value)]), plain).values == {"a": 2}


def test_the_newest_is_taken_and_said() -> None:
    times = ["2026-05-01", "2026-05-03T10:00:00+08:00", "2025", "2026-05-03T01:59:59Z"]
    several = [
        observed(id=f"h{place}", effectiveDateTime=time,
                 valueQuantity={"value": place, "unit": "cm"})
        for place, time in enumerate(times)
    ]  # fmt: skip
    found = one(bundle(several))
    assert found.values == {"b": 1.0}
    assert found.grounds.basis == [{"reference": "Observation/h1"}]
    assert "'b' is the newest of 4 Observations." in found.grounds.remarks
    assert found.places == {"b": "Bundle.entry[1].resource"}


@pytest.mark.parametrize(
    "times",
    [(None, None), ("2026-05-01", None), ("2026-05", "2026-05-03"),
     ("2026-05-01T00:00:00Z", "2026-05-01T08:00:00+08:00")],
)  # fmt: skip
def test_two_of_which_none_is_the_newest_are_refused_unless_they_agree(
    times: tuple[str | None, str | None],
) -> None:
    def dated(time: str | None) -> Resource:
        return {"effectiveDateTime": time} if time else {}

    def two(*values: float) -> Resource:
        return bundle(
            [
                observed(valueQuantity={"value": value, "unit": "cm"}, **dated(time))
                for time, value in zip(times, values, strict=True)
            ]
        )

    assert issues_of(two(1, 2))[0].code == "conflict"
    assert one(two(2, 2)).values == {"b": 2}


def test_what_is_not_final_is_flagged_and_what_is_an_error_left_out() -> None:
    value: Resource = {"valueQuantity": {"value": 2, "unit": "cm"}}
    for status in ("preliminary", "unknown"):
        found = one(bundle([observed(**value, status=status)]))
        assert found.grounds.preliminary
        assert found.grounds.remarks == (f"'b' is not final: its Observation is {status}.",)
    for status in ("entered-in-error", "cancelled", "registered"):
        found = one(bundle([observed(**value, status=status)]))
        assert found.values == {}
        assert status in found.grounds.remarks[0]
    assert issues_of(bundle([observed(**value, status="bogus")]))[0].code == "code-invalid"
    missing = observed(dataAbsentReason={"text": "not done"})
    assert one(bundle([missing])).values == {}
    assert issues_of(bundle([{**missing, **value}]))[0].code == "invariant"


def test_what_is_missing_is_asked_for_with_its_codes() -> None:
    (patient,) = read(bundle([]))
    issues = missing_inputs(named(MODEL), [patient])
    assert [each.code for each in issues] == ["required"] * 3
    assert "http://loinc.org|30525-0" in issues[0].text
    assert "urn:vertebrisk:model:m1:inputs|a" in issues[0].text
    assert "UCUM a" in issues[0].text


def test_age_and_sex_come_of_the_patient() -> None:
    patient = {"resourceType": "Patient", "id": "7", "birthDate": "1954-05-05", "gender": "male"}
    height = observed(valueQuantity={"value": 2, "unit": "cm"}, subject={"reference": "Patient/7"})
    found = one(bundle([patient, height]))
    assert found.values == {"a": 71, "b": 2.0, "g": "high"}
    assert found.places["a"] == "Bundle.entry[0].resource.birthDate"
    assert {"reference": "Patient/7"} in found.grounds.basis
    assert one(bundle([{**patient, "birthDate": "1954-05-04"}, height])).values["a"] == 72
    age = observed((LOINC, "30525-0"), valueQuantity={"value": 70, "system": UCUM, "code": "a"},
                   subject={"reference": "Patient/7"})  # fmt: skip
    assert one(bundle([patient, height, age])).values["a"] == 70
    for birth in ("1954-05", "1954", "x", "1954-13-01"):
        assert "a" not in one(bundle([{**patient, "birthDate": birth}, height])).values
    assert "g" not in one(bundle([{**patient, "gender": "other"}, height])).values
    future = issues_of(bundle([{**patient, "birthDate": "2126-01-01"}, height]))
    assert future[0].expression == "Bundle.entry[0].resource.birthDate"


def test_every_subject_is_a_patient_in_order() -> None:
    first = observations(MODEL, GOOD, "Patient/2")
    second = observations(MODEL, {**GOOD, "a": 60}, "http://ward.example/fhir/Patient/1")
    found = read(bundle([*first, *second]))
    assert [each.values["a"] for each in found] == [72, 60]
    assert [each.grounds.subject["reference"] for each in found] == [
        "Patient/2", "http://ward.example/fhir/Patient/1",
    ]  # fmt: skip
    loose = copy.deepcopy(first)
    del loose[0]["subject"]
    assert issues_of(bundle([*loose, *second]))[0].code == "required"
    assert one(bundle(loose)).values == GOOD


def test_a_patient_is_known_by_every_address() -> None:
    url = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    patient = {"resourceType": "Patient", "id": "2", "birthDate": "1950-01-01"}
    by_url, by_id = observations(MODEL, GOOD, url)[:2], observations(MODEL, GOOD, "Patient/2")[2:]
    sent = bundle([*by_url, *by_id])
    sent["entry"].append({"fullUrl": url, "resource": patient})
    found = one(sent)
    assert found.values == GOOD
    assert found.grounds.subject == {"reference": url}


def test_nobody_is_made_up() -> None:
    sent = good()
    for each in sent:
        del each["subject"], each["id"]
    found = one(bundle(sent))
    assert found.grounds.subject == NOBODY
    assert found.grounds.basis == [{"reference": "#inputs"}]
    assert [each["linkId"] for each in found.grounds.contained[0]["item"]] == list(GOOD)
    assert broken(found.grounds.contained[0]) == []


def test_a_subject_is_said_back_without_the_name() -> None:
    for subject, kept in (
        ({"reference": "Patient/1", "display": "Zhang San"}, {"reference": "Patient/1"}),
        ({"identifier": {"system": "urn:mrn", "value": "7", "assigner": {"display": "x"}}},
         {"identifier": {"system": "urn:mrn", "value": "7"}}),
        ({"display": "bed 3"}, {"display": "bed 3"}),
        ({"display": "bed\x00 3\ud800 "}, {"display": "bed 3"}),
    ):  # fmt: skip
        found = one(bundle([{**each, "subject": subject} for each in good()]))
        assert found.grounds.subject == kept
    for reference in ("Device/1", "#p", "Patient/ 1", "Patient/\ud800"):
        sent = [{**each, "subject": {"reference": reference}} for each in good()]
        assert issues_of(bundle(sent))[0].expression.endswith("subject.reference")


def test_components_are_observations_of_their_own() -> None:
    panel = observed(
        ("http://x.example", "panel"),
        id="p",
        component=[
            {"code": {"coding": [{"system": LOINC, "code": "8302-2"}]},
             "valueQuantity": {"value": 1, "unit": "cm"}},
            {"code": {"coding": [{"system": LOINC, "code": "30525-0"}]},
             "valueQuantity": {"value": 70, "unit": "years"}},
        ],
    )  # fmt: skip
    found = one(bundle([panel]))
    assert found.values == {"b": 1.0, "a": 70.0}
    assert found.places["a"] == "Bundle.entry[0].resource.component[1]"


def test_a_code_of_two_inputs_needs_the_model_s_own() -> None:
    pain = (Coding(LOINC, "38214-3", "Pain"),)
    predictors = tuple(replace(each, codings=pain) for each in MODEL.design.predictors[:2])
    design = replace(MODEL.design, predictors=(*predictors, MODEL.design.predictors[2]))
    model = replace(MODEL, design=design)
    height = {"valueQuantity": {"value": 1, "unit": "cm"}}
    both = observed((LOINC, "38214-3"), **height)
    assert issues_of(bundle([both]), model)[0].code == "conflict"
    both["code"]["coding"].append({"system": "urn:vertebrisk:model:m1:inputs", "code": "b"})
    assert one(bundle([both]), model).values == {"b": 1.0}


def test_a_code_of_two_levels_is_neither() -> None:
    shared = {"low": GENDERS["low"], "high": GENDERS["low"]}
    a, b, g = MODEL.design.predictors
    design = replace(MODEL.design, predictors=(a, b, replace(g, level_codings=shared)))
    coding = {"coding": [{"system": SNOMED, "code": "248152002"}]}
    sent = bundle([observed((LOINC, "46098-0"), valueCodeableConcept=coding)])
    assert one(sent).values == {"g": "low"}
    assert issues_of(sent, replace(MODEL, design=design))[0].code == "code-invalid"


def test_others_are_left_out() -> None:
    others = [
        observed(("http://x.example", "1"), valueString="secret"),
        {"resourceType": "Condition", "code": {"text": "secret"}},
        {"resourceType": "Observation", "code": 3},
    ]
    assert one(bundle([*good(), *others[:2]])).values == GOOD
    assert issues_of(bundle([*good(), *others]))[0].code == "structure"


def test_parameters_carry_a_horizon() -> None:
    model = CASES["cox"]()
    response = answered(form_of(model), 3)
    sent: Resource = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "input", "resource": response},
            {"name": "horizon", "valueDecimal": 900},
        ],
    }
    found = read_patients(named(model), sent, NOW)
    assert (found.horizon, found.horizon_place) == (900, "Parameters.parameter[1].value")
    assert found.patients[0].where == "Parameters.parameter[0].resource"
    sent["parameter"][1] = {"name": "time", "valueDecimal": 900}
    assert issues_of(sent, model)[0].code == "not-supported"
    sent["parameter"] = sent["parameter"][1:]
    issues_of(sent, model)
    issues_of({"resourceType": "Parameters"}, model)


@pytest.mark.parametrize(
    "document",
    [None, [], 3, "x", {}, {"resourceType": "Zhang San"}, {"resourceType": 3},
     {"resourceType": "Bundle", "entry": [3]}, {"resourceType": "Bundle", "entry": 3},
     {"resourceType": "Parameters", "parameter": [{"name": "input"}]}],
)  # fmt: skip
def test_what_is_no_such_resource_is_refused(document: Any) -> None:
    assert "Zhang" not in str([each.to_dict() for each in issues_of(document)])


def test_text_that_stands_for_missing_is_left_to_who_scores() -> None:
    found = one(bundle([observed((LOINC, "46098-0"), valueString="9")]))
    assert found.values == {"g": "9"}
    frame = pl.DataFrame({**GOOD, "g": ["low"]})
    assert MODEL.predict(frame)["risk"][0] is not None
