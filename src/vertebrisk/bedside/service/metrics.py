"""Numbers of the service for Prometheus: requests, how long they took, what is loaded.

References
----------
Prometheus text format 0.0.4,
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._version import __version__
from vertebrisk.bedside.service.endpoints import Endpoint, service_of

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: Request) -> Response:
    """Counts and times since the start of this process."""
    service = service_of(request)
    loaded = {"models": len(service.store.models()), "refused": len(service.store.problems)}
    lines = [
        *service.meter.lines(),
        "# HELP vertebrisk_models_loaded Models that are offered.",
        "# TYPE vertebrisk_models_loaded gauge",
        f"vertebrisk_models_loaded {loaded['models']}",
        "# HELP vertebrisk_model_files_refused Changed model files that are not taken up.",
        "# TYPE vertebrisk_model_files_refused gauge",
        f"vertebrisk_model_files_refused {loaded['refused']}",
        "# HELP vertebrisk_info Version of vertebrisk.",
        "# TYPE vertebrisk_info gauge",
        f'vertebrisk_info{{version="{__version__}"}} 1',
    ]
    return Response("\n".join(lines) + "\n", media_type=MEDIA_TYPE)


ENDPOINTS = (
    Endpoint(
        "/metrics",
        metrics,
        summary="Numbers of the service for Prometheus",
        tag="health",
        produces="text/plain",
    ),
)
