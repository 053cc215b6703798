"""What went wrong, for the program that asked: problem details that name the field.

References
----------
RFC 9457, https://www.rfc-editor.org/rfc/rfc9457; RFC 6901 for the pointers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from vertebrisk._types import Json

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 50
SHOWN = 40  # characters of a name or a level that are said back

# Every kind of problem: its title. The documentation page lists them, and `type` leads there.
KINDS: dict[str, str] = {
    "malformed-request": "The request cannot be read",
    "malformed-json": "The body is not strict JSON",
    "unauthorised": "A key is needed",
    "forbidden-origin": "A page of another origin may not ask this",
    "not-found": "There is nothing at this address",
    "unknown-model": "There is no such model here",
    "method-not-allowed": "The address does not take this method",
    "slow-body": "The body did not arrive in time",
    "too-large": "The body is too large",
    "too-many-patients": "There are too many patients in one request",
    "unsupported-media-type": "The body is of another type than is read here",
    "not-acceptable": "The answer cannot have that form",
    "wrong-host": "The request is meant for another host",
    "not-fetched": "Nothing of the record was sent",
    "invalid-input": "The input cannot be scored as it is",
    "too-many-requests": "There were too many requests",
    "internal": "The service failed; this is a bug",
}
DOCUMENTED_AT = "/api/v1/docs"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: where it stands in the body, a code, and a sentence.

    `discreet` is the sentence without what stood there, where the detail has it.
    """

    pointer: str
    code: str
    detail: str
    discreet: str = ""

    def to_dict(self) -> Json:
        """JSON form; the pointer is a URI fragment, as in the examples of RFC 9457."""
        return {"pointer": f"#{self.pointer}", "code": self.code, "detail": self.detail}


class Problem(Exception):
    """A request that is refused, with everything that its answer says."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def to_dict(self) -> Json:
        """JSON form, of RFC 9457 with `errors`."""
        document: Json = {
            "type": f"{DOCUMENTED_AT}#{self.kind}",
            "title": KINDS[self.kind],
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [each.to_dict() for each in self.errors[:MAX_ERRORS]]
        return document


def problem_response(problem: Problem) -> Response:
    """The answer that tells of a problem."""
    body = json.dumps(problem.to_dict()).encode("ascii")
    return Response(body, problem.status, problem.headers, media_type=MEDIA_TYPE)


def invalid(errors: Sequence[FieldError]) -> Problem:
    """A body whose fields are wrong; the first is the detail, all are listed."""
    more = len(errors) - 1
    rest = f" And {more} more." if more else ""
    return Problem(422, "invalid-input", f"{errors[0].detail}{rest}", errors=errors)


def pointer_part(name: str) -> str:
    """One step of a JSON pointer, of a name that may be long."""
    return shortened(name).replace("~", "~0").replace("/", "~1")


def shortened(text: str) -> str:
    """A text of the request as it may be said back."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
