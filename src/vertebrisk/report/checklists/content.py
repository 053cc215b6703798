"""What a filled checklist consists of: items, what the run says to each, and where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from vertebrisk._types import Json, Language
from vertebrisk.evidence.appraisal.answers import REPLIES, Reply

Status = Literal["reported", "partly", "authors", "none"]
PlaceKind = Literal["section", "table", "figure", "file"]
STATUSES: tuple[Status, ...] = get_args(Status)
VERDICTS: tuple[Status | Reply, ...] = (*STATUSES, *REPLIES)


def table_key(key: str) -> str:
    """Key of the table of a checklist."""
    return f"checklist_{key}"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list of reporting, or one of its sub-items.

    `number` is that of the statement, such as ``12c``; `en` and `zh` are short names in words of
    our own; `part` is the key of the heading under which it stands.
    """

    number: str
    part: str
    en: str
    zh: str

    def name(self, language: Language) -> str:
        """Its short name in a language."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a section, table or figure of the report by its key, or a file."""

    kind: PlaceKind
    key: str

    def to_dict(self) -> Json:
        """JSON form."""
        return {"kind": self.kind, "key": self.key}


@dataclass(frozen=True, slots=True)
class Filled:
    """What the run says to an item. `status` "none" is an item that does not apply."""

    status: Status
    text: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a checklist.

    `verdict` is a status, or the reply to a signalling question; `findings` are the codes of the
    run's findings that touch it.
    """

    number: str
    name: str
    verdict: Status | Reply
    text: str
    places: tuple[Place, ...]
    findings: tuple[str, ...] = ()

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "number": self.number,
            "name": self.name,
            "verdict": self.verdict,
            "text": self.text,
            "places": [place.to_dict() for place in self.places],
            "findings": list(self.findings),
        }


@dataclass(frozen=True, slots=True)
class ChecklistPart:
    """Lines under one heading; `judgement` is the rating of a domain, where there is one."""

    key: str
    heading: str
    entries: tuple[Entry, ...]
    judgement: str = ""

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "key": self.key,
            "heading": self.heading,
            "judgement": self.judgement,
            "entries": [entry.to_dict() for entry in self.entries],
        }


@dataclass(frozen=True, slots=True)
class Checklist:
    """One checklist, filled from a run.

    `name` is how findings refer to it, such as ``TRIPOD+AI``; `title` says what it is, `source`
    where its items come from. `notes` say what it rests on, and the judgement of the whole.
    """

    key: str
    name: str
    title: str
    source: str
    parts: tuple[ChecklistPart, ...]
    notes: tuple[str, ...] = ()

    def entries(self) -> Iterator[Entry]:
        """Every line, in order."""
        return (entry for part in self.parts for entry in part.entries)

    def entry(self, number: str) -> Entry:
        """The line of one item."""
        return next(entry for entry in self.entries() if entry.number == number)

    @property
    def counts(self) -> dict[str, int]:
        """How many lines have each verdict that occurs."""
        found = Counter(entry.verdict for entry in self.entries())
        return {each: found[each] for each in VERDICTS if each in found}

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "key": self.key,
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "counts": self.counts,
            "parts": [part.to_dict() for part in self.parts],
            "notes": list(self.notes),
        }
