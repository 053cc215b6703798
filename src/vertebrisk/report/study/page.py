"""The report of a run: made once from its result, drawn by any renderer."""

from __future__ import annotations

from collections.abc import Collection

from vertebrisk.report.main_numbers import predictors
from vertebrisk.report.narrative import referring
from vertebrisk.report.page.building import Stock, numbered, prose, summary_section
from vertebrisk.report.page.content import Banner, Block, Page, Paragraph
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.study.captions import figure_captions
from vertebrisk.report.study.checklists import with_checklists
from vertebrisk.report.study.opening import facts_of, key_numbers_of
from vertebrisk.report.study.sections import SECTIONS, Material
from vertebrisk.report.tables.numbering import build_tables
from vertebrisk.report.words import Words


def study_page(result: StudyResult, drawn: Collection[str]) -> Page:
    """The whole report of a run as data.

    Parameters
    ----------
    result : StudyResult
        All numbers of one run; its language decides that of the page.
    drawn : collection of str
        Keys of the figures that are drawn; of those that `figure_captions` knows, others are
        left out.
    """
    words = Words.of(result)
    tables = build_tables(result)
    text = referring(result, tables)
    made = Material(result, words, Stock(figure_captions(result, words), tables, drawn), text)
    facts = result.facts
    opening = summary_section(
        words("summary"),
        key_numbers_of(result, words),
        (*_predictors(result, words), *prose(text["summary"])),
        result.findings,
        words,
    )
    page = Page(
        words=words,
        version=facts.version,
        kicker=f"{words('risk_model_report')} · {facts.id}",
        title=facts.title,
        banners=_banners(result, words),
        facts=tuple(facts_of(result, words)),
        sections=(opening, *(each.section(made) for each in SECTIONS if each.when(result))),
    )
    return with_checklists(numbered(page), result)


def _banners(result: StudyResult, words: Words) -> tuple[Banner, ...]:
    facts = result.facts
    if facts.data_kind == "real":
        return ()
    told = words(facts.data_kind), words(f"banner.{facts.data_kind}")
    return (
        Banner(*told, words("how_made"), "statistical_methods")
        if facts.data_note
        else Banner(*told),
    )


def _predictors(result: StudyResult, words: Words) -> tuple[Block, ...]:
    found = predictors(result)
    lead = words("predictors") + words("colon")
    return (Paragraph(words.listed(found), lead),) if found else ()
