"""Appraisals as tables: the studies beside each other, and one study whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vertebrisk.evidence.appraisal.answers import REPLIES, Answer
from vertebrisk.evidence.appraisal.appraising import Appraisal
from vertebrisk.evidence.appraisal.questions import DOMAINS, QUESTIONS
from vertebrisk.evidence.appraisal.rating import RatedDomain
from vertebrisk.report.tables.table import (
    EMPTY,
    Column,
    Row,
    RowKind,
    Spanner,
    TableSpec,
    number,
    text,
)

LEGEND = "; ".join(f"{reply}: {words}" for reply, words in REPLIES.items()) + "."
APPLICABILITY = (
    "Applicability is not rated: whether these patients, predictors and this outcome are those of "
    "your question is for you to say."
)
RULE = (
    "Low if every answer of the domain is yes or probably yes, high if any is no or probably no, "
    "else unclear."
)


def ratings_table(appraisals: Sequence[Appraisal]) -> TableSpec:
    """Risk of bias: one line a study, one column a domain, and the whole."""
    columns = (
        Column("study", "Study", "start"),
        Column("n", "n"),
        Column("n_events", "events"),
        *(Column(f"domain_{each.number}", each.en, "start") for each in DOMAINS),
        Column("overall", "Overall", "start"),
    )
    rows = tuple(
        Row(
            (
                text(each.study),
                number("integer", each.n),
                number("integer", each.n_events),
                *(text(domain.risk_of_bias) for domain in each.domains),
                text(each.overall.risk_of_bias),
            )
        )
        for each in appraisals
    )
    return TableSpec("appraisal_ratings", "Risk of bias by PROBAST", columns, rows)


def answers_table(appraisals: Sequence[Appraisal]) -> TableSpec:
    """Answers: one line a study, one column a question."""
    columns = (
        Column("study", "Study", "start"),
        *(Column(f"q{each.number}", each.number, "start") for each in QUESTIONS),
    )
    rows = tuple(
        Row((text(each.study), *(text(answer.answer) for answer in each.answers)))
        for each in appraisals
    )
    spanners = []
    for domain in DOMAINS:
        places = [k for k, each in enumerate(QUESTIONS, 1) if each.domain == domain.number]
        spanners.append(Spanner(domain.en, places[0], places[-1] + 1))
    return TableSpec(
        "appraisal_answers", "Answers to the 20 questions", columns, rows, tuple(spanners)
    )


def study_table(appraisal: Appraisal) -> TableSpec:
    """One study: every question with its answer, the reason and the places."""
    columns = (
        Column("question", "Question", "start"),
        Column("answer", "Answer", "start"),
        Column("reason", "Reason", "start"),
        Column("place", "Place", "start"),
    )
    return TableSpec(
        f"appraisal_{appraisal.study}",
        f"Risk of bias: {appraisal.overall.risk_of_bias}. {appraisal.overall.reason}",
        columns,
        tuple(_study_rows(appraisal)),
        footnotes=appraisal.notes,
    )


def _study_rows(appraisal: Appraisal) -> Iterator[Row]:
    for rated in appraisal.domains:
        yield Row((text(domain_head(rated)), EMPTY, EMPTY, EMPTY), "heading")
        for answer in appraisal.answers:
            if answer.asked.domain == rated.domain.number:
                yield Row(
                    (
                        text(f"{answer.question} {answer.asked.en}"),
                        text(REPLIES[answer.answer]),
                        text(answer.reason),
                        text(places(answer)),
                    ),
                    _kind(answer),
                    1,
                )


def _kind(answer: Answer) -> RowKind:
    if answer.bad:
        return "emphasis"
    return "body" if answer.good else "reference"


def places(answer: Answer) -> str:
    """Places of an answer, each in brackets of its own: a place may name several."""
    return " ".join(f"[{place}]" for place in answer.places)


def domain_head(rated: RatedDomain) -> str:
    """A domain with its rating and the questions that decided it."""
    because = f" ({', '.join(rated.because)})" if rated.because else ""
    return f"{rated.domain.number} {rated.domain.en}: {rated.risk_of_bias}{because}"
