"""Resources of FHIR that need no patient: the questionnaire of a model, and what is spoken here."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk.bedside.fhir.capability import capability_statement
from vertebrisk.bedside.fhir.questionnaire import questionnaire
from vertebrisk.bedside.fhir.terms import MEDIA_TYPE
from vertebrisk.bedside.service.answers import fhir_response
from vertebrisk.bedside.service.endpoints import Endpoint
from vertebrisk.bedside.service.fhir.assessing import named_model
from vertebrisk.bedside.service.fhir.form import check_version
from vertebrisk.bedside.service.models.listing import asked_model
from vertebrisk.bedside.service.schemas import resource


async def model_questionnaire(request: Request) -> Response:
    """The inputs of a model as a Questionnaire."""
    check_version(request.scope["header_map"])
    return fhir_response(questionnaire(named_model(asked_model(request))))


async def metadata(request: Request) -> Response:
    """What of FHIR is spoken here."""
    check_version(request.scope["header_map"])
    return fhir_response(capability_statement(datetime.now(UTC)))


ENDPOINTS = (
    Endpoint(
        "/api/v1/models/{model}/questionnaire",
        model_questionnaire,
        summary="The inputs of a model as a FHIR R4 Questionnaire",
        answer=resource("Questionnaire", note="FHIR R4: what the model asks of a patient."),
        produces=MEDIA_TYPE,
    ),
    Endpoint(
        "/fhir/metadata",
        metadata,
        summary="What of FHIR R4 is spoken here, as a CapabilityStatement",
        tag="description",
        answer=resource("CapabilityStatement", note="FHIR R4: what is spoken here."),
        produces=MEDIA_TYPE,
        open=True,
    ),
)
