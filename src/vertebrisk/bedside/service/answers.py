"""Answers as JSON: ASCII, so that no text of a request can break them, and without NaN."""

from __future__ import annotations

import json

from starlette.responses import Response

from vertebrisk._types import Json
from vertebrisk.bedside.fhir.terms import MEDIA_TYPE as FHIR

_ENCODE = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def json_response(document: Json, status: int = 200) -> Response:
    """A document as the body of an answer."""
    return Response(_ENCODE(document).encode("ascii"), status, media_type="application/json")


def json_bytes_response(content: bytes) -> Response:
    """A document that was made before."""
    return Response(content, media_type="application/json")


def fhir_response(document: Json, status: int = 200) -> Response:
    """A FHIR resource as the body of an answer."""
    return Response(_ENCODE(document).encode("ascii"), status, media_type=FHIR)
