"""Printed numbers that say the same thing and differ, or that no counts can have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.evidence.reconstruction.notes import Conflict
from vertebrisk.evidence.reconstruction.sizes import GroupSize
from vertebrisk.evidence.wald import FIELDS


def contradictions(study: PublishedStudy, sizes: tuple[GroupSize, ...]) -> Iterator[Conflict]:
    """Numbers printed twice with different values, and percentages that no count has."""
    yield from _twice(study)
    yield from _tables(study)
    yield from _percentages(study, sizes)


def _apart(one: Printed, other: Printed) -> bool:
    """True if no number rounds to both."""
    (a, b), (c, d) = one.interval, other.interval
    return b < c or d < a


def _twice(study: PublishedStudy) -> Iterator[Conflict]:
    keyed: dict[tuple[str, ...], list[tuple[Printed, str]]] = {}
    for row in study.statistic:
        key = (row.name, row.variable or "", row.level, row.group or "")
        keyed.setdefault(key, []).append((row.value, row.place))
    for (name, *rest), printed in keyed.items():
        shown = " ".join([name, *filter(None, rest)])
        for (one, first), (other, second) in combinations(printed, 2):
            if _apart(one, other):
                yield Conflict(
                    f"{first}; {second}",
                    (f"{shown} {one.text}", f"{shown} {other.text}"),
                    "one number, printed twice with different values.",
                )


def _tables(study: PublishedStudy) -> Iterator[Conflict]:
    """Coefficients of one term in two tables of the paper, one of which quotes the other."""
    for one, other in combinations(study.model, 2):
        if other.quotes != one.id and one.quotes != other.id:
            continue
        rows = {(row.term, row.level): row for row in other.coefficient}
        for row in one.coefficient:
            again = rows.get((row.term, row.level))
            for field in FIELDS if again is not None else ():
                first, second = getattr(row, field), getattr(again, field)
                if first is not None and second is not None and _apart(first, second):
                    name = f"{row.term} {row.level}".strip()
                    yield Conflict(
                        f"{one.place}; {other.place}",
                        (f"{name} {field} {first.text}", f"{field} {second.text}"),
                        "one number, printed twice with different values.",
                    )


def _percentages(study: PublishedStudy, sizes: tuple[GroupSize, ...]) -> Iterator[Conflict]:
    for row in study.compared:
        for level, cells in row.levels.items():
            if not cells.count or not cells.percent:
                continue
            for count, percent, group in zip(cells.count, cells.percent, sizes, strict=True):
                share = 100 * count.value / group.n if group.n else 0.0
                low, high = percent.interval
                if not low - 1e-9 <= share <= high + 1e-9:
                    yield Conflict(
                        row.place,
                        (f"{row.variable} {level}: {count.text} of {group.n}", f"{percent.text} %"),
                        f"{count.text} of {group.n} is {share:.4g} %.",
                    )
