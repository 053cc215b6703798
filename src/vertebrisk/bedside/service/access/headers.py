"""Headers of every answer, and which origins may ask.

References
----------
OWASP Application Security Verification Standard 4.0, chapters V13 and V14.
"""

from __future__ import annotations

import base64
import hashlib
import re

Headers = list[tuple[bytes, bytes]]

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", NOTHING.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")
CORS_METHODS = b"GET, POST"
CORS_HEADERS = b"authorization, content-type, accept"


_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\\\[\]]+)(?::\d{1,5})?")


def page_policy(*styles: str, more: str = "") -> str:
    """Content security policy of a page with these style sheets in it and no script."""
    hashes = " ".join(_hash(style) for style in styles)
    style = f"; style-src {hashes}" if hashes else ""
    return f"{NOTHING.replace('form-action ' + _NONE, 'form-action ' + _SELF)}{style}{more}"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


_NONE, _SELF = "'none'", "'self'"


def completed(headers: Headers, *, https: bool) -> Headers:
    """Headers of an answer with those of every answer that it does not set itself."""
    present = {name for name, _ in headers}
    found = headers + [each for each in ALWAYS if each[0] not in present]
    if https:
        found.append(HTTPS_ONLY)
    return found


def shared(headers: Headers, origin: bytes) -> Headers:
    """The same answer for a page of an origin that may ask: another origin may read it."""
    kept = [each for each in headers if each[0] != b"cross-origin-resource-policy"]
    return [
        *kept,
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"access-control-allow-origin", origin),
        (b"vary", b"Origin"),
    ]


def preflight() -> Headers:
    """What a browser asks before a page of another origin may send a request."""
    return [
        (b"access-control-allow-methods", CORS_METHODS),
        (b"access-control-allow-headers", CORS_HEADERS),
        (b"access-control-max-age", b"600"),
        (b"content-length", b"0"),
    ]


def host_name(host: str) -> str:
    """Host header without the port, in small letters; "" where it is no name and port."""
    found = _HOST.fullmatch(host)
    return found[1].lower() if found else ""


def same_origin(origin: str, host: str) -> bool:
    """Whether an Origin header is that of the host that is asked."""
    return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")
