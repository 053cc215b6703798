"""Printed numbers that say the same thing and differ, or that no counts can have."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.evidence.reconstruction.notes import Conflict
from vertebrisk.evidence.reconstruction.sizes import GroupSize
from vertebrisk.evidence.repeats import Repeat, repeated_coefficients, repeated_statistics


def contradictions(study: PublishedStudy, sizes: tuple[GroupSize, ...]) -> Iterator[Conflict]:
    """Numbers printed twice with different values, and percentages that no count has."""
    yield from _twice(study)
    yield from _tables(study)
    yield from _percentages(study, sizes)


def _twice(study: PublishedStudy) -> Iterator[Conflict]:
    for each in repeated_statistics(study.statistic):
        if not each.agrees:
            shown = f"{each.name} {each.about}".strip()
            yield _apart(each, shown, shown)


def _tables(study: PublishedStudy) -> Iterator[Conflict]:
    for each in repeated_coefficients(study.model):
        if not each.agrees:
            yield _apart(each, f"{each.about} {each.name}", each.name)


def _apart(repeat: Repeat, first: str, second: str) -> Conflict:
    return Conflict(
        f"{repeat.first[1]}; {repeat.second[1]}",
        (f"{first} {repeat.first[0].text}", f"{second} {repeat.second[0].text}"),
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
