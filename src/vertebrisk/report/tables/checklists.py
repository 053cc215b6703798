"""Checklists as tables: one line an item, with what the run says and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vertebrisk.evidence.appraisal.answers import Reply
from vertebrisk.report.checklists.content import (
    STATUSES,
    Checklist,
    ChecklistPart,
    Entry,
    Status,
    table_key,
)
from vertebrisk.report.tables.table import (
    EMPTY,
    Column,
    Row,
    RowKind,
    TableSpec,
    Target,
    TargetKind,
    references,
    text,
)
from vertebrisk.report.words import Words

Shown = Mapping[tuple[TargetKind, str], Target]
_KINDS: dict[Status | Reply, RowKind] = {
    "authors": "emphasis",
    "none": "reference",
    "N": "emphasis",
    "PN": "emphasis",
    "NI": "reference",
    "NA": "reference",
}


def verdict_words(verdict: str, words: Words) -> str:
    """A status or a reply as a table says it."""
    return words(f"status.{verdict}" if verdict in STATUSES else f"reply.{verdict}")


def checklist_table(checklist: Checklist, shown: Shown, words: Words, number: int = 0) -> TableSpec:
    """One checklist; `shown` says by kind and key how places are called, others are left out."""
    appraises = not any(entry.verdict in STATUSES for entry in checklist.entries())
    heads = ("question", "answer", "reason") if appraises else ("item", "verdict", "told")
    columns = tuple(Column(key, words(f"checklist.{key}"), "start") for key in (*heads, "where"))
    return TableSpec(
        table_key(checklist.key),
        checklist.title,
        columns,
        tuple(row for part in checklist.parts for row in _rows(part, shown, words)),
        footnotes=(*checklist.notes, words("checklist.source", source=checklist.source)),
        number=number,
    )


def _rows(part: ChecklistPart, shown: Shown, words: Words) -> Iterator[Row]:
    judged = f"{words('colon')}{part.judgement}" if part.judgement else ""
    yield Row((text(part.heading + judged), EMPTY, EMPTY, EMPTY), "heading")
    for entry in part.entries:
        yield _row(entry, shown, words)


def _row(entry: Entry, shown: Shown, words: Words) -> Row:
    targets = [
        shown.get((place.kind, place.key), Target(place.kind, place.key, place.key))
        for place in entry.places
        if place.kind == "file" or (place.kind, place.key) in shown
    ]
    targets += [Target("finding", code, code) for code in entry.findings]
    cells = (
        text(f"{entry.number} {entry.name}"),
        text(verdict_words(entry.verdict, words)),
        text(entry.text),
        references(targets),
    )
    return Row(cells, _KINDS.get(entry.verdict, "body"), 1)
