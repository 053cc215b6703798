"""A page of sections: facts, key numbers, prose, figures, tables, findings, provenance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vertebrisk._types import Language
from vertebrisk._version import __version__
from vertebrisk.findings import Finding, count_by_severity
from vertebrisk.report.findings_text import group_findings
from vertebrisk.report.html import LANGUAGE_TAGS, Figure, page_figure
from vertebrisk.report.render_html import render_html
from vertebrisk.report.tables.table import TableSpec
from vertebrisk.report.templating import environment, template_text
from vertebrisk.report.words import Words

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its paragraphs, then its figures and tables in the order named.

    A figure or table that there is not is passed over.
    """

    key: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionedPage:
    """What stands on a page, in its order.

    `banners` are pairs of a kind of data and what it means; `key_numbers` are label, number
    and detail; `figure_label` is said under every figure.
    """

    language: Language
    kicker: str
    title: str
    banners: Pairs
    facts: Pairs
    key_numbers: Sequence[tuple[str, str, str]]
    summary: Sequence[str]
    sections: Sequence[Section]
    captions: Mapping[str, str]
    findings: Sequence[Finding]
    methods: Sequence[str]
    sources: Pairs
    limits: Sequence[str]
    provenance: Pairs
    figure_label: str = ""


def sectioned_page(
    page: SectionedPage, figures: Mapping[str, str], tables: Mapping[str, TableSpec]
) -> str:
    """The whole page as HTML that loads nothing and runs nothing.

    Parameters
    ----------
    page : SectionedPage
    figures : mapping
        Key to SVG text.
    tables : mapping
        Key to table; they are numbered as they come.

    Raises
    ------
    ArgumentError
        If a figure is not an SVG drawing or holds a script or an outside address.
    """
    from markupsafe import Markup

    words = Words(page.language)
    counts = count_by_severity(page.findings)
    template = environment().get_template("sections.html.j2")
    return template.render(
        lang=LANGUAGE_TAGS[page.language],
        style=Markup(template_text("report.css")),
        version=__version__,
        words=words,
        page=page,
        contents=_contents(page, words),
        tables={
            key: Markup(render_html(table, words)) for key, table in _numbered(page, tables).items()
        },
        figures=_figures(page, figures),
        groups=group_findings(page.findings, words),
        finding_counts=words(
            "findings.count",
            errors=counts["error"],
            warnings=counts["warning"],
            notes=counts["note"],
        ),
    )


def _contents(page: SectionedPage, words: Words) -> list[tuple[str, str]]:
    ends = ("findings", "methods", "limits", "provenance")
    sections = [(each.key, each.heading) for each in page.sections]
    return [("summary", words("summary")), *sections, *((key, words(key)) for key in ends)]


def _figures(page: SectionedPage, figures: Mapping[str, str]) -> dict[str, Figure]:
    keys = [key for each in page.sections for key in each.figures if figures.get(key)]
    return {
        key: page_figure(key, place, page.captions[key], figures[key])
        for place, key in enumerate(keys, start=1)
    }


def _numbered(page: SectionedPage, tables: Mapping[str, TableSpec]) -> dict[str, TableSpec]:
    keys = [key for each in page.sections for key in each.tables if key in tables]
    return {key: replace(tables[key], number=place) for place, key in enumerate(keys, start=1)}
