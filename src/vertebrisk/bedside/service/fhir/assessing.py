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
from vertebrisk.bedside.fhir.outcome import Issue, UnreadableResource, operation_outcome
from vertebrisk.bedside.fhir.reading import ReadRequest, missing_inputs, read_patients
from vertebrisk.bedside.service.answers import fhir_response, json_response
from vertebrisk.bedside.service.fhir.form import issue_of
from vertebrisk.bedside.service.predicting import (
    answer,
    check_count,
    default_horizons,
    predictions,
    read_body,
    read_horizon,
)
from vertebrisk.bedside.service.problems import FieldError, Problem
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


def assessed(served: ServedModel, content: bytes, most: int) -> tuple[Response, int]:
    """Risks in FHIR to patients in plain JSON, and how many these are."""
    body = read_json(content)
    patients, pointers, horizon = read_body(served, body, most)
    asked = Asked(patients, pointers, horizon, "patients" in body)
    return fhir_response(assessments(served, asked)), len(patients)


def assessed_of_fhir(
    served: ServedModel, content: bytes, most: int, *, in_fhir: bool
) -> tuple[Response, int]:
    """Risks, in FHIR or in plain JSON, to patients in FHIR, and how many these are."""
    now = datetime.now(UTC)
    named = named_model(served)
    try:
        read = read_patients(named, read_json(content), now)
        check_count(len(read.patients), most)
        missing = missing_inputs(named, read.patients)
        if missing:
            raise UnreadableResource(missing)
        return _scored(served, read, now, in_fhir=in_fhir), len(read.patients)
    except UnreadableResource as error:
        return fhir_response(operation_outcome(error.issues), 422), 0


def _scored(served: ServedModel, read: ReadRequest, now: datetime, *, in_fhir: bool) -> Response:
    """The answer to patients that lack nothing.

    Raises
    ------
    UnreadableResource
        When the model cannot score what they have.
    """
    patients = [dict(each.values) for each in read.patients]
    pointers = [f"/{place}" for place in range(len(patients))]
    try:
        horizon = read_horizon(served, read.horizon)
        if not in_fhir:
            chosen = default_horizons(served)[0] if horizon is None else horizon
            found = predictions(served, patients, pointers, chosen)
            return json_response(answer(served, found, chosen))
        grounds = [each.grounds for each in read.patients]
        asked = Asked(patients, pointers, horizon, len(patients) > 1, grounds)
        return fhir_response(assessments(served, asked, now))
    except Problem as problem:
        raise UnreadableResource(_issue(each, read) for each in problem.errors) from None


def _issue(error: FieldError, read: ReadRequest) -> Issue:
    """An error of scoring at the element that the input was read from."""
    place, _, part = error.pointer.lstrip("/").partition("/")
    where = read.horizon_place
    if place.isdecimal():
        patient = read.patients[int(place)]
        name = part.replace("~1", "/").replace("~0", "~")
        where = patient.places.get(name, patient.where)
    return issue_of(error, where)


def assessments(served: ServedModel, asked: Asked, now: datetime | None = None) -> Json:
    """A RiskAssessment, or a Bundle of those of several patients.

    Raises
    ------
    Problem
        422 with every field that is wrong; nobody is assessed then.
    """
    now = now or datetime.now(UTC)
    named = named_model(served)
    risks = risks_of(served, asked.patients, asked.pointers, asked.horizon)
    found = [
        risk_assessment(named, each, _grounds(named, asked, place, now), now)
        for place, each in enumerate(risks)
    ]
    if not asked.several:
        return found[0]
    return collection([(f"urn:uuid:{uuid4()}", each) for each in found], now)


def named_model(served: ServedModel) -> NamedModel:
    """A served model as the resources name it."""
    return NamedModel(served.id, served.version, served.model)


def risks_of(
    served: ServedModel,
    patients: Sequence[object],
    pointers: Sequence[str],
    horizon: float | None = None,
) -> list[list[Predicted]]:
    """Risks of every patient, by the horizon asked for or by all of the study's.

    Raises
    ------
    Problem
        422 with every field that is wrong.
    """
    horizons = default_horizons(served) if horizon is None else (horizon,)
    first = predictions(served, patients, pointers, horizons[0])
    risks = [[_predicted(each, horizons[0])] for each in first]
    for place, patient in enumerate(patients):
        for later in horizons[1:]:
            try:
                found = predictions(served, [patient], [""], later)
            except Problem:  # follow-up of this patient's stratum ended before
                continue
            risks[place].append(_predicted(found[0], later))
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
