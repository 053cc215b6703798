"""Is the service up, and are its models those of their files?"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._version import __version__
from vertebrisk.bedside.service.answers import json_response
from vertebrisk.bedside.service.endpoints import Endpoint, service_of
from vertebrisk.bedside.service.schemas import TEXT, listing, record

ANSWER = record(
    {
        "status": {
            "enum": ["ok", "degraded"],
            "description": "'degraded': a changed model file was refused, and the model before "
            "it is still served.",
        },
        "version": TEXT,
        "models": {"type": "integer"},
        "refused": listing(record({"id": TEXT, "reason": TEXT})),
    }
)


async def healthz(request: Request) -> Response:
    """Answers while the process does; 200 in either case, since models are served in both."""
    store = service_of(request).store
    models = store.models()
    problems = store.problems
    return json_response(
        {
            "status": "degraded" if problems else "ok",
            "version": __version__,
            "models": len(models),
            "refused": [{"id": name, "reason": why} for name, why in problems.items()],
        }
    )


ENDPOINTS = (
    Endpoint(
        "/healthz",
        healthz,
        summary="Whether the service is up, and model files that it refused",
        tag="health",
        answer=ANSWER,
        open=True,
    ),
)
