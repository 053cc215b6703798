"""What is wrong with a request, as an OperationOutcome: where, and what to do; never a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from vertebrisk._types import Json
from vertebrisk.errors import DataError

MAX_ISSUES = 50

# Of the value set issue-type, whose binding is required.
IssueCode = Literal[
    "structure", "required", "value", "invariant", "security", "login", "forbidden",
    "processing", "not-supported", "duplicate", "not-found", "too-long", "code-invalid",
    "business-rule", "conflict", "throttled", "timeout", "exception", "informational",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong: its kind, a sentence, and the FHIRPath of its element."""

    code: IssueCode
    text: str
    expression: str = ""

    def to_dict(self) -> Json:
        """As an issue of an OperationOutcome."""
        where = {"expression": [self.expression]} if self.expression else {}
        return {
            "severity": "error",
            "code": self.code,
            "details": {"text": self.text},
            **where,
        }


class UnreadableResource(DataError):
    """Resources that cannot be scored as they are, with every reason."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__(self.issues[0].text)


def operation_outcome(issues: Iterable[Issue]) -> Json:
    """An OperationOutcome of one issue or several; beyond fifty they are counted."""
    told = list(issues)
    document: Json = {
        "resourceType": "OperationOutcome",
        "issue": [each.to_dict() for each in told[:MAX_ISSUES]],
    }
    if len(told) > MAX_ISSUES:
        more = {"text": f"And {len(told) - MAX_ISSUES} more."}
        document["issue"].append(
            {"severity": "information", "code": "informational", "details": more}
        )
    return document
