"""Risks by one model as FHIR: a RiskAssessment of one patient, a Bundle of those of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from starlette.responses import Response

from vertebrisk._types import Json
from vertebrisk.bedside.fhir.answers import contained_grounds
from vertebrisk.bedside.fhir.assessment import Grounds, NamedModel, Predicted, risk_assessment
from vertebrisk.bedside.fhir.bundle import collection
from vertebrisk.bedside.service.answers import fhir_response
from vertebrisk.bedside.service.predicting import default_horizons, predictions, read_body
from vertebrisk.bedside.service.problems import Problem
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.strict_json import read_json


@dataclass(frozen=True, slots=True)
class Asked:
    """Patients of a request: inputs, the place of each, and what their risks rest on.

    `horizon` is the one that was asked for, None where the model's own are to be answered;
    `grounds` is None where the inputs themselves go with the assessment; `several` says that
    a Bundle is the answer even to one patient.
    """

    patients: Sequence[object]
    pointers: Sequence[str]
    horizon: float | None
    several: bool
    grounds: Sequence[Grounds] | None = None


def assessed(
    served: ServedModel, content: bytes, most: int, *, sent: bool, asked: bool
) -> tuple[Response, int]:
    """The answer to a body of which something is FHIR, and for how many patients it is."""
    body = read_json(content)
    patients, pointers, horizon = read_body(served, body, most)
    read = Asked(patients, pointers, horizon, "patients" in body)
    return fhir_response(assessments(served, read)), len(patients)


def assessments(served: ServedModel, asked: Asked, now: datetime | None = None) -> Json:
    """A RiskAssessment, or a Bundle of those of several patients.

    Raises
    ------
    Problem
        422 with every field that is wrong; nobody is assessed then.
    """
    now = now or datetime.now(UTC)
    named = named_model(served)
    found = [
        risk_assessment(named, each, _grounds(named, asked, place, now), now)
        for place, each in enumerate(_risks(served, asked))
    ]
    if not asked.several:
        return found[0]
    return collection([(f"urn:uuid:{uuid4()}", each) for each in found], now)


def named_model(served: ServedModel) -> NamedModel:
    """A served model as the resources name it."""
    return NamedModel(served.id, served.version, served.model)


def _risks(served: ServedModel, asked: Asked) -> list[list[Predicted]]:
    """Risks of every patient, by the horizon asked for or by all of the study's."""
    horizons = default_horizons(served) if asked.horizon is None else (asked.horizon,)
    first = predictions(served, asked.patients, asked.pointers, horizons[0])
    risks = [[_predicted(each, horizons[0])] for each in first]
    for place, patient in enumerate(asked.patients):
        for horizon in horizons[1:]:
            try:
                found = predictions(served, [patient], [""], horizon)
            except Problem:  # follow-up of this patient's stratum ended before
                continue
            risks[place].append(_predicted(found[0], horizon))
    return risks


def _predicted(found: Json, horizon: float | None) -> Predicted:
    return Predicted(
        found["risk"], found["conf_low"], found["conf_high"], tuple(found["flags"]), horizon
    )


def _grounds(named: NamedModel, asked: Asked, place: int, now: datetime) -> Grounds:
    if asked.grounds is not None:
        return asked.grounds[place]
    patient = asked.patients[place]
    return contained_grounds(named, patient if isinstance(patient, dict) else {}, now)
