"""The pages of the models: what they show, in which language, to whom, and how they look."""

from __future__ import annotations

import base64
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.bedside.service.browsing import too_wide, violations, watched
from tests.bedside.service.serving import QUIET, ask, model, service
from tests.bedside.views import every_view

from vertebrisk.bedside.service.access.headers import page_policy
from vertebrisk.bedside.service.access.keys import load_keys, new_key
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.pages import _template
from vertebrisk.bedside.service.problems import KINDS
from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.bedside.service.words import messages, preferred
from vertebrisk.models.portable.describing import Outcome

VALIDATED = {
    "procedure": "whole",
    "resamples": 300,
    "measures": [
        {"measure": "c_index", "apparent": 0.8125, "corrected": 0.7871, "conf_low": 0.71,
         "conf_high": 0.86},
        {"measure": "slope", "apparent": 1.0, "corrected": 0.893, "conf_low": None,
         "conf_high": None},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Service:
    folder = tmp_path_factory.mktemp("models")
    made = model("plain")
    shown = {
        "early": replace(
            made,
            outcome=Outcome("pain", "Residual <pain>", "VAS >= 4", "1 month"),
            population=replace(made.population, data_kind="simulated", description="T <= -2.5"),
            performance=VALIDATED,
        ),
        "late": replace(made, outcome=Outcome("pain", "Residual <pain>", "VAS >= 3", "1 year")),
        "followed": model("strata"),
    }
    for name, each in shown.items():
        each.save(folder / f"{name}.json")
    files = [(name, folder / f"{name}.json") for name in shown]
    return Service(ModelStore(files), QUIET)


def page(app: Service, path: str, **options: Any) -> str:
    response = ask(app, "GET", path, **options)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "script" not in response.headers["content-security-policy"]
    assert response.headers["referrer-policy"] == "same-origin"
    return response.text


def test_models_stand_under_their_outcome_with_what_is_known_of_them(app: Service) -> None:
    text = page(app, "/")
    assert text.count("<h2 id=") == 3
    assert "Residual &lt;pain&gt;" in text
    assert "<pain>" not in text
    assert "VAS &gt;= 4; 1 month" in text
    assert "212 (53.0%)" in text
    assert "T &lt;= -2.5" in text
    for expected in ("0.813", "0.787", "0.710 to 0.860", "0.893", "300 resamples"):
        assert expected in text
    assert "Simulated data." in text
    assert "by 6, 12, 24 months" in text
    assert 'href="/compare?lang=en&amp;model=early&amp;model=late"' in text
    for part in ("calculator", "batch"):
        assert f'href="/models/early/{part}"' in text


def test_one_outcome_defined_in_two_ways_is_said(app: Service) -> None:
    section = page(app, "/").split("<section")[1]
    assert "Residual" in section
    assert "Definitions differ." in section
    assert "Definitions differ." not in page(app, "/").split("<section")[2]


def test_printed_performance_stands_as_printed(app: Service) -> None:
    text = page(app, "/models/li2021")
    assert "0.7798643" in text
    assert "Figure 8" in text
    assert "0.696 to 0.852" in text  # of one of the AUCs of that place, so in a row of its own
    assert "No interval." in text
    assert "Digits transposed in print" in text


def test_performance_that_is_no_number_is_left_out(tmp_path: Path) -> None:
    odd = [{"measure": "c_index", "apparent": 10**400, "corrected": "x", "conf_low": True}, 3]
    replace(model("plain"), performance={"measures": odd}).save(tmp_path / "odd.json")
    app = Service(ModelStore([("odd", tmp_path / "odd.json")], with_library=False), QUIET)
    assert "C-index" in page(app, "/")


def test_a_paper_without_a_model_is_named_with_its_reason(app: Service) -> None:
    assert "does not print an intercept" in page(app, "/")


def test_a_page_of_one_model_has_its_inputs(app: Service) -> None:
    text = page(app, "/models/followed")
    assert "chooses the baseline: 1; 2" in text
    assert "a number; mostly" in text
    assert "Yes" in page(app, "/models/li2021")
    assert "<built-in" not in page(app, "/models/li2021")


def test_a_file_that_broke_is_said_beside_the_model_that_stays(tmp_path: Path) -> None:
    now = [0.0]
    app = service(tmp_path, "plain", clock=lambda: now[0])
    (tmp_path / "plain.json").write_text("{", encoding="utf-8")
    now[0] = 5.0
    text = page(app, "/")
    assert "Changed file refused." in text
    assert "is not a JSON document" in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.5,zh;q=0.8", "zh"),
        ("fr,zh;q=0.1", "zh"),
        ("en,zh", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nan", "en"),
        ("zh;q=", "en"),
        ("zhx", "en"),
        (",;,=;q", "en"),
        (",".join(["fr"] * 5000) + ",zh", "en"),
    ],
)
def test_the_language_is_what_the_browser_likes_best(header: str, language: str) -> None:
    assert preferred(header) == language


def test_the_language_asked_for_is_kept_by_links(app: Service) -> None:
    text = page(app, "/?lang=zh", headers={"Accept-Language": "en"})
    assert '<html lang="zh-Hans">' in text
    assert "风险模型" in text
    assert 'href="/models/early/calculator?lang=zh"' in text
    assert 'href="/?lang=en"' in text
    english = page(app, "/?lang=%3Cb%3E")
    assert '<html lang="en-GB">' in english
    assert "%3Cb" not in english


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    english, chinese = messages()["en"], messages()["zh"]
    assert list(english) == list(chinese)
    for key, text in english.items():
        places = [
            {name for _, name, _, _ in string.Formatter().parse(each) if name}
            for each in (text, chinese[key])
        ]
        assert places[0] == places[1], key
        assert text.strip()
        assert chinese[key].strip()
    assert {f"problem.{kind}" for kind in KINDS} <= set(english)


def test_a_browser_is_refused_by_a_page_and_a_program_by_a_document(app: Service) -> None:
    person = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "zh"}
    shown = ask(app, "GET", "/models/nix%3Cb%3E", headers=person)
    assert shown.status_code == 404
    assert "这里没有该模型" in shown.text
    assert "<b>" not in shown.text
    assert shown.headers["content-security-policy"] == page_policy(_template("service.css"))
    told = ask(app, "GET", "/models/nix")
    assert told.headers["content-type"] == "application/problem+json"
    wrong = ask(app, "POST", "/", headers=person)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD")


