"""Pages in a browser: what it objects to, and what axe finds."""

from __future__ import annotations

from typing import Any

from tests.bedside.calculator.pages import AXE_RUN, axe


def watched(page: Any) -> list[str]:
    """Filled with what the browser complains of: refused contents, errors of scripts."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def violations(page: Any) -> list[str]:
    """What axe finds on a page, rule by rule."""
    page.evaluate(axe())
    return [f"{rule}: {places}" for rule, places in page.evaluate(AXE_RUN)]


def too_wide(page: Any) -> bool:
    """Whether a page must be scrolled sideways."""
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide
