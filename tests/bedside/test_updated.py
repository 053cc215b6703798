"""Whatever shows an updated model says of which, how, when and on whom; others say nothing."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from tests.bedside.service.serving import QUIET, ask
from tests.models.cases import quiet_fit, simulated

import vertebrisk as vr
from vertebrisk._types import Language
from vertebrisk.bedside.calculator.page import calculator_page
from vertebrisk.bedside.calculator.payload import calculator_payload
from vertebrisk.bedside.cds_hooks.descriptions import service_description
from vertebrisk.bedside.cds_hooks.wording import Wording
from vertebrisk.bedside.fhir.assessment import Grounds, NamedModel, Predicted, risk_assessment
from vertebrisk.bedside.fhir.questionnaire import questionnaire
from vertebrisk.bedside.service.app import Service
from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.cli import main
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.lineage import Update, UpdateMethod

PLAIN = quiet_fit("y ~ a + b", simulated(200, 6)).model
NEW = simulated(300, 8)
MODEL = vr.update_model(
    PLAIN, NEW, outcome="y", method="extension", extension=["g"], when="2026-03"
).model
STEP = MODEL.provenance.lineage[0]
NAMED = NamedModel("pain", "0123456789abcdef", MODEL)
NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def test_the_sentence_says_all_of_it() -> None:
    english, chinese = STEP.told("en"), STEP.told("zh")
    assert english == (
        f"Updated from y (version {model_version(PLAIN)}): recalibrated and extended by g in "
        f"2026-03, on 300 patients, {STEP.n_events} with the event."
    )
    for part in (model_version(PLAIN), "再校准并加入g", "2026-03", "300例患者"):
        assert part in chinese


def test_a_few_events_are_not_counted_out() -> None:
    step = Update("m", "0" * 16, "in-the-large", "named", 90, 3, 0.1, 1.0)
    assert "90 patients, fewer than 5 with the event" in step.told("en")
    assert "不足5例" in step.told("zh")


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("method", get_args(UpdateMethod))
def test_every_method_has_its_words(method: UpdateMethod, language: Language) -> None:
    step = Update("m", "0" * 16, method, "named", 200, 40, extension=("g", "h"), shrinkage=0.9)
    told = step.told(language)
    assert "{" not in told
    assert ("g, h" in told or "g、h" in told) == ("extension" in method)
    assert ("drawn towards" in told) == (language == "en")


def test_the_calculator_shows_it_in_both_languages() -> None:
    (told,) = calculator_payload(MODEL)["updates"]
    assert told == {"text": STEP.told("en"), "translations": {"zh": {"text": STEP.told("zh")}}}
    assert "updates" not in calculator_payload(PLAIN)
    assert '"updates":[{"text":"Updated from y' in calculator_page(MODEL)


@pytest.mark.parametrize("language", get_args(Language))
def test_the_pages_of_the_service_show_it(tmp_path: Path, language: Language) -> None:
    MODEL.save(tmp_path / "moved.json")
    PLAIN.save(tmp_path / "plain.json")
    paths = [(name, tmp_path / f"{name}.json") for name in ("moved", "plain")]
    app = Service(ModelStore(paths, with_library=False), QUIET)
    for path, shown in (("/models/moved", True), ("/models/plain", False)):
        page = ask(app, "GET", f"{path}?lang={language}").text
        assert (STEP.told(language) in page) is shown
    document = ask(app, "GET", "/api/v1/models/moved").json()
    assert document["updates"] == [STEP.told("en")]


@pytest.mark.parametrize("language", get_args(Language))
def test_a_watch_beside_the_model_is_shown_if_it_is_of_this_version(
    tmp_path: Path, language: Language
) -> None:
    PLAIN.save(tmp_path / "pain.json")
    app = Service(ModelStore([("pain", tmp_path / "pain.json")], with_library=False), QUIET)
    beside = tmp_path / "pain.monitoring.json"
    watch = {
        "schema": "vertebrisk/monitoring",
        "model_version": model_version(PLAIN),
        "last": "2026-04",
        "signals": [{"when": "2026-02"}],
    }

    def shown(content: str) -> str:
        beside.write_text(content, encoding="utf-8")
        return ask(app, "GET", f"/models/pain?lang={language}").text

    drifted = shown(json.dumps(watch))
    assert "2026-04" in drifted
    assert ("Drifted" if language == "en" else "已漂移") in drifted
    holds = shown(json.dumps({**watch, "signals": []}))
    assert "2026-04" in holds
    assert "2026-02" not in holds
    others: list[object] = [
        {**watch, "model_version": "0" * 16},
        {**watch, "last": "<b>2026-04"},
        {**watch, "signals": ["2026-02"]},
        {**watch, "signals": 3},
        [watch],
        "2026-04",
    ]
    for other in others:
        assert "2026-04" not in shown(json.dumps(other))
    assert "2026-04" not in shown("{")


@pytest.mark.parametrize("language", get_args(Language))
def test_cds_hooks_describe_it(language: Language) -> None:
    described = service_description(NAMED, Wording(language))
    assert STEP.version in described["usageRequirements"]
    assert "2026-03" in described["usageRequirements"]
    plain = service_description(NamedModel("pain", "0" * 16, PLAIN), Wording(language))
    assert "2026-03" not in plain["usageRequirements"]


def test_fhir_tells_it() -> None:
    assessed = risk_assessment(NAMED, [Predicted(0.2, 0.1, 0.3)], Grounds(), NOW)
    assert STEP.told("en") in [each["text"] for each in assessed["note"]]
    assert STEP.told("en") in questionnaire(NAMED)["description"]


def test_the_terminal_tells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    MODEL.save(tmp_path / "moved.json")
    NEW.with_columns(pl.col("y").cast(pl.Int64)).write_csv(tmp_path / "new.csv")
    files = [str(tmp_path / "moved.json"), str(tmp_path / "new.csv")]
    assert main(["predict", *files, "--json"]) == 0
    printed = capsys.readouterr()
    assert f"note: {STEP.told('en')}" in printed.err
    assert json.loads(printed.out)["patients"]
    assert main(["validate", *files, "--outcome", "y", "--resamples", "5"]) == 0
    assert f"The model: {STEP.told('en')}" in capsys.readouterr().out
