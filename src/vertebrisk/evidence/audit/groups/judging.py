"""What every test of a row needs: the row with its table, and its answers as checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vertebrisk.evidence.audit.groups.fitting import Named, Range, Rounding
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import (
    CUT_OFF,
    Check,
    Failure,
    Quantity,
    Severity,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class RowJudge:
    """The printed statistic and P of a row, and what is said of them.

    `quantities` are the numbers that the answer rests upon; `named` the tests that the
    paper names for the row.
    """

    subject: Subject
    comparison: Comparison
    row: Row
    named: Named
    quantities: tuple[Quantity, ...]

    identity: ClassVar[str] = "test"

    @property
    def printed(self) -> str:
        """Statistic and P as printed."""
        shown = [
            f"{name} {printed}"
            for name, printed in (("statistic", self.row.statistic), ("P", self.row.p_value))
            if printed is not None
        ]
        return " and ".join(shown)

    def check(self, verdict: Verdict, message: str, *notes: str) -> Check:
        """A check that is not failed."""
        return Check(
            id=self.identity,
            about=self.subject.label(self.row.variable),
            place=self.row.place,
            quantities=self.quantities,
            verdict=verdict,
            message=message,
            notes=tuple(note for note in notes if note),
        )

    def failed(
        self,
        message: str,
        possible: Range,
        severity: Severity,
        changes: str,
        resolve: str,
        identity: str = "",
        failure: Failure = "irreconcilable",
    ) -> Check:
        """A failed check; `possible` are the least and greatest P that the row allows."""
        return Check(
            id=identity or self.identity,
            about=self.subject.label(self.row.variable),
            place=self.row.place,
            quantities=self.quantities,
            verdict="inconsistent",
            message=message.strip(),
            recomputed=f"P {ends(possible)}",
            interval=possible,
            severity=severity,
            failure=failure,
            changes=changes,
            resolve=resolve,
        )

    def not_named(self, found: str, named: str) -> str:
        """A note that another test gives the print than the one that is named."""
        says = "say" if self.named.by == "the methods" else "says"
        return f"{upper(found)} gives it, not {named}, as {self.named.by} {says}."


def cut_off(rounding: Rounding) -> tuple[str, ...]:
    """The note of numbers whose digits were cut off."""
    return (CUT_OFF,) if rounding == "cut off" else ()


def ends(interval: Range) -> str:
    """A range with three digits, or one number where its ends are printed alike."""
    low, high = f"{interval[0]:.3g}", f"{interval[1]:.3g}"
    return low if low == high else f"{low} to {high}"


def upper(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
