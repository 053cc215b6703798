"""A calculator's page in a browser: opened, filled in, and read as a person would."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tests.bedside.calculator.models import CASES
from tests.bedside.conftest import Chromium

from vertebrisk._types import Language
from vertebrisk.bedside.calculator.page import calculator_page

AXE_RUN = """async () => {
  const { violations } = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return violations.map(({ id, nodes }) => [id, nodes.map((each) => each.html.slice(0, 200))]);
}"""
FILL = """(patient) => {
  const set = (name, value) => {
    const field = document.querySelector(`[data-input="${CSS.escape(name)}"]`);
    const radios = [...field.querySelectorAll("input[type=radio]")];
    if (radios.length) {
      radios.find((each) => each.value === value).click();
      return;
    }
    const entry = field.querySelector("input");
    entry.value = value === null ? "" : String(value);
    entry.dispatchEvent(new Event("input", { bubbles: true }));
  };
  Object.entries(patient).forEach(([name, value]) => set(name, value));
}"""
CHOOSE = """(horizon) => [...document.querySelectorAll("[name=horizon]")]
  .find((each) => Number(each.value) === horizon)?.click()"""
RISK = "() => document.querySelector('#risk')?.value ?? null"


@cache
def page_of(name: str, language: Language = "en") -> str:
    """The page of one of the models."""
    return calculator_page(CASES[name](), language)


@cache
def axe() -> str:
    """The checker of accessibility that axe-playwright-python packs."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


class Opened:
    """A page under the browser's eyes: requests, errors, and what is said."""

    def __init__(self, page: Any, text: str, folder: Path, fragment: str = "") -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        path = folder / "calculator.html"
        path.write_text(text, encoding="utf-8", newline="\n")
        self.url = path.as_uri()
        page.goto(self.url + fragment)

    def fill(self, patient: dict[str, Any]) -> None:
        """Press the buttons and type the numbers of a patient."""
        self.page.evaluate(FILL, patient)

    def at(self, horizon: float | None) -> Opened:
        """The same page with a horizon chosen, where there is a choice."""
        if horizon is not None:
            self.page.evaluate(CHOOSE, horizon)
        return self

    def risk(self) -> float | None:
        """The risk behind the large number."""
        found = self.page.evaluate(RISK)
        return None if found is None else float(json.loads(found))

    def said(self, selector: str = "main") -> str:
        """Text that a person sees."""
        return str(self.page.inner_text(selector))

    def violations(self) -> list[Any]:
        """What axe finds."""
        self.page.evaluate(axe())
        found: list[Any] = self.page.evaluate(AXE_RUN)
        return found

    def assert_quiet(self) -> None:
        """Only the file itself was asked for, and nothing was complained of."""
        assert {each.partition("#")[0] for each in self.requests} == {self.url}
        assert self.errors == []


def visit(
    chromium: Chromium, folder: Path, text: str, act: Any, fragment: str = "", **context: Any
) -> Any:
    """What `act` answers that is given the opened page."""

    def opened(page: Any) -> Any:
        own = Opened(page, text, folder, fragment)
        answer = act(own)
        own.assert_quiet()
        return answer

    return chromium.run_beside(opened, **context)
