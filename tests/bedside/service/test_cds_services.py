"""CDS Hooks over HTTP: discovery, and feedback that leaves a count and nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bedside.service.serving import QUIET, ask, service

from vertebrisk.bedside.service import logs
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.cds.requests import read_call, read_feedback
from vertebrisk.bedside.service.problems import Problem

CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
OVERRIDDEN = {
    "card": CARD,
    "outcome": "overridden",
    "overrideReason": {"reason": {"code": "a", "system": "b"}, "userComment": "Lin Mei, 72"},
    "outcomeTimestamp": "2026-11-02T10:05:31.25Z",
}
TAKEN = {
    "card": CARD,
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
    "outcomeTimestamp": "2026-11-02T10:05:31+08:00",
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    import logging

    stream = io.StringIO()
    logs.log_to(stream)
    yield stream
    logging.getLogger(logs.LOGGER).handlers.clear()
    logging.getLogger(logs.LOGGER).propagate = True


@pytest.fixture
def app(tmp_path: Path) -> Service:
    return service(tmp_path, "plain", "cox")


def feed(app: Service, *each: Any) -> Any:
    return ask(app, "POST", "/cds-services/plain/feedback", json={"feedback": list(each)})


def test_discovery_lists_the_models(app: Service) -> None:
    found = ask(app, "GET", "/cds-services").json()
    assert [each["id"] for each in found["services"]] == ["plain", "cox"]
    zh = ask(app, "GET", "/cds-services", headers={"Accept-Language": "zh-CN,en;q=0.5"}).json()
    assert zh["services"][0]["title"].startswith("风险：")
    assert found["services"][0]["title"].startswith("Risk: ")


def test_a_service_without_models_lists_none(tmp_path: Path) -> None:
    assert ask(service(tmp_path), "GET", "/cds-services").json() == {"services": []}


def test_feedback_is_counted_and_nothing_of_it_kept(tmp_path: Path, log: io.StringIO) -> None:
    app = service(tmp_path, "plain", settings=replace(QUIET, log_requests=True))
    for each in ([OVERRIDDEN], [OVERRIDDEN, TAKEN], [TAKEN] * 3):
        answer = feed(app, *each)
        assert (answer.status_code, answer.content) == (200, b"")
    numbers = ask(app, "GET", "/metrics").text
    assert 'vertebrisk_cds_feedback_total{model="plain",outcome="accepted"} 4\n' in numbers
    assert 'vertebrisk_cds_feedback_total{model="plain",outcome="overridden"} 2\n' in numbers
    assert "Lin" not in log.getvalue() + numbers
    assert CARD not in log.getvalue() + numbers


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"card": "x"}, "#/feedback/0/card"),
        ({"card": f"{CARD}\n"}, "#/feedback/0/card"),
        ({"outcome": "ignored"}, "#/feedback/0/outcome"),
        ({"outcome": ["accepted"]}, "#/feedback/0/outcome"),
        ({"outcome": "accepted"}, "#/feedback/0/acceptedSuggestions"),
        (
            {"outcome": "accepted", "acceptedSuggestions": [3]},
            "#/feedback/0/acceptedSuggestions/0",
        ),
        (
            {"outcome": "accepted", "acceptedSuggestions": [{}]},
            "#/feedback/0/acceptedSuggestions/0/id",
        ),
        ({"outcomeTimestamp": "2026-13-02T10:05:31Z"}, "#/feedback/0/outcomeTimestamp"),
        ({"outcomeTimestamp": "2026-11-02T10:05:31"}, "#/feedback/0/outcomeTimestamp"),
        ({"outcomeTimestamp": 3}, "#/feedback/0/outcomeTimestamp"),
        ({"overrideReason": "x"}, "#/feedback/0/overrideReason"),
    ],
)
def test_feedback_that_is_refused(app: Service, change: dict[str, Any], pointer: str) -> None:
    answer = feed(app, {**OVERRIDDEN, **change})
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert "vertebrisk_cds_feedback_total{" not in ask(app, "GET", "/metrics").text


@pytest.mark.parametrize("body", [{}, [], {"feedback": {}}, {"feedback": []}, {"feedback": [3]}])
def test_bodies_that_are_no_feedback(app: Service, body: object) -> None:
    answer = ask(app, "POST", "/cds-services/plain/feedback", json=body)
    assert answer.status_code == 422
    assert feed(app, *[OVERRIDDEN] * 1001).status_code == 422


def test_feedback_on_an_unknown_model(app: Service) -> None:
    answer = ask(app, "POST", "/cds-services/nix/feedback", json={"feedback": [OVERRIDDEN]})
    assert answer.status_code == 404


def test_a_page_elsewhere_may_ask_only_if_it_is_listed(tmp_path: Path) -> None:
    settings = replace(QUIET, cors_origins=("https://ehr.example",))
    app = service(tmp_path, "plain", settings=settings)
    asking = {
        "Origin": "https://ehr.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = ask(app, "OPTIONS", "/cds-services/plain", headers=asking)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://ehr.example"
    allowed = answer.headers["access-control-allow-headers"].replace(" ", "").split(",")
    assert {"authorization", "content-type"} <= set(allowed)
    assert "POST" in answer.headers["access-control-allow-methods"]
    other = {**asking, "Origin": "https://evil.example"}
    assert (
        "access-control-allow-origin"
        not in ask(app, "OPTIONS", "/cds-services/plain", headers=other).headers
    )


@pytest.mark.parametrize(
    "host", ["localhost:1@evil.example", "localhost:x", "localhost:", "[::1]:", "local/host"]
)
def test_a_host_that_is_more_than_a_name_and_a_port_is_refused(app: Service, host: str) -> None:
    assert ask(app, "GET", "/cds-services", headers={"Host": host}).status_code == 421


FIELDS = st.sampled_from(
    ["hook", "hookInstance", "context", "userId", "patientId", "prefetch", "patient", "fhirServer",
     "fhirAuthorization", "feedback", "card", "outcome", "outcomeTimestamp", "acceptedSuggestions"]
)  # fmt: skip
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(CARD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=12,
)


@given(JSONS)
def test_any_document_is_read_or_refused(document: object) -> None:
    for reader in (read_call, read_feedback):
        refused = None
        try:
            reader(document)
        except Problem as problem:
            refused = problem
        if refused is not None:
            assert refused.status == 422
            assert json.dumps(refused.to_dict())
