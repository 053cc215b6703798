"""Answers to the questionnaire of a model as its inputs."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk._types import Json
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.elements import Element, children, refuse, text_of
from vertebrisk.bedside.fhir.observations import Codebook, Inputs
from vertebrisk.bedside.fhir.outcome import UnreadableResource
from vertebrisk.bedside.fhir.values import read_value

FINAL = ("completed", "amended")
LEFT_OUT = ("entered-in-error", "stopped")


def take_answers(
    codebook: Codebook,
    named: NamedModel,
    response: Element,
    where: str,
    reference: Json | None,
    inputs: Inputs,
) -> None:
    """The answers of a QuestionnaireResponse; what cannot be read is added to the issues."""
    _check_questionnaire(named, response, where, inputs)
    status = text_of(response, "status", where)
    if status in LEFT_OUT or status not in (*FINAL, "in-progress"):
        what = f"is {status}" if status in LEFT_OUT else "has no status of its kind"
        raise refuse(f"The QuestionnaireResponse {what}.", f"{where}.status", "code-invalid")
    if status not in FINAL:
        inputs.preliminary = True
        inputs.remarks.append("The answers are not final: their status is in-progress.")
    seen: set[str] = set()
    for item, inside in _answered(response, where):
        name = text_of(item, "linkId", inside)
        try:
            if name in seen:
                raise refuse("The question is answered twice.", inside, "duplicate")
            seen.add(name)
            _take(codebook, item, name, inside, reference, inputs)
        except UnreadableResource as error:
            inputs.issues += error.issues
            inputs.places.setdefault(name, inside)


def _take(
    codebook: Codebook,
    item: Element,
    name: str,
    inside: str,
    reference: Json | None,
    inputs: Inputs,
) -> None:
    coded = codebook.coded.get(name)
    if coded is None:
        raise refuse(
            "This is no question of the model; send only what it reads.",
            f"{inside}.linkId",
            "not-supported",
        )
    answers = list(children(item, "answer", inside))
    if len(answers) > 1:
        raise refuse(f"'{name}' has several answers, and one is read.", inside, "conflict")
    value = read_value(coded, *answers[0], in_unit=True)
    if value is not None:
        inputs.note(name, value, answers[0][1], reference)


def _answered(parent: Element, where: str) -> Iterator[tuple[Element, str]]:
    """Items with an answer, at any depth."""
    for item, inside in children(parent, "item", where):
        if item.get("answer"):
            yield item, inside
        yield from _answered(item, inside)
        for answer, deeper in children(item, "answer", inside):
            yield from _answered(answer, deeper)


def _check_questionnaire(named: NamedModel, response: Element, where: str, inputs: Inputs) -> None:
    """Refuse answers to other questions; answers to an older form of these are told."""
    address, _, version = text_of(response, "questionnaire", where).partition("|")
    if address and address != terms.questionnaire_url(named.id):
        raise refuse(
            f"The answers are to another questionnaire than that of the model '{named.id}'.",
            f"{where}.questionnaire",
            "not-supported",
        )
    if version and version != named.version:
        inputs.remarks.append(
            "The questionnaire that was answered is of another version of the model."
        )
