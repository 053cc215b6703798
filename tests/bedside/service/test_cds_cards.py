"""Cards over HTTP: the risk of the record's patient, what is missing, and nothing fetched."""

from __future__ import annotations

import asyncio
import io
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bedside.cds_hooks.records import (
    NOW,
    PATIENT_ID,
    observation,
    person,
    prefetched,
    request,
    searchset,
)
from tests.bedside.service.serving import NAMES, QUIET, ask, model, rows, service
from tests.bedside.service.test_malformed import answered

from vertebrisk.bedside.cds_hooks.descriptions import prefetch_templates
from vertebrisk.bedside.cds_hooks.prefetched import Remark, read_prefetch
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.items import items_of
from vertebrisk.bedside.service import logs
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.design.codings import LOINC, Coding
from vertebrisk.models.portable.risk_model import RiskModel

ALL = ("plain", "spline", "interaction", "cox", "strata", "nobody")


def named(app: Service, name: str) -> NamedModel:
    served = app.store.get(name)
    assert served is not None
    return NamedModel(served.id, served.version, served.model)


def post(app: Service, name: str, body: object, **options: Any) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8")
    headers = {"Content-Type": "application/json", **options.pop("headers", {})}
    return ask(app, "POST", f"/cds-services/{name}", content=content, headers=headers, **options)


def card(app: Service, name: str, prefetch: object, **options: Any) -> dict[str, Any]:
    answer = post(app, name, request(prefetch), **options)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["cards"]
    return dict(found)


@pytest.fixture
def app(tmp_path: Path) -> Service:
    return service(tmp_path, *ALL)


@pytest.mark.parametrize("name", ALL)
def test_the_risk_is_that_of_the_model(app: Service, name: str) -> None:
    for patient in rows(model(name), 4):
        found = card(app, name, prefetched(named(app, name), patient))
        body = {"patient": patient}
        row = ask(app, "POST", f"/api/v1/models/{name}/predict", json=body).json()
        told = row["predictions"][0]
        for share in (told["risk"], told["conf_low"], told["conf_high"]):
            assert f"{100 * share:.1f}%" in found["detail"]
        assert f": {100 * told['risk']:.0f}" in found["summary"] or told["risk"] < 0.1


@pytest.mark.parametrize("name", ALL)
def test_the_link_has_the_inputs_and_nothing_else(app: Service, name: str) -> None:
    patient = rows(model(name), 1)[0]
    found = card(app, name, prefetched(named(app, name), patient))
    if name == "nobody":
        assert "links" not in found
        return
    (link,) = found["links"]
    address, _, fragment = link["url"].partition("#")
    assert (link["type"], address) == ("absolute", f"http://localhost/models/{name}/calculator")
    filled = dict(parse_qsl(fragment, strict_parsing=True, keep_blank_values=True))
    assert set(filled) == set(patient)
    for key, value in patient.items():
        assert filled[key] == str(value).removesuffix(".0")


def test_a_public_address_stands_in_the_link(tmp_path: Path) -> None:
    settings = replace(QUIET, public_url="https://risk.example.org/spine")
    app = service(tmp_path, "plain", settings=settings)
    found = card(app, "plain", prefetched(named(app, "plain"), {"age": 70.25}))
    expected = "https://risk.example.org/spine/models/plain/calculator#age=70.25"
    assert found["links"][0]["url"] == expected


@pytest.mark.parametrize("absent", [None, searchset()])
def test_what_is_missing_is_asked_for(app: Service, absent: object) -> None:
    prefetch = {**prefetched(named(app, "plain"), {"age": 70.0, "grade": "2"}), "cleft": absent}
    found = card(app, "plain", prefetch)
    assert found["summary"] == "pain: no risk yet, cleft is missing"
    assert "Still needed:\n\n- cleft\n" in found["detail"]
    assert "- age: 70 (2026-05-01)" in found["detail"]
    assert found["links"][0]["label"] == "Give what is missing in the calculator"
    assert found["links"][0]["url"].endswith("#age=70&grade=2")
    assert "%" not in found["detail"]
    scored = ask(app, "GET", "/metrics").text
    assert "vertebrisk_patients_scored_total 0" in scored


def test_nothing_known_of_a_patient_is_a_card_too(app: Service) -> None:
    found = card(app, "plain", {"patient": None})
    assert found["summary"] == "pain: no risk yet, 3 inputs are missing"
    assert found["links"][0]["url"] == "http://localhost/models/plain/calculator"


@pytest.mark.parametrize("prefetch", [None, {}, {"other": {"resourceType": "Patient"}}])
def test_without_any_of_the_keys_it_is_412(app: Service, prefetch: Any) -> None:
    answer = post(app, "plain", request(prefetch))
    assert answer.status_code == 412
    assert answer.json()["type"].endswith("#not-fetched")
    for key in prefetch_templates(named(app, "plain")):
        assert key in answer.json()["detail"]


