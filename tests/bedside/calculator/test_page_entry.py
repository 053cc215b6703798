"""What a person types, takes back, or brings in a link; nothing of it is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.bedside.calculator.models import CASES, logistic
from tests.bedside.calculator.pages import Opened, page_of, visit
from tests.bedside.conftest import Chromium

from vertebrisk.bedside.calculator.page import calculator_page
from vertebrisk.models.portable.risk_model import RiskModel

KEPT = """async () => [
  document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, location.hash, history.state,
]"""
TYPED = "([value]) => vertebriskEntry.number(value)"


def seen(chromium: Chromium, folder: Path, name: str, act: Any, **more: Any) -> Any:
    return visit(chromium, folder, page_of(name), act, **more)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12.5", "12.5"),
        (" 1,5 ", "1.5"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("−3", "-3"),
        ("１２．５", "12.5"),
        ("+.5", "+.5"),
        ("2e1", "2e1"),
    ],
)
def test_a_number_is_read_as_it_is_written(
    chromium: Chromium, tmp_path: Path, typed: str, value: str
) -> None:
    found = seen(chromium, tmp_path, "plain", lambda opened: opened.page.evaluate(TYPED, [typed]))
    assert found == {"value": value}


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("1,500", "ambiguous"),
        ("-12,345", "ambiguous"),
        ("1.500,5", "not-a-number"),
        ("1,234,567", "not-a-number"),
        ("12 mm", "not-a-number"),
        ("1e999", "not-a-number"),
        ("NaN", "not-a-number"),
        ("Infinity", "not-a-number"),
        ("0x10", "not-a-number"),
    ],
)
def test_what_is_no_number_or_two_is_said(
    chromium: Chromium, tmp_path: Path, typed: str, problem: str
) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"b": 0.5})
        opened.page.fill("#input-0", typed)
        return (
            opened.page.evaluate(TYPED, [typed]),
            opened.said("#input-0-problem"),
            opened.page.get_attribute("#input-0", "aria-invalid"),
            opened.risk(),
            opened.page.input_value("#input-0"),
        )

    read, said, invalid, risk, left = seen(chromium, tmp_path, "plain", act)
    assert read == {"problem": problem}
    assert ("a point" in said) == (problem == "ambiguous")
    assert ("a number is needed" in said) == (problem == "not-a-number")
    assert (invalid, risk, left) == ("true", None, typed)


def test_a_decimal_comma_gives_the_risk_of_the_point(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> list[float | None]:
        found = []
        for typed in ("1.25", "1,25"):
            opened.page.fill("#input-0", typed)
            opened.page.fill("#input-1", "0")
            found.append(opened.risk())
        return found

    first, second = seen(chromium, tmp_path, "plain", act)
    assert first == second is not None


def test_nothing_is_assumed_and_what_is_missing_is_asked_for(
    chromium: Chromium, tmp_path: Path
) -> None:
    def act(opened: Opened) -> Any:
        before = opened.said("#answer")
        opened.page.click("#answer button >> nth=1")
        focused = opened.page.evaluate("document.activeElement.id")
        opened.page.keyboard.type("0.5")
        return before, focused, opened.said("#answer"), opened.risk()

    before, focused, after, risk = seen(chromium, tmp_path, "plain", act)
    assert "Still needed:\n\na\nb" in before
    assert focused == "input-1"
    assert "Still needed:\n\na" in after
    assert "b" not in after.rpartition("needed:")[2]
    assert risk is None


def test_a_choice_and_everything_can_be_taken_back(chromium: Chromium, tmp_path: Path) -> None:
    patient = {"ivc": "Yes", "fascia_oedema": "No", "goutallier": "2"}
    whole = {**patient, "cement_distribution": "Blocky"}

    def act(opened: Opened) -> Any:
        opened.fill(whole)
        answered = opened.risk()
        opened.page.click('[data-input="ivc"] .back')
        taken = opened.risk(), opened.page.locator('[data-input="ivc"] :checked').count()
        opened.fill(whole)
        again = opened.risk()
        opened.page.click("#clear")
        return (
            answered,
            taken,
            again,
            opened.risk(),
            opened.page.locator("#inputs :checked").count(),
        )

    answered, taken, again, risk, count = seen(chromium, tmp_path, "li2021", act)
    assert answered == again is not None
    assert taken == (None, 0)
    assert (risk, count) == (None, 0)


def test_an_extrapolation_is_answered_and_said(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"a": 40, "b": 0})
        return opened.risk(), opened.said("#flags"), opened.said("#input-0-problem")

    risk, flags, problem = seen(chromium, tmp_path, "plain", act)
    assert risk is not None
    assert "a lies outside the range of the study" in flags
    assert "extrapolation" in problem


def test_values_without_a_risk_are_said(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"c": -1, "b": 0})
        return opened.risk(), opened.said("#answer"), opened.said("#flags")

    risk, answer, flags = seen(chromium, tmp_path, "transformed", act)
    assert risk is None
    assert "There is no risk for these values" in answer
    assert "does not exist" in flags


def test_an_input_that_is_known_later_than_now_is_said(chromium: Chromium, tmp_path: Path) -> None:
    patient = {"ivc": "Yes", "fascia_oedema": "No", "goutallier": "2"}

    def act(opened: Opened) -> Any:
        opened.fill({**patient, "cement_distribution": "Blocky"})
        before = opened.said("#flags")
        opened.page.check("#moment input[value=preoperative]")
        early = opened.said("#flags")
        opened.page.check("#moment input[value=postoperative]")
        return before, early, opened.said("#flags")

    before, early, late = seen(chromium, tmp_path, "li2021", act)
    assert "Cement distribution is known only later" in early
    assert "meant for later use" in early
    assert "known only later" not in before + late


def eligible() -> RiskModel:
    model = logistic("plain")
    population = replace(model.population, include=("T-score <= -2.5",), exclude=("Tumour",))
    return replace(model, population=population)


def test_what_the_study_asked_of_its_patients_is_ticked_off(
    chromium: Chromium, tmp_path: Path
) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"a": 0, "b": 0})
        none = opened.said("#flags")
        opened.page.check("#eligibility input >> nth=0")
        one = opened.said("#flags")
        opened.page.check("#eligibility input >> nth=1")
        return none, one, opened.said("#flags"), opened.said("#eligibility")

    none, one, both, listed = visit(chromium, tmp_path, calculator_page(eligible()), act)
    assert "T-score <= -2.5; not: Tumour" in none
    assert "T-score" not in one
    assert "not: Tumour" in one
    assert both.strip() == ""
    assert "T-score <= -2.5" in listed


LINK = "#ivc=Yes&fascia_oedema=No&goutallier=0-1&cement_distribution=Spongy"


def test_a_link_fills_in_the_inputs_and_is_taken_out_of_the_address(
    chromium: Chromium, tmp_path: Path
) -> None:
    def act(opened: Opened) -> Any:
        return opened.risk(), opened.page.evaluate("location.href"), opened.said("#flags")

    risk, address, flags = seen(chromium, tmp_path, "li2021", act, fragment=LINK)
    patient = dict(pair.split("=") for pair in LINK[1:].split("&"))
    expected = CASES["li2021"]().predict(pl.DataFrame([patient]))["risk"][0]
    assert risk == pytest.approx(expected, rel=1e-12)
    assert "#" not in address
    assert "8 of 8 criteria are not ticked" in flags


def test_what_a_link_brings_in_vain_is_said(chromium: Chromium, tmp_path: Path) -> None:
    link = "#a=1.5&b=1,5&shoe=44&%3Cb%3E=%3Ci%3E&a%20b=1"

    def act(opened: Opened) -> Any:
        return opened.said("#link"), opened.page.input_value("#input-0"), opened.risk()

    said, first, risk = seen(chromium, tmp_path, "plain", act, fragment=link)
    assert "gives “1,5” for b" in said
    assert "“shoe”, which this model does not read" in said
    assert "“<b>”" in said
    assert "“a b”" in said
    assert (first, risk) == ("1.5", None)


def test_a_new_link_replaces_the_patient(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"a": 1, "b": 2})
        opened.page.evaluate("location.hash = 'b=0.5'")
        opened.page.wait_for_function("document.querySelector('#input-1').value === '0.5'")
        return opened.page.input_value("#input-0"), opened.risk(), opened.page.evaluate(KEPT)

    first, risk, kept = seen(chromium, tmp_path, "plain", act)
    assert (first, risk) == ("", None)
    assert kept[4] == ""


def test_nothing_is_kept(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"a": 1, "b": 2})
        opened.page.click("#language")
        kept = opened.page.evaluate(KEPT)
        opened.page.reload()
        return kept, opened.page.input_value("#input-0"), opened.risk()

    kept, value, risk = seen(chromium, tmp_path, "plain", act)
    assert kept == ["", 0, 0, 0, "", None]
    assert (value, risk) == ("", None)


def test_a_form_is_filled_with_the_keyboard_alone(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> float | None:
        press = opened.page.keyboard.press
        opened.page.focus("#language")
        for _ in range(4):
            press("Tab")
            press("Space")
            press("Tab")  # its own button to take it back
        return opened.risk()

    risk = seen(chromium, tmp_path, "li2021", act)
    first = {each.name: each.levels[0] for each in CASES["li2021"]().design.predictors}
    expected = CASES["li2021"]().predict(pl.DataFrame([first]))["risk"][0]
    assert risk == pytest.approx(expected, rel=1e-12)


def test_the_language_changes_and_the_patient_stays(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> Any:
        opened.fill({"a": 1.5, "b": 2})
        before = opened.risk()
        opened.page.click("#language")
        return before, opened.risk(), opened.page.input_value("#input-0"), opened.page.title()

    before, after, value, title = seen(chromium, tmp_path, "plain", act)
    assert before == after is not None
    assert (value, title) == ("1.5", "y：风险计算器")
