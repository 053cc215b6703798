"""The API: models, one patient or several, and every bad input with the field it is in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from tests.bedside.calculator.models import consistent, logistic, random_patients
from tests.bedside.service.serving import QUIET, ask, model, patients, predict, rows, service

from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.predicting import broken_rules
from vertebrisk.bedside.service.schemas import COMPONENTS
from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.design.encode import encode

GOOD: dict[str, Any] = {"age": 71.5, "cleft": "Yes", "grade": "2"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return service(tmp_path_factory.mktemp("models"), "plain", "spline", "cox", "strata")


def valid(document: object, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": COMPONENTS}}
    jsonschema.Draft202012Validator(schema).validate(document)


def refused(response: Any, status: int, pointer: str | None = None) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    valid(document, "Problem")
    assert document["status"] == status
    if pointer is not None:
        assert [each["pointer"] for each in document["errors"]] == [pointer]
    return document


def test_the_list_and_each_model_are_as_described(app: Service) -> None:
    listed = ask(app, "GET", "/api/v1/models").json()
    valid(listed, "Models")
    assert [each["id"] for each in listed["models"]] == ["plain", "spline", "cox", "strata"]
    for each in listed["models"]:
        whole = ask(app, "GET", f"/api/v1/models/{each['id']}").json()
        valid(whole, "Model")
        assert whole["version"] == each["version"]


def test_the_library_is_offered_where_a_paper_gives_a_model() -> None:
    app = Service(ModelStore(), QUIET)
    listed = ask(app, "GET", "/api/v1/models").json()
    assert "li2021" in [each["id"] for each in listed["models"]]
    reasons = {each["id"]: each["reason"] for each in listed["not_offered"]}
    assert "intercept" in reasons["anonymous2020"]
    told = refused(ask(app, "GET", "/api/v1/models/anonymous2020"), 404)
    assert told["detail"] == reasons["anonymous2020"]


@pytest.mark.parametrize("name", ["plain", "spline", "cox", "strata"])
def test_answers_are_those_of_predict(app: Service, name: str) -> None:
    made = model(name)
    answer = predict(app, name, {"patients": rows(made, 80)}).json()
    valid(answer, "PredictAnswer")
    expected = made.predict(patients().head(80))
    risks = [each["risk"] for each in answer["predictions"]]
    assert risks == pytest.approx(expected["risk"].to_list(), rel=1e-12)
    assert answer["horizon"] == (None if made.kind == "logistic" else made.horizons[0])
    one = predict(app, name, {"patient": rows(made, 1)[0]}).json()
    assert one["predictions"] == answer["predictions"][:1]
    assert "average risk of patients like this one" in answer["interval"]["means"]


def test_a_horizon_is_answered_and_said_back(app: Service) -> None:
    body = {"patient": GOOD, "horizon": 24}
    answer = predict(app, "cox", body).json()
    expected = model("cox").predict({name: [value] for name, value in GOOD.items()}, 24)
    assert answer["horizon"] == 24
    assert answer["time_unit"] == "months"
    assert answer["predictions"][0]["risk"] == pytest.approx(expected["risk"][0], rel=1e-12)


def test_a_value_outside_the_range_is_scored_and_flagged(app: Service) -> None:
    answer = predict(app, "plain", {"patient": {**GOOD, "age": 120}}).json()
    assert answer["predictions"][0]["flags"] == ["extrapolation: age"]


FIELDS: list[tuple[str, Any, str]] = [
    ("age", "71", "type"),
    ("age", True, "type"),
    ("age", [71], "type"),
    ("age", {"value": 71}, "type"),
    ("age", None, "missing"),
    ("age", 1e308, "range"),
    ("age", -1e300, "range"),
    ("age", 10**400, "range"),
    ("cleft", "yes", "unknown-level"),
    ("cleft", 1, "unknown-level"),
    ("cleft", "", "unknown-level"),
    ("cleft", None, "missing"),
    ("cleft", ["Yes"], "type"),
    ("cleft", 10**400, "range"),
    ("grade", 1e308, "unknown-level"),
    ("grade", "\ud800", "unknown-level"),
    ("grade", "2" * 5000, "unknown-level"),
]


@pytest.mark.parametrize(("name", "value", "code"), FIELDS, ids=lambda each: str(each)[:12])
def test_a_wrong_field_is_named(app: Service, name: str, value: Any, code: str) -> None:
    told = refused(predict(app, "plain", {"patient": {**GOOD, name: value}}), 422)
    assert told["errors"][0]["pointer"] == f"#/patient/{name}"
    assert told["errors"][0]["code"] == code
    assert name in told["detail"]
    assert len(told["detail"]) < 300


def test_a_number_beyond_the_doubles_is_named(app: Service) -> None:
    body = b'{"patient": {"age": 1e400, "cleft": "Yes", "grade": "2"}}'
    refused(predict(app, "plain", body), 422, "#/patient/age")


def test_every_wrong_field_of_every_patient_is_named(app: Service) -> None:
    wrong = [GOOD, {**GOOD, "age": "x"}, {"age": 70, "cleft": "Yes"}, 7]
    told = refused(predict(app, "plain", {"patients": wrong}), 422)
    assert [each["pointer"] for each in told["errors"]] == [
        "#/patients/1/age",
        "#/patients/2/grade",
        "#/patients/3",
    ]


def test_what_a_model_does_not_read_is_sent_back(app: Service) -> None:
    told = refused(
        predict(app, "plain", {"patient": {**GOOD, "gradde": "2"}}), 422, "#/patient/gradde"
    )
    assert "Did you mean 'grade'?" in told["detail"]
    refused(predict(app, "plain", {"patient": {**GOOD, "a/b~c": 1}}), 422, "#/patient/a~1b~0c")


def test_a_logarithm_of_nothing_has_no_risk(app: Service) -> None:
    patient = {"age": 70.0, "volume": 0.0, "cleft": "No"}
    told = refused(predict(app, "spline", {"patient": patient}), 422, "#/patient")
    assert told["errors"][0]["code"] == "outside-domain"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([GOOD], "#"),
        ("text", "#"),
        (None, "#"),
        ({}, "#"),
        ({"patient": GOOD, "patients": [GOOD]}, "#"),
        ({"patients": []}, "#/patients"),
        ({"patients": GOOD}, "#/patients"),
        ({"patient": [GOOD]}, "#/patient"),
        ({"patient": GOOD, "level": 0.9}, "#/level"),
        ({"patient": GOOD, "horizon": 12}, "#/horizon"),
    ],
)
def test_a_body_of_another_shape_is_refused(app: Service, body: Any, pointer: str) -> None:
    refused(predict(app, "plain", body), 422, pointer)


@pytest.mark.parametrize("horizon", [0, -1, 1e6, 1e308, "12", True, [12], {}])
def test_a_horizon_outside_follow_up_is_refused(app: Service, horizon: Any) -> None:
    refused(predict(app, "cox", {"patient": GOOD, "horizon": horizon}), 422, "#/horizon")


def test_strata_are_asked_for_and_known(app: Service) -> None:
    patient = {"age": 70, "cleft": "No"}
    refused(predict(app, "strata", {"patient": patient}), 422, "#/patient/ward")
    refused(predict(app, "strata", {"patient": {**patient, "ward": 9}}), 422, "#/patient/ward")
    refused(predict(app, "strata", {"patient": {**patient, "ward": [1]}}), 422, "#/patient/ward")
    assert predict(app, "strata", {"patient": {**patient, "ward": 2}}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"patient": {"age": NaN}}',
        b'{"patient": {"age": -Infinity}}',
        b'{"patient": {"age": 1, "age": 2}}',
        b"[" * 100_000,
        b'{"patient": ' + b'{"a": ' * 60 + b"1" + b"}" * 61,
        b'{"patient": {"age": ' + b"9" * 5000 + b"}}",
        '{"patient": {}}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_json_that_is_not_strict_is_refused(app: Service, body: bytes) -> None:
    refused(predict(app, "plain", body), 400)


def test_an_unknown_model_is_not_found(app: Service) -> None:
    told = refused(predict(app, "plian", {"patient": GOOD}), 404)
    assert "Did you mean 'plain'?" in told["detail"]
    refused(ask(app, "GET", "/api/v1/models/" + "x" * 3000), 404)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/xml", "application/json; charset=gb18030"]
)
def test_another_type_of_body_is_refused(app: Service, kind: str) -> None:
    refused(predict(app, "plain", {"patient": GOOD}, headers={"Content-Type": kind}), 415)


def test_a_compressed_body_is_refused(app: Service) -> None:
    refused(predict(app, "plain", {"patient": GOOD}, headers={"Content-Encoding": "gzip"}), 415)


def test_too_many_patients_are_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    app = service(tmp_path, "plain", settings=replace(QUIET, max_patients=3))
    told = refused(predict(app, "plain", {"patients": [GOOD] * 4}), 413)
    assert "at most 3" in told["detail"]
    assert predict(app, "plain", {"patients": [GOOD] * 3}).status_code == 200


def test_other_methods_and_addresses_are_refused(app: Service) -> None:
    assert ask(app, "DELETE", "/healthz").headers["allow"] == "GET, HEAD"
    refused(ask(app, "GET", "/api/v1/models/plain/predict"), 405)
    refused(ask(app, "GET", "/etc/passwd"), 404)
    refused(ask(app, "GET", "/api/v1/models/..%2f..%2fetc%2fpasswd"), 404)


def test_the_description_is_openapi_and_holds_every_model(app: Service) -> None:
    document = ask(app, "GET", "/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    listed = {each.path for each in app.endpoints if each.listed}
    one_each = {f"/api/v1/models/{name}/predict" for name in ("plain", "spline", "cox", "strata")}
    assert set(document["paths"]) == listed - {"/api/v1/models/{model}/predict"} | one_each
    schemas = document["components"]["schemas"]
    for name in ("plain", "spline", "cox", "strata"):
        schema = schemas[f"Patient.{name}"]
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(rows(model(name), 1)[0])
        horizon = schemas[f"PredictRequest.{name}"]["oneOf"][0]["properties"]["horizon"]
        assert ("maximum" in horizon) == (name in ("cox", "strata"))
    assert schemas["Patient.spline"]["properties"]["volume"]["exclusiveMinimum"] == 0
    assert schemas["Patient.strata"]["properties"]["ward"]["enum"] == ["1", 1, "2", 2]
    text = json.dumps(document)
    refers = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert refers <= set(schemas)


def test_the_page_for_people_names_every_input_and_every_problem(app: Service) -> None:
    from vertebrisk.bedside.service.problems import KINDS

    page = ask(app, "GET", "/api/v1/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    for word in ("volume", "0-1", *KINDS):
        assert word in page.text


def test_what_cannot_be_is_flagged_as_python_flags_it() -> None:
    model = consistent()
    frame = pl.DataFrame(random_patients(model, 40, seed=3))
    codes = encode(model.design, frame).codes
    for row, flags in enumerate(model.predict(frame)["flags"].to_list()):
        own = broken_rules(model, {name: float(values[row]) for name, values in codes.items()})
        assert own == [each for each in flags.split("; ") if each.startswith("impossible: ")]
    assert broken_rules(logistic("plain"), {"a": 0.0, "b": 0.0}) == []
