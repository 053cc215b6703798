"""What an audit says: one verdict a check, with its numbers, its arithmetic and its weight."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal, get_args

from vertebrisk._types import Json, Language
from vertebrisk.findings import Finding
from vertebrisk.findings import Severity as FindingSeverity
from vertebrisk.text.messages import joined, said, say

Verdict = Literal["consistent", "inconsistent", "not checkable"]
Severity = Literal["risk", "conclusion", "detail", "none"]
Failure = Literal["impossible", "one number", "irreconcilable", "wording", ""]

SCHEMA_VERSION = 1
CUT_OFF = say("Some digits seem to have been cut off instead of rounded.")
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_FINDING: dict[Severity, FindingSeverity] = {
    "risk": "error",
    "conclusion": "error",
    "detail": "warning",
    "none": "note",
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A printed number with its name and its place in the paper."""

    name: str
    text: str
    place: str

    def to_dict(self) -> Json:
        """JSON form."""
        return {"name": self.name, "text": self.text, "place": self.place}

    def said(self, language: Language) -> Quantity:
        """The same in this language: `name` and `place`; what is printed stays."""
        return replace(self, name=said(self.name, language), place=said(self.place, language))


@dataclass(frozen=True, slots=True)
class Repair:
    """A printed number that the others outvote, and what they say it is.

    Attributes
    ----------
    model, term, level, field : str
        The cell of a regression table, as the paper's file names it.
    printed : str
        What stands in the paper.
    repaired : str
        The value that the other numbers agree on, at the precision of the print.
    low, high : float
        All that the other numbers allow.
    """

    model: str
    term: str
    level: str
    field: str
    printed: str
    repaired: str
    low: float
    high: float

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of printed numbers, and its answer.

    Attributes
    ----------
    id : str
        Stable name of the kind of check, in kebab case.
    about : str
        What is checked, such as ``ivc = Yes``.
    place : str
        Where it stands in the paper.
    quantities : tuple of Quantity
        The printed numbers that the answer rests upon.
    verdict : {"consistent", "inconsistent", "not checkable"}
    message : str
        The answer in one or two sentences; for what is not checkable, why.
    recomputed : str
        What arithmetic gives, as text, such as ``3.755 to 3.815``.
    interval : (float, float) or None
        The same as numbers: all that the printed numbers allow.
    severity : {"risk", "conclusion", "detail", "none"}
        What an inconsistency changes. ``risk``: the risk computed for a patient.
        ``conclusion``: what the paper concludes (significance, direction, performance).
        ``detail``: neither. ``none`` where nothing is inconsistent.
    failure : str
        How it fails: ``impossible`` in itself, ``one number`` outvoted by the others,
        ``irreconcilable``, or ``wording`` (a sign or a word only).
    changes, resolve : str
        What the inconsistency changes, and what would resolve it.
    notes : tuple of str
        What is worth knowing though nothing is wrong, such as another test than named.
    repair : Repair or None
        The repaired value, where one number is off and the others agree.
    paper : str
        Id of the paper; empty for a check across several.
    """

    id: str
    about: str
    place: str
    quantities: tuple[Quantity, ...]
    verdict: Verdict
    message: str
    recomputed: str = ""
    interval: tuple[float, float] | None = None
    severity: Severity = "none"
    failure: Failure = ""
    changes: str = ""
    resolve: str = ""
    notes: tuple[str, ...] = ()
    repair: Repair | None = None
    paper: str = ""

    def said(self, language: Language) -> Check:
        """The same in this language: its sentences, its arithmetic, the names of its numbers."""
        return replace(
            self,
            about=said(self.about, language),
            place=said(self.place, language),
            quantities=tuple(each.said(language) for each in self.quantities),
            message=said(self.message, language),
            recomputed=said(self.recomputed, language),
            changes=said(self.changes, language),
            resolve=said(self.resolve, language),
            notes=tuple(said(note, language) for note in self.notes),
        )

    @property
    def finding(self) -> Finding:
        """The check as a finding."""
        severity = _FINDING[self.severity]
        return Finding(
            code=self.id,
            severity=severity,
            message=say(
                "{place}, {about}: {value}",
                place=self.place,
                about=self.about,
                value=joined([self.message, *self.notes], " "),
            ),
            remedy=self.resolve,
            explanation=self.changes,
        )

    def to_dict(self) -> Json:
        """JSON form; an infinite end of an interval is null."""
        names = (
            "id", "paper", "about", "place", "verdict", "severity", "failure", "message",
            "recomputed", "changes", "resolve",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names} | {
            "quantities": [quantity.to_dict() for quantity in self.quantities],
            "interval": None if self.interval is None else [_plain(end) for end in self.interval],
            "notes": list(self.notes),
            "repair": self.repair.to_dict() if self.repair is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """Every check made of one or several papers, the gravest first."""

    papers: tuple[str, ...]
    titles: tuple[str, ...]
    checks: tuple[Check, ...]

    def said(self, language: Language) -> Audit:
        """The same in this language: every sentence; ids and verdicts are codes and stay."""
        return replace(self, checks=tuple(check.said(language) for check in self.checks))

    @property
    def inconsistent(self) -> tuple[Check, ...]:
        """Checks that failed, the gravest first."""
        return tuple(check for check in self.checks if check.verdict == "inconsistent")

    @property
    def noted(self) -> tuple[Check, ...]:
        """Checks that did not fail and have a note."""
        return tuple(
            check for check in self.checks if check.verdict != "inconsistent" and check.notes
        )

    @property
    def counts(self) -> dict[Verdict, int]:
        """Number of checks of each verdict, all three keys always present."""
        counts = Counter(check.verdict for check in self.checks)
        return {verdict: counts.get(verdict, 0) for verdict in get_args(Verdict)}

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """Numbers that the others outvote."""
        return tuple(check.repair for check in self.checks if check.repair is not None)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Failed checks as errors and warnings, noted ones as notes."""
        return tuple(check.finding for check in (*self.inconsistent, *self.noted))

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "schema_version": SCHEMA_VERSION,
            "papers": list(self.papers),
            "titles": list(self.titles),
            "counts": dict(self.counts),
            "consistent": not self.inconsistent,
            "checks": [check.to_dict() for check in self.checks],
        }


def gravest_first(checks: list[Check]) -> tuple[Check, ...]:
    """Checks by severity, otherwise in the order in which they were made."""
    return tuple(sorted(checks, key=lambda check: SEVERITIES.index(check.severity)))


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
