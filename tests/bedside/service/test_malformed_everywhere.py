"""Malformed requests to every address of the service: whatever it is asked, it does not fail.

The endpoints are taken from the service itself, so one that is added is asked too.
"""

from __future__ import annotations

import asyncio
import copy
import io
import json
import random
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.bedside.service.serving import model, rows, service
from tests.bedside.service.test_malformed import ODD, RAW, answered

from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.endpoints import Endpoint

NAMES = ("plain", "interaction", "cox", "strata")
COUNT = 3_000
MORE = 30_000
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = (
    "application/json", "application/fhir+json", "application/fhir+xml", "text/html", "text/csv",
    SPREADSHEET, "application/octet-stream", "application/x-www-form-urlencoded", "*/*", "x", "",
    "multipart/form-data; boundary=b", "multipart/form-data", "text/html;q=x", "é", "a/b;" * 500,
)  # fmt: skip
HEADERS = (
    ("accept-language", "zh-CN,zh;q=0.9"), ("accept-language", ";;q=nan"), ("cookie", "a=b"),
    ("if-none-match", "*"), ("range", "bytes=0-1"), ("expect", "100-continue"),
    ("authorization", "Basic !"), ("authorization", "Bearer a.b.c"), ("transfer-encoding", "x"),
    ("origin", "http://localhost"), ("origin", "http://evil.example"), ("referer", "\x7f"),
    ("content-encoding", "gzip"), ("content-length", "-5"), ("x-forwarded-for", "1.1.1.1, x"),
)  # fmt: skip
QUERIES = (
    "", "lang=zh", "lang=" + "x" * 999, "_format=json", "a=%ff&a=2&&=", "model=plain&model=nix",
    "model=" + "plain," * 200, "horizon=1e999", "horizon=nan", "age=70&cleft=Yes&grade=2",
)  # fmt: skip


def spreadsheets() -> tuple[bytes, ...]:
    """Tables and what only looks like one."""
    patients = rows(model("plain"), 3)
    names = list(patients[0])
    lines = [names, *([str(each[name]) for name in names] for each in patients)]
    table = "\n".join(",".join(line) for line in lines)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * 5_000_000)
        archive.writestr("../../etc/x", "x")
    return (
        table.encode("utf-8"), table.encode("utf-16"), ("﻿" + table).encode("utf-8"), b"a,a\n1,2",
        b"=1+1,@x\n-1,+1", table.encode("utf-8").replace(b",", b"\x00"), b",\n" * 3000,
        packed.getvalue(), packed.getvalue()[:400], b"PK\x03\x04", b"PK\x05\x06" + b"\x00" * 18,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    )  # fmt: skip


def documents() -> tuple[dict[str, Any], ...]:
    """Bodies of about the right shape, by what is sent to which address."""
    patient = rows(model("plain"), 1)[0]
    coding = {"coding": [{"system": "http://loinc.org", "code": "30525-0"}], "text": "age"}
    reference = {"reference": "Patient/1"}
    age = {"resourceType": "Observation", "status": "final", "code": coding, "subject": reference}
    observation = {**age, "valueQuantity": {"value": 70, "unit": "years", "code": "a"}}
    items = [
        {"linkId": name, "answer": [{"valueDecimal": 1.5} if name == "age" else {"valueString": v}]}
        for name, v in patient.items()
    ]
    answers = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": observation}]}
    hook = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "http://127.0.0.1:9/fhir",
        "context": {"userId": "Practitioner/1", "patientId": "1"},
        "prefetch": {"observations": bundle, "patient": {"resourceType": "Patient"}},
    }
    feedback = {"feedback": [{"card": "x", "outcome": "overridden", "outcomeTimestamp": "now"}]}
    return (
        {"patient": patient}, {"patients": [patient] * 2, "horizon": 12}, answers, bundle, hook,
        {"resourceType": "Parameters", "parameter": [{"name": "x", "resource": bundle}]}, feedback,
    )  # fmt: skip


