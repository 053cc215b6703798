"""The link of a card opens the calculator with the patient's inputs, and the same risk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.bedside.calculator.pages import RISK
from tests.bedside.cds_hooks.records import prefetched, request
from tests.bedside.service.browsing import watched
from tests.bedside.service.serving import QUIET, model, predict, rows, service
from tests.bedside.service.test_cds_cards import named, post


@pytest.mark.parametrize("name", ["plain", "spline", "interaction", "cox", "strata"])
def test_the_calculator_shows_the_risk_of_the_card(
    tmp_path: Path, serve: Any, chromium: Any, name: str
) -> None:
    app = service(tmp_path, name)
    patient = rows(model(name), 3)[-1]
    url = serve(app)
    app.settings = replace(QUIET, public_url=url)
    answer = post(app, name, request(prefetched(named(app, name), patient)))
    (card,) = answer.json()["cards"]
    expected = predict(app, name, {"patient": patient}).json()["predictions"][0]["risk"]

    def look(tab: Any) -> tuple[list[str], float]:
        seen = watched(tab)
        tab.goto(card["links"][0]["url"])
        return seen, float(tab.evaluate(RISK))

    seen, risk = chromium.run(look)
    assert [line for line in seen if "404" not in line and "frame-ancestors" not in line] == []
    # The page's arithmetic is held to Python's to 1e-12 elsewhere; here it is the inputs.
    assert risk == pytest.approx(expected, rel=1e-12)
