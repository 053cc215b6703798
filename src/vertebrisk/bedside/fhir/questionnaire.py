"""The inputs of a model as a Questionnaire.

References
----------
https://hl7.org/fhir/R4/questionnaire.html, and the extensions translation, minValue,
questionnaire-unit and questionnaire-itemControl of HL7.
"""

from __future__ import annotations

import re

from vertebrisk._types import Json, Language
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.items import Item, averages, items_of, level_coding, own_coding
from vertebrisk.design.translating import in_language

STRUCTURE = "http://hl7.org/fhir/StructureDefinition"
CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
CHINESE = "zh"
_INPUTS: dict[Language, str] = {"en": "inputs of the model", "zh": "模型的输入"}


def questionnaire(named: NamedModel) -> Json:
    """A Questionnaire, R4, for the inputs of a model.

    Parameters
    ----------
    named : NamedModel

    Returns
    -------
    Json
        An item for each input, in English with Chinese as translation extension. `linkId` is
        the name of the input; `code` are its codes in terminologies and its own; a number has
        its unit in UCUM. A value outside the range of the patients that the model was made
        from is scored and flagged, so that this range is no minValue and maxValue, which forbid:
        it is the extension ``urn:vertebrisk:fhir:development-range``. `minValue` stands where a
        transformation of the model has no value below it.
    """
    model = named.model
    items = items_of(named)
    taken = {each.name for each in items}
    title, zh_title = _title(named, "en"), _title(named, "zh")
    document: Json = {
        "resourceType": "Questionnaire",
        "language": "en",
        "url": terms.questionnaire_url(named.id),
        "version": named.version,
        "name": _name(named.id),
        "title": title,
        **_translated("title", title, zh_title),
        "status": "active",
        "experimental": model.population.data_kind != "real",
        "subjectType": ["Patient"],
        "description": _description(named),
        "item": [_item(named, each, taken) for each in items],
    }
    return {key: value for key, value in document.items() if value != []}


def _title(named: NamedModel, language: Language) -> str:
    outcome = in_language(named.model.outcome, language)
    label = outcome.label or outcome.name
    return f"{label}: {_INPUTS[language]}"


def _name(identity: str) -> str:
    """A name that programs may use (que-0)."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", identity) if word]
    return ("Inputs" + "".join(word[0].upper() + word[1:] for word in words))[:255]


def _description(named: NamedModel) -> str:
    outcome = named.model.outcome
    what = "; ".join(
        each for each in (outcome.definition or outcome.event, outcome.time_point) if each
    )
    return (
        f"Inputs of the model {named.id} ({named.title}), which predicts {named.outcome}"
        f"{f' ({what})' if what else ''}. {_updated(named)}For research use: it supports decisions "
        "and does not make them. Nothing that is missing is assumed."
    )


def _updated(named: NamedModel) -> str:
    """The last update of the model, a sentence of its own."""
    return "".join(f"{each.told('en')} " for each in named.model.provenance.lineage[-1:])


def _item(named: NamedModel, item: Item, taken: set[str]) -> Json:
    codes = [terms.coding(each.system, each.code, each.display) for each in item.codings]
    document: Json = {
        "extension": _extensions(item),
        "linkId": item.name,
        "code": [*codes, own_coding(named, item)],
        "text": item.label,
        **_translated("text", item.label, item.chinese),
        "type": item.type,
        "required": item.needed and not item.parts and not averages(named, item),
        "answerOption": _options(named, item),
        "item": _help(item, taken),
    }
    return {key: value for key, value in document.items() if value != []}


def _extensions(item: Item) -> list[Json]:
    """Unit and limits of a number."""
    if item.levels:
        return []
    found: list[Json] = []
    if item.ucum:
        unit = terms.coding(terms.UCUM, item.ucum, item.unit or item.ucum)
        found.append({"url": f"{STRUCTURE}/questionnaire-unit", "valueCoding": unit})
    if item.lowest is not None:
        number = "valueInteger" if item.type == "integer" else "valueDecimal"
        found.append(
            {
                "url": f"{STRUCTURE}/minValue",
                number: int(item.lowest) if item.type == "integer" else item.lowest,
            }
        )
    if item.limits is not None:
        ends = zip(("low", "high"), item.limits, strict=True)
        parts = [{"url": name, "valueDecimal": value} for name, value in ends]
        found.append({"url": terms.RANGE, "extension": parts})
    return found


def _options(named: NamedModel, item: Item) -> list[Json]:
    if item.type != "choice":
        return []
    others = item.chinese_labels or item.labels
    found = []
    for level, label, other in zip(item.levels, item.labels, others, strict=True):
        coding = level_coding(named, item, level)
        found.append({"valueCoding": {**coding, **_translated("display", label, other)}})
    return found


def _help(item: Item, taken: set[str]) -> list[Json]:
    """How the input is measured, as a line of help."""
    if not item.definition:
        return []
    link = f"{item.name}.help"
    while link in taken:
        link += "."
    taken.add(link)
    control = terms.concept("Help", [terms.coding(CONTROLS, "help")])
    return [
        {
            "extension": [
                {"url": f"{STRUCTURE}/questionnaire-itemControl", "valueCodeableConcept": control}
            ],
            "linkId": link,
            "text": item.definition,
            **_translated("text", item.definition, item.chinese_definition),
            "type": "display",
        }
    ]


def _translated(name: str, text: str, chinese: str) -> Json:
    """The Chinese of a text beside it, where there is one."""
    if not chinese or chinese == text:
        return {}
    parts = [{"url": "lang", "valueCode": CHINESE}, {"url": "content", "valueString": chinese}]
    return {f"_{name}": {"extension": [{"url": terms.TRANSLATION, "extension": parts}]}}
