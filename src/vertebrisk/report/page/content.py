"""What a report consists of: frozen values in reading order, without a drawing or a tag.

Paragraphs may refer to tables as `references` marks them. A figure's drawing is not part of
the page: a renderer is given the drawings, by key, in the format that it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from vertebrisk.report.findings_text import FindingGroup
from vertebrisk.report.tables.table import TableSpec
from vertebrisk.report.words import Words

Pair = tuple[str, str]
Style = Literal["plain", "summary", "keep", "folded"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `lead` stands before it in bold."""

    text: str
    lead: str = ""
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True, slots=True)
class KeyNumbers:
    """Label, number and detail of what a reader looks for first."""

    numbers: tuple[tuple[str, str, str], ...]
    kind: ClassVar[str] = "key_numbers"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure's number and caption; its drawing is known by `key`."""

    key: str
    caption: str
    number: int = 0
    kind: ClassVar[str] = "figure"


@dataclass(frozen=True, slots=True)
class Tables:
    """One table, or several small ones that may stand beside each other."""

    specs: tuple[TableSpec, ...]
    kind: ClassVar[str] = "tables"


@dataclass(frozen=True, slots=True)
class Formula:
    """Lines that are printed as they are, such as an equation, under what introduces them."""

    intro: str
    lines: tuple[str, ...]
    kind: ClassVar[str] = "formula"


@dataclass(frozen=True, slots=True)
class Bullets:
    """Items of a list without numbers."""

    items: tuple[str, ...]
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading inside a section; `code` is the name that a program knows it by."""

    text: str
    code: str = ""
    kind: ClassVar[str] = "subheading"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels with their values."""

    pairs: tuple[Pair, ...]
    kind: ClassVar[str] = "pairs"


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings by severity, gravest first."""

    groups: tuple[FindingGroup, ...]
    kind: ClassVar[str] = "findings"


@dataclass(frozen=True, slots=True)
class Sources:
    """Publications by name and address."""

    sources: tuple[Pair, ...]
    kind: ClassVar[str] = "sources"


@dataclass(frozen=True, slots=True)
class References:
    """Publications with their addresses, in the order of the numbers that cite them."""

    items: tuple[Pair, ...]
    kind: ClassVar[str] = "references"


Block: TypeAlias = (
    Paragraph
    | KeyNumbers
    | Figure
    | Tables
    | Formula
    | Bullets
    | Subheading
    | Pairs
    | Findings
    | Sources
    | References
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; `key` is unique on the page.

    A section that is to `keep` together is short and does not break across printed pages; in a
    `folded` one a medium that can shows each table when it is asked for.
    """

    key: str
    heading: str
    blocks: tuple[Block, ...]
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Banner:
    """What must be said of data that are not real; `more` leads to the section `target`."""

    label: str
    text: str
    more: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report, in its order.

    `version` is that of the program that computed the numbers; `words` have the language and
    the style of numbers.
    """

    words: Words
    version: str
    kicker: str
    title: str
    banners: tuple[Banner, ...]
    facts: tuple[Pair, ...]
    sections: tuple[Section, ...]

    @property
    def figure_label(self) -> str:
        """What is said under every figure: the kinds of data that are not real."""
        return " · ".join(each.label for each in self.banners)

    def figures(self) -> Iterator[Figure]:
        """Every figure, in the order of the page."""
        return (each for each in self._blocks() if isinstance(each, Figure))

    def tables(self) -> Iterator[TableSpec]:
        """Every table, in the order of the page."""
        found = (each for each in self._blocks() if isinstance(each, Tables))
        return (table for each in found for table in each.specs)

    def _blocks(self) -> Iterator[Block]:
        return (block for section in self.sections for block in section.blocks)
