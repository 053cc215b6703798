"""The appraisal of a published study: 20 answers, four domains, one rating."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vertebrisk._checks import place_of
from vertebrisk._types import Json, Language
from vertebrisk.evidence.appraisal import analysis, outcome, participants, performance, predictors
from vertebrisk.evidence.appraisal.answers import Answer
from vertebrisk.evidence.appraisal.rating import Overall, RatedDomain, rate, rate_domains
from vertebrisk.evidence.library import find_study, library
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.text.messages import said, say


@dataclass(frozen=True, slots=True)
class Appraisal:
    """PROBAST of one published study.

    Attributes
    ----------
    study : str
        Id of the study.
    citation : str
        What is cited, in one line.
    n, n_events : int
        Patients analysed (None where unknown), and those with the outcome.
    answers : tuple of Answer
        One for each of the 20 questions, in PROBAST's order.
    domains : tuple of RatedDomain
        Risk of bias of the four domains.
    overall : Overall
        Risk of bias of the whole, with its reason.
    notes : tuple of str
        What limits the appraisal: an abstract, a paper that offers no model.
    """

    study: str
    citation: str
    n: int | None
    n_events: int
    answers: tuple[Answer, ...]
    domains: tuple[RatedDomain, ...]
    overall: Overall
    notes: tuple[str, ...]

    def answer(self, question: str) -> Answer:
        """The answer to one question, by PROBAST's number, such as ``4.1``.

        Raises
        ------
        ArgumentError
            If there is no question of that number.
        """
        numbers = [each.question for each in self.answers]
        return self.answers[place_of(question, numbers, "question")]

    def said(self, language: Language) -> Appraisal:
        """The appraisal with reasons and notes in this language."""
        return replace(
            self,
            answers=tuple(each.said(language) for each in self.answers),
            overall=self.overall.said(language),
            notes=tuple(said(each, language) for each in self.notes),
        )

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "schema_version": 1,
            "study": self.study,
            "citation": self.citation,
            "n": self.n,
            "n_events": self.n_events,
            "tool": "PROBAST 2019, doi:10.7326/M18-1376",
            "overall": self.overall.to_dict(),
            "domains": [each.to_dict() for each in self.domains],
            "answers": [each.to_dict() for each in self.answers],
            "notes": list(self.notes),
        }


def appraise(paper: PublishedStudy | Path | str) -> Appraisal:
    """How far a published model may be trusted, by PROBAST, from what its file says.

    Every answer has its reason and the places in the paper that it rests on. Where the file
    is silent the answer is "no information"; free text is never searched for words. What is
    judged is the regression table called 'final', or else the first with a constant, or else
    the last. Domains are rated by their answers alone; applicability, which depends on the
    reader's question, is not rated.

    Parameters
    ----------
    paper : PublishedStudy, path or library id
        The study; its `[methods]` table answers most questions.

    Returns
    -------
    Appraisal
        20 answers (Y, PY, PN, N, NI or NA), four domains and the whole, each low, high or
        unclear risk of bias.

    Raises
    ------
    DataError
        If there is no such study.
    PaperError
        If its file cannot be understood.

    References
    ----------
    Wolff et al. 2019, doi:10.7326/M18-1376; Moons et al. 2019, doi:10.7326/M18-1377
    """
    study = paper if isinstance(paper, PublishedStudy) else find_study(paper)
    answers = tuple(
        answer
        for domain in (participants, predictors, outcome, analysis, performance)
        for answer in domain.answers(study)
    )
    domains = rate_domains(answers)
    return Appraisal(
        study=study.id,
        citation=study.citation.text,
        n=study.n,
        n_events=study.n_events,
        answers=answers,
        domains=domains,
        overall=rate(study, domains),
        notes=tuple(_notes(study)),
    )


def appraise_library(*papers: PublishedStudy | Path | str) -> tuple[Appraisal, ...]:
    """The appraisals of several studies; of every study of the library where none is named.

    Parameters
    ----------
    *papers : PublishedStudy, path or library id
        The studies, in the order wanted.

    Returns
    -------
    tuple of Appraisal
        One a study.

    Raises
    ------
    DataError, PaperError
        As `appraise`.
    """
    return tuple(appraise(paper) for paper in papers or library())


def _notes(study: PublishedStudy) -> Iterator[str]:
    if study.citation.source == "abstract":
        yield say("Only an abstract was at hand: what it does not say the paper may.")
    purpose = study.methods.purpose
    if purpose is not None and purpose.value == "risk-factors":
        yield (
            say(
                "The paper looks for risk factors and offers no model. It is judged as if its "
                "regression were used as one."
            )
        )
    if purpose is not None and purpose.value == "development-and-validation":
        yield say(
            "The development is judged; PROBAST asks for an appraisal of the validation apart."
        )
