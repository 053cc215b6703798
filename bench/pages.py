"""The calculator in a browser on a slow processor: size, first paint, time to an answer.

Debian's Chromium, its processor slowed down so many times (Emulation.setCPUThrottlingRate), opens
the page from a disk. Times end when the frame that shows the answer has been painted. They are
wall clock; the work of the page's thread is processor time, so it shows on a busy machine too.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import scoring
from timings import Measured, Timing

from vertebrisk.bedside.calculator.page import calculator_page
from vertebrisk.bedside.service.store import ModelStore
from vertebrisk.errors import VertebriskWarning
from vertebrisk.models.portable.risk_model import RiskModel

SLOWER = (1, 4, 6)
RUNS = 7
GOAL = 0.1
MODELS: dict[str, Callable[[], RiskModel]] = {
    "li2021": lambda: ModelStore().get("li2021").model,
    "5 splines, 5 categories": scoring.splines,
    "Cox, 5 splines, 5 categories": scoring.cox,
    "5 categories, 500 draws": lambda: scoring.drawn(scoring.categories()),
}
PAINTED = """() => new Promise((resolve) => {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(null);
  });
})"""
FIRST_PAINT = """() => new Promise((resolve) => {
  const told = (list) => list.getEntriesByName("first-contentful-paint")
    .forEach((each) => resolve(each.startTime));
  new PerformanceObserver(told).observe({ type: "paint", buffered: true });
})"""
# The time of the first frame with an answer, for a page that is opened with a patient.
WATCH = f"""new MutationObserver((_, watching) => {{
  if (!document.querySelector("#risk")) return;
  watching.disconnect();
  ({PAINTED})().then((time) => {{ window.answeredAt = time; }});
}}).observe(document, {{ childList: true, subtree: true }})"""
# Some inputs given; milliseconds until the answer, if one is to come, has been painted.
GIVE = f"""async ([inputs, answered]) => {{
  const painted = {PAINTED};
  const give = ([name, value]) => {{
    const field = document.querySelector(`[data-input="${{CSS.escape(name)}}"]`);
    const radios = [...field.querySelectorAll("input[type=radio]")];
    const radio = radios.find((each) => each.value === value);
    if (radio) {{
      radio.click();
      return;
    }}
    const entry = field.querySelector("input");
    entry.value = String(value);
    entry.dispatchEvent(new Event("input", {{ bubbles: true }}));
  }};
  const shown = () => document.querySelector("#risk") !== null;
  const start = performance.now();
  inputs.forEach(give);
  while (answered && !shown()) await new Promise((resolve) => setTimeout(resolve));
  if (shown() !== answered) throw new Error("an answer before all inputs were given");
  return await painted() - start;
}}"""


def measure() -> Measured:
    found = Measured()
    missing = browser_missing()
    if missing:
        found.missing.append(f"NO BROWSER: {missing}. The calculator WAS NOT MEASURED.")
        return found
    from playwright.sync_api import sync_playwright

    with (
        warnings.catch_warnings(),
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as driver,
    ):
        warnings.simplefilter("ignore", VertebriskWarning)
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, make in MODELS.items():
            model = make()
            path = Path(folder) / "calculator.html"
            path.write_text(calculator_page(model), encoding="utf-8")
            size = path.stat().st_size
            found.numbers[f"{name}, bytes"] = size
            found.notes.append(f"{name}: {size / 1000:.1f} kB   goal: at most 150 kB")
            for slower in SLOWER:
                one_page(found, name, browser, path, patient(model), slower)
        browser.close()
    return found


def browser_missing() -> str | None:
    if shutil.which("chromium") is None:
        return "Chromium is not installed"
    return "Playwright is not installed" if find_spec("playwright") is None else None


def patient(model: RiskModel) -> dict[str, str | float]:
    """Typical values: the first level, and what other axes of a nomogram hold a number at."""
    return {
        each.name: each.levels[0] if each.levels else float(each.adjust_to)
        for each in model.design.predictors
    }


class Opened:
    """The page in a tab of its own, on a processor so many times slower."""

    def __init__(self, browser: Any, address: str, slower: int) -> None:
        self.page = browser.new_page()
        self.page.add_init_script(WATCH)
        self._devtools = self.page.context.new_cdp_session(self.page)
        self._devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.page.goto(address)
        self.page.evaluate(PAINTED)

    def worked(self) -> float:
        """Processor seconds of the page's thread so far."""
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")


def one_page(
    found: Measured,
    name: str,
    browser: Any,
    path: Path,
    values: dict[str, str | float],
    slower: int,
) -> None:
    """The page opened anew for every run; the first one, which fills caches, is left out."""
    paint, link, first, opening, answering = [], [], [], [], []
    for _ in range(RUNS + 1):
        linked = Opened(browser, f"{path.as_uri()}#{urlencode(values)}", slower)
        linked.page.wait_for_function("window.answeredAt")
        link.append(linked.page.evaluate("window.answeredAt") / 1000)
        linked.page.close()
        opened = Opened(browser, path.as_uri(), slower)
        paint.append(opened.page.evaluate(FIRST_PAINT) / 1000)
        opening.append(opened.worked())
        inputs = [list(each) for each in values.items()]
        opened.page.evaluate(GIVE, [inputs[:-1], False])
        before = opened.worked()
        first.append(opened.page.evaluate(GIVE, [inputs[-1:], True]) / 1000)
        answering.append(opened.worked() - before)
        opened.page.close()
    at = f"{name} ({slower} times slower)" if slower > 1 else name
    found.add(Timing(f"opened to first paint: {at}", tuple(paint[1:])))
    found.add(Timing(f"opened by a link with inputs, to answer: {at}", tuple(link[1:])))
    found.add(Timing(f"last input to answer: {at}", tuple(first[1:]), GOAL))
    if slower == 1:
        found.add(Timing(f"work to open: {at}", tuple(opening[1:])))
        found.add(Timing(f"work from last input to answer: {at}", tuple(answering[1:])))
