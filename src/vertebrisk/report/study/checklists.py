"""The section of the checklists: made from the numbered page that they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vertebrisk.report.checklists.building import build_checklists
from vertebrisk.report.checklists.content import Checklist, table_key
from vertebrisk.report.page.building import prose
from vertebrisk.report.page.content import Block, Bullets, Page, Section, Tables
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.checklists import checklist_table, verdict_words
from vertebrisk.report.tables.table import Target
from vertebrisk.report.words import Words

KEY = "checklists"
_BEFORE = "provenance"


def with_checklists(page: Page, result: StudyResult) -> Page:
    """The page with the checklists near its end, whose places are those of its numbers.

    Their tables come after all others, so that no number moves.
    """
    section = _section(page, result)
    place = next(at for at, each in enumerate(page.sections) if each.key == _BEFORE)
    return replace(page, sections=(*page.sections[:place], section, *page.sections[place:]))


def _section(page: Page, result: StudyResult) -> Section:
    words = page.words
    tables = {table.key: table.number for table in page.tables()}
    lists = build_checklists(result, tables)
    first = max(tables.values(), default=0) + 1
    tables |= {table_key(each.key): first + place for place, each in enumerate(lists)}
    shown = {(each.kind, each.key): each for each in _targets(page, tables)}
    counts = Bullets(tuple(counted(each, words) for each in lists))
    specs: tuple[Block, ...] = tuple(
        Tables((checklist_table(each, shown, words, tables[table_key(each.key)]),))
        for each in lists
    )
    blocks = (*prose([words("checklists.intro")]), counts, *specs)
    return Section(KEY, words(KEY), blocks, "folded")


def _targets(page: Page, tables: dict[str, int]) -> Iterator[Target]:
    """What each section, table and figure of the page is called."""
    words = page.words
    for section in page.sections:
        yield Target("section", section.key, section.heading)
    for key, number in tables.items():
        yield Target("table", key, f"{words('table')} {number}", number)
    for figure in page.figures():
        yield Target("figure", figure.key, f"{words('figure')} {figure.number}", figure.number)


def counted(checklist: Checklist, words: Words) -> str:
    """How many lines of a checklist have each verdict."""
    shown = [
        words("checklists.counted", verdict=verdict_words(verdict, words), n=n)
        for verdict, n in checklist.counts.items()
    ]
    return words(
        "checklists.count", title=checklist.title, counts=words("checklists.between").join(shown)
    )
