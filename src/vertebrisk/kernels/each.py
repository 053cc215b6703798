"""Who does one thing to each of several items: the caller's threads, or nobody but the caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Each(Protocol):
    """Results of a function for some items, in their order, whoever works on them."""

    def __call__(self, work: Callable[[S], T], items: Sequence[S], /) -> list[T]:
        """The results."""


def one_by_one(work: Callable[[S], T], items: Sequence[S], /) -> list[T]:
    """One item after the other."""
    return list(map(work, items))
