"""What each column of a table holds, by its heading and by the shape of its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vertebrisk.evidence.tables.cells import Form, is_value, numbers
from vertebrisk.evidence.tables.grids import Grid
from vertebrisk.evidence.tables.heading_words import (
    INTERVAL,
    LEVEL,
    LIMITS,
    LOWER,
    OF_ESTIMATE,
    RATIO,
    UPPER,
    Role,
    bare,
    name_and_size,
    named,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: what it holds, its own heading, and the heading over several columns."""

    place: int
    role: Role
    text: str
    over: str = ""


def heading_texts(grid: Grid) -> list[tuple[str, str]]:
    """Of every column its own heading and the one that spans it with its neighbours."""
    width = grid.width
    rows = [[*line.cells, *[""] * (width - len(line.cells))] for line in grid.heads]
    own: list[list[str]] = [[] for _ in range(width)]
    over: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(rows):
        spread, shared = _spread(row, rows[number + 1 :])
        for place, text in enumerate(spread):
            (over if shared[place] else own)[place].append(text)
    return [
        (" ".join(filter(None, mine)), " ".join(filter(None, ours)))
        for mine, ours in zip(own, over, strict=True)
    ]


def _spread(row: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[list[str], list[bool]]:
    """A heading line with each text repeated over the columns that it spans, and which do."""
    spread = list(row)
    filled = [any(each[place] for each in below) for place in range(len(row))]
    for place in range(2, len(row)):
        above_size = any(_is_size(each[place - 1]) for each in below)
        if not row[place] and filled[place] and not above_size:
            spread[place] = spread[place - 1]
    shared = [False] * len(row)
    for place in range(2, len(row)):
        if spread[place] and spread[place] == spread[place - 1] and filled[place]:
            shared[place] = shared[place - 1] = filled[place - 1]
    return spread, shared


def _is_size(text: str) -> bool:
    """True for the size of a group alone, under its name."""
    name, size = name_and_size(text)
    return size is not None and not name


def headings_of(grid: Grid) -> tuple[Heading, ...]:
    """What every column holds."""
    columns = _columns(grid)
    found = []
    for place, (text, over) in enumerate(heading_texts(grid)):
        cells = columns[place] if place < len(columns) else []
        found.append(Heading(place, _role(place, text, over, cells), text, over))
    return tuple(_settled(found))


def _columns(grid: Grid) -> list[list[str]]:
    rows = [line for line in grid.body if not line.loose]
    return [
        [line.cells[place] for line in rows if place < len(line.cells) and line.cells[place]]
        for place in range(grid.width)
    ]


def _role(place: int, text: str, over: str, cells: Sequence[str]) -> Role:
    if place == 0:
        return "label"
    own, whole = bare(text), bare(f"{over} {text}")
    name, size = name_and_size(own)
    if size is not None and named(name) not in ("p_value", "label", "other"):
        return "total" if named(name) == "total" else "group"
    effect = _effect(own, whole, cells)
    if effect is not None:
        return effect
    role = named(own) if own else None
    if role == "label" and place > 0:
        role = "level"
    if role == "level" and any(map(is_value, cells)):
        role = None
    if role is not None:
        return role
    if place == 1 and cells and not any(map(is_value, cells)):
        return "level"
    return "unknown"


def _effect(own: str, whole: str, cells: Sequence[str]) -> Role | None:
    """A ratio, its interval, or one limit: told by the heading, settled by the cells."""
    ratio = RATIO.search(own) is not None
    interval = INTERVAL.search(whole) is not None
    if not ratio and not interval and LIMITS.fullmatch(own) is None:
        return None
    of_b = OF_ESTIMATE.search(whole) is not None and not RATIO.search(whole)
    if LIMITS.fullmatch(own) or ((interval or ratio) and LOWER.search(own)):
        if UPPER.search(own):
            return "estimate_high" if of_b else "conf_high"
        return "estimate_low" if of_b else "conf_low"
    if (interval or ratio) and UPPER.search(own):
        return "estimate_high" if of_b else "conf_high"
    form = _form(cells)
    if form == "number and interval":
        centre = re.match(r"(?:b|β|beta|coef\w*|estimate)\b", own)
        return "estimate_conf" if centre and not ratio else "ratio_conf"
    if form == "interval":
        return "estimate_ci" if of_b else "conf"
    if ratio and RATIO.match(own):
        return "ratio"
    return ("estimate_ci" if of_b else "conf") if interval and INTERVAL.search(own) else None


def _form(cells: Sequence[str]) -> Form | None:
    forms = Counter(read.form for cell in cells if (read := numbers(cell)) is not None)
    forms.pop("number", None)
    return forms.most_common(1)[0][0] if forms else None


def _settled(found: Sequence[Heading]) -> list[Heading]:
    """Limits in two columns under one heading, of which the second has none of its own."""
    settled = list(found)
    for place, here in enumerate(settled):
        earlier = [each for each in settled[:place] if each.over == here.over]
        if here.role == "estimate" and any(each.role == "estimate" for each in earlier[-2:]):
            settled[place] = replace(here, role="beta")
        if here.role == "std_error" and bare(here.text).startswith("robust"):
            for other in earlier:
                if other.role == "std_error":
                    settled[other.place] = replace(other, role="other")
    for place in range(1, len(settled)):
        before, here = settled[place - 1], settled[place]
        if before.role == "conf" and here.role == "unknown" and not here.text:
            settled[place - 1] = replace(before, role="conf_low")
            settled[place] = replace(here, role="conf_high")
    return settled


def conf_level(headings: Sequence[Heading]) -> str | None:
    """The level of the intervals, as text, where a heading or its span prints it."""
    for heading in headings:
        if heading.role in ("ratio_conf", "conf", "conf_low", "estimate_ci", "estimate_low"):
            match = LEVEL.search(bare(f"{heading.over} {heading.text}"))
            if match is not None and heading.role not in ("conf_low", "estimate_low"):
                return match[1]
            if match is not None and float(match[1]) >= 80:
                return match[1]
    return None
