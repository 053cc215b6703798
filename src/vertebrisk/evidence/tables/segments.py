"""Where one table ends and the next begins; titles above and notes below are kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vertebrisk.evidence.printed import plain
from vertebrisk.evidence.tables.cells import is_value
from vertebrisk.evidence.tables.grids import Grid, Line
from vertebrisk.evidence.tables.heading_words import INTERVAL, RATIO, bare, named
from vertebrisk.evidence.tables.labels import is_reference_label, looks_like_level

TITLE = re.compile(
    r"\s*[*#_]*\s*(?:(?:supplementa(?:ry|l)|extended data|appendix|附|续)?\s*"
    r"(?:table|tab\.|tableau)\s*(?:[SA]?\d+[a-z]?|[IVX]+)\b|(?:附|续)?表\s*[\dS一二三四五六七八九十])",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\s*(?:notes?\b|abbreviations?\b|values (?:are|were)|data (?:are|were)|continuous (?:data|"
    r"var)|"
    r"categorical (?:data|var)|the bold|bold |注\s*[:：]|注释|[*†‡§¶#]+\s*\D|\[?[a-h]\]?\s*[:.)]|"
    r"(?-i:[a-h]\s+[A-Z][a-z])|p\s*[<=]\s*0?\.\d+|n\s*=\s*\d+ (?:for|in)|"
    r"[A-Z][\w-]*\s*[,:=]\s*[a-z][\w -]+;|"
    r"hosmer)",
    re.IGNORECASE,
)
_SIZE = re.compile(r"\bn\s*=\s*\d", re.IGNORECASE)
_MANY_WORDS = 8
_MOST_HEADS = 4


def grids_of(lines: Sequence[Line]) -> list[Grid]:
    """Tables with their titles and notes, in the order of the file."""
    blocks = list(_blocks(lines))
    groups: list[list[Line]] = []
    titles: list[Line] = []
    for position, block in enumerate(blocks):
        later = blocks[position + 1 :]
        if _begins(block, later):
            groups.append([*titles, *block])
            titles = []
        elif not _wide(block) and (not groups or _announces(block, later)):
            titles += block
        elif groups:
            groups[-1] += [*titles, *block]
            titles = []
        else:
            groups.append([*titles, *block])
            titles = []
    if titles:
        groups[-1:] = [[*(groups[-1] if groups else ()), *titles]]
    return [grid for group in groups if (grid := _grid(group)) is not None]


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines between blank ones; a title inside begins a block of its own."""
    block: list[Line] = []
    for line in lines:
        blank = not line.text
        if (blank or TITLE.match(line.text)) and block:
            yield block
            block = []
        if not blank and line.cells != ("---",):
            block.append(line)
    if block:
        yield block


def _wide(block: Sequence[Line]) -> list[Line]:
    return [line for line in block if line.filled > 1]


def _begins(block: Sequence[Line], later: Sequence[Sequence[Line]]) -> bool:
    """True for a block whose first line of several cells is a heading, with rows below it."""
    wide = _wide(block)
    if not wide or is_data(wide[0]) or is_note(wide[0]):
        return False
    return len(block) > 1 or (bool(later) and any(map(is_data, _wide(later[0]))))


def _announces(block: Sequence[Line], later: Sequence[Sequence[Line]]) -> bool:
    """True for prose that is the title of what follows, not the note of what went before."""
    if not later or not _begins(later[0], later[1:]):
        return False
    return TITLE.match(block[0].text) is not None or not (
        is_note(block[0]) or block[-1].text.rstrip().endswith(".")
    )


def is_data(line: Line) -> bool:
    """True for a row of values: some cell beside the first holds numbers or marks a reference."""
    cells = line.cells[1:]
    return any(is_value(cell) and not _SIZE.search(cell) for cell in cells)


