"""Inputs marked as not known: asked for, averaged over, and never in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.bedside.calculator.averaged import NAMES, averaging
from tests.bedside.calculator.models import logistic
from tests.bedside.calculator.pages import Opened, visit
from tests.bedside.conftest import Chromium
from tests.bedside.views import every_view

from vertebrisk.bedside.calculator.page import LARGEST_PAGE, calculator_page
from vertebrisk.models.portable.risk_model import RiskModel

TIGHT = 1e-12  # as in test_averaging
MARK = """(name) => {
  const field = document.querySelector(`[data-input="${CSS.escape(name)}"]`);
  const boxes = [...field.querySelectorAll(".choices input")];
  boxes[boxes.length - 1].click();
}"""
MARKS = "() => [...document.querySelectorAll('#nomogram .mark')].length"


def whole(model: RiskModel) -> dict[str, Any]:
    """The reference patient as a person would enter him."""
    return {
        each.name: each.adjust_to if each.categorical else f"{each.adjust_to:.4g}"
        for each in model.design.predictors
    }


def typed(model: RiskModel, patient: dict[str, Any]) -> pl.DataFrame:
    columns = {}
    for each in model.design.predictors:
        value = patient.get(each.name)
        columns[each.name] = pl.Series(
            [value if each.categorical or value is None else float(value)],
            dtype=pl.String if each.categorical else pl.Float64,
        )
    return pl.DataFrame(columns)


def opened_with(
    chromium: Chromium, folder: Path, name: str, act: Any, language: Any = "en", **more: Any
) -> Any:
    return visit(chromium, folder, calculator_page(averaging(name), language), act, **more)


@pytest.mark.parametrize("name", ["logistic", "bootstrap", "cox", "fine-gray"])
def test_the_page_averages_over_what_is_marked_and_says_so(
    chromium: Chromium, tmp_path: Path, name: str
) -> None:
    model = averaging(name)
    patient = whole(model)
    unknown = list(patient)[:2] if len(patient) > 2 else list(patient)[:1]
    known = {key: value for key, value in patient.items() if key not in unknown}

    def act(opened: Opened) -> Any:
        opened.fill(known)
        waiting = opened.risk(), opened.said("#answer")
        for each in unknown:
            opened.page.evaluate(MARK, each)
        return (
            *waiting, opened.risk(), opened.said("#averaged"), opened.said("#answer"),
            opened.said("#factors"), opened.page.evaluate(MARKS), opened.said("#flags"),
        )  # fmt: skip

    before, needed, risk, over, answer, factors, marks, flags = opened_with(
        chromium, tmp_path, name, act
    )
    assert before is None
    assert "Still needed" in needed or "needed" in needed
    expected = model.predict(typed(model, known))["risk"][0]
    assert_allclose(risk, expected, rtol=TIGHT, atol=TIGHT)
    labels = [model.design.predictor(each).label or each for each in unknown]
    assert over.startswith(f"Not known: {', '.join(labels)}. The risk is the average over")
    assert "and of what is not known of this patient" in answer
    assert "not known" in factors
    assert marks <= len(known)  # no total, and no value for who has none
    assert "averaged" not in flags


def test_every_input_unknown_is_no_patient(chromium: Chromium, tmp_path: Path) -> None:
    model = averaging("cox")

    def act(opened: Opened) -> Any:
        for each in model.design.variables:
            opened.page.evaluate(MARK, each)
        return opened.risk(), opened.said("#answer"), opened.said("#bar")

    risk, said, bar = opened_with(
        chromium, tmp_path, "cox", act, viewport={"width": 390, "height": 800}
    )
    assert risk is None
    assert "At least one input must be known." in said
    assert "At least one input must be known." in bar


def test_a_mark_is_taken_back_by_a_value_or_by_the_button(
    chromium: Chromium, tmp_path: Path
) -> None:
    model = averaging("logistic")
    patient = whole(model)

    def act(opened: Opened) -> Any:
        opened.fill(patient)
        first = opened.risk()
        for name in ("a", "g"):
            opened.page.evaluate(MARK, name)
        empty = opened.page.input_value("#input-0")
        averaged = opened.risk()
        opened.page.fill("#input-0", str(patient["a"]))
        opened.page.click("[data-input=g] .back")
        asked = opened.risk(), opened.said("#answer")
        opened.fill({"g": patient["g"]})
        again = opened.risk()
        opened.page.evaluate(MARK, "a")
        opened.page.click("#clear")
        left = opened.page.evaluate("document.querySelectorAll('#inputs :checked').length")
        return first, empty, averaged, asked, again, left

    first, empty, averaged, (asked, said), again, left = opened_with(
        chromium, tmp_path, "logistic", act
    )
    assert first == again != averaged
    assert empty == ""
    assert asked is None
    assert "needed" in said.lower()
    assert left == 0


def test_the_keyboard_reaches_the_mark(chromium: Chromium, tmp_path: Path) -> None:
    model = averaging("logistic")
    patient = {key: value for key, value in whole(model).items() if key not in ("a", "g")}

    def act(opened: Opened) -> Any:
        opened.fill(patient)
        opened.page.focus("#input-0")
        opened.page.keyboard.press("Tab")
        opened.page.keyboard.press("Space")
        opened.page.focus("[data-input=g] input")
        opened.page.keyboard.press("ArrowUp")  # from the first choice round to the last
        return opened.risk(), opened.said("#averaged")

    risk, said = opened_with(chromium, tmp_path, "logistic", act)
    assert risk is not None
    assert said.startswith("Not known: a, g.")


def test_a_model_that_asks_offers_no_mark(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> Any:
        return opened.said("#inputs"), opened.said("#about")

    said, about = visit(chromium, tmp_path, calculator_page(logistic("plain")), act)
    assert "Not known" not in said
    assert "averaged" not in about


@every_view
def test_axe_finds_nothing_with_unknown_inputs(
    chromium: Chromium, tmp_path: Path, view: dict[str, Any]
) -> None:
    model = averaging("logistic")
    patient = whole(model)

    def act(opened: Opened) -> list[Any]:
        found = []
        for _ in ("en", "zh"):
            opened.fill(patient)
            for each in ("a", "g"):
                opened.page.evaluate(MARK, each)
            assert opened.risk() is not None
            found += opened.violations()
            opened.page.click("#language")
        return found

    assert opened_with(chromium, tmp_path, "logistic", act, **view) == []


def test_the_mark_survives_the_other_language(chromium: Chromium, tmp_path: Path) -> None:
    model = averaging("logistic")

    def act(opened: Opened) -> Any:
        opened.fill(whole(model))
        opened.page.evaluate(MARK, "a")
        first = opened.risk()
        opened.page.click("#language")
        return first, opened.risk(), opened.said("#averaged"), opened.said("#inputs")

    first, then, said, form = opened_with(chromium, tmp_path, "logistic", act, "zh")
    assert first == then
    assert said.startswith("Not known: a.")
    assert "Not known" in form


@pytest.mark.parametrize("name", NAMES)
def test_the_page_stays_small(name: str) -> None:
    assert len(calculator_page(averaging(name)).encode()) <= LARGEST_PAGE
