"""PROBAST+AI of a run: the quality of its development, the risk of bias of its evaluation.

What PROBAST 2019 asks as well is answered as there; the rest by functions of its own. Of several
earlier questions the worst answer counts, with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vertebrisk.evidence.appraisal.analysis import ENOUGH_TO_VALIDATE
from vertebrisk.evidence.appraisal.answers import Answer, Reply
from vertebrisk.evidence.appraisal.questions_ai import (
    DEVELOPMENT,
    DOMAINS_AI,
    EVALUATION,
    QuestionAI,
)
from vertebrisk.evidence.appraisal.rating import RatedDomain, rate_domains, worst_domains
from vertebrisk.report.checklists.content import Checklist
from vertebrisk.report.checklists.known import Known, section, table
from vertebrisk.report.checklists.probast import answered, appraised, listed_domains, replies
from vertebrisk.report.checklists.probast_analysis import univariable
from vertebrisk.report.checklists.probast_answers import Said, said

SOURCE = "Moons et al. 2025, BMJ 388:e082505, doi:10.1136/bmj-2024-082505"
_WORST: tuple[Reply, ...] = ("N", "PN", "NI", "PY", "Y", "NA")

Ask = Callable[[Known], Said]


def development(known: Known) -> Checklist:
    """The 16 questions on the quality of the development."""
    return _list("probast_development", DEVELOPMENT, {**_OWN, **_OF_DEVELOPMENT}, known)


def evaluation(known: Known) -> Checklist:
    """The 18 questions on the risk of bias of the evaluation, here the internal validation."""
    return _list("probast_evaluation", EVALUATION, {**_OWN, **_OF_EVALUATION}, known)


def _list(
    key: str, questions: Sequence[QuestionAI], own: Mapping[str, Ask], known: Known
) -> Checklist:
    earlier = answered(known)
    found = {
        each.number: own[each.number](known) if each.number in own else _worst(each, earlier)
        for each in questions
    }
    names = {each.number: each.words(known.words.language) for each in questions}
    rated = rate_domains(replies(found), DOMAINS_AI)
    notes = (_overall(key, rated, known), known.words(f"checklist.{key}"))
    return appraised(key, names, found, rated, SOURCE, notes, known)


def _overall(key: str, rated: Sequence[RatedDomain], known: Known) -> str:
    words = known.words
    risk, worst = worst_domains(rated)
    what = "quality" if key == "probast_development" else "bias"
    told = words(f"checklist.{what}", risk=words(f"risk_of_bias.{risk}"))
    return words("checklist.overall_ai", told=told, domains=listed_domains(worst, words))


def _worst(question: QuestionAI, earlier: Mapping[str, Said]) -> Said:
    """The worst of the earlier answers, under the new number."""
    asked = [earlier[number] for number in question.of_2019]
    worst = min(asked, key=lambda each: _WORST.index(each.answer.answer))
    answer = Answer(question.number, worst.answer.answer, worst.answer.reason)
    return Said(answer, worst.places)


def _sources(known: Known) -> Said:
    kind = known.facts.data_kind
    if kind != "real":
        return said(known, "1.1", "N", f"source_{kind}", section("statistical_methods"))
    return said(known, "1.1", "NI", "file", section("provenance"), file=known.facts.data_name)


def _prepared(known: Known) -> Said:
    return said(known, "2.2", "PY", "prepared", section("findings"))


def _overfitting(known: Known) -> Said:
    """A penalty or a factor, many events, or nothing."""
    place = section("multivariable")
    if univariable(known):
        return said(known, "4.5", "N", "one_at_a_time", place)
    penalty = known.result.penalised is not None or known.facts.by_firth
    if penalty or known.result.shrinkage is not None:
        return said(known, "4.5", "Y", "held_back", place)
    size = known.result.size
    if known.facts.selection == "prespecified" and size is not None and size.expected.enough:
        return said(known, "4.5", "PY", "not_chosen", section("size"), n=size.expected.n)
    return said(known, "4.5", "PN", "nothing_held_back", place)


def _not_balanced(known: Known) -> Said:
    return said(known, "4.4", "NA", "not_balanced")


def _beyond_apparent(known: Known) -> Said:
    validation = section("validation")
    scheme, resamples = known.words.scheme, known.result.validation.resamples
    return said(
        known, "4.1", "Y", "beyond", validation, table("performance"), scheme=scheme,
        resamples=resamples,
    )  # fmt: skip


def _enough_to_evaluate(known: Known) -> Said:
    """Events, and patients without, by which performance is measured."""
    shown = {"events": known.rarer, "limit": ENOUGH_TO_VALIDATE}
    place = section("participants")
    if known.rarer >= ENOUGH_TO_VALIDATE:
        return said(known, "4.2", "PY", "evaluated_many", place, **shown)
    return said(known, "4.2", "PN", "evaluated_few", place, **shown)


def _apart(known: Known) -> Said:
    """Parts that were left out had no say in the model that scored them."""
    result = known.result
    left_out = result.validation.method in ("cross-validation", "leave-one-out")
    if not left_out and result.centres is None and result.split is None:
        return said(known, "4.5", "NA", "no_split")
    return said(known, "4.5", "Y", "kept_apart", section("validation"))


def _every_step(known: Known) -> Said:
    return said(
        known, "4.6", "Y", "every_step", section("validation"), scheme=known.words.scheme,
        resamples=known.result.validation.resamples, repeated=known.repeated,
    )  # fmt: skip


_OWN: Mapping[str, Ask] = {"1.1": _sources, "2.2": _prepared, "4.4": _not_balanced}
_OF_DEVELOPMENT: Mapping[str, Ask] = {"4.5": _overfitting}
_OF_EVALUATION: Mapping[str, Ask] = {
    "4.1": _beyond_apparent,
    "4.2": _enough_to_evaluate,
    "4.5": _apart,
    "4.6": _every_step,
}
