"""What stands before one endpoint: key, rate, type and size of the body."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from vertebrisk.bedside.service import logs
from vertebrisk.bedside.service.access.addresses import addresses
from vertebrisk.bedside.service.access.tokens import Refused
from vertebrisk.bedside.service.endpoints import Endpoint
from vertebrisk.bedside.service.problems import Problem

if TYPE_CHECKING:
    from vertebrisk.bedside.service.app import Service

CLOSE = {"Connection": "close"}


class Guarded:
    """An endpoint as an ASGI application that is reached only by what may reach it."""

    __slots__ = ("endpoint",)

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse by raising `Problem`, or answer."""
        service: Service = scope["app"]
        endpoint = self.endpoint
        headers: dict[bytes, bytes] = scope["header_map"]
        if not endpoint.open:
            _admit(service, endpoint, scope, headers)
        if endpoint.reads:
            _check_type(endpoint, headers)
            receive = _bounded(service, headers, receive)
        response = await endpoint.handler(Request(scope, receive))
        await response(scope, receive, send)


def _admit(service: Service, endpoint: Endpoint, scope: Scope, headers: dict[bytes, bytes]) -> None:
    """Key or token, and rate; a client without a good one is limited by its address."""
    keys = service.settings.keys
    tokens = service.tokens if endpoint.tokens else None
    given = _given_key(endpoint, headers)
    owner = refused = None
    if keys is not None:
        owner = keys.owner(given)
    if tokens is not None and owner is None:
        try:
            owner = tokens.owner(given, addresses(service.settings, scope))
        except Refused as error:
            refused = error
    scope["client_name"] = owner
    _limit(service, scope, owner)
    if owner is not None or (keys is None and tokens is None):
        return
    if refused is not None and given:
        logs.tell_refused_token(endpoint.path, refused.reason, refused.client)
    raise _keyless(endpoint, tokens=tokens is not None)


def _limit(service: Service, scope: Scope, owner: str | None) -> None:
    if service.buckets is None:
        return
    address = scope.get("client")
    who = f"key {owner}" if owner else f"at {address[0] if address else ''}"
    seconds = service.buckets.wait(who)
    if seconds:
        raise Problem(
            429,
            "too-many-requests",
            f"There were too many requests; ask again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )


def _given_key(endpoint: Endpoint, headers: dict[bytes, bytes]) -> str:
    """The key of a request: a bearer's; for what a browser asks, also that of its own question.

    A browser sends its password with whatever another site makes it send, so it counts for
    pages and for what only reads.
    """
    scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    given = given.strip()
    if scheme.lower() == "bearer":
        return given
    if scheme.lower() != "basic" or not (endpoint.page or endpoint.method == "GET"):
        return ""
    try:
        pair = base64.b64decode(given, validate=True).decode("utf-8")
    except ValueError:
        return ""
    return pair.partition(":")[2]


def _keyless(endpoint: Endpoint, *, tokens: bool) -> Problem:
    if endpoint.page:
        detail = (
            "A key is needed: give it as the password that the browser asks for, with any name."
        )
        scheme = 'Basic realm="vertebrisk", charset="UTF-8"'
    elif tokens:
        detail = (
            "A token is needed: send the header 'Authorization: Bearer JWT', signed for this "
            "address by a client that is known here, and new for every request."
        )
        scheme = 'Bearer realm="vertebrisk"'
    else:
        detail = "A key is needed: send the header 'Authorization: Bearer KEY'."
        scheme = 'Bearer realm="vertebrisk"'
    return Problem(401, "unauthorised", detail, headers={"WWW-Authenticate": scheme})


def _check_type(endpoint: Endpoint, headers: dict[bytes, bytes]) -> None:
    given = headers.get(b"content-type", b"").decode("latin-1").lower()
    kind, _, parameters = given.partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if kind.strip() not in endpoint.reads or charset not in ("", "utf-8", "utf8"):
        raise Problem(
            415,
            "unsupported-media-type",
            f"The body must be {' or '.join(endpoint.reads)} in UTF-8; name it in Content-Type.",
            headers={**CLOSE, "Accept-Post": ", ".join(endpoint.reads)},
        )
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Problem(
            415,
            "unsupported-media-type",
            "A compressed body is not taken; send it as it is.",
            headers={**CLOSE, "Accept-Encoding": "identity"},
        )


def _bounded(service: Service, headers: dict[bytes, bytes], receive: Receive) -> Receive:
    """Receives a body no larger and no slower than allowed, whatever its length is said to be."""
    most = service.settings.max_body
    stated = headers.get(b"content-length", b"0")
    if stated.isdigit() and (len(stated) > 18 or int(stated) > most):
        raise _too_large(most)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + service.settings.body_seconds
    size = 0

    async def bounded() -> Message:
        nonlocal size
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise Problem(
                408, "slow-body", "The body did not arrive in time; send it again.", headers=CLOSE
            ) from None
        size += len(message.get("body", b""))
        if size > most:
            raise _too_large(most)
        return message

    return bounded


def _too_large(most: int) -> Problem:
    return Problem(
        413,
        "too-large",
        f"The body has more than {most} bytes, which is the most that is read. Send the patients "
        "in several requests.",
        headers=CLOSE,
    )
