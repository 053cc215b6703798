"""Counted nouns and the verbs that agree with them, for English messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vertebrisk._checks import listed

MOST_LISTED = 8


def counted(n: int, noun: str, plural: str = "") -> str:
    """A number with its noun: ``1 event``, ``2 events``, ``1 vertebra``, ``2 vertebrae``."""
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def agreeing(n: int, singular: str, plural: str) -> str:
    """The word that agrees with a number: ``lies`` for 1, ``lie`` for any other."""
    return singular if n == 1 else plural


def with_article(noun: str) -> str:
    """A noun with its article: ``a number``, ``an intraoperative variable``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def in_rows(rows: Sequence[int], n: int | None = None) -> str:
    """Positions for a message: ``row 3``, ``rows 3, 8 and 12 more``, of `n` in all."""
    n = len(rows) if n is None else n
    shown = rows[:MOST_LISTED]
    names = listed(shown) if n <= MOST_LISTED else f"{listed(shown)} and {n - len(shown)} more"
    return f"{agreeing(n, 'row', 'rows')} {names}"


@dataclass(frozen=True, slots=True)
class Wording:
    """A message that counts rows, before they are counted.

    Attributes
    ----------
    template : str
        ``{n}`` becomes the number with its noun, ``{verb}`` the verb that agrees with it,
        ``{rows}`` their positions, ``{listed}`` these without the word, ``{besides}`` the
        other number with its noun.
    noun, verb : str, pair of str
    besides, other : int, str
        Another number, and what it counts.
    """

    template: str
    noun: str = "cell"
    verb: tuple[str, str] = ("", "")
    other: str = ""
    besides: int = field(default=0, compare=False)

    def of(self, rows: Sequence[int], n: int | None = None) -> str:
        """The message on these rows, or on `n` of which these come first."""
        n = len(rows) if n is None else n
        said = {
            "{n}": counted(n, self.noun),
            "{verb}": agreeing(n, *self.verb),
            "{rows}": in_rows(rows, n),
            "{listed}": in_rows(rows, n).partition(" ")[2],
            "{besides}": counted(self.besides, self.other),
        }
        message = self.template
        for mark, words in said.items():
            message = message.replace(mark, words)
        return message
