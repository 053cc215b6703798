"""A finding: something that a careful reader would want to know, with a way out.

Findings are values, not log lines: they travel with the result, into the report,
`results.json` and `findings.csv`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from vertebrisk._types import Json, Language
from vertebrisk.text.messages import said

if TYPE_CHECKING:
    from vertebrisk.text.plurals import Wording

Severity = Literal["error", "warning", "note"]
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation about the data, the protocol or the analysis.

    Attributes
    ----------
    code : str
        Stable name in kebab case, such as ``few-events`` or ``unreadable-cell``.
    severity : {"error", "warning", "note"}
        ``error``: a rule of the protocol is broken or a number is not to be used.
        ``warning``: a reviewer would object. ``note``: worth knowing.
    message : str
        What was found, in one or two sentences. Never the contents of a cell or
        an identifier of a patient: messages are shared, cells are not.
    remedy : str
        What to do next.
    explanation : str
        Why it matters, for a reader who does not know; with a source where one exists.
    file, column : str
        Where it was found, if it was found in data.
    rows : tuple of int
        Positions of data rows, counted from 1 below the header.
    cells : tuple of str
        Contents of the offending cells, in the order of `rows`. Private: shown on
        the terminal and in ``findings.csv`` only, never in `to_dict`.
    unlisted : int
        Further rows of the same kind, of a file too long to list all of them.
    wording : Wording or None
        The message before its rows were counted, where it counts any.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    explanation: str = ""
    file: str = ""
    column: str = ""
    rows: tuple[int, ...] = ()
    cells: tuple[str, ...] = ()
    unlisted: int = 0
    wording: Wording | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> Json:
        """JSON form, safe to share: counts rows, omits what the cells contained."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "remedy": self.remedy,
            "explanation": self.explanation,
            "file": self.file,
            "column": self.column,
            "n_rows": len(self.rows) + self.unlisted,
        }

    def said(self, language: Language) -> Finding:
        """The same in this language: `message`, `remedy` and `explanation`."""
        return replace(
            self,
            message=said(self.message, language),
            remedy=said(self.remedy, language),
            explanation=said(self.explanation, language),
        )


def by_severity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with the gravest first, otherwise in the order in which they were made."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def gathered(findings: Iterable[Finding], language: Language) -> tuple[Finding, ...]:
    """Findings as a reader of this language has them, with the gravest first."""
    return by_severity(finding.said(language) for finding in findings)


def has_errors(findings: Iterable[Finding]) -> bool:
    """True if any finding is an error."""
    return any(finding.severity == "error" for finding in findings)


def count_by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Number of findings of each severity, all three keys always present."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts.get(severity, 0) for severity in _ORDER}
