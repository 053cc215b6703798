"""FHIR that is wrong anywhere: a refusal of its kind, never a failure and never a value."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bedside.fhir.invariants import broken
from tests.bedside.fhir.requests import NOW, answered, bundle, form_of, named, observations
from tests.bedside.fhir.test_reading import GOOD, MODEL
from tests.bedside.service.serving import QUIET, URL

from vertebrisk.bedside.fhir.outcome import Issue, UnreadableResource
from vertebrisk.bedside.fhir.reading import read_patients
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.store import ModelStore

SECRET = "Zhang San 13800138000"
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1e308, 10**30, "", " ", "x", SECRET, "\x00", "\ud800", "#", "骨水泥",
     [], {}, [[]], [None], [{}], [SECRET], {"": None}, {"coding": 3}, {"coding": [3]},
     {"reference": 3}, {"reference": SECRET}, {"value": SECRET}, {"text": SECRET},
     "2026-05-03", "2026-13-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)  # fmt: skip
NAMES = (
    "valueString", "valueInteger", "subject", "effectivePeriod", "component", "answer", "item",
    "fullUrl", "issued",
)  # fmt: skip
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1950-01-01", "gender": "female"}


def documents() -> list[dict[str, Any]]:
    response = answered(form_of(MODEL), 1)
    sent = bundle([*observations(MODEL, GOOD), PATIENT])
    parameter = {"name": "input", "resource": sent}
    return [
        response,
        sent,
        {"resourceType": "Parameters", "parameter": [parameter, {"name": "horizon"}]},
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        for name, each in value.items():
            found += places(each, (*path, name))
    if isinstance(value, list):
        for place, each in enumerate(value):
            found += places(each, (*path, place))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A request with one to three places changed, doubled or gone."""
    document = copy.deepcopy(draw(st.sampled_from(documents())))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(document) or [()]))
        if not path:
            return copy.deepcopy(draw(ODD))
        parent = document
        for step in path[:-1]:
            parent = parent[step]
        action = draw(st.sampled_from(["change", "drop", "double", "add"]))
        if action == "drop":
            del parent[path[-1]]
        elif action == "double" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        elif action == "add" and isinstance(parent, dict):
            parent[draw(st.sampled_from(NAMES))] = copy.deepcopy(draw(ODD))
        else:
            parent[path[-1]] = copy.deepcopy(draw(ODD))
    return document


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_only_one_kind_of_error_leaves_the_reading(document: Any) -> None:
    issues: list[Issue] = []
    try:
        read_patients(named(MODEL), document, NOW)
    except UnreadableResource as error:
        issues += error.issues
    assert SECRET not in str([each.to_dict() for each in issues])


class Served:
    """The service in this process."""

    def __init__(self, store: ModelStore) -> None:
        self.app = Service(store, QUIET)

    def post(self, content: bytes, name: str, accept: str = "*/*") -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
                headers = {"Content-Type": "application/fhir+json", "Accept": accept}
                path = f"/api/v1/models/{name}/predict"
                return await http.post(path, content=content, headers=headers)

        return asyncio.run(asked())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("models")
    MODEL.save(folder / "m1.json")
    return Served(ModelStore([("m1", folder / "m1.json")], with_library=False))


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(document=mutated(), accept=st.sampled_from(["*/*", "application/json"]))
def test_no_request_is_a_failure(served: Served, document: Any, accept: str) -> None:
    response = served.post(json.dumps(document).encode("ascii"), "m1", accept)
    assert response.status_code in (200, 400, 422), response.text
    found = response.json()
    if response.status_code == 200 and accept == "application/json":
        assert 0 <= found["predictions"][0]["risk"] <= 1
        return
    if response.status_code != 200:
        assert found["resourceType"] == "OperationOutcome"
        assert SECRET not in response.text
    assert broken(found) == [], found


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=200))
def test_no_bytes_are_a_failure(served: Served, content: bytes) -> None:
    response = served.post(content, "m1")
    assert response.status_code in (400, 422)
    assert broken(response.json()) == []
