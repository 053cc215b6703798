"""The calculator's engine in a browser."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest
from tests.bedside.conftest import Chromium

from vertebrisk.bedside.calculator.page import ENGINE
from vertebrisk.bedside.calculator.payload import calculator_payload, payload_text
from vertebrisk.models.portable.risk_model import RiskModel

SOURCES = resources.files("vertebrisk.bedside.calculator")
ANSWER = """([text, patients, horizons, level]) => {
  const engine = vertebriskEngine;
  const model = engine.prepare(JSON.parse(text));
  return patients.map((patient) => ({
    columns: engine.columns(model.design, patient),
    linear: engine.linearPredictor(model, patient),
    points: engine.points(model, patient),
    total: engine.total(model, patient),
    drivers: engine.drivers(model, patient),
    similar: engine.similar(model, patient),
    at: horizons.map((horizon) => ({
      risk: engine.risk(model, patient, horizon),
      interval: engine.interval(model, patient, horizon, level),
      flags: engine.flags(model, patient, horizon),
    })),
  }));
}"""
CURVE = """([text, patient]) =>
  vertebriskEngine.curve(vertebriskEngine.prepare(JSON.parse(text)), patient)"""


class Engine:
    """The engine in a page that has nothing else."""

    def __init__(self, chromium: Chromium) -> None:
        self._chromium = chromium
        self._page = chromium.call(lambda browser: browser.new_page())
        source = "".join(SOURCES.joinpath(name).read_text(encoding="utf-8") for name in ENGINE)
        chromium.call(lambda browser: self._page.add_script_tag(content=source))

    def answers(
        self,
        model: RiskModel,
        patients: list[dict[str, Any]],
        horizons: list[float | None] | None = None,
        level: float = 0.95,
    ) -> list[dict[str, Any]]:
        """What the engine says of every patient."""
        found: list[dict[str, Any]] = self._asked(
            ANSWER, model, patients, horizons or [None], level
        )
        return found

    def curve(self, model: RiskModel, patient: dict[str, Any]) -> list[dict[str, Any]]:
        """Risk over time."""
        found: list[dict[str, Any]] = self._asked(CURVE, model, patient)
        return found

    def _asked(self, question: str, model: RiskModel, *rest: Any) -> Any:
        text = payload_text(calculator_payload(model))
        return self._chromium.call(lambda browser: self._page.evaluate(question, [text, *rest]))


@pytest.fixture(scope="session")
def engine(chromium: Chromium) -> Engine:
    """The engine in Chromium."""
    return Engine(chromium)
