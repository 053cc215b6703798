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

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.report.tables.table import Column, TableSpec, cell_text
from vertebrisk.report.words import Words

# Twentieths of a point. A4 with margins of 18 mm: as wide as a figure of two columns.
PAGE_SHORT: Final = 11906
PAGE_LONG: Final = 16838
MARGIN: Final = 1021
UPRIGHT: Final = PAGE_SHORT - 2 * MARGIN
ACROSS: Final = PAGE_LONG - 2 * MARGIN
PADDING: Final = 70
HALF_POINTS: Final = (17, 16, 15, 14)  # 8.5 to 7 pt
_READABLE: Final = 26.0  # letters on a line of a column of long texts, for which a page turns
_STEP: Final = 60
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
    lengths = _lengths(table, words)
    heads = np.array([_BOLD * text_em(column.label) for column in table.columns])
    numeric = 2 * sum(column.align == "end" for column in table.columns) >= len(table.columns)
    needs = [
        _needs(
            column,
            lengths[:, place],
            _longest_word(place, table, words),
            labels=place == 0 and numeric,
        )
        for place, column in enumerate(table.columns)
    ]
    for room in (UPRIGHT, ACROSS):
        for size in HALF_POINTS:
            least = [_twips(low, size) for low, _ in needs]
            if sum(least) <= room:
                most = [_twips(high, size) for _, high in needs]
                told = np.vstack([lengths, heads]) * (size * 10 * _RESERVE)
                shared = _shared(least, most, room, told)
                return Layout(shared, size, room == ACROSS)
    least = [_twips(low, HALF_POINTS[-1]) for low, _ in needs]
    return Layout(_scaled(least, ACROSS), HALF_POINTS[-1], across=True)


def _lengths(table: TableSpec, words: Words) -> FloatArray:
    """Width of every cell on one line, in widths of a letter: shape (rows, columns)."""
    cells = [
        [
            text_em(cell_text(cell, words.numbers)) + 0.4 * bool(cell.mark) + row.indent * (not at)
            for at, cell in enumerate(row.cells)
        ]
        for row in table.rows
    ]
    return np.array(cells, dtype=float).reshape(len(cells), len(table.columns))


def _longest_word(place: int, table: TableSpec, words: Words) -> float:
    """What a column of words cannot break; numbers stay whole."""
    if table.columns[place].align == "end":
        return 0.0
    texts = (cell_text(row.cells[place], words.numbers) for row in table.rows)
    return max((text_em(word) for text in texts for word in _WORD.findall(text)), default=0.0)


def _needs(
    column: Column, lengths: FloatArray, word: float, *, labels: bool
) -> tuple[float, float]:
    """Narrowest and widest use of a column, in widths of a letter."""
    longest = float(lengths.max(initial=0.0))
    head = _BOLD * max((text_em(each) for each in _WORD.findall(column.label)), default=0.0)
    whole = max(head, min(_BOLD * text_em(column.label), 14.0))
    if column.align == "end":
        return max(min(longest, 16.0), head), max(longest, whole)
    usual = float(np.quantile(lengths, 0.9)) if lengths.size else 0.0
    least = max(min(word, 14.0), head, min(longest, 7.0), min(usual / 2, _READABLE))
    if labels:  # beside numbers, on a line of their own as far as they are short
        least = max(least, min(usual, 14.0))
    return least, max(longest, whole)


def _twips(em: float, half_points: int) -> int:
    return round(em * half_points * 10 * _RESERVE) + 2 * PADDING


def _shared(least: list[int], most: list[int], room: int, lengths: FloatArray) -> tuple[int, ...]:
    """Each column what it needs, and of the rest step by step where it helps most."""
    found, widest = np.array(least), np.array(most)
    spare = room - int(found.sum())
    while spare >= _STEP:
        given = np.minimum(_STEP, widest - found)
        saved = [_lines(lengths, found) - _lines(lengths, found + gift) for gift in np.diag(given)]
        best = int(np.argmax(saved))
        if saved[best] <= 0:
            break
        found[best] += given[best]
        spare -= int(given[best])
    return tuple(int(width) for width in found)


def _lines(lengths: FloatArray, columns: IntArray) -> float:
    """What is lost by broken cells: a row of many lines counts more than many rows of two."""
    lines = (lengths / (columns - 2 * PADDING)).clip(1.0)
    # The second term moves on where two columns of a row have as many lines.
    return float((lines.max(axis=1) ** 2).sum() + 0.01 * lines.sum())


def _scaled(least: list[int], room: int) -> tuple[int, ...]:
    """All columns made narrower alike; words break."""
    total = sum(least)
    return tuple(width * room // total for width in least)
