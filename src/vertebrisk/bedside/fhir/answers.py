"""Inputs of a patient as a QuestionnaireResponse to the questionnaire of the model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from vertebrisk._types import Json
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import Grounds, NamedModel
from vertebrisk.bedside.fhir.items import Item, items_of, level_coding
from vertebrisk.bedside.fhir.times import instant
from vertebrisk.design.design import level_text

CONTAINED = "inputs"


def questionnaire_response(
    named: NamedModel, patient: Mapping[str, object], now: datetime, subject: Json | None = None
) -> Json:
    """A QuestionnaireResponse with what is known of a patient.

    Parameters
    ----------
    named : NamedModel
    patient : mapping
        Numbers and levels by input; what is None or not there has no item, nor have the parts
        of which an input is derived.
    now : datetime
        When it was said, aware of its zone.
    subject : Reference, optional
    """
    items = [
        {"linkId": each.name, "text": each.label, "answer": [answer]}
        for each in items_of(named)
        if (answer := _answer(named, each, patient.get(each.name))) is not None
    ]
    document: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{terms.questionnaire_url(named.id)}|{named.version}",
        "status": "completed",
        "authored": instant(now),
    }
    if subject is not None:
        document["subject"] = dict(subject)
    return {**document, "item": items} if items else document


def contained_grounds(named: NamedModel, patient: Mapping[str, object], now: datetime) -> Grounds:
    """Grounds of a patient of whom no resource is known: the inputs go with the assessment."""
    response = {**questionnaire_response(named, patient, now), "id": CONTAINED}
    return Grounds(basis=[{"reference": f"#{CONTAINED}"}], contained=[response])


def _answer(named: NamedModel, item: Item, value: object) -> Json | None:
    if value is None:
        return None
    if not item.levels:
        return _plain(item, value)
    text = value if isinstance(value, str) else level_text(value)
    level = text if text in item.levels else item.stands.get(text, text)
    if level not in item.levels:
        return None
    if item.type == "boolean":
        return {"valueBoolean": level == "true"}
    return {"valueCoding": level_coding(named, item, level)}


def _plain(item: Item, value: object) -> Json:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if not isinstance(value, int | float):
        return {"valueString": str(value)}
    if item.type == "integer" and float(value).is_integer():
        return {"valueInteger": int(value)}
    return {"valueDecimal": value}
