"""Columns that are set with spaces: cells are found by where they stand below one another."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from vertebrisk.evidence.tables.cells import BULLET, is_value, numbers, shown, values_of
from vertebrisk.evidence.tables.grids import Line
from vertebrisk.evidence.tables.heading_words import columns_named
from vertebrisk.evidence.tables.segments import TITLE

DIVIDER = "\x1f"  # a space that divides columns though it stands alone
_CHUNK = re.compile(rf"\S+(?:[^\S\n{DIVIDER}]\S+)*")
_BAR = re.compile(r"(?<=\s)[|│](?=\s)|^[|│]|[|│]$")
_RULE = re.compile(r"[\s|+:=_\-─━═┼┬┴│–—*]*")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A text between gaps of two or more spaces, with the terminal columns that it takes."""

    start: int
    stop: int
    text: str


def gaps(line: str) -> int:
    """Gaps of two or more spaces inside a line."""
    return max(len(_CHUNK.findall(line.replace("\t", "  "))) - 1, 0)


def aligned_lines(text: str) -> list[Line]:
    """Lines of text whose columns stand below one another, each cell in its column.

    Where columns do not stand below one another, the cells of a line that lacks some are
    left to be placed by what they hold.
    """
    raw = text.split("\n")
    parts = [[] if _RULE.fullmatch(line) else _chunks(line) for line in raw]
    found: list[Line] = []
    for start, stop in _stretches(parts):
        columns = _columns(parts[start:stop])
        found += [
            _line(number + 1, raw[number], parts[number], columns) for number in range(start, stop)
        ]
    return found


def _stretches(parts: list[list[Chunk]]) -> list[tuple[int, int]]:
    """Runs of lines that may share columns: a title or a line apart begins a new one."""
    starts = [0]
    for number in range(1, len(parts)):
        alone = len(parts[number]) == 1 and not parts[number - 1]
        wide = any(len(each) > 1 for each in parts[starts[-1] : number])
        below = parts[number + 1] if number + 1 < len(parts) else []
        titled = bool(parts[number]) and TITLE.match(parts[number][0].text) is not None
        if wide and (titled or (alone and (not below or len(below) == 1))):
            starts.append(number)
    return list(zip(starts, [*starts[1:], len(parts)], strict=True))


def _chunks(line: str) -> list[Chunk]:
    line = _BAR.sub(" ", line.expandtabs(8))
    found: list[Chunk] = []
    for match in _CHUNK.finditer(line):
        start = match.start()
        for part in _parts(match[0], first=not found):
            start = line.index(part, start)
            stop = start + len(part)
            found.append(Chunk(_width(line[:start]), _width(line[:stop]), part))
            start = stop
    return found


def _parts(text: str, *, first: bool) -> list[str]:
    """Values or headings that one space divides, taken apart; a label or other text whole."""
    heads = columns_named(text)
    if len(heads) > 1:
        return heads
    values = [] if first else values_of(text)
    whole = " ".join(values) == " ".join(text.split())
    return values if whole and len(values) > 1 and numbers(text) is None else [text]


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return wide + sum(not unicodedata.combining(each) for each in text)


def _columns(parts: list[list[Chunk]]) -> list[tuple[int, int]] | None:
    """Extents of the columns, by the lines that fill the most; None where they overlap."""
    counts = Counter(len(chunks) for chunks in parts if len(chunks) > 1)
    if not counts:
        return None
    most = max(counts)
    full = [chunks for chunks in parts if len(chunks) == most]
    columns = [
        (min(line[k].start for line in full), max(line[k].stop for line in full))
        for k in range(most)
    ]
    apart = all(left[1] < right[0] for left, right in itertools.pairwise(columns))
    return columns if apart else None


def _line(
    number: int, raw: str, chunks: list[Chunk], columns: list[tuple[int, int]] | None
) -> Line:
    if not chunks:
        return Line(number, ("---",) if raw.strip() else ("",))
    indent = len(raw) - len(raw.lstrip())
    texts = [shown(chunk.text) for chunk in chunks]
    if (bullet := BULLET.match(texts[0])) is not None:
        texts[0], indent = texts[0][bullet.end() :], indent + 1
    placed = _placed(chunks, columns) if columns is not None else None
    if placed is None:
        return Line(number, tuple(texts), indent, loose=len(texts) > 1)
    cells = [""] * (max(placed) + 1)
    for place, text in zip(placed, texts, strict=True):
        cells[place] = text
    return Line(number, tuple(cells), indent if placed[0] == 0 else 0)


def _placed(chunks: list[Chunk], columns: list[tuple[int, int]]) -> list[int] | None:
    """The column of each chunk, or None where one stands in two columns or two in one."""
    places = []
    for chunk in chunks:
        touched = [
            k
            for k, (start, stop) in enumerate(columns)
            if chunk.start < stop and chunk.stop > start
        ]
        if not touched:
            middle = (chunk.start + chunk.stop) / 2
            near = min(range(len(columns)), key=lambda k: abs(sum(columns[k]) / 2 - middle))
            touched = [near]
        if len(touched) > 1 and is_value(chunk.text):
            return None
        places.append(touched[0])
    return places if len(set(places)) == len(places) else None
