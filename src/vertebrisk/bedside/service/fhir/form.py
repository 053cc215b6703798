"""Which requests speak FHIR, and how a refusal is said to them.

References
----------
HL7 FHIR R4, https://hl7.org/fhir/R4/http.html (content types, and their `fhirVersion`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from vertebrisk._types import Json
from vertebrisk.bedside.fhir.outcome import Issue, IssueCode, operation_outcome
from vertebrisk.bedside.fhir.terms import FHIR_VERSION, MEDIA_TYPE
from vertebrisk.bedside.service.answers import fhir_response
from vertebrisk.bedside.service.problems import FieldError, Problem, problem_response

JSON = "application/json"
FHIR_RELEASE = FHIR_VERSION.rpartition(".")[0]

# What the kinds of problems are in the value set issue-type.
_KINDS: dict[str, IssueCode] = {
    "malformed-request": "structure",
    "malformed-json": "structure",
    "unauthorised": "login",
    "forbidden-origin": "forbidden",
    "not-found": "not-found",
    "unknown-model": "not-found",
    "method-not-allowed": "not-supported",
    "slow-body": "timeout",
    "too-large": "too-long",
    "too-many-patients": "too-long",
    "unsupported-media-type": "not-supported",
    "not-acceptable": "not-supported",
    "wrong-host": "not-found",
    "not-fetched": "required",
    "invalid-input": "processing",
    "too-many-requests": "throttled",
    "internal": "exception",
}
_FIELDS: dict[str, IssueCode] = {
    "missing": "required",
    "type": "value",
    "range": "value",
    "unknown-level": "code-invalid",
    "unknown-stratum": "code-invalid",
    "not-an-input": "not-supported",
    "outside-domain": "business-rule",
    "horizon": "value",
    "shape": "structure",
    "other-patient": "conflict",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def sends_fhir(headers: Mapping[bytes, bytes]) -> bool:
    """True where the body is said to be FHIR."""
    kind = headers.get(b"content-type", b"").decode("latin-1").lower().partition(";")[0]
    return kind.strip() == MEDIA_TYPE


def asks_fhir(headers: Mapping[bytes, bytes]) -> bool:
    """True where the answer is to be FHIR: it is preferred in Accept, or FHIR was sent."""
    accept = headers.get(b"accept", b"").decode("latin-1").lower()
    if MEDIA_TYPE not in accept and not sends_fhir(headers):
        return False
    wanted = _weights(accept)
    fhir, plain = wanted.get(MEDIA_TYPE), wanted.get(JSON)
    if fhir is None or fhir[0] == 0.0:
        return sends_fhir(headers) and plain is None
    return plain is None or fhir > plain


def check_version(headers: Mapping[bytes, bytes]) -> None:
    """Refuse another version of FHIR than is spoken.

    Raises
    ------
    Problem
        406, or 415 where the body is said to be of it.
    """
    for name, status, kind in (
        (b"accept", 406, "not-acceptable"),
        (b"content-type", 415, "unsupported-media-type"),
    ):
        text = headers.get(name, b"").decode("latin-1").lower()
        found = re.search(rf"{re.escape(MEDIA_TYPE)}[^,]*;\s*fhirversion\s*=\s*\"?([\w.]+)", text)
        if found and found[1] not in (FHIR_RELEASE, FHIR_VERSION):
            raise Problem(
                status, kind, f"FHIR is spoken here in release {FHIR_RELEASE} (R4) alone."
            )


def refusal(problem: Problem, headers: Mapping[bytes, bytes]) -> Response:
    """The answer that tells of a problem: an OperationOutcome to who speaks FHIR."""
    if not (sends_fhir(headers) or asks_fhir(headers)):
        return problem_response(problem)
    response = fhir_response(outcome_of(problem), problem.status)
    response.headers.update(problem.headers)
    return response


def outcome_of(problem: Problem) -> Json:
    """A problem as an OperationOutcome; no value of the request is in it."""
    if not problem.errors:
        return operation_outcome([Issue(_KINDS[problem.kind], problem.detail)])
    return operation_outcome(issue_of(each, expression_of(each.pointer)) for each in problem.errors)


def issue_of(error: FieldError, where: str) -> Issue:
    """What is wrong with a field, without what stood there, at a place in FHIRPath."""
    return Issue(_FIELDS[error.code], error.discreet or error.detail, where)


def expression_of(pointer: str) -> str:
    """The place of a field of plain JSON, written as FHIRPath writes one."""
    text = ""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if name.isdecimal() and text:
            text += f"[{name}]"
        else:
            step = name if _NAME.fullmatch(name) else f"`{name}`"
            text += f".{step}" if text else step
    return text


def _weights(accept: str) -> dict[str, tuple[float, int]]:
    """Media types of an Accept header: weight and, for equal ones, the earlier first."""
    found: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(accept.split(",")[:32]):
        kind, *parameters = (each.strip() for each in part.split(";"))
        weight = 1.0
        for each in parameters:
            key, _, value = each.partition("=")
            if key.strip() == "q":
                weight = float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value.strip()) else 0.0
        found.setdefault(kind, (weight, -place))
    return found
