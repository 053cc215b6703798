"""Signed tokens of clients: whose a request is, and that it is not sent again by another.

References
----------
CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/ (Trusting CDS Clients); RFC 7519 (JSON Web
Tokens); RFC 8725 (best current practices for them).
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from vertebrisk.bedside.service.access.clients import Client, Clients
from vertebrisk.bedside.service.problems import Problem
from vertebrisk.bedside.service.strict_json import read_json

LIFETIME = 300.0  # seconds from `iat` to `exp` at most
LEEWAY = 30.0  # seconds by which the clocks may differ
REMEMBERED = LIFETIME + 2 * LEEWAY  # no token is good for longer after it was first seen
MAX_TOKENS = 50_000  # of one client that are remembered in that time, 138 a second
MAX_LENGTH = 8192
FAR = 1e11  # seconds since 1970
MAX_ID = 256  # characters of a `jti`
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class Refused(Exception):
    """A token that is not taken: why, and the client that it says it is of, if it is known.

    The reason is for the log. Who sent the token is not told it.
    """

    def __init__(self, reason: str, client: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.client = client


class Tokens:
    """Checks tokens, and remembers the identifiers of those that were good as long as they are.

    Parameters
    ----------
    clients : Clients
    clock : callable
        Seconds since 1970; a test puts its own in place.
    """

    __slots__ = ("_clients", "_clock", "_seen")

    def __init__(self, clients: Clients, clock: Callable[[], float] = time.time) -> None:
        self._clients = clients
        self._clock = clock
        self._seen = {each.name: _Seen() for each in clients.by_issuer.values()}

    def owner(self, token: str, addresses: Collection[str]) -> str:
        """Name of the client that sent a token.

        Parameters
        ----------
        token : str
            As it stands in the header Authorization.
        addresses : collection of str
            What was asked: one of them must be in `aud`.

        Raises
        ------
        Refused
            Always the first reason that is found.
        """
        header, claims = _parts(token)
        issuer = claims.get("iss")
        client = self._clients.by_issuer.get(issuer) if isinstance(issuer, str) else None
        if client is None:
            raise Refused("unknown-issuer")
        _check_header(header, client)
        _check_signature(token, header, client)
        now = self._clock()
        reason = _wrong_time(claims, now) or _wrong_audience(claims, client, addresses)
        if reason:
            raise Refused(reason, client.name)
        self._take(claims.get("jti"), client, now)
        return client.name

    def _take(self, identity: object, client: Client, now: float) -> None:
        if not isinstance(identity, str) or not 0 < len(identity) <= MAX_ID:
            raise Refused("no-identifier", client.name)
        reason = self._seen[client.name].add(identity, now)
        if reason:
            raise Refused(reason, client.name)


class _Seen:
    """Identifiers of one client's tokens, in two generations: the older is forgotten whole."""

    __slots__ = ("_new", "_old", "_since")

    def __init__(self) -> None:
        self._new: set[bytes] = set()
        self._old: set[bytes] = set()
        self._since = -math.inf

    def add(self, identity: str, now: float) -> str:
        """Why it is not taken, or "" when it was not seen before."""
        if now - self._since >= REMEMBERED:
            kept = self._new if now - self._since < 2 * REMEMBERED else set()
            self._old, self._new, self._since = kept, set(), now
        key = hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key in self._new or key in self._old:
            return "used-before"
        if len(self._new) >= MAX_TOKENS:
            return "too-many"
        self._new.add(key)
        return ""


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, not yet to be believed."""
    if len(token) > MAX_LENGTH or not _FORM.fullmatch(token):
        raise Refused("malformed")
    found = []
    for part in token.split(".")[:2]:
        try:
            document = read_json(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), 4)
        except (Problem, ValueError):
            raise Refused("malformed") from None
        if not isinstance(document, dict):
            raise Refused("malformed")
        found.append(document)
    return found[0], found[1]


def _check_header(header: Mapping[str, Any], client: Client) -> None:
    """A plain token, signed with a known key in a way that is the key's."""
    kind, kid, algorithm = header.get("typ"), header.get("kid"), header.get("alg")
    if not isinstance(kind, str) or kind.upper() != "JWT" or "crit" in header or "b64" in header:
        raise Refused("malformed", client.name)
    if header.get("jku") not in (None, client.jku or None):
        raise Refused("other-keys", client.name)
    known = isinstance(kid, str) and isinstance(algorithm, str)
    if not known or (kid, algorithm) not in client.keys:
        raise Refused("unknown-key", client.name)


def _check_signature(token: str, header: Mapping[str, Any], client: Client) -> None:
    import jwt

    algorithm = header["alg"]
    key = client.keys[header["kid"], algorithm]
    try:
        jwt.PyJWS().decode_complete(token, key, algorithms=[algorithm])
    except (jwt.PyJWTError, ValueError):
        raise Refused("signature", client.name) from None


def _wrong_time(claims: Mapping[str, Any], now: float) -> str:
    """Why a token is of no time that counts, or ""."""
    ends, began = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    before = _seconds(claims.get("nbf", 0))
    if ends is None or began is None or before is None:
        return "no-time"
    if ends + LEEWAY <= now:
        return "expired"
    if max(began, before) - LEEWAY > now:
        return "not-yet"
    return "" if 0 < ends - began <= LIFETIME else "lifetime"


def _seconds(value: object) -> float | None:
    """A time as tokens have it; None for what is no number or in another age."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < FAR else None


def _wrong_audience(claims: Mapping[str, Any], client: Client, addresses: Collection[str]) -> str:
    given = claims.get("aud")
    stated = given if isinstance(given, list) else [given]
    meant = {*addresses, *client.audiences}
    return "" if any(isinstance(each, str) and each in meant for each in stated) else "audience"
