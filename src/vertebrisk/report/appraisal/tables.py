"""Appraisals as tables: the studies beside each other, and one study whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vertebrisk.evidence.appraisal.answers import REPLIES, Answer
from vertebrisk.evidence.appraisal.appraising import Appraisal
from vertebrisk.evidence.appraisal.questions import DOMAINS, QUESTIONS
from vertebrisk.evidence.appraisal.rating import Overall, RatedDomain
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
from vertebrisk.report.words import Words


def legend(words: Words) -> str:
    """What the abbreviated answers mean."""
    told = [
        words("appraisal.reply", reply=reply, words=words(f"reply.{reply}")) for reply in REPLIES
    ]
    return words("appraisal.legend", replies=words.separated(told))


def risk(rated: RatedDomain | Overall, words: Words) -> str:
    """A rating in the words of the language."""
    return words(f"risk_of_bias.{rated.risk_of_bias}")


def ratings_table(appraisals: Sequence[Appraisal], words: Words) -> TableSpec:
    """Risk of bias: one line a study, one column a domain, and the whole."""
    columns = (
        Column("study", words("appraisal.study"), "start"),
        Column("n", "n"),
        Column("n_events", words("appraisal.events")),
        *(Column(f"domain_{each.number}", each.name(words.language), "start") for each in DOMAINS),
        Column("overall", words("appraisal.overall"), "start"),
    )
    rows = tuple(
        Row(
            (
                text(each.study),
                number("integer", each.n),
                number("integer", each.n_events),
                *(text(risk(domain, words)) for domain in each.domains),
                text(risk(each.overall, words)),
            )
        )
        for each in appraisals
    )
    return TableSpec("appraisal_ratings", words("appraisal.ratings"), columns, rows)


def answers_table(appraisals: Sequence[Appraisal], words: Words) -> TableSpec:
    """Answers: one line a study, one column a question."""
    columns = (
        Column("study", words("appraisal.study"), "start"),
        *(Column(f"q{each.number}", each.number, "start") for each in QUESTIONS),
    )
    rows = tuple(
        Row((text(each.study), *(text(answer.answer) for answer in each.answers)))
        for each in appraisals
    )
    spanners = []
    for domain in DOMAINS:
        places = [k for k, each in enumerate(QUESTIONS, 1) if each.domain == domain.number]
        spanners.append(Spanner(domain.name(words.language), places[0], places[-1] + 1))
    return TableSpec(
        "appraisal_answers", words("appraisal.answers"), columns, rows, tuple(spanners)
    )


def study_table(appraisal: Appraisal, words: Words) -> TableSpec:
    """One study: every question with its answer, the reason and the places."""
    columns = (
        Column("question", words("appraisal.question"), "start"),
        Column("answer", words("appraisal.answer"), "start"),
        Column("reason", words("appraisal.reason"), "start"),
        Column("place", words("appraisal.place"), "start"),
    )
    return TableSpec(
        f"appraisal_{appraisal.study}",
        told_whole("appraisal.whole", appraisal, words),
        columns,
        tuple(_study_rows(appraisal, words)),
        footnotes=appraisal.notes,
    )


def _study_rows(appraisal: Appraisal, words: Words) -> Iterator[Row]:
    for rated in appraisal.domains:
        yield Row((text(domain_head(rated, words)), EMPTY, EMPTY, EMPTY), "heading")
        for answer in appraisal.answers:
            if answer.asked.domain == rated.domain.number:
                yield Row(
                    (
                        text(f"{answer.question} {answer.asked.words(words.language)}"),
                        text(words(f"reply.{answer.answer}")),
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


def domain_head(rated: RatedDomain, words: Words) -> str:
    """A domain with its rating and the questions that decided it."""
    domain = f"{rated.domain.number} {rated.domain.name(words.language)}"
    told = words("appraisal.domain", domain=domain, risk=risk(rated, words))
    return told + (words.bracketed(", ".join(rated.because)) if rated.because else "")


def told_whole(key: str, appraisal: Appraisal, words: Words) -> str:
    """The rating of the whole with its reason."""
    overall = appraisal.overall
    return words(key, risk=risk(overall, words), reason=overall.reason)
