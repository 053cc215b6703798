"""Pages in a browser: what it objects to, and what axe finds."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

WIDTHS = (360, 1280)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def watched(page: Any) -> list[str]:
    """Filled with what the browser complains of: refused contents, errors of scripts."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def violations(page: Any) -> list[str]:
    """What axe finds on a page, rule by rule.

    axe is a script, which no page admits; a browser context that bypasses policies runs it.
    """
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def too_wide(page: Any) -> bool:
    """Whether a page must be scrolled sideways."""
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide
