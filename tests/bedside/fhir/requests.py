"""Requests in FHIR: answers to a questionnaire, and Observations, of an invented patient."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.items import items_of, level_coding
from vertebrisk.bedside.fhir.questionnaire import questionnaire
from vertebrisk.models.portable.identity import model_version
from vertebrisk.models.portable.risk_model import RiskModel

Resource = dict[str, Any]
NOW = datetime(2026, 5, 4, 6, 3, 2, tzinfo=UTC)


def named(model: RiskModel) -> NamedModel:
    return NamedModel("m1", model_version(model), model)


def answered(form: Resource, seed: int) -> Resource:
    """A QuestionnaireResponse that somebody gave who knows the questionnaire alone."""
    rng = np.random.default_rng(seed)
    items = []
    for question in form["item"]:
        answer: Resource
        if question["type"] == "choice":
            answer = dict(rng.choice(question["answerOption"]))
        elif question["type"] == "boolean":
            answer = {"valueBoolean": bool(rng.integers(2))}
        else:
            low, high = _range(question)
            value = rng.uniform(low, high)
            whole = question["type"] == "integer"
            answer = {"valueInteger": round(value)} if whole else {"valueDecimal": float(value)}
        items.append({"linkId": question["linkId"], "answer": [answer]})
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{form['url']}|{form['version']}",
        "status": "completed",
        "item": items,
    }


def _range(question: Resource) -> tuple[float, float]:
    for each in question["extension"]:
        if each["url"] == terms.RANGE:
            return each["extension"][0]["valueDecimal"], each["extension"][1]["valueDecimal"]
    raise AssertionError(question)


def observations(
    model: RiskModel, patient: Resource, subject: str = "Patient/p1"
) -> list[Resource]:
    """An Observation for every input, in the codes and units of the model."""
    mine = named(model)
    return [
        {
            "resourceType": "Observation",
            "id": f"o{place}",
            "status": "final",
            "code": {
                "coding": [
                    {"system": terms.inputs_system(mine.id), "code": terms.as_code(item.name)}
                ]
            },
            "subject": {"reference": subject},
            "effectiveDateTime": "2026-05-01T08:00:00Z",
            **_value(mine, item, patient[item.name]),
        }
        for place, item in enumerate(items_of(mine))
        if item.needed
    ]


def _value(mine: NamedModel, item: Any, value: Any) -> Resource:
    if item.levels:
        return {"valueCodeableConcept": {"coding": [level_coding(mine, item, str(value))]}}
    return {"valueQuantity": terms.quantity(value, item.unit, item.ucum)}


def bundle(resources: list[Resource]) -> Resource:
    """A Bundle of resources without addresses."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def form_of(model: RiskModel) -> Resource:
    """The questionnaire of a model."""
    return questionnaire(named(model))
