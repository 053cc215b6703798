"""What changed between two runs, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import replace

from vertebrisk.report.difference.changes import Difference
from vertebrisk.report.difference.sections import sections, summary, title
from vertebrisk.report.difference.tables import difference_tables, fact_name, state_of
from vertebrisk.report.page.content import Paragraph, Section, Tables
from vertebrisk.report.render_text import render_text
from vertebrisk.report.words import Words

_WIDTH = 100


def render_difference(found: Difference, words: Words) -> str:
    """Title, verdict, then every section that has something to say."""
    tables = difference_tables(found, words)
    head = f"{title(found, words)}\n{_filled(summary(found, words))}"
    bodies = [_section(each, found, words) for each in sections(found, tables, words)]
    return "\n\n".join([head, *bodies])


def _section(section: Section, found: Difference, words: Words) -> str:
    """A heading, its sentences, and its table; one of long texts as lines."""
    told = [block.text for block in section.blocks if isinstance(block, Paragraph)]
    parts = [section.heading, _filled(told)]
    if section.key in _LINES:
        parts += [_filled([line], "  ") for line in _LINES[section.key](found, words)]
    else:
        specs = [spec for each in section.blocks if isinstance(each, Tables) for spec in each.specs]
        parts += [render_text(replace(each, caption=""), words).lstrip("\n") for each in specs]
    return "\n".join(part for part in parts if part)


def _facts(found: Difference, words: Words) -> list[str]:
    return [
        f"{fact_name(fact, words)}{words('colon')}{fact.before or '–'} → {fact.after or '–'}"
        for fact in found.facts
    ]


def _findings(found: Difference, words: Words) -> list[str]:
    return [
        f"{words(state_of(pair))}{words('colon')}{pair.either.code}{words('colon')}"
        f"{pair.either.message}"
        for pair in found.remarks
    ]


def _parts(found: Difference, words: Words) -> list[str]:
    return [
        f"{tally.part}{words('colon')}"
        + words(
            "difference.tally",
            changed=tally.changed,
            n=tally.same + tally.changed,
            gone=tally.gone,
            added=tally.added,
            texts=tally.texts,
        )
        for tally in found.tallies
        if tally.differs
    ]


_LINES: dict[str, Callable[[Difference, Words], list[str]]] = {
    "asked": _facts,
    "findings": _findings,
    "everything": _parts,
}


def _filled(paragraphs: Iterable[str], indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(
            each,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=f"{indent}  " if indent else "",
            break_on_hyphens=False,
        )
        for each in paragraphs
    )
