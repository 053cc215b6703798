"""Numbers that the paper prints more than once are one number."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.audit.statements.performance import AREAS
from vertebrisk.evidence.audit.subject import Subject
from vertebrisk.evidence.audit.values import CUT_OFF, Check, Quantity
from vertebrisk.evidence.repeats import Repeat, repeated_coefficients, repeated_statistics
from vertebrisk.text.messages import say

_RISK = ("estimate", "ratio", "constant")


def checks(subject: Subject) -> Iterator[Check]:
    """Statistics in several places, and tables that quote one another."""
    for each in repeated_statistics(subject.statistics):
        if each.name not in AREAS:
            yield _check(each)
    for each in repeated_coefficients(subject.models):
        yield _check(each)


def _check(repeat: Repeat) -> Check:
    about = f"{repeat.about}, {repeat.name}" if repeat.about else repeat.name
    (one, first), (other, second) = repeat.first, repeat.second
    quantities = (Quantity(repeat.name, one.text, first), Quantity(repeat.name, other.text, second))
    place = first if first == second else f"{first}; {second}"
    if repeat.agrees_cut_off:
        return Check(
            id="repeated-number",
            about=about,
            place=place,
            quantities=quantities,
            verdict="consistent",
            message=say("{one} and {other} are one number.", one=one, other=other),
            notes=() if repeat.agrees else (CUT_OFF,),
        )
    return Check(
        id="repeated-number",
        about=about,
        place=place,
        quantities=quantities,
        verdict="inconsistent",
        message=say("One number is printed as {one} and as {other}.", one=one, other=other),
        severity="risk" if repeat.name in _RISK else "conclusion",
        failure="irreconcilable",
        changes=say("Which of the two is meant is not known."),
        resolve=say(
            "See which of the two the other numbers of the paper go with, or ask the authors."
        ),
    )
