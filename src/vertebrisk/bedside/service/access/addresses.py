"""The address of the service as others know it: in links, and in tokens that are meant for it."""

from __future__ import annotations

import re

from starlette.types import Scope

from vertebrisk.bedside.service.settings import Settings
from vertebrisk.errors import ArgumentError

FEEDBACK = "/feedback"
_PUBLIC = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(/[A-Za-z0-9._~-]+)*"
)


def base_address(settings: Settings, scope: Scope) -> str:
    """Address without a '/' at the end: the one set, or the one that the request calls.

    The host of a request was compared with those of the service before.
    """
    if settings.public_url:
        return settings.public_url
    host = scope["header_map"].get(b"host", b"").decode("latin-1")
    return f"{'https' if settings.https else 'http'}://{host}"


def addresses(settings: Settings, scope: Scope) -> tuple[str, ...]:
    """What the token of a request may be meant for.

    That is the address that is asked; of feedback, that of the service whose cards it is on,
    too.
    """
    asked = f"{base_address(settings, scope)}{scope['path']}"
    return asked, asked.removesuffix(FEEDBACK)


def public_host(url: str) -> str:
    """Host of an address of the service.

    Raises
    ------
    ArgumentError
        When it is no address, or says more than scheme, host, port and path.
    """
    found = _PUBLIC.fullmatch(url)
    if found is None:
        raise ArgumentError(
            f"--public-url '{url}' is not understood; it is as https://risk.example.org or "
            "https://example.org/risk, without a '/' at the end."
        )
    return found[1]
