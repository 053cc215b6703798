"""Appraisals in plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from vertebrisk._types import Language
from vertebrisk.evidence.appraisal.appraising import Appraisal
from vertebrisk.evidence.appraisal.questions import DOMAINS, QUESTIONS
from vertebrisk.report.appraisal.tables import (
    domain_head,
    legend,
    places,
    ratings_table,
    told_whole,
)
from vertebrisk.report.render_text import render_text
from vertebrisk.report.tables.table import Column, Row, TableSpec, text
from vertebrisk.report.words import Words

WIDTH = 100


def render_appraisals(appraisals: Sequence[Appraisal], language: Language = "en") -> str:
    """Studies beside each other: risk of bias by domain, and the answers behind it."""
    words = Words(language)
    tables = [ratings_table(appraisals, words), _answers_table(appraisals, words)]
    notes = (legend(words), words("appraisal.rule"), words("appraisal.applicability"))
    told = "\n".join(map(_filled, notes))
    return "\n\n".join([*(render_text(table, words) for table in tables), told])


def _answers_table(appraisals: Sequence[Appraisal], words: Words) -> TableSpec:
    """Answers of one domain in one column, so that 20 of them fit a terminal."""
    columns = [Column("study", words("appraisal.study"), "start")]
    for domain in DOMAINS:
        numbers = [each.number for each in QUESTIONS if each.domain == domain.number]
        columns.append(Column(f"domain_{domain.number}", _spaced(numbers), "start"))
    rows = tuple(
        Row((text(each.study), *(text(_spaced(replies)) for replies in _by_domain(each))))
        for each in appraisals
    )
    return TableSpec("appraisal_answers", words("appraisal.answers"), tuple(columns), rows)


def _by_domain(appraisal: Appraisal) -> Iterator[list[str]]:
    for domain in DOMAINS:
        yield [each.answer for each in appraisal.answers if each.asked.domain == domain.number]


def _spaced(texts: Sequence[str]) -> str:
    return " ".join(f"{each:<3}" for each in texts).rstrip()


def render_appraisal(appraisal: Appraisal, language: Language = "en") -> str:
    """One study whole: every answer with its reason and places."""
    words, told = Words(language), appraisal.said(language)
    head = [
        told.citation,
        *told.notes,
        told_whole("appraisal.by_probast", told, words),
    ]
    last = _filled(words("appraisal.applicability"))
    parts = ["\n".join(map(_filled, head)), *_domains(told, words), last]
    return "\n\n".join(parts)


def _domains(appraisal: Appraisal, words: Words) -> Iterator[str]:
    for rated in appraisal.domains:
        lines = [domain_head(rated, words)]
        for answer in appraisal.answers:
            if answer.asked.domain == rated.domain.number:
                asked = answer.asked.words(words.language)
                lines.append(f"  {answer.question} {asked} {words(f'reply.{answer.answer}')}")
                lines.append(_filled(f"{answer.reason} {places(answer)}".rstrip(), "      "))
        yield "\n".join(lines)


def _filled(sentence: str, indent: str = "") -> str:
    return textwrap.fill(
        sentence, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
