"""Numbers that repeat across two papers of different dates or sites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from vertebrisk.evidence.audit.subject import Subject
from vertebrisk.evidence.audit.values import Check, Quantity
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import COEFFICIENT_FIELDS
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

# Numbers of so many digits count; a row is a repeat if so many of them are the same.
_DIGITS = 3
_SAME = 3
_SUSPICIOUS = 2


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a table: what it is about and its numbers of three digits or more."""

    about: str
    place: str
    kind: str
    numbers: tuple[str, ...]


def checks(subjects: Sequence[Subject]) -> Iterator[Check]:
    """Every pair of papers."""
    for one, other in combinations(subjects, 2):
        yield _pair(one, other)


def _pair(one: Subject, other: Subject) -> Check:
    repeats = list(_repeats(one, other))
    about = say("{id} and {id_2}", id=one.id, id_2=other.id)
    places = "; ".join(
        dict.fromkeys([*(a.place for a, _ in repeats), *(b.place for _, b in repeats)])
    )
    quantities = tuple(
        Quantity(f"{subject.id}, {line.about}", ", ".join(line.numbers), line.place)
        for pair in repeats
        for subject, line in zip((one, other), pair, strict=True)
    )
    shared = _shared_patients(one, other)
    if not repeats:
        return Check(
            id="repeated-across-papers",
            about=about,
            place=say("all tables"),
            quantities=(),
            verdict="consistent",
            message=say("No row of the one repeats a row of the other."),
        )
    told = say(
        "{rows} of the one paper {repeat} in the other, number by number.",
        rows=counted(len(repeats), "row"),
        repeat=agreeing(len(repeats), "repeats", "repeat"),
    )
    if shared:
        return Check(
            id="repeated-across-papers",
            about=about,
            place=places,
            quantities=quantities,
            verdict="consistent",
            message=told,
            notes=(
                say("{shared}, so that patients may be in both; count them once.", shared=shared),
            ),
        )
    certain = len(repeats) >= _SUSPICIOUS or len(repeats[0][0].numbers) > _SAME
    return Check(
        id="repeated-across-papers",
        about=about,
        place=places,
        quantities=quantities,
        verdict="inconsistent" if certain else "consistent",
        message=say("{told} Their dates or sites differ.", told=told),
        severity="conclusion" if certain else "none",
        failure="irreconcilable" if certain else "",
        changes=say(
            "One of the two may not describe the patients that it names; pooled, "
            "they would count twice."
        )
        if certain
        else "",
        resolve=say("Ask both groups of authors; pool only one of them until then.")
        if certain
        else "",
        notes=() if certain else (say("One row may repeat by chance."),),
    )


def _repeats(one: Subject, other: Subject) -> Iterator[tuple[_Line, _Line]]:
    """Rows that have three different numbers or more, all the same in the same order."""
    theirs: dict[tuple[str, tuple[str, ...]], _Line] = {}
    for line in _lines(other):
        theirs.setdefault((line.kind, line.numbers), line)
    for line in _lines(one):
        found = theirs.get((line.kind, line.numbers))
        if found is not None:
            yield line, found


def _lines(subject: Subject) -> Iterator[_Line]:
    for comparison in subject.comparisons:
        for row in comparison.rows:
            cells = [*row.mean, *row.sd, *row.median, *row.lower_quartile, *row.upper_quartile]
            yield from _line(subject.label(row.variable), row.place, "numbers", cells)
            for level in row.levels:
                about = f"{subject.label(row.variable)} {level.name}"
                yield from _line(about, row.place, "percent", list(level.percent))
    for model in subject.models:
        if model.quotes is not None:
            continue
        for each in model.coefficient:
            cells = [getattr(each, name) for name in COEFFICIENT_FIELDS if name != "p_value"]
            about = f"{subject.label(each.term)} {each.level}".strip()
            yield from _line(about, model.place, "coefficient", cells)


def _line(about: str, place: str, kind: str, cells: Sequence[Printed | None]) -> Iterator[_Line]:
    numbers = tuple(
        cell.text
        for cell in cells
        if cell is not None and len(cell.number.as_tuple().digits) >= _DIGITS
    )
    if len(set(numbers)) >= _SAME:
        yield _Line(about, place, kind, numbers)


def _shared_patients(one: Subject, other: Subject) -> str:
    """What the two have in common by site and dates, or nothing."""
    if one.study is None or other.study is None:
        return ""
    first, second = one.study.design, other.study.design
    if first.centre is None or second.centre is None or first.dates is None or second.dates is None:
        return ""
    if first.centre.text != second.centre.text:
        return ""
    apart = first.dates.last < second.dates.first or second.dates.last < first.dates.first
    return "" if apart else say("Site and dates overlap")
