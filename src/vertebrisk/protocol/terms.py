"""Names and formula terms as a protocol writes them."""

from __future__ import annotations

from collections.abc import Collection

from vertebrisk.design.syntax import quoted
from vertebrisk.design.terms import parse_terms

__all__ = ["names_of_term", "quoted"]


def names_of_term(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Variables that a candidate or term uses.

    A known variable's name stands for itself, whatever characters it has; anything else
    is read as a term of a formula, and raises ExpressionError where it is not one.
    """
    if text in known:
        return (text,)
    used = (name for term in parse_terms((text,)) for name in term.variables)
    return tuple(dict.fromkeys(used))
