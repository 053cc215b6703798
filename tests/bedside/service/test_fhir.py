"""FHIR over HTTP: what is asked decides the form, refusals are OperationOutcomes without values."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.bedside.fhir.oracle import valid
from tests.bedside.service.serving import QUIET, ask, model, patients, predict, rows, service

from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.fhir.form import expression_of
from vertebrisk.bedside.service.store import ModelStore

FHIR = "application/fhir+json"
ACCEPT = {"Accept": FHIR}
GOOD: dict[str, Any] = {"age": 71.5, "cleft": "Yes", "grade": "2"}


def sent(app: Service, name: str, document: Any, **headers: str) -> Any:
    """A prediction asked for in FHIR."""
    return predict(app, name, document, headers={"Content-Type": FHIR, **headers})


def observed(name: str, patient: dict[str, Any], subject: str = "Patient/1") -> list[Any]:
    """Observations by the codes of a served model."""
    system = f"urn:vertebrisk:model:{name}:inputs"
    return [
        {
            "resourceType": "Observation",
            "id": f"{key}-1",
            "status": "final",
            "subject": {"reference": subject},
            "code": {"coding": [{"system": system, "code": key}]},
            **(
                {"valueString": value}
                if isinstance(value, str)
                else {"valueQuantity": {"value": value}}
            ),
        }
        for key, value in patient.items()
    ]


def bundle(*resources: Any) -> dict[str, Any]:
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return service(tmp_path_factory.mktemp("models"), "plain", "spline", "cox", "strata")


def refused(response: Any, status: int) -> list[dict[str, Any]]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == FHIR
    document = response.json()
    assert document["resourceType"] == "OperationOutcome"
    valid(document)
    issues: list[dict[str, Any]] = document["issue"]
    return issues


def test_one_patient_is_a_risk_assessment(app: Service) -> None:
    response = predict(app, "plain", {"patient": GOOD}, headers=ACCEPT)
    assert response.status_code == 200
    assert response.headers["content-type"] == FHIR
    valid(response.json())
    plain = predict(app, "plain", {"patient": GOOD}).json()["predictions"][0]
    (one,) = response.json()["prediction"]
    assert one["probabilityDecimal"] == 100 * plain["risk"]
    answers = {each["linkId"] for each in response.json()["contained"][0]["item"]}
    assert answers == set(GOOD)


def test_many_are_a_bundle_in_order(app: Service) -> None:
    response = predict(app, "spline", {"patients": rows(model("spline"), 20)}, headers=ACCEPT)
    valid(response.json())
    found = [each["resource"]["prediction"][0] for each in response.json()["entry"]]
    expected = model("spline").predict(patients().head(20))["risk"].to_list()
    assert [each["probabilityDecimal"] / 100 for each in found] == pytest.approx(expected)


def until(prediction: dict[str, Any]) -> float:
    """The horizon of a prediction, for programs."""
    (found,) = (each for each in prediction["extension"] if each["url"].endswith(":horizon"))
    return float(found["valueQuantity"]["value"])


def test_horizons_are_the_ones_asked_for_or_all_of_the_study(app: Service) -> None:
    every = predict(app, "cox", {"patient": GOOD}, headers=ACCEPT).json()
    assert [until(each) for each in every["prediction"]] == [6, 12, 24]
    one = predict(app, "cox", {"patient": GOOD, "horizon": 9}, headers=ACCEPT).json()
    assert [until(each) for each in one["prediction"]] == [9]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("*/*", "application/json"), ("application/json", "application/json"),
     ("application/json, application/fhir+json", "application/json"),
     ("application/fhir+json, application/json", FHIR),
     ("application/json;q=0.5, application/fhir+json", FHIR),
     ("application/fhir+json;q=0", "application/json"),
     ("application/fhir+json; fhirVersion=4.0", FHIR),
     ("APPLICATION/FHIR+JSON", FHIR), (";;,q=,", "application/json")],
)  # fmt: skip
def test_accept_decides(app: Service, accept: str, kind: str) -> None:
    response = predict(app, "plain", {"patient": GOOD}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == kind


def test_another_release_of_fhir_is_refused(app: Service) -> None:
    headers = {"Accept": "application/fhir+json; fhirVersion=5.0"}
    (issue,) = refused(predict(app, "plain", {"patient": GOOD}, headers=headers), 406)
    assert "R4" in issue["details"]["text"]
    headers = {"Content-Type": "application/fhir+json; fhirVersion=3.0"}
    refused(predict(app, "plain", {}, headers=headers), 415)


def test_refusals_name_the_field_and_never_its_value(app: Service) -> None:
    bad = {"age": "Zhang San 1951", "cleft": "Wang Wu", "grade": None, "phone": 13800138000}
    response = predict(app, "plain", {"patients": [GOOD, bad]}, headers=ACCEPT)
    issues = refused(response, 422)
    places = [each["expression"][0] for each in issues]
    assert places == [f"patients[1].{name}" for name in ("age", "cleft", "grade", "phone")]
    assert [each["code"] for each in issues] == [
        "value", "code-invalid", "required", "not-supported",
    ]  # fmt: skip
    for secret in ("Zhang", "Wang", "13800"):
        assert secret not in response.text


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [("POST", "/api/v1/models/nix/predict", {"content": b"{}"}, 404, "not-found"),
     ("POST", "/api/v1/models/plain/predict", {"content": b"{"}, 400, "structure"),
     ("POST", "/api/v1/models/plain/predict", {"content": b"x" * 5_000_000}, 413, "too-long"),
     ("GET", "/api/v1/models/plain/predict", {}, 405, "not-supported"),
     ("GET", "/nowhere", {}, 404, "not-found")],
)  # fmt: skip
def test_every_refusal_is_an_outcome_for_who_speaks_fhir(
    app: Service, method: str, path: str, options: dict[str, Any], status: int, code: str
) -> None:
    headers = {**ACCEPT, "Content-Type": "application/json"}
    (issue,) = refused(ask(app, method, path, headers=headers, **options), status)
    assert issue["code"] == code


def test_a_stratum_with_short_follow_up_is_answered_as_far_as_it_goes(tmp_path: Path) -> None:
    made = model("strata")
    ends = min(each.limit for each in made.baselines)
    longer = replace(made, horizons=(6.0, ends, made.limit))
    longer.save(tmp_path / "longer.json")
    app = Service(ModelStore([("longer", tmp_path / "longer.json")], with_library=False))
    for patient in rows(made, 8):
        found = predict(app, "longer", {"patient": patient}, headers=ACCEPT).json()
        valid(found)
        assert 2 <= len(found["prediction"]) <= 3


def test_observations_are_answered_with_the_risk_of_plain_json(app: Service) -> None:
    plain = predict(app, "plain", {"patient": GOOD}).json()["predictions"][0]
    response = sent(app, "plain", bundle(*observed("plain", GOOD)))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == FHIR
    found = response.json()
    valid(found)
    assert found["prediction"][0]["probabilityDecimal"] == 100 * plain["risk"]
    assert found["subject"] == {"reference": "Patient/1"}
    assert found["basis"] == [{"reference": f"Observation/{name}-1"} for name in GOOD]
    assert "contained" not in found
    in_json = sent(app, "plain", bundle(*observed("plain", GOOD)), Accept="application/json")
    assert in_json.json()["predictions"] == [plain]


def test_the_questionnaire_is_answered_over_http(app: Service) -> None:
    form = ask(app, "GET", "/api/v1/models/strata/questionnaire").json()
    valid(form)
    assert [each["linkId"] for each in form["item"]] == ["age", "cleft", "ward"]
    ward = form["item"][2]["answerOption"][0]
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": f"{form['url']}|{form['version']}",
        "item": [
            {"linkId": "age", "answer": [{"valueDecimal": 71.5}]},
            {"linkId": "cleft", "answer": [form["item"][1]["answerOption"][1]]},
            {"linkId": "ward", "answer": [ward]},
        ],
    }
    found = sent(app, "strata", response).json()
    valid(found)
    patient = {"age": 71.5, "cleft": "Yes", "ward": ward["valueCoding"]["display"]}
    plain = predict(app, "strata", {"patient": patient}).json()["predictions"][0]
    assert found["prediction"][0]["probabilityDecimal"] == 100 * plain["risk"]
    valid(ask(app, "GET", "/fhir/metadata").json())


def test_several_subjects_are_a_bundle_and_too_many_refused(tmp_path: Path) -> None:
    few = service(tmp_path, "plain", settings=replace(QUIET, max_patients=2))
    people = [observed("plain", GOOD, f"Patient/{each}") for each in range(3)]
    found = sent(few, "plain", bundle(*people[0], *people[1])).json()
    valid(found)
    subjects = [each["resource"]["subject"]["reference"] for each in found["entry"]]
    assert subjects == ["Patient/0", "Patient/1"]
    (issue,) = refused(sent(few, "plain", bundle(*people[0], *people[1], *people[2])), 413)
    assert issue["code"] == "too-long"


def test_what_is_missing_is_named_with_its_code_for_each_patient(app: Service) -> None:
    response = sent(app, "plain", bundle(*observed("plain", {"age": 70})))
    issues = refused(response, 422)
    assert [each["code"] for each in issues] == ["required", "required"]
    assert "urn:vertebrisk:model:plain:inputs|cleft" in issues[0]["details"]["text"]
    assert issues[0]["expression"] == ["Bundle.entry[0].resource"]
    assert len(refused(sent(app, "plain", bundle()), 422)) == 3


def test_parameters_ask_for_a_horizon(app: Service) -> None:
    inner = bundle(*observed("cox", GOOD))
    asked: dict[str, Any] = {"resourceType": "Parameters", "parameter": [
        {"name": "input", "resource": inner}, {"name": "horizon", "valueDecimal": 9},
    ]}  # fmt: skip
    found = sent(app, "cox", asked).json()
    valid(found)
    assert [until(each) for each in found["prediction"]] == [9]
    asked["parameter"][1]["valueDecimal"] = 900
    (issue,) = refused(sent(app, "cox", asked), 422)
    assert issue["expression"] == ["Parameters.parameter[1].value"]


def test_what_cannot_be_scored_is_told_at_its_element(app: Service) -> None:
    bad = {"age": 70, "cleft": "Yes", "grade": "2", "volume": -1}
    (issue,) = refused(sent(app, "spline", bundle(*observed("spline", bad)[:2],
                                                  observed("spline", bad)[3])), 422)  # fmt: skip
    assert issue["code"] == "business-rule"
    extrapolated = {**GOOD, "age": 130}
    found = sent(app, "plain", bundle(*observed("plain", extrapolated))).json()
    assert found["status"] == "final"
    assert "extrapolation: age" in found["prediction"][0]["rationale"]


def test_places_are_written_as_fhirpath() -> None:
    assert expression_of("/patients/3/age") == "patients[3].age"
    assert expression_of("/patient/bone density") == "patient.`bone density`"
    assert expression_of("/patient/a~1b") == "patient.`a/b`"
    assert expression_of("") == ""


def test_the_description_has_both_forms(app: Service) -> None:
    document = ask(app, "GET", "/api/v1/openapi.json").json()
    operation = document["paths"]["/api/v1/models/cox/predict"]["post"]
    assert set(operation["requestBody"]["content"]) == {"application/json", FHIR}
    assert set(operation["responses"]["200"]["content"]) == {"application/json", FHIR}
    assert FHIR in operation["responses"]["4XX"]["content"]
    json.dumps(document, allow_nan=False)
