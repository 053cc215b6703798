"""The screens that pages are looked at on: narrow and wide, light and dark, in both languages."""

from __future__ import annotations

from typing import Any

import pytest


def _context(width: int, scheme: str, locale: str) -> dict[str, Any]:
    return {
        "viewport": {"width": width, "height": 800},
        "color_scheme": scheme,
        "locale": locale,
    }


NARROW, WIDE = 320, 1280

# Two that differ in everything are seen each time, the others with the slow tests.
VIEWS = (
    pytest.param(_context(NARROW, "dark", "zh-CN"), id="narrow-dark"),
    pytest.param(_context(WIDE, "light", "en-GB"), id="wide-light"),
    pytest.param(_context(NARROW, "light", "en-GB"), id="narrow-light", marks=pytest.mark.slow),
    pytest.param(_context(WIDE, "dark", "zh-CN"), id="wide-dark", marks=pytest.mark.slow),
)
every_view = pytest.mark.parametrize("view", VIEWS)
