"""The whole page as `report.docx`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from typing import Final

from vertebrisk.report.page.content import Page, Section
from vertebrisk.report.word.blocks import Fragment, Writer, opening, section_fragments
from vertebrisk.report.word.package import Package, section_break, section_end

EARLY: Final = ("summary", "statistical_methods")
APPENDICES: Final = ("replication", "checklists")


def word_document(page: Page, pictures: Mapping[str, bytes]) -> bytes:
    """The page as a document of Word.

    Parameters
    ----------
    page : Page
    pictures : mapping
        PNG of every figure, by key, drawn at 300 dpi. One that is absent is named with a
        line that says so.

    Returns
    -------
    bytes
        Content of a ``.docx`` file; two calls give identical bytes. Headings, captions,
        numbers of tables and figures and references to them are those of Word; wide tables
        stand on pages that lie across.

    Raises
    ------
    ArgumentError
        If a picture is not a PNG.
    """
    package = Package.of(page)
    writer = Writer.of(page, pictures, package)
    sections = (
        section_fragments(section, writer, new_page=appended)
        for section, appended in in_order(page.sections)
    )
    return package.saved(_body(chain([opening(writer)], *sections), package))


def in_order(sections: Sequence[Section]) -> list[tuple[Section, bool]]:
    """Sections as a manuscript has them, and whether each begins a page.

    Methods come before results, and long lists last, as appendices; all others keep their
    order, so that numbers of tables and figures do not move.
    """
    kept = [each for each in sections if each.key not in (*EARLY, *APPENDICES)]
    by_key = {each.key: each for each in sections}
    early = [by_key[key] for key in EARLY if key in by_key]
    late = [by_key[key] for key in APPENDICES if key in by_key]
    return [*((each, False) for each in (*early, *kept)), *((each, True) for each in late)]


def _body(fragments: Iterable[Fragment], package: Package) -> str:
    """Fragments with a break wherever the pages turn."""
    xml, across = "", False
    for place, (turned, group) in enumerate(groupby(fragments, lambda each: each.across)):
        xml += section_break(package, across=across) if place else ""
        xml += "".join(each.xml for each in group)
        across = turned
    return xml + section_end(package, across=across)
