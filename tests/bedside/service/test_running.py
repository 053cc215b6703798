"""The command and the server: addresses that are refused, one real start and stop."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.bedside.service.serving import model

from vertebrisk.bedside.service import protocol
from vertebrisk.bedside.service.running import Address
from vertebrisk.cli import main
from vertebrisk.errors import ArgumentError

SOURCE = Path(__file__).resolve().parents[3] / "src"
GOOD: dict[str, Any] = {"age": 71.5, "cleft": "Yes", "grade": "2"}


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command on a free port, and its address; stopped at the end whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vertebrisk", "serve", "--no-library", "--port", "0", *arguments],
        env=os.environ | {"PYTHONPATH": str(SOURCE), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None, process.communicate()
        yield process, found[0]
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for an orderly stop")
def test_it_starts_answers_takes_up_a_change_and_stops(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    model("plain").save(path)
    with running(f"ward={path}") as (process, url), httpx.Client(base_url=url) as http:
        first = http.get("/api/v1/models/ward").json()["version"]
        body = {"patient": GOOD}
        answer = http.post("/api/v1/models/ward/predict", json=body).json()
        expected = model("plain").predict({name: [value] for name, value in GOOD.items()})
        assert answer["predictions"][0]["risk"] == pytest.approx(expected["risk"][0], rel=1e-12)
        assert "server" not in http.get("/healthz").headers

        model("spline").save(path)
        deadline = time.monotonic() + 20
        while http.get("/api/v1/models/ward").json()["version"] == first:
            assert time.monotonic() < deadline
            time.sleep(0.2)

        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
        assert process.returncode == 0, log
    events = [json.loads(line) for line in log.splitlines()]
    assert {"request", "model-loaded"} <= {each["event"] for each in events}
    assert "71.5" not in log


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for an orderly stop")
def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "vertebrisk", "serve", "--no-library", "--port", str(port)],
            env=os.environ | {"PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "cannot be listened to" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "ward.example", ""])
def test_another_machine_is_answered_only_when_that_is_meant(host: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="clear text"):
        Address(host)
    assert Address(host, insecure_public=True).host == host
    pem = tmp_path / "a.pem"
    pem.write_text("")
    assert Address(host, certificate=pem, key=pem).tls


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_is_answered_without_more(host: str) -> None:
    assert Address(host).loopback


def test_tls_needs_both_files() -> None:
    with pytest.raises(ArgumentError, match="both"):
        Address(certificate=Path("a.pem"))
    with pytest.raises(ArgumentError, match="does not exist"):
        Address(certificate=Path("a.pem"), key=Path("b.pem"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "--insecure-public"),
        (["--port", "70000"], "0 to 65535"),
        (["--rate", "0"], "--rate"),
        (["--max-body", "0"], "--max-body"),
        (["--cors-origin", "*"], "no origin"),
        (["--cors-origin", "https://ward.example/"], "no origin"),
        (["--api-keys", "nowhere.txt"], "nowhere.txt"),
        (["nowhere.json"], "nowhere.json"),
        (["--make-key", "a b"], "a b"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_status_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert len(said.splitlines()) == 1


def test_tls_files_that_are_none_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = tmp_path / "a.pem"
    pem.write_text("nothing")
    arguments = ["serve", "--no-library", "--tls-cert", str(pem), "--tls-key", str(pem)]
    assert main(arguments) == 2
    assert "PEM" in capsys.readouterr().err


def test_a_new_key_is_shown_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--make-key", "ward"]) == 0
    said = capsys.readouterr().out
    assert re.search(r": vrk_[\w-]{43}\n", said)
    assert re.search(r": ward sha256:[0-9a-f]{64}\n", said)


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "uvicorn" else find(name)
    )
    assert main(["serve"]) == 2
    assert "pip install 'vertebrisk[serve]'" in capsys.readouterr().err


def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a loopback connection: half a head, then silence."""
    import asyncio

    import uvicorn
    from tests.bedside.service.serving import QUIET

    from vertebrisk.bedside.service.app import Service
    from vertebrisk.bedside.service.store import ModelStore

    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    app = Service(ModelStore(with_library=False), QUIET)
    config = uvicorn.Config(
        app, http=protocol.TimedProtocol, lifespan="off", log_config=None, timeout_keep_alive=1
    )
    whole_and_half = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGE"

    async def tried() -> tuple[bytes, bytes, bytes]:
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            task = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:
                await asyncio.sleep(0.01)
            answers = []
            for sent in (b"", b"GET /healthz HT", whole_and_half):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(sent)
                answers.append(await asyncio.wait_for(reader.read(), 20))
                writer.close()
            server.should_exit = True
            await task
        return answers[0], answers[1], answers[2]

    nothing, half, whole = asyncio.run(tried())
    assert (nothing, half) == (b"", b"")
    assert whole.startswith(b"HTTP/1.1 200")
