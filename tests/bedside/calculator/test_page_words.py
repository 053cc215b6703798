"""The page in its two languages, and with whatever words a model brings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from tests.bedside.calculator.models import CASES, PEOPLE, cox, logistic, random_patients
from tests.bedside.calculator.pages import Opened, page_of, visit
from tests.bedside.conftest import Chromium
from tests.models.cases import quiet_fit

import vertebrisk as vr
from vertebrisk._types import Estimator, Language
from vertebrisk.bedside.calculator.page import SCRIPTS, calculator_page
from vertebrisk.design.translating import Translations
from vertebrisk.models.portable.risk_model import RiskModel

ROOM = resources.files("vertebrisk.bedside.calculator")
MESSAGES: dict[str, dict[str, str]] = json.loads((ROOM / "messages.json").read_text("utf-8"))
SOURCES = {name: (ROOM / name).read_text("utf-8") for name in SCRIPTS}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What has no other name in Chinese: of statistics, of the file's makers, of the other language.
SAME = {
    "AUC", "Brier", "C", "Dxy", "English", "Firth", "ICI", "JavaScript", "Nagelkerke", "R",
    "FLAC", "FLIC", "Somers", "Tab", "lasso", "vertebrisk", "dev",
}  # fmt: skip


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    english, chinese = MESSAGES["en"], MESSAGES["zh"]
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert sorted(set(re.findall(r"\{\d\}", text))) == sorted(
            set(re.findall(r"\{\d\}", chinese[key]))
        ), key
        assert text.strip(), key
        assert chinese[key].strip(), key


def test_every_text_is_used_and_every_text_used_is_there() -> None:
    script = "".join(SOURCES.values())
    asked = set(re.findall(r'\b(?:text|folded|by)\(\s*"([^"]+)"', script))
    assert asked <= MESSAGES["en"].keys(), asked - MESSAGES["en"].keys()
    quoted = set(re.findall(r'"([^"\n]*)"', script))
    # Words that come from a model, a flag of the engine, or are put together.
    composed = re.compile(r"measure-|interval-|method-|tag$|title$")
    from_models = {
        "days", "weeks", "months", "years", "cohort", "prespecified", "univariable", "backward",
        "lasso", "ml", "firth", "firth (flic)", "firth (flac)", "ridge", "elastic_net", "published",
        "simulated", "reconstructed",
        "whole procedure", "model held fixed",
    }  # fmt: skip
    unused = {
        key for key in MESSAGES["en"].keys() - quoted - from_models if not composed.search(key)
    }
    assert unused == set()


@pytest.mark.parametrize("name", SOURCES)
def test_no_text_is_made_into_markup_and_nothing_is_kept_or_sent(name: str) -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|"
        r"localStorage|sessionStorage|indexedDB|document\.cookie|fetch\(|XMLHttpRequest|"
        r"WebSocket|sendBeacon|import\(|setAttribute\(\"on"
    )
    assert forbidden.findall(SOURCES[name]) == []
    assert len(SOURCES[name].splitlines()) <= 450


def words_of_the_model(model: RiskModel) -> set[str]:
    """Latin words that a page takes from its model."""
    text = json.dumps(model.to_dict(), ensure_ascii=False)
    return set(re.findall(r"[A-Za-z]+", text))


def read_everything(opened: Opened, patient: Mapping[str, Any]) -> str:
    open_all = "document.querySelectorAll('details').forEach((each) => { each.open = true })"
    opened.page.evaluate(open_all)
    empty = opened.said("body")
    opened.fill(dict(patient))
    opened.page.evaluate(open_all)
    labels = opened.page.evaluate(
        "[...document.querySelectorAll('[aria-label]')].map((each) => each.ariaLabel)"
    )
    return " ".join([empty, opened.said("body"), *labels, opened.page.title()])


@pytest.mark.parametrize("name", CASES)
def test_nothing_english_is_left_in_the_chinese_page(
    chromium: Chromium, tmp_path: Path, name: str
) -> None:
    model = CASES[name]()
    patient = random_patients(model, 1, seed=9)[0]

    def act(opened: Opened) -> str:
        return read_everything(opened, patient)

    said = visit(chromium, tmp_path, page_of(name, "zh"), act)
    left = set(re.findall(r"[A-Za-z]+", said)) - SAME - words_of_the_model(model)
    version = re.compile(r"^[0-9a-f]+$|^[a-f]+$|^e$")
    assert {each for each in left if not version.match(each)} == set()
    assert CHINESE.search(said)


def test_nothing_chinese_is_in_the_english_page_but_the_way_to_it(
    chromium: Chromium, tmp_path: Path
) -> None:
    patient = random_patients(CASES["cox"](), 1, seed=9)[0]

    def act(opened: Opened) -> str:
        return read_everything(opened, patient)

    said = visit(chromium, tmp_path, page_of("cox"), act)
    assert set(CHINESE.findall(said)) == set("中文")


def translated() -> RiskModel:
    model = logistic("levels")
    a, g = model.design.predictors
    words: Translations = {
        "zh": {"label": "分级", "level_labels": ("高", "低", "中"), "definition": "片上所见"}
    }
    predictors = (
        replace(a, unit="mm", translations={"zh": {"label": "高度", "unit": "毫米"}}),
        replace(g, translations=words),
    )
    outcome = replace(model.outcome, label="Pain", translations={"zh": {"label": "疼痛"}})
    return replace(model, design=replace(model.design, predictors=predictors), outcome=outcome)


def test_the_words_of_a_model_change_with_the_language(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"a": 0.5, "g": "high"})
        english = opened.page.title(), opened.said("main")
        opened.page.click("#language")
        return (
            *english,
            opened.page.title(),
            opened.said("main"),
            opened.page.evaluate("document.documentElement.lang"),
        )

    title, said, other_title, other, language = visit(
        chromium, tmp_path, calculator_page(translated()), act
    )
    assert (title, other_title) == ("Pain: risk calculator", "疼痛：风险计算器")
    assert "mm" in said
    for word in ("高度", "毫米", "分级", "片上所见", "高"):
        assert word in other
        assert word not in said
    assert language == "zh-Hans"
    assert "<title>疼痛：" in calculator_page(translated(), "zh")


HOSTILE = (
    "</script><script>window.stolen = 1</script>",
    "<img src=x onerror='window.stolen = 1'>",
    "\"quotes\" & 'more' `${window.stolen = 1}` <!-- ",
    "تصنيف ‮right to left‬ עברית",
    "x" * 300,
    "many words " * 27,
)


def hostile() -> RiskModel:
    """A model of twelve factors, one of 25 levels, with the words of an adversary."""
    people = PEOPLE.with_columns(
        pl.int_range(pl.len()).map_elements(lambda i: f"L{i % 25:02}", pl.String).alias("many"),
        *(pl.col("a").shuffle(seed=i).alias(f"n{i}") for i in range(10)),
    )
    numbers = " + ".join(f"n{i}" for i in range(10))
    model = quiet_fit(f"y ~ g + many + {numbers}", people).model
    predictors = []
    for place, each in enumerate(model.design.predictors):
        label = HOSTILE[(place + 4) % len(HOSTILE)]  # the longest word over buttons
        levels = tuple(f"{label[:60]} {level}" for level in each.levels)
        predictors.append(
            replace(each, label=label, unit=label[:12], definition=label, level_labels=levels)
        )
    outcome = replace(model.outcome, label=HOSTILE[0], event=HOSTILE[1], time_point=HOSTILE[2])
    population = replace(model.population, description=HOSTILE[1], include=HOSTILE[:3])
    provenance = replace(model.provenance, title=HOSTILE[3], study=HOSTILE[0])
    return replace(
        model.described(
            outcome=outcome, population=population, provenance=provenance, performance={}
        ),
        design=replace(model.design, predictors=tuple(predictors)),
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_stays_whole_whatever_a_model_is_called(
    chromium: Chromium, tmp_path: Path, width: int
) -> None:
    model = hostile()
    patient = random_patients(model, 1, seed=2)[0]
    text = calculator_page(model)
    assert text.count("</script>") == 3
    expected = model.predict(pl.DataFrame([patient]))["risk"][0]

    def act(opened: Opened) -> Any:
        opened.fill(patient)
        crowded = opened.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        stolen = opened.page.evaluate("window.stolen ?? null")
        pictures = opened.page.locator("img").count()
        return opened.risk(), crowded, stolen, pictures, opened.page.title(), opened.violations()

    size = {"width": width, "height": 800}
    risk, crowded, stolen, pictures, title, violations = visit(
        chromium, tmp_path, text, act, viewport=size
    )
    assert risk == pytest.approx(expected, rel=1e-12)
    assert (crowded, stolen, pictures) == (False, None, 0)
    assert title == f"{HOSTILE[0]}: risk calculator"
    assert violations == []


def test_words_from_right_to_left_turn_no_others_round(chromium: Chromium, tmp_path: Path) -> None:
    model = logistic("plain")
    first, *rest = model.design.predictors
    turned = (replace(first, label="\u202eabc"), *rest)

    def act(opened: Opened) -> str:
        opened.fill({"a": 40, "b": 0})
        return opened.said("#flags")

    text = calculator_page(replace(model, design=replace(model.design, predictors=turned)))
    assert "\u2068\u202eabc\u2069 lies outside" in visit(chromium, tmp_path, text, act)


def test_a_model_of_time_to_event_has_an_average_at_each_horizon(
    chromium: Chromium, tmp_path: Path
) -> None:
    model = cox("cox")
    patient = random_patients(model, 1)[0]

    def act(opened: Opened) -> list[str]:
        opened.fill(patient)
        return [opened.at(each).said("#answer") for each in model.horizons]

    for text, said in ((calculator_page(model), True), (calculator_page(bare(model)), False)):
        found = visit(chromium, tmp_path, text, act)
        for answer, average in zip(found, model.average_risks, strict=True):
            assert average is not None
            assert (
                f"Average risk of the study's patients: {100 * average:.1f}%." in answer
            ) is said
            assert ("median or most frequent values" in answer) is not said


@pytest.mark.parametrize("estimator", ["ml", "firth", "ridge", "lasso", "elastic_net"])
def test_every_estimator_has_words(estimator: Estimator) -> None:
    fit = vr.fit_logistic("y ~ a + b", PEOPLE, estimator=estimator)
    for language in get_args(Language):
        assert fit.model.provenance.estimator in MESSAGES[language]


def bare(model: RiskModel) -> RiskModel:
    """The model without its average risks."""
    return replace(model, average_risks=())


def test_patients_that_are_not_real_are_said_to_be_so(chromium: Chromium, tmp_path: Path) -> None:
    model = logistic("plain")
    unreal = replace(model, population=replace(model.population, data_kind="simulated"))

    def act(opened: Opened) -> Any:
        return opened.said("#unreal"), opened.page.emulate_media(media="print") or opened.said(
            "#unreal"
        )

    for said in visit(chromium, tmp_path, calculator_page(unreal), act):
        assert "patients that are not real (simulated)" in said
    hidden = visit(chromium, tmp_path, page_of("plain"), lambda o: o.page.is_visible("#unreal"))
    assert hidden is False


def test_validation_provenance_and_limits_are_one_tap_away(
    chromium: Chromium, tmp_path: Path
) -> None:
    def act(opened: Opened) -> Any:
        found = []
        for place in range(4):
            opened.page.click(f"#about summary >> nth={place}")
            found.append(opened.said(f"#about details >> nth={place}"))
        return found, opened.said("footer")

    model = CASES["li2021"]()
    (outcome, validation, source, limits), footer = visit(
        chromium, tmp_path, page_of("li2021"), act
    )
    assert "37" in outcome
    assert "268" in outcome
    assert "0.7798643" in validation
    assert "doi:10.21203/rs.3.rs-468850/v1" in source
    assert "does not say what will happen to one patient" in limits
    assert "Risks have no intervals" in limits
    assert "Research use. Supports decisions, does not diagnose" in footer
    from vertebrisk.models.portable.identity import model_version

    assert f"Model li2021, version {model_version(model)}" in footer
