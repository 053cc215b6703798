"""How cells look and how texts are written, each format of the workbook made once."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from vertebrisk.report.render_text import text_width
from vertebrisk.text.letters import unturned

LONGEST_CELL = 32_767  # characters that Excel allows
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINE_POINTS = 15
_HIGHEST_POINTS = 409
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 12},
    "warned": {"bold": True, "font_color": "#9C0006"},
    "plain": {},
}


def safe(text: str) -> str:
    """A text that a cell can hold, without signs that would turn the words after it."""
    plain = unturned(_CONTROL.sub("\ufffd", text))
    return plain if len(plain) <= LONGEST_CELL else plain[: LONGEST_CELL - 1] + "\u2026"


def height_of(text: str, width: float) -> float:
    """Height of a cell so wide, in points, in which a text breaks between words."""
    lines = sum(_lines(part, max(width - 1.0, 1.0)) for part in text.split("\n"))
    return float(min(_HIGHEST_POINTS, _LINE_POINTS * lines))


def _lines(text: str, room: float) -> int:
    """Lines of so many characters; where there are several, each leaves some room."""
    share = text_width(text) / room
    return 1 if share <= 1.0 else math.ceil(1.15 * share)


@dataclass(slots=True)
class Styles:
    """The formats of a workbook."""

    book: Any
    made: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def of(self, **wanted: object) -> Any:
        """The format with these properties of xlsxwriter."""
        key = tuple(sorted(wanted.items(), key=lambda each: each[0]))
        if key not in self.made:
            self.made[key] = self.book.add_format({"valign": "top", "font_size": 10, **wanted})
        return self.made[key]

    def write(self, sheet: Any, row: int, column: int, text: str, **look: object) -> None:
        """A text as a text: never a formula, a link or a number."""
        style = self.of_text(text, **look)
        if text:
            sheet.write_string(row, column, safe(text), style)
        else:
            sheet.write_blank(row, column, None, style)

    def of_text(self, text: str, **look: object) -> Any:
        """The format of a text, with the mark that keeps it one when its cell is edited."""
        return self.of(**look, quote_prefix=True) if text.startswith(_FORMULA) else self.of(**look)
