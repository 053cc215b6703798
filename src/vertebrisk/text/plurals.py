"""Counted nouns and the verbs that agree with them, for English messages."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk._checks import listed


def counted(n: int, noun: str, plural: str = "") -> str:
    """A number with its noun: ``1 event``, ``2 events``, ``1 vertebra``, ``2 vertebrae``."""
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def agreeing(n: int, singular: str, plural: str) -> str:
    """The word that agrees with a number: ``lies`` for 1, ``lie`` for any other."""
    return singular if n == 1 else plural


def with_article(noun: str) -> str:
    """A noun with its article: ``a number``, ``an intraoperative variable``."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def in_rows(rows: Sequence[int]) -> str:
    """Positions for a message: ``row 3``, ``rows 3, 8 and 12 more``."""
    return f"{agreeing(len(rows), 'row', 'rows')} {listed(rows)}"
