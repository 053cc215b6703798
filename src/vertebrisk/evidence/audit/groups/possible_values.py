"""Whether whole numbers can have a printed mean and SD: GRIM and GRIMMER.

Values recorded at a precision are whole multiples of a step, so that their sum and their
sum of squares are whole, and both even or both odd.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vertebrisk.evidence.reconstruction.whole_values import (
    SMALL_SUPPORT,
    greatest_squares,
    least_squares,
)

Range = tuple[float, float]
_NOISE = 1e-9
_MOST_SUMS = 400
_TRIED = 8
_NODES = 20_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a variable is recorded: its step, and its limits in steps, where it has some."""

    step: float
    limits: tuple[int, int] | None = None


def every_mean(n: int, mean: Range, recorded: Recorded) -> bool:
    """True if rounding leaves room for every mean, so that nothing can be said."""
    return (mean[1] - mean[0]) * n / recorded.step >= 1 - _NOISE


def has_mean(n: int, mean: Range, recorded: Recorded) -> bool:
    """True if n recorded values can have a mean in this range (GRIM).

    Brown and Heathers 2017, doi:10.1177/1948550616673876
    """
    return bool(_sums(n, mean, recorded))


def has_sd(n: int, mean: Range, sd: Range, recorded: Recorded) -> bool:
    """True if n recorded values can have a mean and an SD in these ranges (GRIMMER).

    The SD may be with n - 1 or with n. Where the limits leave few different values, those
    are tried exactly, if not too many sums of squares are in question; else what has the
    right parity and lies between the extremes is taken to be possible.
    """
    sums = _sums(n, mean, recorded)
    if len(sums) > _MOST_SUMS:
        return True
    return any(_has_squares(n, total, sd, divisor, recorded) for divisor in (n - 1, n)
               for total in sums)  # fmt: skip


def greatest_sd(n: int, mean: Range, limits: Range) -> float:
    """The greatest SD (with n - 1) of n values between limits with a mean in this range."""
    low, high = limits
    middle = min(max((low + high) / 2, mean[0]), mean[1])
    return math.sqrt(max((middle - low) * (high - middle), 0.0) * n / max(n - 1, 1))


def least_sd(n: int, extremes: Range) -> float:
    """The least SD (with n) of n values of which two lie this far apart."""
    return (extremes[1] - extremes[0]) / math.sqrt(2 * n)


def _sums(n: int, mean: Range, recorded: Recorded) -> range:
    low, high = (end * n / recorded.step for end in mean)
    first, last = math.ceil(low - _NOISE * n), math.floor(high + _NOISE * n)
    if recorded.limits is not None:
        first, last = max(first, n * recorded.limits[0]), min(last, n * recorded.limits[1])
    return range(first, last + 1)


def _has_squares(n: int, total: int, sd: Range, divisor: int, recorded: Recorded) -> bool:
    """True if some sum of squares goes with a sum, an SD and the limits."""
    centre = total**2 / n
    low, high = (max(end, 0.0) ** 2 / recorded.step**2 * divisor + centre for end in sd)
    slack = _NOISE * max(high, 1.0)
    first, last = math.ceil(low - slack), math.floor(high + slack)
    first += (first - total) % 2
    limits = recorded.limits
    # The extremes are even or odd as the sum is, so between them every second number counts.
    first = max(first, least_squares(n, total))
    if limits is not None:
        last = min(last, greatest_squares(n, total, limits))
    if limits is None or limits[1] - limits[0] >= SMALL_SUPPORT or first > last:
        return first <= last
    squares = range(first, last + 1, 2)
    return len(squares) > _TRIED or any(reachable(n, total, each, limits) for each in squares)


def reachable(n: int, total: int, squares: int, limits: tuple[int, int]) -> bool:
    """True if n whole numbers between limits have this sum and this sum of squares.

    One value at the upper end is taken, or the end is lowered; what leaves the extremes is
    not followed. False is a proof; a search that grows too long ends in True.
    """
    low = limits[0]
    start = n, total - n * low, squares - 2 * low * total + n * low**2, limits[1] - low
    stack, seen = [start], {start}
    while stack:
        k, t, s, high = stack.pop()
        if not 0 <= t <= k * high or (t - s) % 2:
            continue
        if k == 0:
            if s == 0:
                return True
            continue
        least, greatest = least_squares(k, t), greatest_squares(k, t, (0, high))
        if s in (least, greatest) or len(seen) > _NODES:
            return True
        if least < s < greatest:
            for step in ((k, t, s, high - 1), (k - 1, t - high, s - high**2, high)):
                if step not in seen:
                    seen.add(step)
                    stack.append(step)
    return False
