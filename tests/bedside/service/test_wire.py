"""What comes over the wire: where one request ends, what is no HTTP, and TLS, on a real socket."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.bedside.service.serving import QUIET, service

from vertebrisk.bedside.service.running import Address, server_config

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = (
    b"POST /api/v1/models/plain/predict HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\n"
)
SECOND = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def listening(folder: Path, address: Address) -> Iterator[int]:
    """The service on a free port of the loopback address, in a thread."""
    settings = replace(QUIET, https=address.tls)
    server = uvicorn.Server(server_config(service(folder, "plain", settings=settings), address))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.005)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with listening(tmp_path_factory.mktemp("served"), Address()) as found:
        yield found


def sent(port: int, content: bytes) -> bytes:
    """All that comes back over one connection, which the client closes for writing."""

    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(content)
        try:
            writer.write_eof()
            return await asyncio.wait_for(reader.read(), 10)
        except OSError:  # hung up before all was read
            return b""
        finally:
            writer.close()

    return asyncio.run(talk())


def statuses(answer: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]


CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # both lengths: the chunks count, and what follows them is a request of its own
        (POST + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SECOND, [400, 404]),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}" + SECOND, [400]),
        (POST + b"Content-Length: 2, 3\r\n\r\n{}" + SECOND, [400]),
        (POST + b"Content-Length: +2\r\n\r\n{}" + SECOND, [400]),
        (POST + b"Content-Length : 2\r\n\r\n{}" + SECOND, [400]),
        (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND, [400]),
        (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SECOND, [400]),
        (POST + CHUNKED + b"\r\nzz\r\n\r\n" + SECOND, [400]),
        (POST + CHUNKED + b"\r\n-1\r\n\r\n" + SECOND, [400]),
        (GET + b"Host: evil.example\r\n\r\n", [400]),
        (GET + b"X: a\x00b\r\n\r\n", [400]),
        (b"\x16\x03\x01\x02\x00\x01\x00", [400]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 400]),
        (b"GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", [404]),
        (b"TRACE /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", [405]),
        (GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", [200]),
        (GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", [200]),
    ],
)
def test_where_a_request_ends_is_never_in_doubt(
    port: int, content: bytes, expected: list[int]
) -> None:
    found = statuses(sent(port, content))
    assert found[: len(expected)] == expected
    assert len(found) <= max(1, len(expected))


@pytest.mark.parametrize(
    "content",
    [
        GET + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
        GET + b"X: a\r\n" * 50_000 + b"\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["header", "headers", "address"],
)
def test_a_head_that_is_too_long_is_not_read_to_its_end(port: int, content: bytes) -> None:
    # the connection may be gone before the client has read why
    assert statuses(sent(port, content)) in ([400], [])
    assert statuses(sent(port, GET + b"\r\n")) == [200]


def test_what_is_no_http_is_refused_like_all_else(port: int) -> None:
    head, _, body = sent(port, b"nonsense\r\n\r\n").partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:])
    assert lines[b"content-type"] == b"application/problem+json"
    assert lines[b"x-content-type-options"] == b"nosniff"
    assert lines[b"connection"] == b"close"
    assert b"server" not in lines
    assert json.loads(body)["status"] == 400
    assert sent(port, GET + b"\r\n").startswith(b"HTTP/1.1 200")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def test_tls_is_new_and_nothing_falls_back_from_it(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    address = Address(certificate=cert, key=key)
    with listening(tmp_path, address) as found:
        context = ssl.create_default_context(cafile=cert)
        answer = httpx.get(f"https://localhost:{found}/healthz", verify=context)
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://localhost:{found}/healthz")
    offered = server_config(service(tmp_path, "plain"), address).ssl
    assert offered is not None
    assert offered.minimum_version >= ssl.TLSVersion.TLSv1_2