def test_a_card_speaks_the_language_of_the_client(app: Service) -> None:
    zh = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
    found = card(app, "plain", {"patient": None}, headers=zh)
    assert found["summary"] == "pain：尚无风险值，缺少 3 项信息"
    version = named(app, "plain").version
    words = re.findall("[A-Za-z]+", found["detail"].replace(version, ""))
    assert words == ["age", "cleft", "grade", "plain"]  # names that the model has in no language


def test_every_card_has_an_identifier_of_its_own(app: Service) -> None:
    found = {card(app, "plain", {"patient": None})["uuid"] for _ in range(3)}
    assert len(found) == 3


def test_no_value_of_the_model_is_told_as_such(app: Service) -> None:
    patient = {**rows(model("spline"), 1)[0], "volume": -3.0}
    found = card(app, "spline", prefetched(named(app, "spline"), patient))
    assert found["summary"] == "pain: the model has no value for these inputs"


OTHERS = (
    "Patient/77", "Group/1288992", "1288992", "https://ehr.example.org/fhir/Patient/77",
    "https://ehr.example.org/fhir/OldPatient/1288992", "Patient/77/_history/1288992",
    "urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
)  # fmt: skip
SAME = (
    "Patient/1288992", "https://ehr.example.org/fhir/Patient/1288992",
    "Patient/1288992/_history/3",
)  # fmt: skip


@pytest.mark.parametrize("reference", OTHERS)
def test_another_patient_is_refused(app: Service, reference: str) -> None:
    patient = rows(model("plain"), 1)[0]
    prefetch = prefetched(named(app, "plain"), patient, subject={"reference": reference})
    answer = post(app, "plain", request(prefetch))
    assert answer.status_code == 422
    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert pointers == {"#/prefetch/age", "#/prefetch/cleft", "#/prefetch/grade"}
    other = {"patient": person(id="77")}
    assert post(app, "plain", request(other)).status_code == 422


@pytest.mark.parametrize("reference", SAME)
def test_the_same_patient_is_known_by_every_reference(app: Service, reference: str) -> None:
    patient = rows(model("plain"), 1)[0]
    prefetch = prefetched(named(app, "plain"), patient, subject={"reference": reference})
    assert "no risk yet" not in card(app, "plain", prefetch)["summary"]


def coded(made: RiskModel, name: str, code: str, **fields: Any) -> RiskModel:
    changed = tuple(
        replace(each, codings=(Coding(LOINC, code),), **fields) if each.name == name else each
        for each in made.design.predictors
    )
    return replace(made, design=replace(made.design, predictors=changed))


def test_what_a_record_says_is_read_with_care() -> None:
    made = NamedModel("m", "v", coded(model("plain"), "age", "30525-0", ucum="a", unit="years"))
    items = {each.name: each for each in items_of(made)}
    grade, cleft = items["grade"], items["cleft"]
    prefetch = {
        "patient": person(),
        "cleft": searchset(
            observation(made, cleft, "Yes", status="entered-in-error"),
            {"resourceType": "OperationOutcome", "issue": []},
        ),
        "grade": observation(made, grade, "2", status="preliminary", effectiveDateTime="2025-03"),
        "other": searchset(observation(made, cleft, "Yes")),
    }
    read = read_prefetch(made, prefetch, PATIENT_ID, NOW)
    assert read.values == {"age": 75, "grade": "2"}
    assert read.dates["grade"].isoformat() == "2025-03-01"
    assert set(read.remarks) == {
        Remark("age_from_birth", "age"),
        Remark("not_final", "grade"),
        Remark("left_out", "cleft"),
    }
    assert read.unusable == ()


UNREADABLE: tuple[dict[str, Any], ...] = (
    {"valueString": "about 70"}, {"valueQuantity": {"value": "70"}}, {"valueQuantity": []},
    {"valueQuantity": {"value": 70, "system": "http://unitsofmeasure.org", "code": "kg"}},
    {"status": "bogus"}, {"code": 3}, {"subject": "Patient/1288992"}, {"valueBoolean": True},
    {"effectiveDateTime": "yesterday"}, {"valueInteger": 3},
)  # fmt: skip


@pytest.mark.parametrize("fields", UNREADABLE)
def test_what_cannot_be_read_is_asked_for(app: Service, fields: dict[str, Any]) -> None:
    mine = named(app, "plain")
    prefetch = prefetched(mine, {"cleft": "Yes", "grade": "2"})
    age = next(each for each in items_of(mine) if each.name == "age")
    prefetch["age"] = searchset(observation(mine, age, 70.0, **fields))
    found = card(app, "plain", prefetch)
    assert found["summary"] == "pain: no risk yet, age is missing"
    unread = "age: what the record has cannot be used." in found["detail"]
    assert unread or fields.get("code") == 3
    assert "70" not in found["detail"]


