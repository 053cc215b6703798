"""PROBAST of a run: the answers that a reviewer could read off, and the domains they make.

The questions, replies and rules are those by which published studies are appraised
(`evidence.appraisal`); only what they are answered from differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertebrisk.evidence.appraisal.answers import Answer
from vertebrisk.evidence.appraisal.questions import BY_NUMBER, Domain
from vertebrisk.evidence.appraisal.rating import RatedDomain, rate_domains, worst_domains
from vertebrisk.report.checklists import probast_analysis, probast_answers
from vertebrisk.report.checklists.assembling import notes_of
from vertebrisk.report.checklists.content import Checklist, ChecklistPart, Entry
from vertebrisk.report.checklists.known import Known
from vertebrisk.report.checklists.probast_answers import Said
from vertebrisk.report.checklists.touching import findings_at
from vertebrisk.report.words import Words

SOURCE = (
    "Wolff et al. 2019, Ann Intern Med 170:51, doi:10.7326/M18-1376; Moons et al. 2019, "
    "Ann Intern Med 170:W1, doi:10.7326/M18-1377"
)


def answered(known: Known) -> dict[str, Said]:
    """Every answer by the number of its question."""
    found = (*probast_answers.answers(known), *probast_analysis.answers(known))
    return {each.answer.question: each for each in found}


def probast(known: Known) -> Checklist:
    """The 20 questions of PROBAST, the domains, and the whole."""
    language = known.words.language
    found = answered(known)
    names = {number: BY_NUMBER[number].words(language) for number in found}
    rated = rate_domains([each.answer for each in found.values()])
    notes = (overall(known.words, rated), known.words("checklist.domains"))
    return appraised("probast", names, found, rated, SOURCE, notes, known)


def appraised(
    key: str,
    names: Mapping[str, str],
    found: Mapping[str, Said],
    rated: Sequence[RatedDomain],
    source: str,
    notes: Sequence[str],
    known: Known,
) -> Checklist:
    """A list of questions under their domains."""
    words = known.words
    parts = tuple(
        ChecklistPart(
            f"domain_{each.domain.number}",
            f"{each.domain.number} {each.domain.name(words.language)}",
            tuple(
                _entry(key, number, names[number], said, known)
                for number, said in found.items()
                if said.answer.domain == each.domain.number
            ),
            judgement(key, each, words),
        )
        for each in rated
    )
    return Checklist(
        key=key,
        name=words(f"checklist.name.{key}"),
        title=words(f"checklist.title.{key}"),
        source=source,
        parts=parts,
        notes=notes_of(known, (*notes, words("checklist.wording"))),
    )


def _entry(key: str, number: str, name: str, said: Said, known: Known) -> Entry:
    answer = said.answer
    found = findings_at(key, number, known.codes)
    return Entry(number, name, answer.answer, answer.reason, said.places, found)


def judgement(key: str, rated: RatedDomain, words: Words) -> str:
    """A domain's rating, with the questions that decided it."""
    what = "quality" if key == "probast_development" else "bias"
    told = words(f"checklist.{what}", risk=words(f"risk_of_bias.{rated.risk_of_bias}"))
    return told + (words.bracketed(", ".join(rated.because)) if rated.because else "")


def overall(words: Words, rated: Sequence[RatedDomain]) -> str:
    """The whole: as bad as its worst domain, and high without an external validation."""
    risk, worst = worst_domains(rated)
    if risk == "low":
        return words("checklist.overall_internal")
    return words(
        "checklist.overall",
        risk=words(f"risk_of_bias.{risk}"),
        domains=listed_domains(worst, words),
    )


def listed_domains(domains: Sequence[Domain], words: Words) -> str:
    """Names of domains as a sentence lists them."""
    return words.listed([each.name(words.language) for each in domains])


def replies(found: Mapping[str, Said]) -> list[Answer]:
    """The answers alone."""
    return [each.answer for each in found.values()]
