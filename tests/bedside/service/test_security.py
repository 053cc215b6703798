"""Who may ask, how much, from where; and a log that holds nothing of a patient."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.bedside.service.serving import QUIET, ask, predict, service

from vertebrisk.bedside.service import logs, problems
from vertebrisk.bedside.service.access.headers import page_policy
from vertebrisk.bedside.service.access.keys import load_keys, new_key
from vertebrisk.bedside.service.access.rates import MAX_CLIENTS, Buckets
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.endpoints import Endpoint
from vertebrisk.bedside.service.settings import Rate
from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.errors import ArgumentError, DataError

GOOD: dict[str, Any] = {"age": 71.5, "cleft": "Yes", "grade": "2"}
BODY = {"patient": GOOD}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    import logging

    stream = io.StringIO()
    logs.log_to(stream)
    yield stream
    for name in (logs.LOGGER, logs.SERVER):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def test_every_answer_carries_the_headers(tmp_path: Path) -> None:
    app = service(tmp_path, "plain")
    for response in (
        predict(app, "plain", BODY),
        predict(app, "plain", {}),
        ask(app, "GET", "/nowhere"),
        ask(app, "GET", "/healthz"),
        ask(app, "GET", "/api/v1/docs"),
    ):
        headers = response.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_policy_of_a_page_admits_its_style_and_no_script(tmp_path: Path) -> None:
    page = ask(service(tmp_path, "plain"), "GET", "/api/v1/docs")
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    assert page.headers["content-security-policy"] == page_policy(style[1])
    assert "script-src" not in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:80", 200),
        ("[::1]:8000", 200),
        ("ward.example", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 400),
    ],
)
def test_only_names_of_the_service_are_answered(tmp_path: Path, host: str, status: int) -> None:
    settings = replace(QUIET, hosts=(*QUIET.hosts, "ward.example"))
    app = service(tmp_path, "plain", settings=settings)
    assert ask(app, "GET", "/healthz", headers={"Host": host}).status_code == status


def test_a_page_of_another_origin_sends_and_reads_nothing(tmp_path: Path) -> None:
    app = service(tmp_path, "plain")
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        response = predict(app, "plain", BODY, headers={"Origin": origin})
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers
    assert predict(app, "plain", BODY, headers={"Origin": "http://localhost"}).status_code == 200


def test_a_configured_origin_may_ask_and_no_other(tmp_path: Path) -> None:
    ward = "https://ward.example"
    app = service(tmp_path, "plain", settings=replace(QUIET, cors_origins=(ward,)))
    asked = {"Origin": ward, "Access-Control-Request-Method": "POST"}
    before = ask(app, "OPTIONS", "/api/v1/models/plain/predict", headers=asked)
    assert before.status_code == 204
    assert before.headers["access-control-allow-origin"] == ward
    answer = predict(app, "plain", BODY, headers={"Origin": ward})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ward
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["vary"] == "Origin"
    other = ask(app, "OPTIONS", "/healthz", headers={**asked, "Origin": "https://x.example"})
    assert other.status_code == 403


def test_keys_are_asked_for_and_only_hashes_are_kept(tmp_path: Path) -> None:
    key, line = new_key("ward")
    other, _ = new_key("ward")
    path = tmp_path / "keys.txt"
    path.write_text(f"# clients\n\n{line}\n")
    assert key not in path.read_text()
    app = service(tmp_path, "plain", settings=replace(QUIET, keys=load_keys(path)))
    assert (
        predict(app, "plain", BODY, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    )
    for wrong in (other, key[:-1], key + "A", "", "vrk_", "\u00e9" * 47):
        headers = {"Authorization": f"Bearer {wrong}".encode()}
        response = predict(app, "plain", BODY, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert predict(app, "plain", BODY).status_code == 401
    assert ask(app, "GET", "/metrics").status_code == 401
    assert ask(app, "GET", "/healthz").status_code == 200
    document = ask(app, "GET", "/api/v1/openapi.json").json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds none"),
        ("ward sha256:12\n", "Line 1"),
        ("ward vrk_plain\n", "Line 1"),
        ("a sha256:" + "0" * 64 + "\na sha256:" + "1" * 64, "Line 2"),
    ],
)
def test_a_file_of_keys_that_is_not_understood_is_refused(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "keys.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=told):
        load_keys(path)


def test_a_name_of_a_key_is_checked() -> None:
    with pytest.raises(ArgumentError, match="a b"):
        new_key("a b")


def test_a_client_that_asks_too_often_waits(tmp_path: Path) -> None:
    app = service(tmp_path, "plain", settings=replace(QUIET, rate=Rate(0.5, 3)))
    statuses = [predict(app, "plain", BODY).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert int(predict(app, "plain", BODY).headers["retry-after"]) in (1, 2)
    assert predict(app, "plain", BODY, client="10.0.0.9").status_code == 200
    assert ask(app, "GET", "/healthz").status_code == 200


def test_buckets_fill_again_and_are_forgotten() -> None:
    now = [0.0]
    buckets = Buckets(Rate(2.0, 2), clock=lambda: now[0])
    assert [buckets.wait("a") for _ in range(3)] == [0, 0, 1]
    now[0] = 0.5
    assert [buckets.wait("a") for _ in range(2)] == [0, 1]
    now[0] = 100.0
    assert [buckets.wait("a") for _ in range(3)] == [0, 0, 1]
    for number in range(3 * MAX_CLIENTS):
        buckets.wait(f"client {number}")
    assert len(buckets._left) <= MAX_CLIENTS


def test_a_large_body_is_refused_before_and_while_it_comes(tmp_path: Path) -> None:
    app = service(tmp_path, "plain", settings=replace(QUIET, max_body=1000))
    sent = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100
            yield b" " * 100

    stated = predict(app, "plain", b" " * 1001)
    assert stated.status_code == 413
    assert stated.headers["connection"] == "close"
    streamed = ask(
        app,
        "POST",
        "/api/v1/models/plain/predict",
        content=without_end(),
        headers={"Content-Type": "application/json"},
    )
    assert streamed.status_code == 413
    assert sent <= 1200
    lie = {"Content-Type": "application/json", "Content-Length": "9" * 30}
    lied = ask(app, "POST", "/api/v1/models/plain/predict", content=b"{}", headers=lie)
    assert lied.status_code == 413


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    app = service(tmp_path, "plain", settings=replace(QUIET, body_seconds=0.05))
    found: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(30)

    async def sent(message: Any) -> None:
        found.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/models/plain/predict",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "query_string": b"",
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, never, sent))
    assert found[0]["status"] == 408


def test_a_client_that_goes_away_is_counted(tmp_path: Path) -> None:
    app = service(tmp_path, "plain")

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    async def nothing(message: Any) -> None:
        raise AssertionError(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/models/plain/predict",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "query_string": b"",
        "client": None,
    }
    asyncio.run(app(scope, gone, nothing))
    assert any('status="499"' in line for line in app.meter.lines())


MARKS = ("73.4142135", "MarkedLevel", "marked_name", "Zhang", "marked-query", "marked-agent")


def test_the_log_and_the_numbers_hold_nothing_of_a_patient(
    tmp_path: Path, log: io.StringIO
) -> None:
    app = service(tmp_path, "plain", settings=replace(QUIET, log_requests=True))
    headers = {"User-Agent": "marked-agent", "Referer": "http://localhost/?Zhang"}
    bodies: list[Any] = [
        {"patient": {**GOOD, "age": 73.4142135}},
        {"patient": {**GOOD, "grade": "MarkedLevel"}},
        {"patient": {**GOOD, "marked_name": "Zhang"}},
        {"marked_name": "Zhang"},
        b'{"patient": {"age": 73.4142135,',
        b"Zhang",
    ]
    statuses = [predict(app, "plain", body, headers=headers).status_code for body in bodies]
    assert statuses == [200, 422, 422, 422, 400, 400]
    ask(app, "GET", "/api/v1/models/Zhang?q=marked-query", headers=headers)
    ask(app, "GET", "/Zhang?q=marked-query", headers=headers)
    ask(app, "ZHANG", "/healthz", headers=headers)
    lines = log.getvalue().splitlines()
    assert len(lines) == len(bodies) + 3
    numbers = ask(app, "GET", "/metrics").text
    for mark in MARKS:
        assert mark.lower() not in log.getvalue().lower()
        assert mark.lower() not in numbers.lower()
    first = json.loads(lines[0])
    assert first["event"] == "request"
    assert first["route"] == "/api/v1/models/{model}/predict"
    assert (first["method"], first["status"]) == ("POST", 200)


def test_a_failure_of_the_service_tells_the_client_and_the_log_nothing_of_the_patient(
    tmp_path: Path, log: io.StringIO
) -> None:
    async def fails(request: Any) -> Any:
        raise KeyError("MarkedLevel 73.4142135")

    endpoints = (Endpoint("/fails", fails, open=True),)
    app = Service(ModelStore(with_library=False), QUIET, endpoints)
    response = ask(app, "GET", "/fails")
    assert response.status_code == 500
    assert response.json()["type"].endswith("#internal")
    for text in (response.text, log.getvalue()):
        assert "73.4142135" not in text
    told = json.loads(log.getvalue().splitlines()[0])
    assert told["error"] == "KeyError"
    assert re.fullmatch(r"test_security\.py:\d+", told["at"])


def test_numbers_count_what_was_asked(tmp_path: Path) -> None:
    app = service(tmp_path, "plain")
    predict(app, "plain", {"patients": [GOOD, GOOD]})
    predict(app, "plain", {})
    text = ask(app, "GET", "/metrics").text
    route = 'route="/api/v1/models/{model}/predict"'
    assert f'vertebrisk_requests_total{{{route},method="POST",status="200"}} 1' in text
    assert f'vertebrisk_requests_total{{{route},method="POST",status="422"}} 1' in text
    assert f'vertebrisk_request_seconds_bucket{{{route},le="+Inf"}} 2' in text
    assert f"vertebrisk_request_seconds_count{{{route}}} 2" in text
    assert "vertebrisk_patients_scored_total 2" in text
    assert "vertebrisk_models_loaded 1" in text


def test_every_kind_of_problem_that_is_raised_has_a_title() -> None:
    folder = Path(problems.__file__).parent
    raised = {
        kind
        for path in folder.glob("*.py")
        for kind in re.findall(r'Problem\(\s*\d{3},\s*"([a-z-]+)"', path.read_text("utf-8"))
    }
    assert raised
    assert raised <= set(problems.KINDS)
