"""The pages of the documentation, made from the results; nothing is copied by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import jinja2
import numpy as np
from tests.simulation import tables
from tests.simulation.figures import age_figure, bias_figure
from tests.simulation.imputing import IMPUTATIONS, ITERATIONS
from tests.simulation.predicting import NEW, RESAMPLES
from tests.simulation.results import Results, count, lost, measured
from tests.simulation.running import FULL
from tests.simulation.scenarios import PREDICTORS, SCENARIOS, Scenario

from vertebrisk import _files
from vertebrisk.report.figures.output import render

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "guide" / "few-events.md"
NUMBERS = ROOT / "docs" / "guide" / "few-events-numbers.md"
PICTURES = {
    ROOT / "docs" / "images" / "few-events-bias.svg": bias_figure,
    ROOT / "docs" / "images" / "few-events-missing.svg": age_figure,
}
TEMPLATE = Path(__file__).with_name("page.md.j2")


def page_text(results: Results) -> str:
    """The page for readers."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        size=FULL,
        new=NEW,
        resamples=RESAMPLES,
        imputations=IMPUTATIONS,
        iterations=ITERATIONS,
        predictors=PREDICTORS,
        say=Said(results),
        ml=tables.ML,
        firth=tables.FIRTH,
        estimates=tables.estimates_table(results),
        separation=tables.separation_table(results),
        missing=tables.missing_table(results),
        by_chance=tables.missing_table(results, "by chance"),
        predictions=tables.predictions_table(results),
    )


def numbers_text(results: Results) -> str:
    """The page with every row."""
    parts = [
        "# Few events: every number",
        "All rows of effects behind [Few events](few-events.md). Numbers in brackets are Monte "
        "Carlo standard errors. Written by `make simulations`.",
    ]
    for heading, table in tables.every_effect(results):
        parts += [f"## {heading[0].upper()}{heading[1:]}", table]
    return "\n\n".join(parts) + "\n"


def write_pages(results: Results) -> None:
    """Pages and figures."""
    _files.write_text(PAGE, page_text(results))
    _files.write_text(NUMBERS, numbers_text(results))
    for path, figure in PICTURES.items():
        _files.write_bytes(path, render(figure(results), "svg"))


class Said:
    """Numbers within sentences."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def lost(self, kind: str, events: int, data: str = "complete", digits: int = 0) -> str:
        """Percent of data sets without an answer of maximum likelihood."""
        row = self.results.effect(
            _scenario(kind, events).name, "age", tables.ML, _limits(data), data
        )
        return f"{lost(row):.{digits}f} %"

    def firth_without(self) -> int:
        """Data sets with complete data in which Firth's method has no answer."""
        rows = [
            self.results.effect(scenario.name, "age", tables.FIRTH, "profile")
            for scenario in SCENARIOS
        ]
        return sum(count(row, "samples") - count(row, "estimates") for row in rows)

    def effect(
        self, what: str, kind: str, events: int, name: str, method: str, intervals: str,
        data: str = "complete",
    ) -> str:  # fmt: skip
        """A measure of an effect: shares in percent, other numbers with two digits."""
        row = self.results.effect(_scenario(kind, events).name, name, method, intervals, data)
        value = measured(row, what).value
        if what == "coverage":
            return f"{100 * value:.0f} %"
        text = f"{value:+.2f}"
        return "0.00" if float(text) == 0.0 else text.replace("-", "\u2212")

    def truth(self, name: str) -> str:
        """The true log ratio of a predictor."""
        value = next(each.effect for each in PREDICTORS if each.name == name)
        return f"{value:.1f}".replace("-", "\u2212")

    def coverage(
        self,
        end: Literal["min", "max"],
        method: str,
        intervals: str,
        kind: str,
        events: int | None = None,
    ) -> str:
        """Lowest or highest coverage over the predictors of some studies with complete data."""
        found = [
            measured(self.results.effect(each.name, name, method, intervals), "coverage").value
            for each in SCENARIOS
            if each.kind == kind and events in (None, each.events)
            for name in (predictor.name for predictor in PREDICTORS)
        ]
        return f"{100 * (min(found) if end == 'min' else max(found)):.1f} %"

    def factor(self, kind: str, events: int, name: str) -> str:
        """By what the ratio may be multiplied or divided within Firth's median interval."""
        row = self.results.effect(_scenario(kind, events).name, name, tables.FIRTH, "profile")
        return f"{np.exp(0.5 * measured(row, 'width').value):.1f}"

    def prediction(self, what: str, kind: str, events: int, model: str) -> str:
        """A measure of predictions; excess in percentage points."""
        value = measured(self.results.prediction(_scenario(kind, events).name, model), what).value
        return f"{100 * value:.1f}" if what == "excess" else f"{value:.2f}"


def _limits(data: str) -> str:
    return "rubin" if data.startswith("imputed") else "wald"


def _scenario(kind: str, events: int) -> Scenario:
    return next(each for each in SCENARIOS if (each.kind, each.events) == (kind, events))
