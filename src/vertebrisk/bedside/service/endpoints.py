"""What can be asked: one `Endpoint` an address and method, listed by the module that answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from starlette.requests import Request
from starlette.responses import Response

from vertebrisk._types import Json

if TYPE_CHECKING:
    from vertebrisk.bedside.service.app import Service

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address with one method.

    Attributes
    ----------
    path : str
        Pattern as Starlette reads it: ``/api/v1/models/{model}``.
    handler : coroutine function
        From a request to a response; refuses by raising `Problem`.
    method : {"GET", "POST"}
    summary : str
        One line for the description of the API.
    tag : str
        Part of the description: models, health, documentation, ...
    reads : tuple of str
        Media types of bodies that it takes; any other is a 415.
    request, answer : mapping or None
        JSON Schemas of body and answer, from ``schemas``; None where there is none.
    for_model : bool
        `request` is another for each model: the description has one address for each, with
        the model's own schema in place of it.
    fhir_request, fhir_answer : mapping or None
        JSON Schemas of body and answer in FHIR, where it is spoken.
    produces : str
        Media type of the answer, "" where it is empty.
    also : tuple of str
        Further media types of the answer.
    query : mapping
        JSON Schemas of what may follow the question mark of the address, by name.
    open : bool
        Needs no key and is not limited: health and documentation.
    listed : bool
        Stands in the OpenAPI description.
    page : bool
        For a person's browser: a key may come as the password that the browser asks for.
    tokens : bool
        A client's signed token is taken in place of a key, and needed where clients are known.
    """

    path: str
    handler: Handler
    method: str = "GET"
    summary: str = ""
    tag: str = "models"
    reads: tuple[str, ...] = ()
    request: Json | None = None
    answer: Json | None = None
    for_model: bool = False
    fhir_request: Json | None = None
    fhir_answer: Json | None = None
    produces: str = "application/json"
    also: tuple[str, ...] = ()
    query: Json = field(default_factory=dict)
    open: bool = False
    listed: bool = True
    page: bool = False
    tokens: bool = False


def page_endpoint(
    path: str, handler: Handler, method: str = "GET", reads: tuple[str, ...] = ()
) -> Endpoint:
    """A page for people, which the description of the API does not list."""
    return Endpoint(
        path, handler, method, reads=reads, produces="text/html", listed=False, page=True
    )


def service_of(request: Request) -> Service:
    """The running service: its store, settings and meter."""
    return cast("Service", request.scope["app"])
