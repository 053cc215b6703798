"""The living nomogram: legible at every width, picked by pointer and keys, one sheet of paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.bedside.calculator.models import CASES, random_patients, some_cases
from tests.bedside.calculator.pages import Opened, page_of, visit
from tests.bedside.conftest import Chromium

from vertebrisk.errors import ModelError

WIDTHS = (320, 360, 768, 1280)
# Pairs of texts whose boxes meet, and texts outside of the drawing. Letters have room of their
# own inside a box, so a pixel of contact is none.
CROWDED = """() => {
  const svg = document.querySelector("#nomogram svg");
  if (!svg) return [];
  const { width, height } = svg.viewBox.baseVal;
  const texts = [...svg.querySelectorAll("text")].filter((each) => each.textContent)
    .map((each) => ({ text: each.textContent, box: each.getBBox() }));
  const outside = texts.filter(({ box }) => box.x < -1 || box.y < -1 ||
    box.x + box.width > width + 1 || box.y + box.height > height + 1).map(({ text }) => [text]);
  const meets = (a, b) => a.x + a.width > b.x + 1 && b.x + b.width > a.x + 1 &&
    a.y + a.height > b.y + 3 && b.y + b.height > a.y + 3;
  const pairs = texts.flatMap((one, i) => texts.slice(i + 1)
    .filter((other) => meets(one.box, other.box)).map((other) => [one.text, other.text]));
  return [...outside, ...pairs];
}"""
SCROLLS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll("button, input:not(.choices input), summary,"
  + ".choices label, .criterion, [role=slider] .hit")].filter((each) => each.checkVisibility())
  .filter((each) => {
    const { width, height } = each.getBoundingClientRect();
    return width < 24 || height < 24;
  }).map((each) => each.outerHTML)"""


def has_nomogram(name: str) -> bool:
    try:
        CASES[name]().nomogram()
    except ModelError:
        return False
    return True


DRAWN = [name for name in CASES if has_nomogram(name)]


@some_cases
def test_no_text_touches_another_and_nothing_is_too_small_to_hit(
    chromium: Chromium, tmp_path: Path, name: str
) -> None:
    patients = random_patients(CASES[name](), 2, seed=11)

    def act(opened: Opened) -> list[Any]:
        found: list[Any] = []
        for width in WIDTHS:
            opened.page.set_viewport_size({"width": width, "height": 800})
            opened.page.wait_for_timeout(20)
            for patient in ({}, *patients):
                opened.fill(patient)
                crowded = opened.page.evaluate(CROWDED)
                found += [(width, len(patient), each) for each in crowded]
                if opened.page.evaluate(SCROLLS):
                    found.append((width, "scrolls"))
                found += [(width, each) for each in opened.page.evaluate(SMALL)]
            opened.page.click("#clear")
        return found

    assert visit(chromium, tmp_path, page_of(name), act) == []


def test_a_model_without_a_nomogram_says_why(chromium: Chromium, tmp_path: Path) -> None:
    def act(opened: Opened) -> str:
        return opened.said("#chart")

    assert "every stratum" in visit(chromium, tmp_path, page_of("cox-strata"), act)
    assert "interact" in visit(chromium, tmp_path, page_of("chain"), act)
    assert "每一层" in visit(chromium, tmp_path, page_of("cox-strata", "zh"), act)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.slow)])
@some_cases
def test_it_prints_on_one_sheet_with_and_without_a_patient(
    chromium: Chromium, tmp_path: Path, name: str, width: int
) -> None:
    patient = random_patients(CASES[name](), 1, seed=5)[0]

    def act(opened: Opened) -> Any:
        empty = opened.page.pdf(format="A4", prefer_css_page_size=True)
        opened.fill(patient)
        return empty, opened.page.pdf(format="A4", prefer_css_page_size=True), opened.risk()

    size = {"width": width, "height": 800}
    empty, full, _ = visit(chromium, tmp_path, page_of(name), act, viewport=size)
    assert (pages_of(empty), pages_of(full)) == (1, 1)


AXIS = "#nomogram [data-variable={}] >> nth=0"
PLACE = """([points]) => {
  const svg = document.querySelector("#nomogram svg");
  const ends = svg.querySelector(".axis").getBoundingClientRect();
  return ends.left + (ends.width * points) / 100;
}"""


def middle(opened: Opened, variable: str) -> float:
    box = opened.page.locator(AXIS.format(variable)).locator(".hit").bounding_box()
    return float(box["y"] + box["height"] / 2)


def test_a_value_is_picked_by_clicking_and_the_total_moves(
    chromium: Chromium, tmp_path: Path
) -> None:
    model = CASES["li2021"]()
    axes = {each.variable: each for each in model.nomogram().axes}

    def act(opened: Opened) -> Any:
        opened.page.locator("#nomogram").scroll_into_view_if_needed()
        for variable, axis in axes.items():
            x = opened.page.evaluate(PLACE, [axis.points[-1]])
            opened.page.mouse.click(x, middle(opened, variable))
        total = opened.page.text_content("#nomogram .value")
        chosen = opened.page.locator("[data-input] input:checked")
        values = [chosen.nth(i).get_attribute("value") for i in range(chosen.count())]
        return total, values, opened.page.locator("#nomogram .plumb").count()

    def text(opened: Opened) -> Any:
        opened.page.set_viewport_size({"width": 1280, "height": 900})
        return act(opened)

    total, values, plumbs = visit(chromium, tmp_path, page_of("li2021"), text)
    assert values == [str(axis.values[-1]) for axis in axes.values()]
    assert total == f"{sum(axis.points[-1] for axis in axes.values()):.0f}"
    assert plumbs == len(axes) + 1


