"""Sums in a fixed order: the same tree of additions, however the leaves are handed in.

Leaf i and leaf i + 1 are added where i is even, then pairs of these, and so on. A run of
leaves whose number is a power of two, and which begins at a multiple of it, is a branch of
that tree, so it may be added up anywhere: the last bit of the sum is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Tree(Generic[T]):
    """Adds leaves in their order; holds one branch of each height at most."""

    def __init__(self, combine: Callable[[T, T], T]) -> None:
        self._combine = combine
        self._branches: list[tuple[int, T]] = []

    def add(self, value: T, height: int = 0) -> None:
        """Take the next leaf, or the next branch of so many doublings."""
        self._branches.append((height, value))
        while len(self._branches) > 1 and self._branches[-1][0] == self._branches[-2][0]:
            (low, left), (_, right) = self._branches[-2:]
            self._branches[-2:] = [(low + 1, self._combine(left, right))]

    def take(self, branches: Iterable[tuple[int, T]]) -> None:
        """Take the branches of a tree over the leaves that come next."""
        for height, value in branches:
            self.add(value, height)

    @property
    def branches(self) -> tuple[tuple[int, T], ...]:
        """Height and value of what has been added up so far."""
        return tuple(self._branches)

    def total(self) -> T:
        """The sum of all leaves; there must be one."""
        total = self._branches[-1][1]
        for _, value in reversed(self._branches[:-1]):
            total = self._combine(value, total)
        return total
