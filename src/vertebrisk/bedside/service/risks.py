"""Risks of patients by one model: asked and answered in plain JSON or in FHIR."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vertebrisk.bedside.fhir.terms import MEDIA_TYPE
from vertebrisk.bedside.service.endpoints import Endpoint, service_of
from vertebrisk.bedside.service.fhir.assessing import assessed, assessed_of_fhir
from vertebrisk.bedside.service.fhir.form import JSON, asks_fhir, check_version, sends_fhir
from vertebrisk.bedside.service.models.listing import asked_model
from vertebrisk.bedside.service.predicting import json_answer
from vertebrisk.bedside.service.schemas import named
from vertebrisk.bedside.service.store import ServedModel

LARGE = 16_384  # bytes of a body from which on it is scored beside the loop that answers others


async def predict(request: Request) -> Response:
    """One patient or several: risk, interval, points and flags of each, in order."""
    service = service_of(request)
    served = asked_model(request)
    headers: dict[bytes, bytes] = request.scope["header_map"]
    check_version(headers)
    content = await request.body()
    most = service.settings.max_patients
    asked = (served, content, most, sends_fhir(headers), asks_fhir(headers))
    if len(content) <= LARGE and not served.reader.averages:
        response, count = _answered(*asked)
    else:
        response, count = await run_in_threadpool(_answered, *asked)
    service.meter.patients += count
    return response


def _answered(
    served: ServedModel, content: bytes, most: int, sent: bool, asked: bool
) -> tuple[Response, int]:
    """The answer to a body, and for how many patients it is."""
    if sent:
        return assessed_of_fhir(served, content, most, in_fhir=asked)
    if asked:
        return assessed(served, content, most)
    return json_answer(served, content, most)


ENDPOINTS = (
    Endpoint(
        "/api/v1/models/{model}/predict",
        predict,
        method="POST",
        summary="Risk, interval, points and flags of one patient or several",
        reads=(JSON, MEDIA_TYPE),
        request=named("PredictRequest"),
        for_model=True,
        answer=named("PredictAnswer"),
        fhir_request=named("FhirPatients"),
        fhir_answer=named("FhirAssessments"),
    ),
)