def test_a_value_follows_the_pointer_even_where_it_leaves_the_axis(
    chromium: Chromium, tmp_path: Path
) -> None:
    axis = next(each for each in CASES["plain"]().nomogram().axes if each.variable == "a")
    numbers = axis.numbers
    assert numbers is not None

    def act(opened: Opened) -> Any:
        mouse = opened.page.mouse
        opened.page.locator("#nomogram").scroll_into_view_if_needed()
        y = middle(opened, "a")
        found = []
        mouse.move(opened.page.evaluate(PLACE, [axis.points[1]]), y)
        mouse.down()
        found.append(opened.page.input_value("#input-0"))
        mouse.move(opened.page.evaluate(PLACE, [axis.points[2]]), y + 200)
        found.append(opened.page.input_value("#input-0"))
        mouse.up()
        mouse.move(opened.page.evaluate(PLACE, [axis.points[3]]), y)
        found.append(opened.page.input_value("#input-0"))
        return [float(each) for each in found]

    found = visit(chromium, tmp_path, page_of("plain"), act)
    # A pixel is about a thousandth of the axis, and values come in steps of a hundredth.
    step = float(numbers[-1] - numbers[0]) / 100
    assert found == pytest.approx([numbers[1], numbers[2], numbers[2]], abs=1.1 * step)


def test_keys_move_a_value_and_the_slider_says_where_it_is(
    chromium: Chromium, tmp_path: Path
) -> None:
    def act(opened: Opened) -> Any:
        press = opened.page.keyboard.press
        slider = opened.page.locator(AXIS.format("goutallier"))
        slider.focus()
        found = []
        for key in ("ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
            press(key)
            found.append(slider.get_attribute("aria-valuetext"))
        label = opened.page.evaluate("document.activeElement.getAttribute('aria-label')")
        return found, label

    found, label = visit(chromium, tmp_path, page_of("li2021"), act)
    low, middle_one, high = "Grade 0-1", "Grade 2", "Grade 3-4"
    assert found == [low, middle_one, high, high, middle_one, low]
    assert label.startswith("Paraspinal muscle degeneration")


def test_keys_move_a_number_in_round_steps_within_its_axis(
    chromium: Chromium, tmp_path: Path
) -> None:
    def act(opened: Opened) -> Any:
        press = opened.page.keyboard.press
        opened.page.locator(AXIS.format("nodes")).focus()
        found = []
        for key in ("Home", "ArrowRight", "PageUp", "ArrowLeft", "End", "ArrowUp"):
            press(key)
            found.append(float(opened.page.input_value("[data-input=nodes] input")))
        return found

    axis = next(each for each in CASES["cox"]().nomogram().axes if each.variable == "nodes")
    assert axis.numbers is not None
    low, high = float(min(axis.numbers)), float(max(axis.numbers))
    found = visit(chromium, tmp_path, page_of("cox"), act)
    assert found[0] == low
    step = found[1] - low
    assert found[2:] == pytest.approx([found[1] + 10 * step, found[1] + 9 * step, high, high])


def test_a_patient_between_the_axes_of_an_interaction_gets_an_own_one(
    chromium: Chromium, tmp_path: Path
) -> None:
    patient = {"a": 1.0, "b": 0.7, "g": "high"}

    def act(opened: Opened) -> Any:
        sliders = "#nomogram [role=slider]"
        before = opened.page.locator(sliders).count()
        opened.fill(patient)
        label = opened.page.get_attribute(f"{sliders} >> nth=0", "aria-label")
        answered = opened.risk()
        mark = opened.page.locator("#nomogram circle.mark >> nth=0").bounding_box()
        points = float(opened.page.inner_text("#factors td.n >> nth=0"))
        gap = mark["x"] + mark["width"] / 2 - opened.page.evaluate(PLACE, [points])
        return before, opened.page.locator(sliders).count(), label, answered, gap

    before, after, label, answered, gap = visit(chromium, tmp_path, page_of("three-interact"), act)
    assert after == before + 1
    assert label == "a (where b 0.7, g high)"
    assert answered is not None
    assert abs(gap) < 8  # the table shows whole points


def test_picking_on_another_axis_of_an_interaction_takes_its_values(
    chromium: Chromium, tmp_path: Path
) -> None:
    def act(opened: Opened) -> Any:
        opened.page.locator("#nomogram [role=slider] >> nth=4").focus()
        opened.page.keyboard.press("Home")
        return {
            name: opened.page.evaluate(
                "(name) => document.querySelector(`[data-input=${name}]`)"
                ".querySelector('input[type=text], :checked').value",
                name,
            )
            for name in ("a", "b", "g")
        }

    axis = CASES["three-interact"]().nomogram().axes[4]
    found = visit(chromium, tmp_path, page_of("three-interact"), act)
    held = dict(axis.held)
    assert axis.numbers is not None
    assert (float(found["b"]), found["g"]) == (float(held["b"]), held["g"])
    assert float(found["a"]) == min(axis.numbers)
