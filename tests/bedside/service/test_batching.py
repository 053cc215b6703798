"""Spreadsheets sent to the service: by a form, by a program, and by people who mean no good."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bedside.service.browsing import too_wide, violations, watched
from tests.bedside.service.serving import QUIET, ask, model, patients, service
from tests.bedside.spreadsheets import bomb, table, workbook
from tests.bedside.views import every_view

from vertebrisk.bedside.batches import scored_batch
from vertebrisk.bedside.service import logs
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.batching import CSV, XLSX
from vertebrisk.bedside.service.multipart import Part, read_multipart
from vertebrisk.bedside.service.problems import Problem

ROWS = [("id", "age", "cleft", "grade"), ("P7", 81.25, "Yes", "2"), ("P8", 64, "No", "0-1")]
BOOK = workbook(ROWS)
TEXT = "\r\n".join(",".join(map(str, row)) for row in ROWS).encode()
BOUNDARY = "----WebKitFormBoundary7MA4YWxk"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return service(tmp_path_factory.mktemp("models"), "plain", "cox")


def form(content: bytes, name: str = "patients.csv", **fields: str) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/csv\r\n\r\n".encode()
        + content
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode()
        for key, value in fields.items()
    ]
    return b"\r\n".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def upload(app: Service, body: bytes, name: str = "plain", **headers: str) -> httpx.Response:
    given = {"Content-Type": FORM, "Accept": "text/html", **headers}
    return ask(app, "POST", f"/models/{name}/batch", content=body, headers=given)


def send(
    app: Service, content: bytes, kind: str = CSV, name: str = "plain", query: str = ""
) -> httpx.Response:
    where = f"/api/v1/models/{name}/batch{query}"
    return ask(app, "POST", where, content=content, headers={"Content-Type": kind})


def test_a_file_is_answered_with_the_kind_that_came_in(app: Service) -> None:
    expected = model("plain").predict(
        {"age": [81.25, 64.0], "cleft": ["Yes", "No"], "grade": ["2", "0-1"]}
    )
    for answer in (send(app, TEXT), upload(app, form(TEXT))):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="plain-risks.csv"'
        assert answer.headers["cache-control"] == "no-store"
        found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert [each["id"] for each in found] == ["P7", "P8"]
        assert [float(each["risk"]) for each in found] == pytest.approx(
            expected["risk"].to_list(), abs=5e-7  # six decimals are written
        )  # fmt: skip
    for answer in (send(app, workbook(ROWS), XLSX), upload(app, form(workbook(ROWS)))):
        assert answer.headers["content-type"] == XLSX
        cells = table(answer.content)
        assert [row[4] for row in cells[1:]] == pytest.approx(expected["risk"].to_list())
        about = {row[0]: row[1] for row in table(answer.content, 1)}
        assert about["model"] == "plain"
        assert "average risk of patients like this one" in str(about["interval"])


def test_a_time_is_asked_of_a_model_that_has_times(app: Service) -> None:
    sent = patients().select("age", "cleft", "grade").head(3)
    expected = model("cox").predict(sent, 24.0)["risk"].to_list()
    content = sent.write_csv().encode()
    for answer in (
        send(app, content, name="cox", query="?horizon=24"),
        upload(app, form(content, horizon="24"), "cox"),
    ):
        found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert [float(each["risk"]) for each in found] == pytest.approx(expected, abs=5e-7)
    for wrong in ("0", "99999", "x", "nan"):
        refused = send(app, content, name="cox", query=f"?horizon={wrong}")
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "#/horizon"
    assert send(app, TEXT, query="?horizon=6").status_code == 422


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b"", CSV, 422, "is empty"),
        (b"a,b\n1,2", CSV, 422, "The model needs age"),
        (b"age,age\n1,2", CSV, 422, "more than one column named age"),
        (b"age,cleft,grade\n1,Yes,2\x00", CSV, 422, "binary"),
        (b"age,cleft,grade\n1,Yes,2,SECRET", CSV, 422, "data row 1"),
        (BOOK, CSV, 422, "an Excel workbook by its contents"),
        (TEXT, XLSX, 422, "no .xlsx workbook"),
        (b"age,cleft,grade\n" + b"70,Yes,2\n" * 100_000, CSV, 413, "more than 10000 rows of data"),
        (bomb(80), XLSX, 413, "once it is unpacked"),
        (TEXT, "application/json", 415, "text/csv"),
        (TEXT, "text/csv; charset=latin-1", 415, "UTF-8"),
        (b"x" * (5 << 20), CSV, 413, "The body has more than"),
    ],
)
def test_bad_files_are_refused_in_one_line(
    app: Service, content: bytes, kind: str, status: int, said: str
) -> None:
    refused = send(app, content, kind)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert said in refused.json()["detail"]
    assert "SECRET" not in refused.text
    if kind in (CSV, XLSX):
        shown = upload(app, form(content)) if len(content) < 4 << 20 else None
        # The form goes by the contents, whatever the file is called.
        if shown is not None and content not in (BOOK, TEXT):
            assert shown.status_code == (status if content else 422)
            assert "The file was not scored." in shown.text


def test_fifty_megabytes_are_refused_by_their_length(app: Service) -> None:
    headers = {"Content-Type": CSV, "Content-Length": str(50 << 20)}
    refused = ask(app, "POST", "/api/v1/models/plain/batch", content=b"x", headers=headers)
    assert refused.status_code == 413


def test_uploads_of_other_origins_are_refused(app: Service) -> None:
    assert upload(app, form(TEXT), Origin="https://evil.example").status_code == 403
    assert upload(app, form(TEXT), Origin="null").status_code == 403
    assert upload(app, form(TEXT), Origin="http://localhost").status_code == 200


def test_a_file_in_work_does_not_hold_up_others(
    app: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    real = scored_batch

    def slow(*arguments: Any, **options: Any) -> Any:
        let_go.wait(20)
        return real(*arguments, **options)

    monkeypatch.setattr("vertebrisk.bedside.service.batching.scored_batch", slow)

    async def asked() -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            options: Any = {"content": TEXT, "headers": {"Content-Type": CSV}}
            where = "/api/v1/models/plain/batch"
            first = [asyncio.create_task(http.post(where, **options)) for _ in range(2)]
            while app.batches < 2:
                await asyncio.sleep(0.01)
            third = await http.post(where, **options)
            health = await http.get("/healthz")
            let_go.set()
            done = [each.status_code for each in await asyncio.gather(*first)]
            assert third.headers["retry-after"] == "5"
            return [*done, third.status_code, health.status_code]

    assert asyncio.run(asked()) == [200, 200, 429, 200]
    assert app.batches == 0


def test_nothing_of_a_file_is_logged(app: Service) -> None:
    stream = io.StringIO()
    logs.log_to(stream)
    loud = Service(app.store, replace(QUIET, log_requests=True))
    upload(loud, form(TEXT, "Li Ming 1951.csv"))
    upload(loud, form(b"Li Ming,81.25\n1,2"))
    said = stream.getvalue()
    assert [json.loads(line)["route"] for line in said.splitlines()] == [
        "/models/{model}/batch"
    ] * 2
    for secret in ("81.25", "P7", "Ming"):
        assert secret not in said
    assert loud.meter.patients == 2


def test_the_description_has_the_file_and_the_time(app: Service) -> None:
    document = ask(app, "GET", "/api/v1/openapi.json").json()
    operation = document["paths"]["/api/v1/models/{model}/batch"]["post"]
    assert set(operation["requestBody"]["content"]) == {CSV, XLSX}
    assert set(operation["responses"]["200"]["content"]) == {CSV, XLSX}
    assert [each["name"] for each in operation["parameters"]] == ["model", "horizon"]
    assert not any(path.startswith(("/models", "/compare")) for path in document["paths"])


def test_a_form_is_read() -> None:
    found = read_multipart(form(b"a\r\nb\r\n--x", horizon="2,5"), FORM)
    assert found == {"file": Part(b"a\r\nb\r\n--x", file=True), "horizon": Part(b"2,5", file=False)}
    quoted = f'multipart/form-data; boundary="{BOUNDARY}"'
    assert read_multipart(form(b""), quoted)["file"].content == b""


GOOD = form(b"x")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (GOOD, "multipart/form-data"),
        (GOOD, "multipart/form-data; boundary="),
        (GOOD, 'multipart/form-data; boundary="a b"'),
        (GOOD, "multipart/form-data; boundary=" + "x" * 71),
        (b"", FORM),
        (b"preamble\r\n" + GOOD, FORM),
        (GOOD[:-4], FORM),
        (GOOD + b"more", FORM),
        (GOOD.replace(b'"file"', b'"FILE"'), FORM),
        (GOOD.replace(b"form-data;", b"attachment;"), FORM),
        (GOOD.replace(b"Content-Type", b"Content-Disposition"), FORM),
        (GOOD.replace(b"text/csv", b"x" * 3000), FORM),
        (GOOD.replace(b"\r\n\r\n", b"\r\n"), FORM),
        (form(b"x", file="again"), FORM),
        (form(b"x", **{f"{'abcdefghij'[i]}": "1" for i in range(9)}), FORM),
    ],
)
def test_a_form_that_browsers_do_not_send_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(Problem) as raised:
        read_multipart(body, kind)
    assert raised.value.status == 400


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_form_is_a_failure(data: st.DataObject) -> None:
    body = form(data.draw(st.binary(max_size=40)), horizon="1")
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(body)))
        rest = body[place + data.draw(st.integers(0, 4)) :]
        body = body[:place] + data.draw(st.binary(max_size=4)) + rest
    status, size = 200, 0
    try:
        size = sum(len(each.content) for each in read_multipart(body, FORM).values())
    except Problem as problem:
        status = problem.status
    assert status in (200, 400)
    assert size <= len(body)


@given(st.binary(max_size=200), st.text("abc", max_size=5))
def test_what_is_sent_is_what_is_read(content: bytes, horizon: str) -> None:
    found = read_multipart(form(content, horizon=horizon), FORM)
    assert found["file"].content == content
    assert found["horizon"].content.decode() == horizon


@every_view
def test_a_person_sends_a_file_without_a_script(
    app: Service, serve: Any, chromium: Any, tmp_path: Path, view: dict[str, Any]
) -> None:
    url = serve(app)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(TEXT)
    bad.write_bytes(b"age\n1\n")

    def look(tab: Any) -> tuple[list[str], list[str], bool, str, str]:
        seen = watched(tab)
        tab.goto(f"{url}/models/plain/batch")
        tab.set_input_files("#file", bad)
        tab.locator("main button").click()
        found, wide, said = violations(tab), too_wide(tab), tab.inner_text("[role=alert]")
        tab.set_input_files("#file", good)
        with tab.expect_download() as download:
            tab.locator("main button").click()
        return seen, found, wide, said, Path(download.value.path()).read_text("utf-8")

    seen, found, wide, said, answered = chromium.run(look, **view)
    assert [line for line in seen if "404" not in line and "422" not in line] == []
    assert found == []
    assert not wide
    assert "The model needs cleft" in said
    assert answered.splitlines()[1].startswith("P7,81.25,Yes,2,0.")
