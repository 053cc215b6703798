"""Counted nouns and the verbs that agree with them.

Each is a message: English has its plurals, Chinese its measure words (`vertebrisk.text.zh`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vertebrisk._checks import listed
from vertebrisk.text.messages import Message, joined, say

MOST_LISTED = 8


def counted(n: int, noun: str, plural: str = "") -> Message:
    """A number with its noun: ``1 event``, ``2 events``, ``1 vertebra``, ``2 vertebrae``."""
    return Message(f"{n} {noun if n == 1 else plural or noun + 's'}", f"{{n}} {noun}", {"n": n})


def agreeing(n: int, singular: str, plural: str) -> str:
    """The word that agrees with a number: ``lies`` for 1, ``lie`` for any other.

    Chinese has no such agreement: its sentences leave the place of this word out.
    """
    return singular if n == 1 else plural


def in_sequence(names: Sequence[Message]) -> Message:
    """Names as a sentence lists them: ``a``, ``a and b``, ``a, b and c``."""
    if len(names) == 1:
        return names[0]
    return say("{names} and {last}", names=joined(names[:-1]), last=names[-1])


def with_article(noun: str) -> str:
    """A noun with its article: ``a number``, ``an intraoperative variable``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def in_rows(rows: Sequence[int], n: int | None = None) -> Message:
    """Positions for a message: ``row 3``, ``rows 3, 8 and 12 more``, of `n` in all."""
    n = len(rows) if n is None else n
    shown = listed(rows[:MOST_LISTED])
    if n > MOST_LISTED:
        return say("rows {rows} and {more} more", rows=shown, more=n - MOST_LISTED)
    return say("row {rows}", rows=shown) if n == 1 else say("rows {rows}", rows=shown)


def _positions(rows: Sequence[int], n: int) -> Message:
    shown = listed(rows[:MOST_LISTED])
    if n <= MOST_LISTED:
        return shown
    return say("{rows} and {more} more", rows=shown, more=n - MOST_LISTED)


@dataclass(frozen=True, slots=True)
class Wording:
    """A message that counts rows, before they are counted.

    Attributes
    ----------
    template : str
        As of `say`; ``{n}`` becomes the number with its noun, ``{verb}`` the verb that agrees
        with it, ``{rows}`` their positions, ``{listed}`` these without the word, ``{besides}``
        the other number with its noun.
    noun, verb : str, pair of str
    besides, other : int, str
        Another number, and what it counts.
    values : tuple of pairs of str and object
        Names of further places, and what stands there.
    """

    template: str
    noun: str = "cell"
    verb: tuple[str, str] = ("", "")
    other: str = ""
    besides: int = field(default=0, compare=False)
    values: tuple[tuple[str, object], ...] = ()

    def of(self, rows: Sequence[int], n: int | None = None) -> Message:
        """The message on these rows, or on `n` of which these come first."""
        n = len(rows) if n is None else n
        places: dict[str, object] = {
            "n": counted(n, self.noun),
            "verb": agreeing(n, *self.verb),
            "rows": in_rows(rows, n),
            "listed": _positions(rows, n),
            "besides": counted(self.besides, self.other),
            **dict(self.values),
        }
        return say(self.template, **places)
