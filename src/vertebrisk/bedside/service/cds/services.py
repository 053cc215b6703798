"""CDS Hooks: the models as services of a hospital's record, their cards, and feedback on them."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._types import Json
from vertebrisk.bedside.cds_hooks.descriptions import service_description
from vertebrisk.bedside.cds_hooks.wording import Wording
from vertebrisk.bedside.service.access.addresses import base_address
from vertebrisk.bedside.service.answers import json_response
from vertebrisk.bedside.service.cds.cards import Asked, card_of
from vertebrisk.bedside.service.cds.requests import read_call, read_feedback
from vertebrisk.bedside.service.cds.schemas import CALL, CARDS, FEEDBACK, SERVICES
from vertebrisk.bedside.service.endpoints import Endpoint, service_of
from vertebrisk.bedside.service.fhir.assessing import named_model
from vertebrisk.bedside.service.fhir.form import JSON
from vertebrisk.bedside.service.models.listing import asked_model
from vertebrisk.bedside.service.risks import LARGE
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.strict_json import read_json
from vertebrisk.bedside.service.words import preferred

TAG = "CDS Hooks"


async def cds_services(request: Request) -> Response:
    """Every model as a CDS service."""
    words = wording(request)
    models = service_of(request).store.models()
    return json_response(
        {"services": [service_description(named_model(each), words) for each in models]}
    )


async def cds_card(request: Request) -> Response:
    """The card of the patient in view by one model."""
    service = service_of(request)
    served = asked_model(request)
    base = base_address(service.settings, request.scope)
    content = await request.body()
    asked = (served, wording(request), base, content)
    if len(content) <= LARGE:
        card, scored = _card(*asked)
    else:
        card, scored = await run_in_threadpool(_card, *asked)
    service.meter.patients += scored
    return json_response({"cards": [card]})


def _card(served: ServedModel, words: Wording, base: str, content: bytes) -> tuple[Json, bool]:
    call = read_call(read_json(content))
    return card_of(Asked(served, words, call, base, datetime.now(UTC)))


async def cds_feedback(request: Request) -> Response:
    """What became of cards: counted by model and outcome, and nothing else of it kept."""
    served = asked_model(request)
    outcomes = read_feedback(read_json(await request.body()))
    service_of(request).meter.add_feedback(served.id, outcomes)
    return Response()


def wording(request: Request) -> Wording:
    """Texts in the language that a client prefers."""
    return Wording(preferred(request.headers.get("accept-language", "")))


ENDPOINTS = (
    Endpoint(
        "/cds-services",
        cds_services,
        summary="The models as CDS services",
        tag=TAG,
        answer=SERVICES,
        tokens=True,
    ),
    Endpoint(
        "/cds-services/{model}",
        cds_card,
        method="POST",
        summary="The card of the patient in view by a model",
        tag=TAG,
        reads=(JSON,),
        request=CALL,
        answer=CARDS,
        tokens=True,
    ),
    Endpoint(
        "/cds-services/{model}/feedback",
        cds_feedback,
        method="POST",
        summary="What became of the cards of a model",
        tag=TAG,
        reads=(JSON,),
        request=FEEDBACK,
        produces="",
        tokens=True,
    ),
)