def test_nothing_of_the_patient_is_kept_or_logged(tmp_path: Path) -> None:
    import logging

    stream = io.StringIO()
    logs.log_to(stream)
    try:
        app = service(tmp_path, "plain", settings=replace(QUIET, log_requests=True))
        patient = {"age": 70.125, "cleft": "Yes", "grade": "2"}
        found = card(app, "plain", prefetched(named(app, "plain"), patient))
        post(app, "plain", request({"patient": person(id="77")}))
        post(app, "plain", b"{")
        kept = stream.getvalue() + ask(app, "GET", "/metrics").text
    finally:
        logging.getLogger(logs.LOGGER).handlers.clear()
        logging.getLogger(logs.LOGGER).propagate = True
    for private in ("Lin", "Mei", PATIENT_ID, "1951", "70.125", "ehr.example", "opaque", "89284"):
        assert private not in kept
    # The card tells what it was made of, and names nobody.
    for private in ("Lin", "Mei", PATIENT_ID, "1951", "ehr.example", "opaque", "89284"):
        assert private not in json.dumps(found)


def test_nothing_is_fetched_whatever_a_request_names(
    app: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_connection(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    for name in ("socket.socket.connect", "socket.getaddrinfo", "socket.create_connection"):
        monkeypatch.setattr(name, no_connection)
    for server in ("http://169.254.169.254/latest", "file:///etc/passwd", "x", "https://a.example"):
        for prefetch in (None, {"patient": None}, prefetched(named(app, "plain"), {"age": 70.0})):
            answer = post(app, "plain", request(prefetch, fhirServer=server))
            assert answer.status_code == (412 if prefetch is None else 200)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"hook": "order-sign"}, "#/hook"),
        ({"hook": None}, "#/hook"),
        ({"hookInstance": "x"}, "#/hookInstance"),
        ({"hookInstance": None}, "#/hookInstance"),
        ({"context": None}, "#/context"),
        ({"context": {"userId": "Practitioner/1"}}, "#/context/patientId"),
        ({"context": {"patientId": "1"}}, "#/context/userId"),
        ({"context": {"userId": "a", "patientId": "../1"}}, "#/context/patientId"),
        ({"context": {"userId": "a", "patientId": "1", "encounterId": 3}}, "#/context/encounterId"),
        ({"fhirServer": 3}, "#/fhirServer"),
        ({"fhirAuthorization": "x"}, "#/fhirAuthorization"),
        ({"prefetch": []}, "#/prefetch"),
        ({"prefetch": {"age": "x"}}, "#/prefetch/age"),
    ],
)
def test_an_envelope_that_is_wrong(app: Service, change: dict[str, Any], pointer: str) -> None:
    answer = post(app, "plain", request(**{"prefetch": {"patient": None}, **change}))
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"hook": NaN}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 50 + b"1" + b"}" * 50, 400),
        (b'{"hook": "x", "hook": "y"}', 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b'"' + b"x" * 50_000_000 + b'"', 413),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
def test_a_body_that_is_none(app: Service, body: bytes, status: int) -> None:
    assert post(app, "plain", body).status_code == status


def test_other_types_and_models(app: Service) -> None:
    answer = ask(app, "POST", "/cds-services/plain", content=b"{}")
    assert answer.status_code == 415
    assert post(app, "nix", request({"patient": None})).status_code == 404
    assert ask(app, "GET", "/cds-services/plain").status_code == 405


@cache
def fuzzed() -> Service:
    import tempfile

    return service(Path(tempfile.mkdtemp()), "plain", "strata")


ODD = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6) | st.sampled_from(["Observation", "Bundle", "Patient", "final", "Yes"])
)  # fmt: skip
NESTED = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@given(data=st.data(), name=st.sampled_from(["plain", "strata"]))
def test_a_spoiled_request_is_answered_or_refused(data: st.DataObject, name: str) -> None:
    app = fuzzed()
    patient = rows(model(name), 1)[0]
    document: Any = json.loads(json.dumps(request(prefetched(named(app, name), patient))))
    for _ in range(data.draw(st.integers(1, 4))):
        place: Any = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and data.draw(st.booleans()):
                place = place[key]
                continue
            place[key] = data.draw(NESTED)
            break
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/cds-services/{name}",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
    }
    status, content = asyncio.run(answered(app, scope, json.dumps(document).encode()))
    assert status in (200, 412, 422), content
    if status == 200:
        (found,) = json.loads(content)["cards"]
        assert len(found["summary"]) < 140
        assert PATIENT_ID not in unquote(found["links"][0]["url"])


def test_the_models_of_the_library_have_cards() -> None:
    app = Service(ModelStore(), QUIET)
    for served in app.store.models():
        mine = NamedModel(served.id, served.version, served.model)
        patient = {
            each.name: each.levels[0] if each.levels else each.adjust_to
            for each in served.model.design.predictors
        }
        found = card(app, served.id, prefetched(mine, patient))
        assert re.search(r": [<>]?\d+(\.\d)?%", found["summary"])
        assert found["source"].get("url", "https://doi.org/").startswith("https://doi.org/")
    assert set(ALL) <= set(NAMES)
