"""The fewest patients that are enough."""

from __future__ import annotations

from collections.abc import Callable

MOST = 2**40


def fewest(least: int, enough: Callable[[int], bool]) -> int:
    """The first number from `least` on that is enough, where all larger ones are too.

    `MOST` or more where none below is.
    """
    low, high = least - 1, least
    while high < MOST and not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
