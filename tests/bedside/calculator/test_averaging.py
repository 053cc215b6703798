"""Missing inputs averaged over in a browser, against Python's draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.bedside.calculator.averaged import NAMES, averaging, frame_of, patients
from tests.bedside.calculator.conftest import Engine

from vertebrisk.bedside.calculator.packing import kept_draws
from vertebrisk.models.portable.risk_model import RiskModel

# As in test_engine: a few units in the last place of the parts of sums. The draws of both are
# the same ones, so that a mean over them adds nothing to that.
TIGHT = 1e-12


def on_the_page(model: RiskModel) -> RiskModel:
    """The model with its draws as the page has them."""
    return model if model.draws is None else replace(model, draws=kept_draws(model.draws))


def numbers(values: list[float | None]) -> Any:
    return np.array([np.nan if each is None else each for each in values])


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_averages_as_python_does(engine: Engine, name: str) -> None:
    model = averaging(name)
    everybody = patients(model)
    horizons = [None, *model.horizons[1:]]
    found = engine.answers(model, everybody, horizons)
    there = on_the_page(model)
    for place, horizon in enumerate(horizons):
        expected = there.predict(frame_of(model, everybody), horizon)
        at = [each["at"][place] for each in found]
        averaged = expected["flags"].str.contains("averaged over").to_numpy()
        assert averaged.sum() >= 8
        assert expected["risk"].is_not_null().to_numpy()[averaged].all()
        assert_allclose(
            numbers([each["risk"] for each in at]), expected["risk"], rtol=TIGHT, atol=TIGHT
        )
        limits = [each["interval"] or {"low": None, "high": None} for each in at]
        for key in ("low", "high"):
            assert_allclose(
                numbers([each[key] for each in limits]), expected[f"conf_{key}"],
                rtol=TIGHT, atol=TIGHT,
            )  # fmt: skip
        for each, told in zip(at, expected["flags"], strict=True):
            said = {flag["name"] for flag in each["flags"] if flag["kind"] == "averaged"}
            assert said == {
                part.removeprefix("averaged over: ")
                for part in told.split("; ")
                if part.startswith("averaged over: ")
            }
