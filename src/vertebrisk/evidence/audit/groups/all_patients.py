"""Checks of the column of all patients: its numbers lie where those of its groups put them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vertebrisk.evidence.audit.groups.cells import (
    NAMES,
    cell_of,
    cells_as_quantities,
    plain_groups,
    sizes_as_quantities,
    total_of,
    whole,
)
from vertebrisk.evidence.audit.subject import Cells, Comparison, Row, Subject
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.printed import Printed
from vertebrisk.text.messages import say

Range = tuple[float, float]
_NOISE = 1e-9
# Which of the groups bound the least and the greatest value that all patients can have.
_BOUNDS: dict[str, tuple[Callable[..., float], Callable[..., float]]] = {
    "mean": (min, max),
    "median": (min, max),
    "minimum": (min, min),
    "maximum": (max, max),
}


def checks(subject: Subject) -> Iterator[Check]:
    """Mean and median of all lie among those of the groups; minimum and maximum are theirs."""
    for comparison in subject.comparisons:
        total = total_of(comparison)
        if total is None or not _adds(comparison, total):
            continue
        for row in comparison.rows:
            for name in _BOUNDS:
                yield from _of_all(subject, comparison, row, total, name)


def _adds(comparison: Comparison, total: int) -> bool:
    sizes = [whole(comparison.groups[at].n) or 0 for at in plain_groups(comparison)]
    return all(sizes) and sum(sizes) == whole(comparison.groups[total].n)


def _of_all(
    subject: Subject, comparison: Comparison, row: Row, total: int, name: str
) -> Iterator[Check]:
    cells: Cells = getattr(row, name)
    printed = cell_of(cells, total)
    parts = [cell_of(cells, at) for at in plain_groups(comparison)]
    known = [part for part in parts if part is not None and not part.bound]
    if printed is None or printed.bound or len(known) < len(parts):
        return
    ends = [_hull(part) for part in known]
    least, greatest = _BOUNDS[name]
    low, high = least(end[0] for end in ends), greatest(end[1] for end in ends)
    own = _hull(printed)
    right = own[0] <= high + _NOISE * abs(high) and own[1] >= low - _NOISE * abs(low)
    where = say("{low:.6g} to {high:.6g}", low=low, high=high)
    yield Check(
        id="groups-add-up",
        about=subject.label(row.variable),
        place=row.place,
        quantities=(*cells_as_quantities(comparison, row, name), *sizes_as_quantities(comparison)),
        verdict="consistent" if right else "inconsistent",
        message=say(
            "By its groups, the {name} of all is {where}; {printed} is printed.",
            name=NAMES[name],
            where=where,
            printed=printed,
        ),
        recomputed=where,
        interval=(low, high),
        severity="none" if right else "detail",
        failure="" if right else "irreconcilable",
        changes=""
        if right
        else say("The {name} of all patients, or of a group.", name=NAMES[name]),
        resolve="" if right else say("Ask which of them is right."),
    )


def _hull(printed: Printed) -> Range:
    """All that rounds to it, or was cut off to it."""
    ranges = printed.interval, printed.cut_off
    return min(each[0] for each in ranges), max(each[1] for each in ranges)
