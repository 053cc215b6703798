"""From text to rows of cells: commas, semicolons, tabs, pipes, or columns set with spaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from vertebrisk.evidence.tables.aligned import DIVIDER, aligned_lines, gaps
from vertebrisk.evidence.tables.cells import BULLET, shown, values_of
from vertebrisk.evidence.tables.flowing import flowing_lines
from vertebrisk.evidence.tables.grids import Line

_RULE = re.compile(r"[\s|+:=_\-─━═┼┬┴│–—*]*")
_QUOTED = re.compile(r' *"((?:[^"]|"")*)"[ ]*(?=[,;\t\n]|$)')
_MOST_QUOTED_LINES = 6
_OF_R = re.compile(r"Pr\(>\|[zt]\|\)")
_RESIDUALS = re.compile(
    r"^(?:\w+ )?residuals:[^\n]*\n[^\n]*\n[^\n]*$", re.MULTILINE | re.IGNORECASE
)
_MARKS = re.compile(r"[^\S\n]+(?:\*{1,3}|\.)[^\S\n]*$", re.MULTILINE)
_OPEN, _CLOSE = "([{（【", ")]}）】"


def layouts_of(text: str) -> Iterator[list[Line]]:
    """The lines of the text, divided as most of them ask for; then as they might be, too."""
    text = _of_r(text)
    separator = separator_of(text)
    if separator == "|":
        yield [_pipe_line(number, line) for number, line in _numbered(text)]
    elif separator:
        yield list(_divided(text, separator))
    aligned = aligned_lines(text)
    flowing = flowing_lines(text)
    if sum(line.filled > 2 for line in aligned) < 0.5 * sum(map(_is_row, text.split("\n"))):
        yield from (flowing, aligned)
    else:
        yield from (aligned, flowing)


def _of_r(text: str) -> str:
    """A summary of R without residuals and marks; one space before a minus divides there."""
    if _OF_R.search(text) is None:
        return text
    return re.sub(r"(?<=[\w)]) (?=-\d)", DIVIDER, _MARKS.sub("", _RESIDUALS.sub("\n\n", text)))


def _is_row(line: str) -> bool:
    return len(values_of(shown(line))) > 1


def separator_of(text: str) -> str:
    """``|``, tab, ``;`` or ``,``; empty where columns are set with spaces."""
    lines = [line for line in text.split("\n") if line.strip()]
    if sum(line.count("|") > 1 or line.strip().startswith("|") for line in lines) >= 2:
        return "|"
    scores = {
        separator: _score([_count(line, separator) for line in lines]) for separator in "\t;,"
    }
    spaced = _score([gaps(line) for line in lines])
    for separator in "\t;":
        if scores[separator] >= max(2, 0.5 * scores[","], 0.5 * spaced):
            return separator
    return "," if scores[","] >= 2 and scores[","] > spaced else ""


def _score(counts: list[int]) -> int:
    """Lines that are divided as often as most are; one that is not divided counts for nothing."""
    divided = Counter(count for count in counts if count)
    return max(divided.values(), default=0)


def _count(line: str, separator: str) -> int:
    return len(_cells_of(line, separator)) - 1 if separator in line else 0


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(text.split("\n"), start=1)


def _divided(text: str, separator: str) -> Iterator[Line]:
    """Lines of delimited text; a quoted cell may run over several lines."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line, first = lines[number], number + 1
        while _open_quote(line, separator) and number + 1 < min(
            len(lines), first + _MOST_QUOTED_LINES
        ):
            number += 1
            line = f"{line}\n{lines[number]}"
        if _open_quote(line, separator):
            line, number = lines[first - 1], first - 1
        number += 1
        if "\n" not in line and separator != "," and _RULE.fullmatch(line) and "-" in line:
            continue
        yield line_of(first, _cells_of(line, separator))


def _open_quote(line: str, separator: str) -> bool:
    """True if a cell begins with a quotation mark that the line does not close."""
    return any(
        cell.lstrip().startswith('"') and not _QUOTED.fullmatch(cell)
        for cell in _cells_of(line, separator)
    )


def _cells_of(line: str, separator: str) -> list[str]:
    """Cells of one line; a separator inside quotation marks or closed brackets divides nothing."""
    cells, start, place, depth = [], 0, 0, 0
    while place < len(line):
        if place == start and (quoted := _QUOTED.match(line, place)):
            place = quoted.end()
            continue
        character = line[place]
        if character in _OPEN and separator != "\t" and _closed(line, place):
            depth += 1
        elif character in _CLOSE:
            depth = max(depth - 1, 0)
        elif character == separator and depth == 0:
            cells.append(line[start:place])
            start = place + 1
        place += 1
    return [*cells, line[start:]]


def _closed(line: str, place: int) -> bool:
    closing = _CLOSE[_OPEN.index(line[place])]
    return closing in line[place + 1 :]


def _pipe_line(number: int, line: str) -> Line:
    bare = line.strip(" \t")
    if _RULE.fullmatch(bare):
        return Line(number, ("",) if not bare else ("---",))
    if "|" not in bare:
        return line_of(number, [line])
    bare = bare.removeprefix("|")
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    cells = re.split(r"(?<!\\)\|", bare)
    return line_of(number, [cell.removeprefix(" ").replace("\\|", "|") for cell in cells])


def line_of(number: int, cells: list[str]) -> Line:
    """A line of cells as a reader sees them, with the depth of the first."""
    read = [unquoted(cell) for cell in cells]
    first = read[0] if read else ""
    indent = len(first) - len(first.lstrip())
    texts = [shown(cell) for cell in read]
    if texts and (bullet := BULLET.match(texts[0])) is not None:
        texts[0], indent = texts[0][bullet.end() :], indent + 1
    while texts and not texts[-1]:
        texts.pop()
    return Line(number, tuple(texts) or ("",), indent if texts and texts[0] else 0)


def unquoted(cell: str) -> str:
    """A cell without the quotation marks of delimited text."""
    match = _QUOTED.fullmatch(cell)
    return cell if match is None else match[1].replace('""', '"').replace("\n", " ")
