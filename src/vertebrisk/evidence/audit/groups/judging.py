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
from vertebrisk.text.messages import Message, joined, say
from vertebrisk.text.plurals import agreeing

CHANGES: dict[Severity, str] = {
    "conclusion": say(
        "Whether the variable differs between the groups at P < 0.05, and with "
        "that what was chosen by it."
    ),
    "detail": say("The size of P, on the same side of 0.05."),
}


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
            say("{name} {printed}", name=name, printed=printed)
            for name, printed in ((say("statistic"), self.row.statistic), ("P", self.row.p_value))
            if printed is not None
        ]
        return joined(shown, " and ")

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
            message=message,
            recomputed=say("P {ends}", ends=ends(possible)),
            interval=possible,
            severity=severity,
            failure=failure,
            changes=changes,
            resolve=resolve,
        )

    def not_named(self, found: str, named: str) -> str:
        """A note that another test gives the print than the one that is named."""
        return say(
            "{upper} gives it, not {named}, as {by} {says}.",
            upper=upper(found),
            named=named,
            by=self.named.by,
            says=agreeing(2 if self.named.by == "the methods" else 1, "says", "say"),
        )


def cut_off(rounding: Rounding) -> tuple[str, ...]:
    """The note of numbers whose digits were cut off."""
    return (CUT_OFF,) if rounding == "cut off" else ()


def ends(interval: Range) -> str:
    """A range with three digits, or one number where its ends are printed alike."""
    low, high = f"{interval[0]:.3g}", f"{interval[1]:.3g}"
    return low if low == high else say("{low} to {high}", low=low, high=high)


def upper(text: str) -> str:
    """The text with a capital first letter."""
    capital = text[:1].upper() + text[1:]
    if isinstance(text, Message):
        return type(text)(capital, text.template, text.values)
    return capital
