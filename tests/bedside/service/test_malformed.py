"""Malformed requests by the thousand: an answer to each, never a failure of the service."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bedside.service.serving import NAMES, model, rows, service

from vertebrisk.bedside.service.app import Service

COUNT = 10_000
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, -1e308, 10**30, 10**400, 1e-320, -0.0, "", "x", "NaN", "\x00",
    "\ud800", "骨水泥", "=1+1", "<script>", "../../etc/passwd",
    "2" * 3000, [], {}, [[]], {"": None},
)  # fmt: skip
RAW = (
    b"", b"{", b"}", b"null", b"[]", b"0", b"NaN", b"-", b'"', b"\xff\xfe", b"\x00" * 10,
    b"[" * 3000,
    b'{"patient":' * 500, b'{"patient":{"age":NaN}}', b'{"patient":{"age":1e999}}',
    b'{"patient":{"age":1,"age":2}}', b'{"patients":[' + b"{}," * 20 + b"{}]}", b'{"a":1}{"a":1}',
    b'{"patient":{"age":' + b"9" * 5000 + b"}}", b'"\\ud800"', b'{"patient":{"\\ud800":1}}',
)  # fmt: skip
TYPES = (
    b"application/json", b"application/json; charset=utf-8", b"text/csv", b"", b"\xff",
    b"multipart/form-data; boundary=x", b"application/x-www-form-urlencoded",
    b"application/json;;;charset", b"application/fhir+json",
)  # fmt: skip
FHIR = ("OperationOutcome",)
HOSTS = (b"localhost", b"localhost:80", b"[::1]", b"[", b":", b"evil.example", b"", b"\xff")
METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "ZZ", "")


class Requests:
    """Requests that are wrong in one way or several, the same in every run."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._good = {name: rows(model(name), 1)[0] for name in NAMES}

    def scope_and_body(self) -> tuple[dict[str, Any], bytes]:
        choose = self._random.choice
        name = choose((*NAMES, "nix", "%", "..", "\x00", "x" * 500, "骨"))
        body = self._body(name)
        paths = (
            f"/api/v1/models/{name}", "/", "/healthz", "/metrics", "//", "/api/v1/docs", "/compare",
            f"/models/{name}", f"/models/{name}/calculator", f"/models/{name}/batch",
            f"/api/v1/models/{name}/batch",
        )  # fmt: skip
        headers = [
            (b"host", self._mostly(b"localhost", HOSTS)),
            (b"content-type", self._mostly(b"application/json", TYPES)),
        ]
        if self._random.random() < 0.1:
            headers.append((b"origin", choose((b"null", b"http://localhost", b"\xff", b"x"))))
        if self._random.random() < 0.1:
            headers.append((b"content-length", choose((b"-1", b"x", b"9" * 40, b"", b"1.5"))))
        if self._random.random() < 0.1:
            headers.append((b"authorization", choose((b"Bearer", b"Bearer \xff", b"Basic x"))))
        return {
            "type": "http",
            "method": self._mostly("POST", METHODS),
            "path": self._mostly(f"/api/v1/models/{name}/predict", paths),
            "raw_path": b"/",
            "query_string": choose((b"", b"a=%ff", b"\xff", b"model=plain&model=cox&lang=zh")),
            "headers": headers,
            "client": choose((None, ("127.0.0.1", 1))),
        }, body

    def _mostly(self, usual: Any, others: tuple[Any, ...]) -> Any:
        return usual if self._random.random() < 0.9 else self._random.choice(others)

    def _body(self, name: str) -> bytes:
        kind = self._random.random()
        if kind < 0.2:
            return self._random.choice(RAW)
        patient = dict(self._good.get(name, {"age": 70}))
        for _ in range(self._random.randrange(3)):
            key = self._random.choice([*patient, "", "\ud800", "name", "a/~b"])
            patient[key] = self._random.choice(ODD)
        if patient and kind < 0.4:
            patient.pop(self._random.choice(list(patient)))
        document: dict[str, Any] = {"patient": patient}
        if kind > 0.7:
            document = {"patients": [patient, self._random.choice([patient, *ODD])]}
        if kind > 0.85:
            document["horizon"] = self._random.choice([6, 12, 5.5, 24, *ODD])
        text = json.dumps(document).encode("utf-8")
        if kind > 0.95:
            place = self._random.randrange(len(text))
            text = text[:place] + self._random.randbytes(2) + text[place + 2 :]
        return text


async def answered(app: Service, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    parts = [body[:7], body[7:]]
    found: list[Any] = []

    async def receive() -> Any:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        found.append(message)

    await app(scope, receive, send)
    content = b"".join(each.get("body", b"") for each in found[1:])
    return int(found[0]["status"]), content


async def all_answered(app: Service, count: int, seed: int) -> Counter[int]:
    requests = Requests(seed)
    statuses: Counter[int] = Counter()
    for _ in range(count):
        scope, body = requests.scope_and_body()
        status, content = await answered(app, scope, body)
        assert 200 <= status < 500, (scope, body, content)
        if status >= 400:
            document = json.loads(content)
            assert document.get("status") == status or document["resourceType"] in FHIR
        elif scope["path"].endswith("predict") and scope["method"] == "POST":
            for each in json.loads(content)["predictions"]:
                assert 0.0 <= each["risk"] <= 1.0
        statuses[status] += 1
    return statuses


def test_no_malformed_request_is_a_failure(tmp_path: Path) -> None:
    app = service(tmp_path, *NAMES)
    statuses = asyncio.run(all_answered(app, COUNT, seed=2))
    assert {200, 400, 403, 404, 405, 413, 415, 421, 422} <= set(statuses)
    assert statuses[200] > COUNT // 20, "some of them must reach the models"
