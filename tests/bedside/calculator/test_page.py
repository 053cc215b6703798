"""The calculator as a page: what a person enters and reads, in a browser."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.bedside.calculator.models import CASES, random_patients
from tests.bedside.calculator.pages import Opened, page_of, visit
from tests.bedside.conftest import Chromium

from vertebrisk.bedside.calculator.page import LARGEST_PAGE, Language

# As the engine: both compute in doubles, but not in the same order.
TIGHT = 1e-12


@pytest.mark.parametrize("name", CASES)
def test_the_page_answers_as_python_does(chromium: Chromium, tmp_path: Path, name: str) -> None:
    model = CASES[name]()
    patients = random_patients(model, 12, seed=7)
    horizon = model.horizons[-1] if model.horizons else None
    expected = model.predict(pl.DataFrame(patients, infer_schema_length=None), horizon)[
        "risk"
    ].to_numpy()

    def act(opened: Opened) -> list[float | None]:
        found = []
        for patient in patients:
            opened.fill(patient)
            found.append(opened.risk())
        return found

    found = visit(chromium, tmp_path, page_of(name), act)
    numbers = np.array([math.nan if each is None else each for each in found])
    assert_allclose(numbers, expected, rtol=TIGHT, atol=TIGHT)
    assert np.isfinite(numbers).any()


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_small_enough_for_a_mail(name: str) -> None:
    assert len(page_of(name, "en").encode()) <= LARGEST_PAGE == 150_000
    assert len(page_of(name, "zh").encode()) <= LARGEST_PAGE


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", CASES)
def test_axe_finds_nothing(
    chromium: Chromium, tmp_path: Path, name: str, language: Language, scheme: str
) -> None:
    patient = random_patients(CASES[name](), 1, seed=3)[0]

    def act(opened: Opened) -> list[object]:
        empty = opened.violations()
        opened.fill(patient)
        opened.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = 1 })")
        return [*empty, *opened.violations()]

    text = page_of(name, language)
    assert visit(chromium, tmp_path, text, act, color_scheme=scheme) == []
