"""Clients that sign their requests: a file of issuers, and files of their public keys beside it.

The keys come from these files alone. An address of keys that a token names (`jku`) is compared
with the one that the file has, and never asked for.

References
----------
CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/ (Trusting CDS Clients); RFC 7517 (JSON Web Keys).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertebrisk._files import read_bytes
from vertebrisk.errors import DataError
from vertebrisk.protocol.toml_files import read_toml

if TYPE_CHECKING:
    from jwt import PyJWK

# CDS Hooks recommends RS384 and ES384. RS256 and ES256 are taken, too: no forgery of either is
# known, and the signer of many a hospital has nothing else. What a key may sign with is known
# from the key, so that no token can choose something weaker.
ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS384", "RS256"),
    "P-384": ("ES384",),
    "P-256": ("ES256",),
}
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
RSA_BITS = 2048
MAX_BYTES = 1_000_000
FIELDS = ("name", "issuer", "keys", "jku", "audiences")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Client:
    """A client whose tokens are taken.

    Attributes
    ----------
    name : str
        In the log.
    issuer : str
        Its tokens' `iss`.
    keys : mapping
        From `kid` and algorithm to a public key.
    jku : str
        The address of its keys that its tokens may name, "" for none.
    audiences : tuple of str
        What its tokens may have for `aud` besides the address that is asked.
    """

    name: str
    issuer: str
    keys: Mapping[tuple[str, str], PyJWK]
    jku: str = ""
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clients:
    """All clients, by issuer."""

    by_issuer: Mapping[str, Client]


def load_clients(path: Path) -> Clients:
    """Clients of a TOML file with a table ``[[client]]`` each.

    Raises
    ------
    DataError
        When a file cannot be read, or says what cannot be meant.
    """
    document, _ = read_toml(path, "The file of clients", MAX_BYTES, DataError)
    tables = document.get("client")
    if set(document) - {"client"} or not isinstance(tables, list) or not tables:
        raise DataError(
            f"The file of clients '{path}' is not understood: it has a table [[client]] for each "
            "client and nothing else."
        )
    found: dict[str, Client] = {}
    for number, table in enumerate(tables, start=1):
        client = _client(path, number, table)
        if client.issuer in found or client.name in {each.name for each in found.values()}:
            raise DataError(
                f"Two clients of '{path}' have the same name or issuer ('{client.name}', "
                f"'{client.issuer}'); each has its own."
            )
        found[client.issuer] = client
    return Clients(found)


def _client(path: Path, number: int, table: object) -> Client:
    where = f"Client {number} of '{path}'"
    if not isinstance(table, dict):
        raise DataError(f"{where} is no table [[client]].")
    strange = sorted(set(table) - set(FIELDS))
    if strange:
        raise DataError(f"{where} has '{strange[0]}', which is not read: {', '.join(FIELDS)} are.")
    texts = {name: table.get(name, "") for name in ("name", "issuer", "keys", "jku")}
    wrong = [name for name, text in texts.items() if not isinstance(text, str)]
    wrong += [name for name in ("name", "issuer", "keys") if not texts[name] and name not in wrong]
    if wrong:
        raise DataError(f"{where} needs a text as '{wrong[0]}'.")
    if not _NAME.fullmatch(texts["name"]):
        raise DataError(
            f"{where} has the name '{texts['name']}'; letters a-z, digits, '.', '_' and '-' are "
            "allowed, at most 64."
        )
    audiences = table.get("audiences", [])
    if not isinstance(audiences, list) or not all(isinstance(e, str) and e for e in audiences):
        raise DataError(f"{where} needs a list of texts as 'audiences', or none.")
    keys = load_key_set(path.parent / texts["keys"])
    return Client(texts["name"], texts["issuer"], keys, texts["jku"], tuple(audiences))


def load_key_set(path: Path) -> dict[tuple[str, str], PyJWK]:
    """Public keys of a JSON Web Key Set, by `kid` and algorithm.

    Raises
    ------
    DataError
        When the file is none, has no key, or has one that must not be trusted: private,
        symmetric, short, or without a `kid`.
    """
    try:
        document = json.loads(read_bytes(path, "The file of public keys").decode("utf-8"))
    except (ValueError, RecursionError):
        raise DataError(f"The file of public keys '{path}' is not JSON in UTF-8.") from None
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not listed:
        raise DataError(
            f"The file of public keys '{path}' is no JSON Web Key Set: an object with a list "
            "'keys' is needed."
        )
    found: dict[tuple[str, str], PyJWK] = {}
    for number, key in enumerate(listed, start=1):
        read = _public_keys(f"Key {number} of '{path}'", key)
        if {kid for kid, _ in found} & {kid for kid, _ in read}:
            raise DataError(f"Key {number} of '{path}' has the 'kid' of another; each has its own.")
        found |= read
    return found


def _public_keys(where: str, key: object) -> dict[tuple[str, str], PyJWK]:
    """One key, for every algorithm that it may sign with."""
    import jwt

    if not isinstance(key, dict) or not isinstance(key.get("kid"), str) or not key["kid"]:
        raise DataError(f"{where} has no 'kid', the name by which tokens call it.")
    if any(name in key for name in PRIVATE):
        raise DataError(
            f"{where} is a private or a symmetric key. Only public keys belong here; the client "
            "keeps the other half, and should make a new pair now that this one was given away."
        )
    fitting = ALGORITHMS.get(str(key.get("crv") if key.get("kty") == "EC" else key.get("kty")), ())
    algorithms = [each for each in fitting if key.get("alg", each) == each]
    if not algorithms or key.get("use", "sig") != "sig":
        raise DataError(
            f"{where} cannot be used: keys to sign with ('use' is \"sig\" or left out) for RS384, "
            "ES384, RS256 or ES256 are."
        )
    try:
        read = {(key["kid"], each): jwt.PyJWK(key, each) for each in algorithms}
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise DataError(f"{where} is damaged: its numbers are no public key.") from None
    if key["kty"] == "RSA" and _bits(read) < RSA_BITS:
        raise DataError(f"{where} is too short: an RSA key has {RSA_BITS} bits or more.")
    return read


def _bits(keys: Mapping[tuple[str, str], PyJWK]) -> int:
    found: Any = next(iter(keys.values())).key
    return int(found.key_size)
