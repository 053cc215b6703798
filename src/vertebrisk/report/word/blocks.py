"""Each block of a page as paragraphs, tables and pictures of Word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import assert_never

from vertebrisk.report.findings_text import FindingText
from vertebrisk.report.page.content import (
    Block,
    Bullets,
    Figure,
    Findings,
    Formula,
    KeyNumbers,
    Page,
    Pair,
    Pairs,
    Paragraph,
    References,
    Section,
    Sources,
    Subheading,
    Tables,
)
from vertebrisk.report.word.captions import caption, heading, referring
from vertebrisk.report.word.markup import SOFT, leads_right_to_left, paragraph, runs, told
from vertebrisk.report.word.package import Package
from vertebrisk.report.word.pictures import picture
from vertebrisk.report.word.tables import key_numbers_xml, pairs_xml, table_xml
from vertebrisk.report.words import Words


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of the document, and whether its pages lie across.

    What is `loose`, words alone, stands on the page of what follows it in its section.
    """

    xml: str
    across: bool = False
    loose: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """What blocks are written with: the page, its pictures as PNG, the file and its numbers."""

    page: Page
    pictures: Mapping[str, bytes]
    package: Package
    tables: frozenset[int]
    ids: Iterator[int]

    @classmethod
    def of(cls, page: Page, pictures: Mapping[str, bytes], package: Package) -> Writer:
        """A writer of one page, at its beginning."""
        tables = frozenset(table.number for table in page.tables())
        return cls(page, pictures, package, tables, count(1))

    @property
    def words(self) -> Words:
        """Texts of the page's language."""
        return self.page.words


def opening(writer: Writer) -> Fragment:
    """What stands above the first section: banners, title, facts."""
    page = writer.page
    banners = "".join(
        paragraph("Banner", runs(f"{each.label}. ", bold=True) + runs(each.text))
        for each in page.banners
    )
    head = told("Subtitle", page.kicker) + told("Title", page.title)
    return Fragment(banners + head + (pairs_xml(page.facts) if page.facts else ""))


def section_fragments(
    section: Section, writer: Writer, *, new_page: bool = False
) -> Iterator[Fragment]:
    """A section's heading, at the top of a page or not, then block after block."""
    head = heading(section.key, section.heading, writer.ids, new_page=new_page)
    shown = (each for block in section.blocks for each in _fragments(block, writer))
    yield from _joined([Fragment(head, loose=True), *shown])


def _joined(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Fragments of a section, so that no page holds only the words before a wide table."""
    found: list[Fragment] = []
    across = False
    for each in reversed(fragments):
        across = each.across or (each.loose and across)
        found.append(replace(each, across=across))
    return found[::-1]


def _fragments(block: Block, writer: Writer) -> Iterator[Fragment]:
    match block:
        case Tables():
            for table in block.specs:
                yield Fragment(*table_xml(table, writer.words, writer.ids))
        case Figure():
            yield Fragment(_figure(block, writer))
        case Paragraph():
            yield Fragment(_paragraph(block, writer), loose=True)
        case KeyNumbers():
            yield Fragment(key_numbers_xml(block.numbers))
        case Formula():
            lines = "".join(told("Equation", line) for line in block.lines)
            yield Fragment(paragraph("Normal", runs(block.intro), keep_next=True) + lines)
        case Bullets():
            yield Fragment("".join(_bullet(item, writer) for item in block.items))
        case Subheading():
            code = runs(f" {block.code}", color=SOFT) if block.code else ""
            yield Fragment(paragraph("Heading2", runs(block.text) + code))
        case Pairs():
            yield Fragment(pairs_xml(block.pairs))
        case Findings():
            yield Fragment(_findings(block, writer.words))
        case Sources():
            yield Fragment(_sources(block, writer))
        case References():
            yield Fragment("".join(_publication(each, writer) for each in block.items))
        case _:
            assert_never(block)


def _paragraph(block: Paragraph, writer: Writer) -> str:
    lead = runs(block.lead, bold=True) if block.lead else ""
    content = lead + referring(block.text, writer.tables)
    return paragraph("Normal", content, turned=leads_right_to_left(block.lead + block.text))


def _bullet(item: str, writer: Writer) -> str:
    return paragraph("ListBullet", referring(item, writer.tables), turned=leads_right_to_left(item))


def _figure(block: Figure, writer: Writer) -> str:
    content = writer.pictures.get(block.key)
    if content is None:
        drawn = told("Normal", writer.words("figure.no_picture", figure=block.key), keep_next=True)
    else:
        name = f"{writer.words('figure')} {block.number}"
        drawn = picture(content, name, block.caption, writer.package, writer.ids)
    label = writer.page.figure_label
    return drawn + caption("figure", block.number, block.caption, writer.words, writer.ids, label)


def _findings(block: Findings, words: Words) -> str:
    return "".join(
        told("Heading2", group.heading) + "".join(_finding(each, words) for each in group.findings)
        for group in block.groups
    )


def _finding(finding: FindingText, words: Words) -> str:
    where = runs(f" ({finding.where})", color=SOFT) if finding.where else ""
    message = runs(finding.message) + where
    xml = told("Heading3", finding.title)
    xml += paragraph("Normal", message, turned=leads_right_to_left(finding.message))
    for key, text in (("explanation", finding.explanation), ("remedy", finding.remedy)):
        if text:
            lead = runs(words(key) + words("colon"), bold=True)
            xml += paragraph("Normal", lead + runs(text))
    if finding.touches:
        xml += paragraph("Normal", runs(finding.touches, color=SOFT))
    return xml


def _publication(publication: Pair, writer: Writer) -> str:
    text, address = publication
    return paragraph("ListNumber", writer.package.link(address, runs(text)))


def _sources(block: Sources, writer: Writer) -> str:
    links = runs("; ").join(
        writer.package.link(address, runs(name, style="Hyperlink"))
        for name, address in block.sources
    )
    return paragraph("Normal", runs(f"{writer.words('methods.sources')} ") + links)
