"""Text out of a PDF, where one space divides the columns and headings run over several lines.

How many columns there are is told by the heading; each row then ends with at most so many
values, and what stands before them is its label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vertebrisk.evidence.tables.cells import shown, values_of
from vertebrisk.evidence.tables.grids import Grid, Line
from vertebrisk.evidence.tables.heading_words import (
    bare,
    columns_named,
    name_and_size,
    named,
    words_of_column,
)
from vertebrisk.evidence.tables.headings import Heading, headings_of
from vertebrisk.evidence.tables.placing import laid_out, suits
from vertebrisk.evidence.tables.segments import TITLE, is_note

_MOST_HEAD_LINES = 24
_SIZE_END = re.compile(r"\(?\bn\s*=\s*\d[\d,]*\)?$", re.IGNORECASE)
_SIZES_ALONE = re.compile(r"\(\s*n\s*=\s*\d[\d,]*\s*\)", re.IGNORECASE)
_NAME_AND_SIZE = re.compile(r"\S+\s*\(\s*n\s*=\s*\d", re.IGNORECASE)
_LONE_MINUS = re.compile(r"(?<=\s)−\s(?=[\d.])")
_CUT_NUMBER = re.compile(r"\d\s*[-–—~]$")
_CUT_BRACKET = re.compile(r"[(\[][^()\[\]]*$")


@dataclass(slots=True)
class _Numbered:
    """A line of the file with its number."""

    number: int
    text: str


def flowing_lines(text: str) -> list[Line]:
    """Lines with their cells; one cell a line where no heading is understood."""
    lines = [
        _Numbered(number, _LONE_MINUS.sub("-", shown(raw)))
        for number, raw in enumerate(text.split("\n"), start=1)
    ]
    found: list[Line] = []
    for table in _tables([line for line in lines if line.text]):
        read = _Flow(table).lines()
        if read is None:
            found += [Line(line.number, (line.text,)) for line in table]
        else:
            found += read
        found.append(Line(table[-1].number, ("",)))
    return found


def _tables(lines: Sequence[_Numbered]) -> Iterator[list[_Numbered]]:
    """Lines of each table: a title begins a new one."""
    table: list[_Numbered] = []
    for line in _mended(lines):
        if TITLE.match(line.text) and table:
            yield table
            table = []
        table.append(line)
    if table:
        yield table


def _mended(lines: Sequence[_Numbered]) -> Iterator[_Numbered]:
    """Lines whose last number was cut in two, whole again."""
    waiting: _Numbered | None = None
    for line in lines:
        if waiting is not None and (line.text[:1].isdigit() or _CUT_BRACKET.search(waiting.text)):
            gap = "" if _CUT_NUMBER.search(waiting.text) else " "
            line = _Numbered(waiting.number, f"{waiting.text}{gap}{line.text}")
        elif waiting is not None:
            yield waiting
        waiting = None
        cut = _CUT_NUMBER.search(line.text) or (
            _CUT_BRACKET.search(line.text) and values_of(line.text.rpartition(" ")[0])
        )
        if cut:
            waiting = line
        else:
            yield line
    if waiting is not None:
        yield waiting


@dataclass(slots=True)
class _Flow:
    """One table of flowing text."""

    table: list[_Numbered]
    rows: list[Line] = field(default_factory=list)

    def lines(self) -> list[Line] | None:
        """Its lines, or None where no heading is understood."""
        start = next((k for k, line in enumerate(self.table) if _is_row(line.text)), None)
        if not start:
            return None
        counts = Counter(len(values_of(line.text)) for line in self.table[start:])
        counts.pop(0, None)
        usual = counts.most_common(1)[0][0]
        heads = [
            _Head.of(self.table[first:start], first, apart=apart)
            for first in range(max(0, start - _MOST_HEAD_LINES), start)
            for apart in (False, True)
        ]
        together = max((head for head in heads if not head.apart), key=lambda head: head.score)
        apart = max((head for head in heads if head.apart), key=lambda head: head.score)
        best = together if usual <= len(together.columns) else apart
        if len(best.columns) < 2:
            return None
        titles = [Line(line.number, (line.text,)) for line in self.table[: best.first]]
        head = Line(self.table[best.first].number, (best.label, *best.columns))
        return [*titles, head, *self._body(head, start)]

    def _body(self, head: Line, start: int) -> Iterator[Line]:
        most = len(head.cells) - 1
        read = [(line, values_of(line.text, most)) for line in self.table[start:]]
        full = [
            Line(line.number, (_label(line.text, values), *values))
            for line, values in read
            if len(values) == most
        ]
        headings = headings_of(Grid("", (head,), tuple(full)))
        waiting: list[_Numbered] = []
        for line, values in read:
            if not values or is_note(Line(line.number, (line.text,), loose=True)):
                waiting.append(line)
                continue
            label = _label(line.text, values)
            named = waiting and (len(values) == 1 or _suit_whole(values, headings))
            if not label and named:
                label = " ".join(each.text for each in waiting)
                waiting = []
            yield from _alone(waiting)
            waiting = []
            short = len(values) < most or not label
            row = Line(line.number, (label, *values))
            yield laid_out(row, headings) if short else row
        yield from _alone(waiting)


def _suit_whole(values: Sequence[str], headings: Sequence[Heading]) -> bool:
    """True if all the values suit the columns better than all but the first."""
    return suits(values, headings) >= suits(values[1:], headings)


def _alone(lines: Sequence[_Numbered]) -> Iterator[Line]:
    for line in lines:
        yield Line(line.number, (line.text,))


def _is_row(text: str) -> bool:
    """True for a line that ends with values and is neither a title nor a size of a group."""
    if TITLE.match(text) or _SIZE_END.search(text):
        return False
    values = values_of(text)
    return len([value for value in values if re.search(r"\d", value)]) >= 2 and (
        bool(_label(text, values)) or len(values) > 2
    )


def _label(text: str, values: Sequence[str]) -> str:
    size = sum(len(value.split()) for value in values)
    words = text.split()
    return " ".join(words[: len(words) - size])


@dataclass(frozen=True, slots=True)
class _Head:
    """A heading read from its first line on: the columns that its words name."""

    first: int
    label: str
    columns: tuple[str, ...]
    strange: int
    apart: bool

    @property
    def score(self) -> tuple[int, int]:
        """The more columns the better; then the fewer words that no column takes."""
        return len(self.columns), -self.strange

    @classmethod
    def of(cls, lines: Sequence[_Numbered], first: int, *, apart: bool) -> _Head:
        """Read these lines as one heading; `apart` takes ``OR 95% CI`` for two columns."""
        words = " ".join(_with_sizes([line.text for line in lines])).split()
        columns: list[str] = []
        free: list[str] = []
        label, strange, place = "", 0, 0
        while place < len(words):
            sized = _NAME_AND_SIZE.match(" ".join(words[place : place + 5])) is not None
            size = 0 if sized else words_of_column(words, place, apart=apart)
            if size:
                strange += 2 * len(free)
                columns.append(" ".join(words[place : place + size]))
                free, place = [], place + size
                continue
            word = words[place]
            free.append(word)
            place += 1
            told = bare(" ".join(free))
            if not columns and not label and named(told) == "label":
                label, free = " ".join(free), []
            elif name_and_size(" ".join(free))[1] is not None and not _open(free):
                if len(free) > 1 and not _SIZE_END.fullmatch(" ".join(free)):
                    strange += max(len(free) - 3, 0)
                else:
                    strange += 5
                columns.append(" ".join(free))
                free = []
        strange += 3 * len(free) + max(len(label.split()) - 2, 0)
        return cls(first, label, tuple(columns), strange, apart)


def _with_sizes(lines: Sequence[str]) -> list[str]:
    """Heading lines with the sizes of a line that has nothing else behind their groups."""
    joined: list[str] = []
    for line in lines:
        sizes = _SIZES_ALONE.findall(line)
        if joined and len(sizes) > 1 and not _SIZES_ALONE.sub("", line).strip():
            joined[-1] = _sized(joined[-1].split(), sizes)
        else:
            joined.append(line)
    return joined


def _sized(words: list[str], sizes: Sequence[str]) -> str:
    """Names of groups, all of so many words, each with its size behind it."""
    before = next(
        (k for k in (1, 2, 0) if k == 0 or named(bare(" ".join(words[:k]))) == "label"), 0
    )
    ends = [
        k
        for k in range(before + len(sizes), len(words) + 1, len(sizes))
        if k == len(words) or columns_named(" ".join(words[k:]))
    ]
    if not ends:
        return " ".join([*words, *sizes])
    names, after = words[before : ends[0]], words[ends[0] :]
    each = len(names) // len(sizes)
    told = [" ".join([*names[k * each : (k + 1) * each], size]) for k, size in enumerate(sizes)]
    return " ".join([*words[:before], *told, *after])


def _open(words: Sequence[str]) -> bool:
    text = " ".join(words)
    return text.count("(") > text.count(")")
