"""From items and what the run says to each, to a checklist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

from vertebrisk.report.checklists.content import (
    Checklist,
    ChecklistPart,
    Entry,
    Filled,
    Item,
)
from vertebrisk.report.checklists.known import Known
from vertebrisk.report.checklists.touching import findings_at


def filled_list(
    key: str,
    items: Sequence[Item],
    fills: Mapping[str, Callable[[Known], Filled]],
    source: str,
    known: Known,
    title: str = "",
) -> Checklist:
    """A list of reporting: every item by its function, under the headings of its parts."""
    words = known.words
    parts = tuple(
        ChecklistPart(
            part,
            words(f"checklist.part.{part}"),
            tuple(_entry(key, item, fills[item.number](known), known) for item in own),
        )
        for part, own in groupby(items, lambda item: item.part)
    )
    return Checklist(
        key=key,
        name=words(f"checklist.name.{key}"),
        title=words(f"checklist.title.{title or key}"),
        source=source,
        parts=parts,
        notes=notes_of(known, (words("checklist.wording"), words("checklist.statuses"))),
    )


def notes_of(known: Known, notes: Iterable[str]) -> tuple[str, ...]:
    """Notes of a list; data that are no patients are told first."""
    kind = known.facts.data_kind
    made = () if kind == "real" else (known.words(f"checklist.{kind}"),)
    return (*made, *notes)


def _entry(key: str, item: Item, said: Filled, known: Known) -> Entry:
    return Entry(
        number=item.number,
        name=item.name(known.words.language),
        verdict=said.status,
        text=said.text,
        places=said.places,
        findings=findings_at(key, item.number, known.codes),
    )