def is_note(line: Line) -> bool:
    """True for a line of prose below a table."""
    text = line.text
    if is_data(line) and not line.loose:
        return False
    words = len(text.split()) + len(re.findall(r"[\u4e00-\u9fff]{4}", text))
    if _NOTE.match(plain(text)) is not None:
        return True
    return words > 2 * _MANY_WORDS and not _heads(line)


def _heads(line: Line) -> bool:
    """True for a long line of headings: sizes of groups, or a column of P."""
    sized = sum(_SIZE.search(cell) is not None for cell in line.cells)
    return sized >= 2 or any(named(bare(cell)) == "p_value" for cell in line.cells[1:])


def _grid(lines: Sequence[Line]) -> Grid | None:
    """One table out of its lines; None where no line has several cells."""
    first = next((k for k, line in enumerate(lines) if _opens(line)), None)
    if first is None:
        return None
    title = " ".join(line.text for line in lines[:first]).strip("*#_ ")
    start = first
    while start < len(lines) and _is_head(lines, first, start):
        start += 1
    body = list(lines[start:])
    notes: list[str] = []
    while body and not _belongs(body):
        notes.insert(0, body.pop().text)
    inner = [line for line in body if line.filled == 1 and _is_prose(line)]
    body = [line for line in body if line not in inner]
    return Grid(
        title,
        tuple(lines[first:start]),
        tuple(_joined(body)),
        (*(line.text for line in inner), *notes),
    )


def _joined(body: Sequence[Line]) -> list[Line]:
    """Rows whose label ran over several lines, in one again."""
    joined: list[Line] = []
    for place, line in enumerate(body):
        after = body[place + 1] if place + 1 < len(body) else None
        if (
            joined
            and joined[-1].filled == 1
            and joined[-1].label
            and _goes_on(joined[-1].label, line, after)
        ):
            start = joined.pop()
            label = re.sub(r"(?<=[(\[]) | (?=[)\]])", "", f"{start.label} {line.label}")
            line = replace(line, cells=(label, *line.cells[1:]), indent=start.indent)
        joined.append(line)
    return joined


def _share_columns(one: Line, other: Line) -> bool:
    return any(a and b for a, b in zip(one.cells[1:], other.cells[1:], strict=False))


def _goes_on(start: str, line: Line, after: Line | None) -> bool:
    """True for a label that is the end of the one above it, such as ``cleft (Yes vs No)``."""
    label = line.label
    if start.count("(") > start.count(")"):
        return True
    if label.startswith("(") and not is_reference_label(label):
        return True
    if not label[:1].islower() or looks_like_level(label):
        return False
    if after is not None and line.filled > 1 and not _share_columns(line, after):
        return True
    alone = after is None or not after.label[:1].islower() or after.indent < line.indent
    return alone and not (after is not None and after.indent == line.indent > 0)


def _opens(line: Line) -> bool:
    return line.filled > 1 and not (TITLE.match(line.text) and not line.loose)


def _is_head(lines: Sequence[Line], first: int, place: int) -> bool:
    """True for heading lines: all before the first row but a lone label."""
    line = lines[place]
    if place == first:
        return not is_data(line)
    if place - first >= _MOST_HEADS or is_data(line):
        return False
    return not line.label or any(map(_is_heading, line.cells[1:]))


def _is_heading(cell: str) -> bool:
    """True for words that head columns, or the size of a group."""
    text = bare(cell)
    known = named(text) is not None or RATIO.search(text) or INTERVAL.search(text)
    return bool(text) and (bool(known) or _SIZE.search(cell) is not None)


def _belongs(body: Sequence[Line]) -> bool:
    """True if the last line is a row of the table and no note."""
    line = body[-1]
    if is_data(line) and not (line.loose and _is_prose(line)):
        return True
    return line.filled > 1 and not is_note(line) and not _is_prose(line)


def _is_prose(line: Line) -> bool:
    return is_note(line) or len(line.text.split()) > _MANY_WORDS + 4
