"""The models that are offered, and one of them whole."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._checks import nearest
from vertebrisk.bedside.service.answers import json_bytes_response, json_response
from vertebrisk.bedside.service.endpoints import Endpoint, service_of
from vertebrisk.bedside.service.problems import Problem, shortened
from vertebrisk.bedside.service.schemas import named
from vertebrisk.bedside.service.store import ServedModel


def asked_model(request: Request) -> ServedModel:
    """The model that an address names.

    Raises
    ------
    Problem
        404, with the reason where the library knows the paper but has no model of it.
    """
    store = service_of(request).store
    name = str(request.path_params["model"])
    found = store.get(name)
    if found is not None:
        return found
    for each in store.not_offered:
        if each.id == name:
            raise Problem(404, "unknown-model", each.reason)
    known = [each.id for each in store.models()]
    raise Problem(
        404,
        "unknown-model",
        f"There is no model '{shortened(name)}'; GET /api/v1/models lists what there is."
        f"{nearest(shortened(name), known)}",
    )


async def models(request: Request) -> Response:
    """All models, and the papers of the library that give none, with the reason."""
    store = service_of(request).store
    return json_response(
        {
            "models": [each.summary for each in store.models()],
            "not_offered": [
                {"id": each.id, "title": each.title, "reason": each.reason}
                for each in store.not_offered
            ],
        }
    )


async def model(request: Request) -> Response:
    """One model: inputs, population, outcome, performance, provenance."""
    return json_bytes_response(asked_model(request).whole)


ENDPOINTS = (
    Endpoint(
        "/api/v1/models",
        models,
        summary="Models that are offered, and papers that give none",
        answer=named("Models"),
    ),
    Endpoint(
        "/api/v1/models/{model}",
        model,
        summary="One model: inputs, population, outcome, performance, provenance",
        answer=named("Model"),
    ),
)
