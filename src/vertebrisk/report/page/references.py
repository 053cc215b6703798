"""References to tables inside a sentence, marked so that a renderer can link them.

A marked number stands between two characters that Unicode keeps for a program's own use, so
no text from outside is taken for one: a note that says "Table 2 of the paper" stays words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MARKED = re.compile(f"((?:Table[ \u00a0]|表[ \u00a0]?)?){_OPEN}([0-9]+){_CLOSE}")
_SIGNS = re.compile(f"[{_OPEN}{_CLOSE}]")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a sentence says of a table: its number, and the word before it where one stands."""

    number: int
    word: str = ""

    @property
    def text(self) -> str:
        """The reference as it is read."""
        return f"{self.word}{self.number}"


def marked(number: int) -> str:
    """The number of a table, marked as a reference to it."""
    return f"{_OPEN}{number}{_CLOSE}"


def plain(text: str) -> str:
    """The text without its marks."""
    return _SIGNS.sub("", text)


def pieces(text: str) -> Iterator[str | Reference]:
    """A text cut into words and references, in order."""
    place = 0
    for found in _MARKED.finditer(text):
        if found.start() > place:
            yield plain(text[place : found.start()])
        yield Reference(int(found[2]), found[1])
        place = found.end()
    if place < len(text):
        yield plain(text[place:])