def test_a_browser_is_asked_for_the_key(tmp_path: Path) -> None:
    key, line = new_key("ward")
    path = tmp_path / "keys.txt"
    path.write_text(line, encoding="utf-8")
    app = service(tmp_path, "plain", settings=replace(QUIET, keys=load_keys(path)))

    def status(where: str, text: str, method: str = "GET") -> Any:
        given = base64.b64encode(text.encode("utf-8")).decode("ascii")
        return ask(app, method, where, headers={"Authorization": f"Basic {given}"}).status_code

    refused = ask(app, "GET", "/", headers={"Accept": "text/html"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic realm=")
    assert ask(app, "GET", "/api/v1/models").headers["www-authenticate"].startswith("Bearer")
    assert status("/", f"anyone:{key}") == 200
    assert status("/api/v1/models", f":{key}") == 200
    assert status("/", f"{key}:") == 401
    assert status("/", "anyone:vrk_") == 401
    assert ask(app, "GET", "/", headers={"Authorization": b"Basic \xff"}).status_code == 401
    # A password is sent with what another site makes the browser send: not for the API's own.
    assert status("/api/v1/models/plain/predict", f"anyone:{key}", "POST") == 401


PATHS = ("/", "/models/early", "/models/followed", "/models/nix", "/api/v1/docs")


@every_view
@pytest.mark.parametrize("path", PATHS)
def test_pages_are_accessible_at_every_width_and_light(
    app: Service, serve: Any, chromium: Any, path: str, view: dict[str, Any]
) -> None:
    url = serve(app)

    def look(tab: Any) -> tuple[list[str], list[str], bool]:
        seen = watched(tab)
        tab.goto(url + path)
        return seen, violations(tab), too_wide(tab)

    seen, found, wide = chromium.run(look, **view)
    assert found == []
    assert not wide
    assert [line for line in seen if "404" not in line] == []


def test_the_style_of_a_page_is_admitted_by_its_policy(
    app: Service, serve: Any, chromium: Any
) -> None:
    url = serve(app)

    def look(tab: Any) -> tuple[list[str], str]:
        seen = watched(tab)
        tab.goto(f"{url}/")
        return seen, tab.evaluate("getComputedStyle(document.body).maxWidth")

    seen, width = chromium.run(look)
    assert [line for line in seen if "404" not in line] == []
    assert width != "none"
