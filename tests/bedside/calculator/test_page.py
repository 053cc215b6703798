"""The calculator as a page: the same risks as Python's, small, silent and accessible."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.bedside.calculator.models import CASES, cox, drawn, logistic, random_patients, some_cases
from tests.bedside.calculator.pages import Opened, page_of, visit
from tests.bedside.conftest import Chromium
from tests.bedside.views import every_view

from vertebrisk._types import Language
from vertebrisk.bedside.calculator.page import FEWEST_DRAWS, LARGEST_PAGE, _tight, calculator_page
from vertebrisk.bedside.calculator.payload import calculator_payload
from vertebrisk.design.design import Predictor
from vertebrisk.errors import ModelError
from vertebrisk.models.portable.describing import Consistency
from vertebrisk.models.portable.risk_model import RiskModel

# As the engine: both compute in doubles, but not in the same order.
TIGHT = 1e-12


@pytest.mark.parametrize("name", CASES)
def test_the_page_answers_as_python_does(chromium: Chromium, tmp_path: Path, name: str) -> None:
    model = CASES[name]()
    patients = random_patients(model, 12, seed=7)
    frame = pl.DataFrame(patients, infer_schema_length=None)
    horizons: list[float | None] = list(model.horizons) or [None]
    expected = [model.predict(frame, horizon)["risk"].to_numpy() for horizon in horizons]

    def act(opened: Opened) -> list[list[float | None]]:
        found = []
        for patient in patients:
            opened.fill(patient)
            found.append([opened.at(each).risk() for each in horizons])
        return found

    found = visit(chromium, tmp_path, page_of(name), act)
    numbers = np.array([[math.nan if each is None else each for each in row] for row in found])
    assert_allclose(numbers, np.transpose(expected), rtol=TIGHT, atol=TIGHT)
    assert np.isfinite(numbers).any()


def test_the_interval_in_words_is_that_of_python(chromium: Chromium, tmp_path: Path) -> None:
    model = CASES["cox"]()
    patient = {"age": 50.0, "grade": "2", "nodes": 4.0, "hormon": 1.0}
    found = model.predict(pl.DataFrame([patient]), 1500.0).row(0, named=True)

    def act(opened: Opened) -> str:
        opened.fill(patient)
        return opened.at(1500.0).said("#answer")

    said = visit(chromium, tmp_path, page_of("cox"), act)
    low, high = (f"{100 * found[name]:.1f}%" for name in ("conf_low", "conf_high"))
    assert f"95% interval {low} to {high}" in said
    assert f"{100 * found['risk']:.1f}%" in said
    assert "within 1500 days" in said


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "cannot be true together: not both."), ("zh", "不可能同时成立：二者不可并存。")],
)
def test_what_cannot_be_is_told_in_the_pages_language(
    chromium: Chromium, tmp_path: Path, language: Language, told: str
) -> None:
    rule = Consistency("a < 0 or b < 0", "not both", {"zh": {"reason": "二者不可并存"}})
    text = calculator_page(replace(logistic("plain"), consistency=(rule,)), language)

    def act(opened: Opened) -> Any:
        said = []
        for b in (-0.5, 0.5):
            opened.fill({"a": 0.5, "b": b})
            said.append(opened.said())
        return said

    sound, broken = visit(chromium, tmp_path, text, act)
    assert told in broken
    assert told not in sound


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_small_enough_for_a_mail(name: str) -> None:
    assert len(page_of(name, "en").encode()) <= LARGEST_PAGE == 150_000
    assert len(page_of(name, "zh").encode()) <= LARGEST_PAGE


def wide(model: RiskModel, letters: int) -> RiskModel:
    """The model with one long definition."""
    first, *rest = model.design.predictors
    changed: tuple[Predictor, ...] = (replace(first, definition="x" * letters), *rest)
    return replace(model, design=replace(model.design, predictors=changed))


def test_draws_that_do_not_fit_are_left_out_and_the_page_says_so(
    chromium: Chromium, tmp_path: Path
) -> None:
    model = wide(drawn(cox("cox"), 3000), 10_000)
    text = calculator_page(model)
    full = calculator_payload(model)["draws"]["count"]
    assert LARGEST_PAGE - 200 < len(text.encode()) <= LARGEST_PAGE

    def act(opened: Opened) -> Any:
        opened.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = 1 })")
        return opened.page.evaluate(
            "[JSON.parse(document.getElementById('payload').textContent).draws.count]"
        ), opened.said("#about")

    (kept,), said = visit(chromium, tmp_path, text, act)
    assert FEWEST_DRAWS < kept < full < 3000
    assert f"from {kept} of the model's 3000 bootstrap resamples" in said


def test_a_page_that_is_too_large_is_refused_in_one_line() -> None:
    too_long = wide(logistic("plain"), 60_000)
    with pytest.raises(ModelError, match=r"would have 1\d\d,\d{3} bytes; at most 150,000") as error:
        calculator_page(too_long)
    assert "\n" not in str(error.value)
    with pytest.raises(ModelError, match="at most 150,000"):
        calculator_page(wide(drawn(cox("cox"), 3000), 60_000))


@pytest.mark.parametrize(
    ("line", "tight"),
    [
        ("const a = { b: 1 };\n", "const a={b:1};\n"),
        ('say("a = { b }", c ? "," : " ; ");\n', 'say("a = { b }",c?",":" ; ");\n'),
        ("d = `M ${x} , ${y}`;\n", "d=`M ${x} , ${y}`;\n"),
        ("e = a - -b + +c;\n", "e=a - -b + +c;\n"),
        ("const ROW = / , (;)/;\n", "const ROW = / , (;)/;\n"),
        ("if (a) return [b, ...c];\n", "if(a)return[b,...c];\n"),
    ],
)
def test_only_spaces_that_mean_nothing_leave_the_script(line: str, tight: str) -> None:
    assert _tight(line) == tight


def test_a_page_is_the_same_each_time() -> None:
    assert calculator_page(logistic("plain")) == calculator_page(logistic("plain"))


def shown_and_checked(opened: Opened, patient: dict[str, Any]) -> list[Any]:
    opened.fill(patient)
    opened.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = 1 })")
    return opened.violations()


@some_cases
def test_axe_finds_nothing_in_any_model(chromium: Chromium, tmp_path: Path, name: str) -> None:
    patient = random_patients(CASES[name](), 1, seed=3)[0]

    def act(opened: Opened) -> list[Any]:
        opened.page.emulate_media(color_scheme="dark")
        dark = opened.violations()
        opened.page.emulate_media(color_scheme="light")
        opened.page.click("#language")
        return [*dark, *shown_and_checked(opened, patient)]

    assert visit(chromium, tmp_path, page_of(name, "zh"), act) == []


@every_view
@pytest.mark.parametrize("name", ["li2021", "cox", "three-interact"])
def test_axe_finds_nothing_in_any_state(
    chromium: Chromium, tmp_path: Path, name: str, view: dict[str, Any]
) -> None:
    patient = random_patients(CASES[name](), 1, seed=4)[0]

    def act(opened: Opened) -> list[Any]:
        empty = opened.violations()
        english = shown_and_checked(opened, patient)
        opened.page.click("#language")
        return [*empty, *english, *shown_and_checked(opened, patient)]

    assert visit(chromium, tmp_path, page_of(name), act, **view) == []


def test_axe_sees_what_is_wrong(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> list[Any]:
        opened.page.evaluate("document.documentElement.removeAttribute('lang')")
        opened.page.evaluate("document.querySelector('legend').remove()")
        opened.page.evaluate("document.querySelector('#title').style.color = '#ddd'")
        return opened.violations()

    found = {each[0] for each in visit(chromium, tmp_path, page_of("li2021"), act)}
    assert {"html-has-lang", "color-contrast"} <= found