class Requests:
    """Requests that are wrong in one way or several, the same in every run."""

    def __init__(self, endpoints: tuple[Endpoint, ...], seed: int) -> None:
        self._random = random.Random(seed)
        self._endpoints = endpoints
        self._documents = documents()
        self._tables = spreadsheets()

    def scope_and_body(self) -> tuple[dict[str, Any], bytes]:
        choose = self._random.choice
        endpoint = choose(self._endpoints)
        kind = self._mostly(endpoint.reads or ("",), TYPES)
        accept = self._mostly((endpoint.produces, *endpoint.reads, "*/*"), TYPES)
        headers = [("host", "localhost"), ("content-type", kind), ("accept", accept)]
        while self._random.random() < 0.2:
            headers.append(choose(HEADERS))
        return {
            "type": "http",
            "method": self._mostly((endpoint.method,), ("GET", "POST", "HEAD", "PUT", "TRACE")),
            "path": re.sub(r"{\w+(:\w+)?}", lambda _: self._name(), endpoint.path),
            "raw_path": b"/",
            "query_string": choose(QUERIES).encode("latin-1"),
            "headers": [(name.encode(), value.encode("utf-8")) for name, value in headers],
            "client": ("127.0.0.1", 1),
        }, self._body(kind)

    def _mostly(self, usual: tuple[str, ...], others: tuple[str, ...]) -> str:
        return self._random.choice(usual if self._random.random() < 0.85 else others)

    def _name(self) -> str:
        return self._mostly(NAMES, ("nix", "", "..", "a/b", "%00", "骨", "x" * 3000, "\x00", "$"))

    def _body(self, kind: str) -> bytes:
        chance = self._random.random()
        if chance < 0.1:
            return self._random.choice(RAW)
        if "form" in kind:
            return self._form(kind)
        if "json" not in kind and chance < 0.8:
            return self._random.choice(self._tables)
        document = json.loads(json.dumps(self._random.choice(self._documents)))
        for _ in range(self._random.randrange(4)):
            self._spoil(document)
        text = json.dumps(document).encode("utf-8")
        return text if chance < 0.9 else text[: self._random.randrange(len(text))]

    def _form(self, kind: str) -> bytes:
        """What a form sends: fields or a file, with a boundary that is right or not."""
        if "multipart" not in kind:
            fields = {**rows(model("plain"), 1)[0], "model": self._name(), "x": "y" * 200}
            return urlencode(fields, encoding="utf-8").encode("ascii")
        name = self._random.choice(('"a.csv"', '"a.xlsx"', '"../x.csv"', '"', "*=utf-8''%00", '""'))
        head = f'--b\r\ncontent-disposition: form-data; name="file"; filename={name}\r\n'
        end = self._random.choice((b"\r\n--b--\r\n", b"\r\n--b\r\n", b"", b"\r\n--c--"))
        return head.encode("utf-8") + b"\r\n" + self._random.choice(self._tables) + end

    def _spoil(self, document: Any) -> None:
        """Change one place, however deep it lies."""
        while True:
            places: list[Any] = (
                list(document) if isinstance(document, dict) else list(range(len(document)))
            )
            if not places:
                return
            place = self._random.choice(places)
            if isinstance(document[place], dict | list) and self._random.random() < 0.7:
                document = document[place]
                continue
            if self._random.random() < 0.3:
                del document[place]
            else:
                document[place] = copy.deepcopy(self._random.choice(ODD))
            return


async def all_answered(app: Service, count: int, seed: int) -> dict[str, Counter[int]]:
    """Every request answered without a failure; statuses by the path of the endpoint."""
    requests = Requests(app.endpoints, seed)
    seen: dict[str, Counter[int]] = {each.path: Counter() for each in app.endpoints}
    for _ in range(count):
        scope, body = requests.scope_and_body()
        status, content = await answered(app, scope, body)
        assert 200 <= status < 500, (scope, body, content)
        route = scope.get("route")
        if route is not None:
            seen[route.path][status] += 1
        if status >= 400 and scope["method"] != "HEAD" and not content.startswith(b"<!"):
            told = json.loads(content)
            assert told.get("resourceType") == "OperationOutcome" or told["status"] == status
    return seen


def asked(folder: Path, count: int, seed: int) -> None:
    app = service(folder, *NAMES)
    seen = asyncio.run(all_answered(app, count, seed))
    unasked = [path for path, statuses in seen.items() if not any(s < 300 for s in statuses)]
    only_wrong = {each.path for each in app.endpoints if each.reads}
    assert set(unasked) <= only_wrong, "what needs no body is answered now and then"


def test_no_address_fails_on_malformed_requests(tmp_path: Path) -> None:
    asked(tmp_path, COUNT, seed=5)


@pytest.mark.slow
def test_no_address_fails_on_more_of_them(tmp_path: Path) -> None:
    asked(tmp_path, MORE, seed=6)
