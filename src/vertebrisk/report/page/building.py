"""How a page is put together: what is there is shown, and numbered as it comes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vertebrisk.findings import Finding, count_by_severity
from vertebrisk.report.findings_text import group_findings
from vertebrisk.report.page.content import (
    Block,
    Bullets,
    Figure,
    Findings,
    KeyNumbers,
    Page,
    Pair,
    Pairs,
    Paragraph,
    Section,
    Sources,
    Tables,
)
from vertebrisk.report.tables.table import TableSpec
from vertebrisk.report.words import Words


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """Tables by key, captions of figures by key, and the figures that are drawn.

    A block of a figure or table that there is not is no block, so a page may name all that it
    could show.
    """

    captions: Mapping[str, str]
    tables: Mapping[str, TableSpec]
    drawn: Collection[str]

    def figures(self, *keys: str) -> tuple[Block, ...]:
        """The figures of these keys, as far as they are drawn."""
        return tuple(Figure(key, self.captions[key]) for key in keys if self._has(key))

    def _has(self, key: str) -> bool:
        return key in self.drawn and key in self.captions

    def shown(self, *keys: str) -> tuple[Block, ...]:
        """The tables of these keys, one below the other."""
        return tuple(Tables((self.tables[key],)) for key in keys if key in self.tables)

    def beside(self, *keys: str) -> tuple[Block, ...]:
        """The tables of these keys, which are small enough to stand beside each other."""
        found = tuple(self.tables[key] for key in keys if key in self.tables)
        return (Tables(found),) if found else ()

    def section(
        self,
        key: str,
        heading: str,
        paragraphs: Iterable[str] = (),
        figures: Iterable[str] = (),
        tables: Iterable[str] = (),
    ) -> Section:
        """A section of paragraphs, then figures, then tables."""
        blocks = (*prose(paragraphs), *self.figures(*figures), *self.shown(*tables))
        return Section(key, heading, blocks)

    def told(
        self,
        report: str,
        words: Words,
        key: str,
        paragraphs: Iterable[str] = (),
        figures: Iterable[str] = (),
        tables: Iterable[str] = (),
    ) -> Section:
        """The same in a kind of report that its headings, figures and tables are named after."""
        return self.section(
            key,
            words(f"{report}.{key}"),
            paragraphs,
            [f"{report}_{each}" for each in figures],
            [f"{report}_{each}" for each in tables],
        )


def prose(paragraphs: Iterable[str]) -> tuple[Block, ...]:
    """Paragraphs without a lead."""
    return tuple(Paragraph(text) for text in paragraphs)


def summary_section(
    heading: str,
    key_numbers: Iterable[tuple[str, str, str]],
    blocks: Iterable[Block],
    findings: Iterable[Finding],
    words: Words,
    key: str = "summary",
) -> Section:
    """What a reader looks for first, and how many findings there are."""
    counted = Paragraph(counted_findings(findings, words), words("findings") + words("colon"))
    return Section(key, heading, (KeyNumbers(tuple(key_numbers)), *blocks, counted), "summary")


def counted_findings(findings: Iterable[Finding], words: Words) -> str:
    """How many findings of each severity there are."""
    counts = count_by_severity(findings)
    return words(
        "findings.count",
        errors=counts["error"],
        warnings=counts["warning"],
        notes=counts["note"],
    )


def findings_section(findings: Sequence[Finding], words: Words) -> Section:
    """Every finding, by severity."""
    groups = group_findings(findings, words)
    said = counted_findings(findings, words) if groups else words("findings.none")
    return Section("findings", words("findings"), (Paragraph(said), Findings(groups)))


def methods_section(
    paragraphs: Iterable[str], sources: Iterable[Pair], words: Words, heading: str = "methods"
) -> Section:
    """How the numbers were made, and by whose methods."""
    blocks = (*prose(paragraphs), Sources(tuple(sources)))
    return Section("methods", words(heading), blocks)


def limits_section(limits: Iterable[str], words: Words) -> Section:
    """What the numbers are good for, and what they are not."""
    return Section("limits", words("limits"), (Bullets(tuple(limits)),), "keep")


def provenance_section(pairs: Iterable[Pair], words: Words) -> Section:
    """Program, data and seed."""
    return Section("provenance", words("provenance"), (Pairs(tuple(pairs)),), "keep")


def numbered(page: Page) -> Page:
    """The page with its figures and tables numbered as they come."""
    count = {Figure: 0, Tables: 0}

    def following(kind: type) -> int:
        count[kind] += 1
        return count[kind]

    def block_numbered(block: Block) -> Block:
        if isinstance(block, Figure):
            return replace(block, number=following(Figure))
        if isinstance(block, Tables):
            specs = tuple(replace(each, number=following(Tables)) for each in block.specs)
            return replace(block, specs=specs)
        return block

    sections = tuple(
        replace(section, blocks=tuple(block_numbered(block) for block in section.blocks))
        for section in page.sections
    )
    return replace(page, sections=sections)
