"""Clients of the tests that sign their requests, and the files by which a service knows them."""

from __future__ import annotations

import json
import time
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://ehr.example.org"
JKU = "https://ehr.example.org/keys.json"
ASKED = "http://localhost/cds-services"
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}


def private_key(algorithm: str, bits: int = 2048) -> Any:
    """A key pair for an algorithm, the same throughout the tests."""
    return _made_key(algorithm, bits)


@cache
def _made_key(algorithm: str, bits: int) -> Any:
    if algorithm.startswith("RS"):
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return ec.generate_private_key(CURVES[algorithm])


def public_jwk(algorithm: str, bits: int = 2048, **fields: Any) -> dict[str, Any]:
    """The public half, under the name of its algorithm."""
    kind = RSAAlgorithm if algorithm.startswith("RS") else ECAlgorithm
    half = private_key(algorithm, bits).public_key()
    return {**kind.to_jwk(half, as_dict=True), "kid": algorithm, **fields}


def key_set(folder: Path, *keys: dict[str, Any], name: str = "keys.json") -> Path:
    """A file of public keys: one for ES384 and one for RSA where none are given."""
    path = folder / name
    path.write_text(json.dumps({"keys": list(keys or (public_jwk("ES384"), public_jwk("RS384")))}))
    return path


def clients_file(folder: Path, more: str = "") -> Path:
    """A file of one client, which signs for ISSUER."""
    key_set(folder)
    path = folder / "clients.toml"
    path.write_text(
        f'[[client]]\nname = "ward"\nissuer = "{ISSUER}"\nkeys = "keys.json"\njku = "{JKU}"\n{more}'
    )
    return path


def claims(**fields: Any) -> dict[str, Any]:
    """Claims of a good token for discovery; a field that is None is left out."""
    now = int(time.time())
    found = {"iss": ISSUER, "aud": ASKED, "iat": now, "exp": now + 60, "jti": str(uuid4())}
    return {name: value for name, value in {**found, **fields}.items() if value is not None}


def token(
    algorithm: str = "ES384",
    *,
    kid: str | None = None,
    head: dict[str, Any] | None = None,
    key: Any = None,
    **fields: Any,
) -> str:
    """A signed token."""
    header = {"kid": algorithm if kid is None else kid, **(head or {})}
    signing = private_key(algorithm) if key is None else key
    return jwt.encode(claims(**fields), signing, algorithm=algorithm, headers=header)


def bearer(text: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {text}"}
