"""The description of the API: OpenAPI for programs, a page for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._types import Json
from vertebrisk._version import __version__
from vertebrisk.bedside.fhir.terms import MEDIA_TYPE as FHIR
from vertebrisk.bedside.service import problems
from vertebrisk.bedside.service.answers import json_response
from vertebrisk.bedside.service.endpoints import Endpoint, service_of
from vertebrisk.bedside.service.pages import page
from vertebrisk.bedside.service.schemas import ANY_OBJECT, COMPONENTS, TEXT, named
from vertebrisk.bedside.service.store import ServedModel

OPENAPI = "3.1.0"


def openapi_document(
    endpoints: tuple[Endpoint, ...],
    models: tuple[ServedModel, ...],
    *,
    keys: bool,
    tokens: bool = False,
) -> Json:
    """The OpenAPI 3.1 description of these endpoints, with the inputs of these models.

    `keys` and `tokens` say which of them are asked for.
    """
    schemes = _schemes(keys=keys, tokens=tokens)
    paths: dict[str, Json] = {}
    for each in endpoints:
        if not each.listed:
            continue
        for path, operation in _operations(each, models, schemes):
            paths.setdefault(path, {})[each.method.lower()] = operation
    components: Json = {"schemas": {**COMPONENTS, **_patients(models)}}
    if schemes:
        components["securitySchemes"] = schemes
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "vertebrisk",
            "version": __version__,
            "summary": "Risks of patients by the models of this service.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components,
    }


def _schemes(*, keys: bool, tokens: bool) -> dict[str, Json]:
    """Ways to say who asks."""
    bearer: Json = {"type": "http", "scheme": "bearer"}
    found = {"key": bearer} if keys else {}
    return found | ({"token": {**bearer, "bearerFormat": "JWT"}} if tokens else {})


def _patients(models: tuple[ServedModel, ...]) -> dict[str, Json]:
    """A schema of one patient for every model, and that of a patient of any."""
    if not models:
        return {}
    return {
        "Patient": {
            "description": COMPONENTS["Patient"]["description"],
            "anyOf": [named(f"Patient.{each.id}") for each in models],
        },
        **{f"Patient.{each.id}": each.patient for each in models},
        **{f"PredictRequest.{each.id}": each.request for each in models},
    }


def _operations(
    endpoint: Endpoint, models: tuple[ServedModel, ...], schemes: dict[str, Json]
) -> Iterator[tuple[str, Json]]:
    """Addresses of an endpoint: one for each model where these are asked differently."""
    if not (endpoint.for_model and models):
        yield endpoint.path, _operation(endpoint, models, schemes)
        return
    for served in models:
        one = replace(
            endpoint,
            path=endpoint.path.replace("{model}", served.id),
            summary=f"{endpoint.summary}, by {served.id}",
            request=named(f"PredictRequest.{served.id}"),
        )
        operation = _operation(one, models, schemes)
        yield one.path, {**operation, "operationId": f"{operation['operationId']}-{served.id}"}


def _operation(
    endpoint: Endpoint, models: tuple[ServedModel, ...], schemes: dict[str, Json]
) -> Json:
    schema = endpoint.answer if endpoint.answer is not None else TEXT
    kinds = filter(None, (endpoint.produces, *endpoint.also))
    content: dict[str, Any] = {kind: {"schema": schema} for kind in kinds}
    operation: Json = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "responses": {
            "200": {
                "description": "The answer.",
                "content": {**content, **_in_fhir(endpoint.fhir_answer)},
            },
            "4XX": {
                "description": "The request is refused; the document says why.",
                "content": {
                    problems.MEDIA_TYPE: {"schema": named("Problem")},
                    **_in_fhir(named("OperationOutcome")),
                },
            },
        },
    }
    if endpoint.reads and endpoint.request is not None:
        bodies: dict[str, Any] = {kind: {"schema": endpoint.request} for kind in endpoint.reads}
        bodies |= _in_fhir(endpoint.fhir_request)
        operation["requestBody"] = {"required": True, "content": bodies}
    names = re.findall(r"{(\w+)", endpoint.path)
    if names:
        known = {"enum": [each.id for each in models]} if models else {}
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {**TEXT, **known}}
            for name in names
        ]
    if endpoint.query:
        operation.setdefault("parameters", []).extend(
            {"name": name, "in": "query", "required": False, "schema": each}
            for name, each in endpoint.query.items()
        )
    taken = [each for each in schemes if each == "key" or endpoint.tokens]
    if taken and not endpoint.open:
        operation["security"] = [{each: []} for each in taken]
    return operation


def _in_fhir(schema: Json | None) -> Json:
    return {} if schema is None else {FHIR: {"schema": schema}}


async def openapi(request: Request) -> Response:
    """The description for programs."""
    service = service_of(request)
    return json_response(
        openapi_document(
            service.endpoints,
            service.store.models(),
            keys=service.settings.keys is not None,
            tokens=service.tokens is not None,
        )
    )


async def docs(request: Request) -> Response:
    """The description for people."""
    service = service_of(request)
    models = service.store.models()
    return page(
        "docs.html.j2",
        endpoints=[each for each in service.endpoints if each.listed],
        models=[json.loads(each.whole) for each in models],
        not_offered=service.store.not_offered,
        example=_example(models),
        kinds=problems.KINDS,
        keys=service.settings.keys is not None,
        settings=service.settings,
        version=__version__,
    )


def _example(models: tuple[ServedModel, ...]) -> Json | None:
    """A request of an invented patient: reference levels, and the middle of each range."""
    if not models:
        return None
    served = models[0]
    patient = {
        each.name: each.levels[0] if each.levels else each.adjust_to
        for each in served.model.design.predictors
    }
    strata = served.model.strata
    if strata:
        labels = served.model.baselines[0].stratum.split(", ")
        patient |= dict(zip(strata, labels, strict=False))
    body = json.dumps({"patient": patient}, ensure_ascii=False, indent=1)
    return {"id": served.id, "body": body}


ENDPOINTS = (
    Endpoint(
        "/api/v1/openapi.json",
        openapi,
        summary="This description, OpenAPI 3.1",
        tag="description",
        answer=ANY_OBJECT,
        open=True,
    ),
    Endpoint(
        "/api/v1/docs",
        docs,
        summary="This description, for people",
        tag="description",
        produces="text/html",
        open=True,
    ),
)
