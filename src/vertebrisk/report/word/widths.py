"""How wide the columns of a table are, in what letters, and on which page it fits.

Widths are estimates from the letters, so they are the same on every machine. A table that fits
upright stands upright; a wider one lies across; one that is wider still is set smaller, and
words break only where nothing else helps.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from vertebrisk.report.tables.table import TableSpec, cell_text
from vertebrisk.report.words import Words

# Twentieths of a point. A4 with margins of 18 mm: as wide as a figure of two columns.
PAGE_SHORT: Final = 11906
PAGE_LONG: Final = 16838
MARGIN: Final = 1021
UPRIGHT: Final = PAGE_SHORT - 2 * MARGIN
ACROSS: Final = PAGE_LONG - 2 * MARGIN
PADDING: Final = 70
HALF_POINTS: Final = (17, 16, 15, 14)  # 8.5 to 7 pt
_LINES: Final = 5  # a text column may be broken into about so many lines before anything else
_RESERVE: Final = 1.06
_BOLD: Final = 1.08
_NARROW: Final = frozenset("iIljtfr.,;:'|!()[]{}/ -\u00a0\u2009\u202f·")
_WIDE: Final = frozenset("mwMW%@\u2014&")
# What a column keeps on one line: a word, or four Chinese letters.
_WORD = re.compile(r"[\u2e80-\uffef]{1,4}|[^\s\u2e80-\uffef]+")


@dataclass(frozen=True, slots=True)
class Layout:
    """Width of every column in twentieths of a point, size of the letters, and the page."""

    columns: tuple[int, ...]
    half_points: int
    across: bool


def text_em(text: str) -> float:
    """About how many widths of a full letter a text takes."""
    return sum(_letter_em(letter) for letter in text)


def _letter_em(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if unicodedata.combining(letter):
        return 0.0
    if letter in _NARROW:
        return 0.34
    if letter in _WIDE:
        return 0.86
    return 0.72 if letter.isupper() else 0.52


def layout(table: TableSpec, words: Words) -> Layout:
    """The layout upright in the largest letters that fit, or else across."""
    needs = [_needs(place, table, words) for place in range(len(table.columns))]
    for room in (UPRIGHT, ACROSS):
        for size in HALF_POINTS:
            least = [_twips(low, size) for low, _ in needs]
            if sum(least) <= room:
                most = [_twips(high, size) for _, high in needs]
                return Layout(_shared(least, most, room), size, room == ACROSS)
    least = [_twips(low, HALF_POINTS[-1]) for low, _ in needs]
    return Layout(_scaled(least, ACROSS), HALF_POINTS[-1], across=True)


def _needs(place: int, table: TableSpec, words: Words) -> tuple[float, float]:
    """Narrowest and widest use of a column, in widths of a letter."""
    column = table.columns[place]
    texts = [
        "\u2003" * row.indent * (place == 0) + cell_text(row.cells[place], words.numbers)
        for row in table.rows
    ]
    marks = 0.4 * any(row.cells[place].mark for row in table.rows)
    most = max((text_em(text) for text in texts), default=0.0) + marks
    head = _BOLD * max((text_em(word) for word in _WORD.findall(column.label)), default=0.0)
    if column.align == "end":
        return max(min(most, 16.0), head), max(most, head, min(text_em(column.label), 9.0))
    word = max((text_em(word) for text in texts for word in _WORD.findall(text)), default=0.0)
    least = max(min(word, 14.0), head, min(most, 7.0), min(most / _LINES, 26.0))
    return least, max(most, head, least)


def _twips(em: float, half_points: int) -> int:
    return round(em * half_points * 10 * _RESERVE) + 2 * PADDING


def _shared(least: list[int], most: list[int], room: int) -> tuple[int, ...]:
    """Each column what it needs, and of the rest as much as it can use, in proportion."""
    wanted = [high - low for low, high in zip(least, most, strict=True)]
    spare = room - sum(least)
    if sum(wanted) <= spare:
        return tuple(most)
    share = spare / sum(wanted)
    return tuple(low + int(want * share) for low, want in zip(least, wanted, strict=True))


def _scaled(least: list[int], room: int) -> tuple[int, ...]:
    """All columns made narrower alike; words break."""
    total = sum(least)
    return tuple(width * room // total for width in least)
