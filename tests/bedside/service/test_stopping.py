"""Told to stop, the service answers all that has reached it, and takes nothing new."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.bedside.service.serving import model, rows
from tests.bedside.service.test_running import running

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no signal for an orderly stop"
)
PATH = "/api/v1/models/ward/predict"
PATIENTS = 3000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    model("spline").save(tmp_path / "model.json")
    return tmp_path / "model.json"


def request(patients: int) -> bytes:
    body = json.dumps({"patients": rows(model("spline"), 1) * patients}).encode("utf-8")
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return head.encode("ascii") + f"Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body


def wait_until_taken(port: int | None) -> None:
    """Until what was sent before has been read: a connection made after it has its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as last:
        last.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer(last)[0] == b"HTTP/1.1 200 OK"


def wait_until_refused(port: int | None) -> None:
    """Until nobody listens any more."""
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError("a stopping service still takes connections")


def answer(connection: socket.socket) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, headers and body of all that comes until the service hangs up."""
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    return lines[0], dict(each.lower().split(b": ", 1) for each in lines[1:]), body


def test_requests_under_way_are_answered_whole(path: Path) -> None:
    whole = request(PATIENTS)
    with running("--no-rate-limit", f"ward={path}") as (process, url), ExitStack() as stack:
        port = urlsplit(url).port
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            for _ in range(5)
        ]
        for connection in connections[:4]:
            connection.sendall(whole)
        connections[4].sendall(whole[:-100])  # the end of this body comes after the signal
        wait_until_taken(port)
        process.send_signal(signal.SIGTERM)
        wait_until_refused(port)
        connections[4].sendall(whole[-100:])
        for connection in connections:
            status, headers, body = answer(connection)
            assert status == b"HTTP/1.1 200 OK"
            assert len(body) == int(headers[b"content-length"])
            assert len(json.loads(body)["predictions"]) == PATIENTS
        _, log = process.communicate(timeout=20)
        assert process.returncode == 0, log
    told = [json.loads(line) for line in log.splitlines()]
    assert [each["status"] for each in told if each["event"] == "request"] == [200] * 6


def test_a_client_that_waits_and_sends_nothing_does_not_hold_the_stop_up(path: Path) -> None:
    with running(f"ward={path}") as (process, url):
        port = urlsplit(url).port
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(1 << 16).startswith(b"HTTP/1.1 200")
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
            assert process.returncode == 0
            assert time.monotonic() - begun < 8, "no longer than an empty connection takes"
