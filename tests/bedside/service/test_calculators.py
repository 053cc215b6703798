"""The calculator in the service: the same page under a policy of the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.bedside.calculator.pages import FILL, RISK
from tests.bedside.service.browsing import watched
from tests.bedside.service.serving import ask, model, predict, service

from vertebrisk.bedside.calculator.page import calculator_page

GOOD: dict[str, Any] = {"age": 71.5, "cleft": "Yes", "grade": "2"}
WHERE = "/models/plain/calculator"


def test_it_is_the_page_that_stands_alone(tmp_path: Path) -> None:
    app = service(tmp_path, "plain")
    assert ask(app, "GET", WHERE).text == calculator_page(model("plain"))
    assert ask(app, "GET", f"{WHERE}?lang=zh").text == calculator_page(model("plain"), "zh")


def test_a_browser_keeps_it_until_the_model_changes(tmp_path: Path) -> None:
    now = [0.0]
    app = service(tmp_path, "plain", clock=lambda: now[0])
    first = ask(app, "GET", WHERE)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    again = ask(app, "GET", WHERE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    model("spline").save(tmp_path / "plain.json")
    now[0] = 5.0
    changed = ask(app, "GET", WHERE, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_a_model_without_inputs_has_none(tmp_path: Path) -> None:
    refused = ask(service(tmp_path, "nobody"), "GET", "/models/nobody/calculator")
    assert refused.status_code == 404
    assert "reads nothing of a patient" in refused.json()["detail"]


def test_the_policy_of_the_answer_lets_it_compute(
    tmp_path: Path, serve: Any, chromium: Any
) -> None:
    app = service(tmp_path, "plain")
    url = serve(app)
    expected = predict(app, "plain", {"patient": GOOD}).json()["predictions"][0]["risk"]

    def look(tab: Any) -> tuple[list[str], float]:
        seen = watched(tab)
        answer = tab.goto(url + WHERE)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        tab.evaluate(FILL, GOOD)
        return seen, float(tab.evaluate(RISK))

    seen, risk = chromium.run(look)
    assert [line for line in seen if "404" not in line and "frame-ancestors" not in line] == []
    assert risk == pytest.approx(expected, rel=1e-12)
