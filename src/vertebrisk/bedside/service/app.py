"""The service as one ASGI application: what stands before every request, and after it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from vertebrisk.bedside.service import logs
from vertebrisk.bedside.service.access.headers import (
    completed,
    host_name,
    preflight,
    same_origin,
    shared,
)
from vertebrisk.bedside.service.access.rates import Buckets
from vertebrisk.bedside.service.access.tokens import Tokens
from vertebrisk.bedside.service.endpoints import Endpoint
from vertebrisk.bedside.service.fhir.form import refusal
from vertebrisk.bedside.service.guard import Guarded
from vertebrisk.bedside.service.meter import Meter
from vertebrisk.bedside.service.pages import problem_page, wants_page
from vertebrisk.bedside.service.problems import Problem
from vertebrisk.bedside.service.routes import ENDPOINTS
from vertebrisk.bedside.service.settings import Settings
from vertebrisk.bedside.service.store import ModelStore

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
NO_ROUTE = "none"
WENT_AWAY = 499  # for log and meter: the client closed before the answer


class Service:
    """The running service: its models, settings, counters and endpoints; an ASGI application.

    Parameters
    ----------
    store : ModelStore
    settings : Settings
    endpoints : sequence of Endpoint
        Those of ``routes`` by default.
    """

    def __init__(
        self,
        store: ModelStore,
        settings: Settings | None = None,
        endpoints: Sequence[Endpoint] = ENDPOINTS,
    ) -> None:
        self.store = store
        self.settings = settings or Settings()
        self.endpoints = tuple(endpoints)
        self.meter = Meter()
        self.batches = 0  # files that are being scored
        self.buckets = None if self.settings.rate is None else Buckets(self.settings.rate)
        self.tokens = None if self.settings.clients is None else Tokens(self.settings.clients)
        self._hosts = frozenset(each.lower() for each in self.settings.hosts)
        self._origins = frozenset(self.settings.cors_origins)
        self._router = Router(
            [Route(each.path, Guarded(each), methods=[each.method]) for each in endpoints],
            redirect_slashes=False,
            default=_nowhere,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never raises."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        scope["app"] = self
        headers: dict[bytes, bytes] = dict(scope["headers"])
        scope["header_map"] = headers
        origin = headers.get(b"origin", b"")
        allowed = origin.decode("latin-1") in self._origins if origin else False
        https = self.settings.https
        status = 0

        async def send_complete(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                raw = completed(list(message["headers"]), https=https)
                message["headers"] = shared(raw, origin) if allowed else raw
            await send(message)

        response: Response | None = None
        try:
            self._check_host(headers)
            if origin and scope["method"] not in ("GET", "HEAD"):
                self._check_origin(origin.decode("latin-1"), headers, allowed)
            if allowed and scope["method"] == "OPTIONS":
                await _answer_preflight(send_complete)
            else:
                await self._router(scope, receive, send_complete)
        except Problem as problem:
            response = _told(problem, scope)
        except HTTPException as error:
            response = _told(_of_router(error), scope)
        except ClientDisconnect:
            status = status or WENT_AWAY
        except Exception as error:
            logs.tell_failure(_route(scope), error)
            response = _told(_bug(), scope)
        if response is not None and not status:
            await response(scope, receive, send_complete)
        self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count the request, and write its line."""
        route = _route(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.meter.add(route, method, status, seconds)
        if self.settings.log_requests:
            fields: dict[str, Any] = {
                "route": route,
                "method": method,
                "status": status,
                "ms": round(seconds * 1000, 2),
            }
            client = scope.get("client_name")
            logs.tell("request", **fields, **({"client": client} if client else {}))

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        """Only names of this service: a page cannot reach it by a name of its own."""
        host = headers.get(b"host", b"").decode("latin-1")
        if not host:
            raise Problem(400, "malformed-request", "The request has no Host header.")
        if host_name(host) not in self._hosts:
            raise Problem(
                421,
                "wrong-host",
                "This service is not known by that name; start it with --allowed-host NAME.",
            )

    def _check_origin(self, origin: str, headers: dict[bytes, bytes], allowed: bool) -> None:
        host = headers.get(b"host", b"").decode("latin-1")
        if not allowed and not same_origin(origin, host):
            raise Problem(
                403,
                "forbidden-origin",
                "A page of another origin may not send this; start the service with "
                "--cors-origin ORIGIN to allow it.",
            )


def _told(problem: Problem, scope: Scope) -> Response:
    """A refusal: a page for a person's browser, a document for anyone else."""
    accept: bytes = scope["header_map"].get(b"accept", b"")
    if wants_page(accept.decode("latin-1")):
        return problem_page(Request(scope), problem)
    return refusal(problem, scope["header_map"])


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return route.path if isinstance(route, Route) else NO_ROUTE


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise Problem(404, "not-found", "There is nothing at this address; /api/v1/docs lists what is.")


async def _answer_preflight(send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": preflight()})
    await send({"type": "http.response.body", "body": b""})


def _of_router(error: HTTPException) -> Problem:
    headers = dict(error.headers or {})
    if error.status_code == 405:
        allow = ", ".join(sorted(headers.get("Allow", "").split(", ")))
        return Problem(
            405, "method-not-allowed", f"This address takes {allow}.", headers={"Allow": allow}
        )
    return Problem(400, "malformed-request", "The request cannot be read.")


def _bug() -> Problem:
    return Problem(
        500, "internal", "The service failed; the log says where. Nothing was computed or kept."
    )
