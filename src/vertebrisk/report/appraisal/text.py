"""Appraisals in plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from vertebrisk.evidence.appraisal.answers import REPLIES
from vertebrisk.evidence.appraisal.appraising import Appraisal
from vertebrisk.evidence.appraisal.questions import DOMAINS, QUESTIONS
from vertebrisk.report.appraisal.tables import (
    APPLICABILITY,
    LEGEND,
    RULE,
    domain_head,
    places,
    ratings_table,
)
from vertebrisk.report.render_text import render_text
from vertebrisk.report.tables.table import Column, Row, TableSpec, text
from vertebrisk.report.words import Words

WIDTH = 100
_WORDS = Words("en", "logistic")


def render_appraisals(appraisals: Sequence[Appraisal]) -> str:
    """Studies beside each other: risk of bias by domain, and the answers behind it."""
    tables = [ratings_table(appraisals), _answers_table(appraisals)]
    notes = [_filled(note) for note in (LEGEND, RULE, APPLICABILITY)]
    return "\n\n".join([*(render_text(table, _WORDS) for table in tables), "\n".join(notes)])


def _answers_table(appraisals: Sequence[Appraisal]) -> TableSpec:
    """Answers of one domain in one column, so that 20 of them fit a terminal."""
    columns = [Column("study", "Study", "start")]
    for domain in DOMAINS:
        numbers = [each.number for each in QUESTIONS if each.domain == domain.number]
        columns.append(Column(f"domain_{domain.number}", _spaced(numbers), "start"))
    rows = tuple(
        Row((text(each.study), *(text(_spaced(replies)) for replies in _by_domain(each))))
        for each in appraisals
    )
    return TableSpec("appraisal_answers", "Answers to the 20 questions", tuple(columns), rows)


def _by_domain(appraisal: Appraisal) -> Iterator[list[str]]:
    for domain in DOMAINS:
        yield [each.answer for each in appraisal.answers if each.asked.domain == domain.number]


def _spaced(texts: Sequence[str]) -> str:
    return " ".join(f"{each:<3}" for each in texts).rstrip()


def render_appraisal(appraisal: Appraisal) -> str:
    """One study whole: every answer with its reason and places."""
    head = [
        appraisal.citation,
        *appraisal.notes,
        f"Risk of bias by PROBAST: {appraisal.overall.risk_of_bias}. {appraisal.overall.reason}",
    ]
    parts = ["\n".join(map(_filled, head)), *_domains(appraisal), _filled(APPLICABILITY)]
    return "\n\n".join(parts)


def _domains(appraisal: Appraisal) -> Iterator[str]:
    for rated in appraisal.domains:
        lines = [domain_head(rated)]
        for answer in appraisal.answers:
            if answer.asked.domain == rated.domain.number:
                lines.append(f"  {answer.question} {answer.asked.en} {REPLIES[answer.answer]}")
                lines.append(_filled(f"{answer.reason} {places(answer)}".rstrip(), "      "))
        yield "\n".join(lines)


def _filled(sentence: str, indent: str = "") -> str:
    return textwrap.fill(
        sentence, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
