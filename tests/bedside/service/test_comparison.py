"""Models compared on one patient: the form, the answer, and that nothing of it is kept."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from tests.bedside.service.browsing import too_wide, violations, watched
from tests.bedside.service.serving import QUIET, ask, model, service
from tests.bedside.views import every_view

from vertebrisk.bedside.service import logs
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.forms import Wrong, number_of
from vertebrisk.text.numbers import PLAIN

GOOD = {"in.age": "80.25", "in.cleft": "Yes", "in.grade": "3-4", "in.volume": "3"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return service(tmp_path_factory.mktemp("models"), "plain", "spline", "cox", "strata")


def send(app: Service, query: str, form: dict[str, str] | bytes, **headers: str) -> httpx.Response:
    body = form if isinstance(form, bytes) else urlencode(form).encode()
    given = {"Content-Type": FORM, "Accept": "text/html", **headers}
    return ask(app, "POST", f"/compare?{query}", content=body, headers=given)


def test_models_are_chosen_and_their_inputs_asked_once(app: Service) -> None:
    first = ask(app, "GET", "/compare").text
    assert first.count('type="checkbox"') == 4
    assert "<form id" not in first
    asked = ask(app, "GET", "/compare?model=plain&model=spline&model=strata").text
    assert len(re.findall(r'id="in\.[^"]*-hint"', asked)) == 5
    assert "Read by plain, spline, strata." in asked
    assert "Chooses the baseline" in asked
    assert 'id="by.months"' in asked
    assert 'action="/compare?lang=en&amp;model=plain&amp;model=spline&amp;model=strata"' in asked


@pytest.mark.parametrize("query", ["model=plain", "model=plain&model=plain"])
def test_one_model_is_too_few(app: Service, query: str) -> None:
    assert "Choose two models at least" in ask(app, "GET", f"/compare?{query}").text
    assert send(app, query, GOOD).status_code == 400


def test_a_model_that_is_not_there_is_a_404(app: Service) -> None:
    assert ask(app, "GET", "/compare?model=nix&model=plain").status_code == 404


def test_risks_stand_side_by_side(app: Service) -> None:
    text = send(app, "model=plain&model=spline", GOOD).text
    one = {"age": [80.25], "cleft": ["Yes"], "grade": ["3-4"], "volume": [3.0]}
    for name in ("plain", "spline"):
        row = model(name).predict(one).row(0, named=True)
        assert f"<strong>{PLAIN.risk(row['risk'])}</strong>" in text
        assert f"{PLAIN.risk(row['conf_low'])} to {PLAIN.risk(row['conf_high'])}" in text
    assert "percentage points apart" in text
    assert "What sets the models apart most:" in text
    assert ", not read by plain" in text
    assert 'value="80.25"' in text
    assert "Not risks of the same thing." not in text


def test_other_outcomes_are_not_compared_as_numbers(app: Service) -> None:
    text = send(app, "model=plain&model=cox", GOOD).text
    assert "Not risks of the same thing." in text
    assert "by 6 months" in text
    later = send(app, "model=plain&model=cox", {**GOOD, "by.months": "24"}).text
    assert "by 24 months" in later


def test_an_empty_input_is_asked_for_and_not_assumed(app: Service) -> None:
    text = send(app, "model=plain&model=spline", {**GOOD, "in.volume": " "}).text
    assert "Needs volume; nothing is assumed." in text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("in.age", "old", "A number is needed"),
        ("in.age", "nan", "A number is needed"),
        ("in.age", "1e308", "No measurement is as large"),
        ("in.age", "9" * 400, "A number is needed"),
        ("in.cleft", "Maybe", "One of the choices"),
        ("by.months", "99999", "where follow-up ends"),
        ("by.months", "0", "where follow-up ends"),
        ("by.months", "x", "A number is needed"),
    ],
)
def test_a_wrong_answer_is_named_beside_its_field(
    app: Service, field: str, value: str, said: str
) -> None:
    answer = send(app, "model=plain&model=cox", {**GOOD, field: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert "aria-invalid" in answer.text
    assert "percentage points" not in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"in.age=1&in.age=2", 400),
        (b"in.age", 400),
        (b"\xff\xfe", 400),
        (b"a=%ff", 400),
        (b"&".join(b"x%d=1" % each for each in range(1001)), 400),
        (b"a=" + b"x" * 70_000, 413),
        (b"", 200),
    ],
)
def test_a_form_that_is_none_is_refused(app: Service, body: bytes, status: int) -> None:
    assert send(app, "model=plain&model=cox", body).status_code == status


def test_markup_that_is_typed_is_text(app: Service) -> None:
    typed = {**GOOD, "in.age": '"><script>alert(1)</script>'}
    text = send(app, "model=plain&model=cox", typed).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_form_of_another_type_or_origin_is_refused(app: Service) -> None:
    query = "model=plain&model=cox"
    assert send(app, query, b"{}", **{"Content-Type": "application/json"}).status_code == 415
    assert send(app, query, GOOD, Origin="https://evil.example").status_code == 403
    assert send(app, query, GOOD, Origin="null").status_code == 403
    assert send(app, query, GOOD, Origin="http://localhost").status_code == 200


def test_no_value_is_logged_and_patients_are_counted(app: Service) -> None:
    stream = io.StringIO()
    logs.log_to(stream)
    loud = Service(app.store, replace(QUIET, log_requests=True))
    send(loud, "model=plain&model=cox", GOOD)
    line = json.loads(stream.getvalue())
    assert line["route"] == "/compare"
    assert "80.25" not in stream.getvalue()
    assert loud.meter.patients == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [("72", 72.0), (" 72,5 ", 72.5), ("-2.5", -2.5), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0)],
)
def test_numbers_as_people_type_them(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["", "1 2", "1,2,3", "1.2.3", "inf", "NaN", "0x1", "1_0", "٣"])
def test_what_is_no_number(text: str) -> None:
    assert number_of(text) == Wrong("wrong.number")


@every_view
def test_a_person_compares_models_without_a_script(
    app: Service, serve: Any, chromium: Any, view: dict[str, Any]
) -> None:
    url = serve(app)

    def compare(tab: Any) -> tuple[list[str], list[str], bool, str, str]:
        seen = watched(tab)
        tab.goto(f"{url}/compare")
        for name in ("plain", "cox"):
            tab.check(f"#choose-{name}")
        tab.locator("form[method=get] button").click()
        tab.fill("[id='in.age']", "80,25")
        tab.select_option("[id='in.cleft']", "Yes")
        tab.select_option("[id='in.grade']", "3-4")
        tab.locator("#patient button[type=submit]").click()
        found, wide = violations(tab), too_wide(tab)
        said = tab.inner_text(".answer")
        tab.locator("button.switch").click()
        return seen, found, wide, said, tab.inner_text(".answer") + tab.url

    seen, found, wide, said, chinese = chromium.run(compare, **view | {"locale": "en-GB"})
    assert [line for line in seen if "404" not in line] == []
    assert found == []
    assert not wide
    assert "Not risks of the same thing." in said
    assert "并非同一事件的风险" in chinese
    assert "80" not in chinese.partition("http://127.0.0.1:")[2].partition("/")[2]
