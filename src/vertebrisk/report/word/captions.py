"""Captions that Word numbers, and the sentences that refer to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from vertebrisk.report.page.references import Reference, pieces
from vertebrisk.report.tables.table import BETWEEN_TARGETS, Target
from vertebrisk.report.word.markup import bookmark, field, leads_right_to_left, paragraph, runs
from vertebrisk.report.words import Words

Numbered = Literal["table", "figure"]


def bookmark_name(kind: Numbered, number: int, *, alone: bool = False) -> str:
    """Name of the mark around ``Table 3``, or around the number `alone`."""
    return f"{kind}_{number}_number" if alone else f"{kind}_{number}"


def section_mark(key: str) -> str:
    """Name of the mark around the heading of a section."""
    return f"section_{key}"


def heading(key: str, text: str, ids: Iterator[int], *, new_page: bool = False) -> str:
    """The heading of a section, to which tables may refer."""
    marked = bookmark(section_mark(key), next(ids), runs(text))
    return paragraph("Heading1", marked, new_page=new_page, turned=leads_right_to_left(text))


def targeted(targets: Sequence[Target], half_points: int) -> str:
    """What a cell refers to: fields for what has a mark in the document, words for the rest."""
    between = runs(BETWEEN_TARGETS, half_points=half_points)
    return between.join(_target(each, half_points) for each in targets)


def _target(found: Target, half_points: int) -> str:
    match found.kind:
        case "table" | "figure":
            name = bookmark_name(found.kind, found.number)
        case "section":
            name = section_mark(found.key)
        case _:
            return runs(found.text, half_points=half_points)
    return field(f"REF {name} \\h", found.text, half_points=half_points)


def caption(
    kind: Numbered, number: int, text: str, words: Words, ids: Iterator[int], label: str = ""
) -> str:
    """``Table 3. What it shows``; `label` names data that are not real.

    That of a table stands above it and stays with it, that of a figure below. An unnumbered
    table (number 0) has its text alone.
    """
    head = ""
    if number:
        word = words(kind)
        counted = field(f"SEQ {word} \\* ARABIC", str(number))
        alone = bookmark(bookmark_name(kind, number, alone=True), next(ids), counted)
        whole = runs(f"{word} ") + alone
        head = bookmark(bookmark_name(kind, number), next(ids), whole) + runs(". ")
    content = head + runs(text) + (runs(f" {label}", bold=True) if label else "")
    return paragraph(
        "Caption", content, keep_next=kind == "table", turned=leads_right_to_left(text)
    )


def referring(text: str, tables: frozenset[int]) -> str:
    """Runs of a text whose references to `tables` are fields."""
    return "".join(_piece(each, tables) for each in pieces(text))


def _piece(found: str | Reference, tables: frozenset[int]) -> str:
    if isinstance(found, str):
        return runs(found)
    if found.number not in tables:
        return runs(found.text)
    name = bookmark_name("table", found.number, alone=not found.word)
    return field(f"REF {name} \\h", found.text)
