"""Labels inside running text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vertebrisk.text.messages import Message, say

if TYPE_CHECKING:
    from vertebrisk._types import TimeUnit

EPONYMS = ("Cobb", "Genant", "Goutallier", "Hounsfield", "Kümmell", "Modic", "Oswestry", "Schmorl")

_UNITS: dict[TimeUnit, Message] = {
    "hours": say("hours"),
    "days": say("days"),
    "weeks": say("weeks"),
    "months": say("months"),
    "years": say("years"),
}


_TERMS: Mapping[str, Message] = {
    str(each): each
    for each in (
        say("preoperative"),
        say("intraoperative"),
        say("postoperative"),
        say("reconstructed"),
        say("simulated"),
        say("apparent"),
        say("corrected"),
        say("external"),
        say("backward"),
        say("recalibration"),
        say("extension"),
        say("revision"),
        say("revised extension"),
        say("in the-large"),
        say("missing"),
        say("unknown level"),
        say("not a number"),
        say("unreadable"),
        say("baseline"),
    )
}


def term(word: str) -> str:
    """A word of a fixed list as a message; any other text as it is."""
    return _TERMS.get(word, word)


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
