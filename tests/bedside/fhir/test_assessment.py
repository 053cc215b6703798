"""A risk as a RiskAssessment: the same number, sound by every rule of R4, and honest words."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bedside.calculator.models import CASES, random_patients
from tests.bedside.fhir.invariants import broken
from tests.bedside.fhir.oracle import shaped, valid

from vertebrisk._types import DataKind
from vertebrisk.bedside.fhir.answers import contained_grounds
from vertebrisk.bedside.fhir.assessment import Grounds, NamedModel, Predicted, risk_assessment
from vertebrisk.bedside.fhir.bundle import collection
from vertebrisk.bedside.fhir.times import later
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.risk_model import RiskModel

NOW = datetime(2026, 5, 4, 14, 3, 2, tzinfo=timezone(timedelta(hours=8)))


def named(model: RiskModel) -> NamedModel:
    return NamedModel("m1", model_version(model), model)


def predicted(model: RiskModel, patient: dict[str, Any], horizon: float | None) -> Predicted:
    row = model.predict(pl.DataFrame([patient]), horizon).row(0, named=True)
    flags = tuple(filter(None, row["flags"].split("; ")))
    return Predicted(row["risk"], row["conf_low"], row["conf_high"], flags, horizon)


def assessment(model: RiskModel, patient: dict[str, Any]) -> dict[str, Any]:
    horizons: tuple[float | None, ...] = model.horizons or (None,)
    risks = [predicted(model, patient, each) for each in horizons]
    grounds = contained_grounds(named(model), patient, NOW)
    return risk_assessment(named(model), risks, grounds, NOW)


@settings(max_examples=4, deadline=None)
@pytest.mark.parametrize("name", CASES)
@given(seed=st.integers(0, 10**6))
def test_any_patient_of_any_model(name: str, seed: int) -> None:
    model = CASES[name]()
    (patient,) = random_patients(model, 1, seed)
    row = model.predict(pl.DataFrame([patient])).row(0, named=True)
    if row["risk"] is None:
        return
    found = assessment(model, patient)
    valid(found)
    first = found["prediction"][0]
    assert first["probabilityDecimal"] == 100 * row["risk"]
    assert len(found["prediction"]) == max(1, len(model.horizons))
    if row["conf_low"] is None:
        assert not any(each["url"].endswith(":interval") for each in first.get("extension", ()))
        assert "No interval" in first["rationale"]
    else:
        parts = {each["url"]: each for each in first["extension"][0]["extension"]}
        assert parts["low"]["valueDecimal"] == 100 * row["conf_low"]
        assert parts["high"]["valueDecimal"] == 100 * row["conf_high"]
        assert parts["kind"]["valueCode"] == model.interval_kind
    for flag in filter(None, row["flags"].split("; ")):
        assert flag in first["rationale"]


def test_who_when_and_how() -> None:
    model = CASES["li2021"]()
    patient = random_patients(model, 1)[0]
    found = assessment(model, patient)
    assert found["status"] == "final"
    assert found["occurrenceDateTime"] == "2026-05-04T06:03:02Z"
    assert found["subject"]["display"] == "The patient of the request, which names nobody"
    assert found["method"]["coding"][0]["version"] == model_version(model)
    assert found["basis"] == [{"reference": "#inputs"}]
    (one,) = found["prediction"]
    told = model.outcome.definition
    assert one["outcome"]["text"] == f"Residual back pain ({told}; 1 month)"
    month = {"value": 1.0, "unit": "month", "system": "http://unitsofmeasure.org", "code": "mo"}
    assert one["extension"] == [{"url": "urn:vertebrisk:fhir:horizon", "valueQuantity": month}]
    assert one["whenPeriod"] == {"start": "2026-05-04T06:03:02Z", "end": "2026-06-04T06:03:02Z"}
    assert one["rationale"].endswith("whenPeriod counts from the time of this assessment.")
    assert any("research use" in each["text"] for each in found["note"])


def test_every_horizon_is_a_prediction_with_its_period() -> None:
    model = replace(CASES["cox"](), outcome=replace(CASES["cox"]().outcome, time_point="5 years"))
    found = assessment(model, random_patients(model, 1)[0])["prediction"]
    horizons = [each["extension"][-1]["valueQuantity"] for each in found]
    assert [(each["value"], each["code"]) for each in horizons] == [(730, "d"), (1500, "d")]
    ends = [each["whenPeriod"]["end"] for each in found]
    assert ends == ["2028-05-03T06:03:02Z", "2030-06-12T06:03:02Z"]
    assert not any("5 years" in each["outcome"]["text"] for each in found)


@pytest.mark.parametrize(
    ("text", "end"),
    [("12 months", "2027-05-04T06:03:02Z"), ("30 days", "2026-06-03T06:03:02Z"),
     ("24 h", "2026-05-05T06:03:02Z"), ("1 year", "2027-05-04T06:03:02Z"),
     ("1.5 months", "2026-06-19T11:18:02Z"), ("9999 years", None), ("discharge", None),
     ("1 month and 1 year", None), ("", None)],
)  # fmt: skip
def test_a_time_point_is_a_period_where_it_is_one(text: str, end: str | None) -> None:
    model = CASES["li2021"]()
    model = replace(model, outcome=replace(model.outcome, time_point=text))
    found = assessment(model, random_patients(model, 1)[0])
    valid(found)
    assert found["prediction"][0].get("whenPeriod", {}).get("end") == end


def test_a_month_ends_where_it_has_no_such_day() -> None:
    last = datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert later(last, 1, "mo") == datetime(2027, 2, 28, 12, tzinfo=UTC)
    assert later(last, 13, "mo") == datetime(2028, 2, 29, 12, tzinfo=UTC)


def test_an_input_that_is_not_final_makes_it_preliminary() -> None:
    model = CASES["plain"]()
    given_subject = {"reference": "Patient/7", "type": "Patient"}
    grounds = Grounds(
        subject=given_subject,
        basis=[{"reference": "Observation/3"}],
        remarks=["'a' is preliminary."],
        preliminary=True,
    )
    found = risk_assessment(named(model), [Predicted(0.25, None, None)], grounds, NOW)
    valid(found)
    assert found["status"] == "preliminary"
    assert found["subject"] == given_subject
    assert found["note"][0]["text"] == "'a' is preliminary."
    assert "contained" not in found


def test_data_that_nobody_had_are_said_to_be() -> None:
    model = CASES["plain"]()
    kinds: dict[DataKind, str] = {
        "simulated": "simulated",
        "reconstructed": "nobody's records",
    }
    for kind, word in kinds.items():
        other = replace(model, population=replace(model.population, data_kind=kind))
        found = assessment(other, random_patients(model, 1)[0])
        valid(found)
        assert any(word in each["text"] for each in found["note"])


def test_texts_with_marks_and_control_characters_stay_a_narrative() -> None:
    model = CASES["plain"]()
    odd = replace(model.outcome, label='<b>"pain" & \x0b\x00leak</b>')
    valid(assessment(replace(model, outcome=odd), random_patients(model, 1)[0]))


def test_a_bundle_of_many() -> None:
    model = CASES["plain"]()
    found = [assessment(model, each) for each in random_patients(model, 3)]
    bundle = collection([(f"urn:uuid:{place}", each) for place, each in enumerate(found)], NOW)
    valid(bundle)
    assert [each["resource"] for each in bundle["entry"]] == found


Breaking = Callable[[dict[str, Any]], object]
BREAKINGS: dict[str, Breaking] = {
    "RiskAssessment.status": lambda r: r.update(status="bogus"),
    "RiskAssessment.subject: empty reference": lambda r: r.update(subject={"type": "Patient"}),
    "ras-2": lambda r: r["prediction"][0].update(probabilityDecimal=170),
    "ras-1": lambda r: r["prediction"][0].update(probabilityRange={"low": {"value": 1}}),
    "rng-2": lambda r: r["prediction"][0].update(
        whenRange={"low": {"value": 9}, "high": {"value": 1}}
    ),
    "qty-3": lambda r: r["prediction"][0]["extension"][-1]["valueQuantity"].pop("system"),
    "dom-2": lambda r: r["contained"][0].update(contained=[{"resourceType": "Patient", "id": "x"}]),
    "dom-3": lambda r: r.update(basis=[{"display": "x"}]),
    "dom-4": lambda r: r["contained"][0].update(meta={"versionId": "1"}),
    "ref-1": lambda r: r["basis"].append({"reference": "#other"}),
    "ext-1": lambda r: r["prediction"][0]["extension"][0].update(valueString="x"),
    "ele-1: note": lambda r: r.update(note=[]),
    "ele-1: rationale": lambda r: r["prediction"][0].update(rationale=""),
    "txt-2": lambda r: r["text"].update(div='<div xmlns="http://www.w3.org/1999/xhtml"> </div>'),
    "txt-1": lambda r: r["text"].update(div="<div>x</div>"),
    "dateTime: occurrenceDateTime": lambda r: r.update(occurrenceDateTime="2026-05-04 14:03"),
    "QuestionnaireResponse.status": lambda r: r["contained"][0].update(status="final"),
    "qrs-1": lambda r: r["contained"][0]["item"][0].update(
        item=[{"linkId": "z"}], answer=[{"valueDecimal": 1, "item": [{"linkId": "y"}]}]
    ),
    "code": lambda r: r["method"]["coding"][0].update(code=" x"),
    "coding.system": lambda r: r["method"]["coding"][0].pop("system"),
    "prediction.outcome: empty concept": lambda r: r["prediction"][0].update(outcome={"id": "x"}),
}


@pytest.mark.parametrize("rule", BREAKINGS)
def test_a_broken_assessment_is_caught(rule: str) -> None:
    model = CASES["cox"]()
    found = assessment(model, random_patients(model, 1)[0])
    other = copy.deepcopy(found)
    BREAKINGS[rule](other)
    assert broken(found) == []
    assert rule in broken(other)


def test_a_strange_element_is_caught_by_its_shape() -> None:
    model = CASES["plain"]()
    found = assessment(model, random_patients(model, 1)[0])
    for change in ({"probability": 3}, {"method": "x"}, {"basis": {"reference": "a"}}):
        with pytest.raises(ValueError):  # noqa: PT011 (of pydantic, which says much)
            shaped({**found, **change})


def test_bundles_that_are_broken_are_caught() -> None:
    patient = {"resource": {"resourceType": "Patient"}, "fullUrl": "urn:uuid:1"}
    sound = {"resourceType": "Bundle", "type": "collection", "entry": [patient]}
    assert broken(sound) == []
    changes: dict[str, dict[str, Any]] = {
        "Bundle.type": {"type": "list"},
        "bdl-1": {"total": 1},
        "bdl-2": {"entry": [{**patient, "search": {"mode": "match"}}]},
        "bdl-3": {"entry": [{**patient, "request": {"method": "GET"}}]},
        "bdl-4": {"entry": [{**patient, "response": {"status": "200"}}]},
        "bdl-5": {"entry": [{"fullUrl": "urn:uuid:1"}]},
        "bdl-7": {"entry": [patient, patient]},
        "bdl-8": {"entry": [{**patient, "fullUrl": "http://x.example/Patient/1/_history/2"}]},
        "bdl-9": {"type": "document"},
        "Bundle.timestamp": {"timestamp": "2026-05-04"},
    }
    for rule, change in changes.items():
        assert rule in broken({**sound, **change}), rule
