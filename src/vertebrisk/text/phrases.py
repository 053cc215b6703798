"""Labels inside running text."""

from __future__ import annotations

from vertebrisk._types import TimeUnit
from vertebrisk.text.messages import Message, say

EPONYMS = ("Cobb", "Genant", "Goutallier", "Hounsfield", "Kümmell", "Modic", "Oswestry", "Schmorl")

_UNITS: dict[TimeUnit, Message] = {
    "hours": say("hours"),
    "days": say("days"),
    "weeks": say("weeks"),
    "months": say("months"),
    "years": say("years"),
}


def time_unit(unit: TimeUnit) -> Message:
    """A unit of time as it stands after a number."""
    return _UNITS[unit]


def in_sentence(label: str) -> str:
    """The label of an outcome as it stands in the middle of a sentence.

    ``Residual back pain`` becomes ``residual back pain``; abbreviations such as ``VAS`` or
    ``T score`` and names of persons keep their capitals, and other scripts have none.
    """
    first, rest = label[:1], label[1:]
    ordinary = rest[:1].islower() and not label.startswith(EPONYMS)
    return first.lower() + rest if ordinary else label
