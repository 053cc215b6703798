"""One row of a regression table: what coefficient and standard error it allows.

Estimate, standard error, Wald statistic, P, ratio and interval are all roundings of two
numbers, the coefficient b and its standard error s, and each is a pair of linear limits on
them: ln(low) is b - 1.96 s, the root of Wald is |b| / s, and so on. So a linear programme
says whether a row holds together, and which of its numbers do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import linprog
from scipy.special import ndtri

from vertebrisk.evidence.printed import Printed

FIELDS = ("estimate", "ratio", "std_error", "conf_low", "conf_high", "wald", "p_value")
_LEAST_ERROR = 1e-9
# A bound of the form (a, c): a[0] b + a[1] s <= c.
_Limit = tuple[tuple[float, float], float]


@dataclass(frozen=True, slots=True)
class Target:
    """What a coefficient must be: middle and half width of what the row allows.

    Numbers that the row says nothing about are NaN; `z_low` and `z_high` bound |b| / s
    where the row gives a P or a Wald statistic. `sign` is 0 where it is not known.
    """

    estimate: float = math.nan
    estimate_half: float = math.nan
    std_error: float = math.nan
    std_error_half: float = math.nan
    z_low: float = 0.0
    z_high: float = math.inf
    sign: int = 0

    def turned(self) -> Target:
        """The same with the opposite sign."""
        return Target(
            -self.estimate, self.estimate_half, self.std_error, self.std_error_half,
            self.z_low, self.z_high, -self.sign,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowReading:
    """The target of a row, what cannot hold together in it, and what was set aside for that."""

    target: Target
    conflicts: tuple[tuple[str, ...], ...] = ()
    set_aside: tuple[str, ...] = ()


def read_row(printed: Mapping[str, Printed], conf_level: float = 95.0) -> RowReading:
    """What a printed row says of its coefficient and standard error.

    Parameters
    ----------
    printed : mapping
        Some of `FIELDS` with their printed numbers.
    conf_level : float
        Level of the interval, in percent.

    Returns
    -------
    RowReading
        `conflicts` are the smallest sets of numbers that no coefficient has together;
        `set_aside` is the smallest set without which the rest holds together.
    """
    width = float(ndtri(0.5 + conf_level / 200))
    given = [name for name in FIELDS if name in printed and _says_something(name, printed[name])]
    if _box(given, printed, width) is not None:
        return RowReading(_target(given, printed, width))
    conflicts = _smallest_conflicts(given, printed, width)
    for size in range(1, len(given)):
        for dropped in combinations(reversed(given), size):
            kept = [name for name in given if name not in dropped]
            if _box(kept, printed, width) is not None:
                return RowReading(_target(kept, printed, width), conflicts, dropped[::-1])
    return RowReading(Target(), conflicts, tuple(given))


def _says_something(name: str, number: Printed) -> bool:
    positive = name in ("ratio", "conf_low", "conf_high", "std_error", "wald")
    return not positive or number.interval[1] > 0


def _smallest_conflicts(
    given: list[str], printed: Mapping[str, Printed], width: float
) -> tuple[tuple[str, ...], ...]:
    """All sets of the least size that cannot hold together."""
    for size in range(1, len(given) + 1):
        found = tuple(
            subset
            for subset in combinations(given, size)
            if _box(list(subset), printed, width) is None
        )
        if found:
            return found
    return ()


def _target(names: list[str], printed: Mapping[str, Printed], width: float) -> Target:
    box = _box(names, printed, width)
    assert box is not None
    b_low, b_high, s_low, s_high, sign = box
    known_b = math.isfinite(b_low) and math.isfinite(b_high)
    known_s = math.isfinite(s_high) and s_low > 2 * _LEAST_ERROR
    z_low, z_high = _z_range(names, printed)
    return Target(
        estimate=(b_low + b_high) / 2 if known_b else math.nan,
        estimate_half=(b_high - b_low) / 2 if known_b else math.nan,
        std_error=(s_low + s_high) / 2 if known_s else math.nan,
        std_error_half=(s_high - s_low) / 2 if known_s else math.nan,
        z_low=z_low,
        z_high=z_high,
        sign=sign,
    )


def _z_range(names: list[str], printed: Mapping[str, Printed]) -> tuple[float, float]:
    low, high = 0.0, math.inf
    for name in names:
        if name in ("wald", "p_value"):
            least, most = _z_of(name, printed[name])
            low, high = max(low, least), min(high, most)
    return low, high


def _box(
    names: list[str], printed: Mapping[str, Printed], width: float
) -> tuple[float, float, float, float, int] | None:
    """Ranges of b and of s that the named numbers allow, and the sign of b; None if none are."""
    boxes = []
    z_low, z_high = _z_range(names, printed)
    if z_low > z_high:
        return None
    for sign in (1, -1):
        limits = [limit for name in names for limit in _limits(name, printed[name], sign, width)]
        found = _ranges(limits, sign)
        if found is not None:
            boxes.append((*found, sign))
    if not boxes:
        return None
    if len(boxes) == 1:
        return boxes[0]
    (a, b, c, d, _), (e, f, g, h, _) = boxes
    return min(a, e), max(b, f), min(c, g), max(d, h), 0


def _ranges(limits: list[_Limit], sign: int) -> tuple[float, float, float, float] | None:
    bounds = [(0, None) if sign > 0 else (None, 0), (_LEAST_ERROR, None)]
    matrix = np.array([a for a, _ in limits]) if limits else None
    right = np.array([c for _, c in limits]) if limits else None
    ends = []
    for cost in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        result = linprog(np.array(cost, dtype=np.float64), matrix, right, bounds=bounds)
        if result.status == 2:
            return None
        ends.append(float(result.fun) if result.status == 0 else -math.inf)
    return ends[0], -ends[1], ends[2], -ends[3]


def _limits(name: str, number: Printed, sign: int, width: float) -> Iterator[_Limit]:
    """Linear limits on (b, s) from one printed number, where b has the sign given."""
    if name in ("wald", "p_value"):
        low, high = _z_of(name, number)
        if low > 0:
            yield (-float(sign), low), 0.0
        if math.isfinite(high):
            yield (float(sign), -high), 0.0
        return
    weights = {
        "estimate": (1.0, 0.0), "ratio": (1.0, 0.0), "std_error": (0.0, 1.0),
        "conf_low": (1.0, -width), "conf_high": (1.0, width),
    }[name]  # fmt: skip
    low, high = number.interval
    if name not in ("estimate", "std_error"):
        low = math.log(low) if low > 0 else -math.inf
        high = math.log(high)
    if math.isfinite(high):
        yield weights, high
    if math.isfinite(low):
        yield (-weights[0], -weights[1]), -low


def _z_of(name: str, number: Printed) -> tuple[float, float]:
    """Range of |b| / s that a printed Wald chi-square or P allows."""
    low, high = number.interval
    if name == "wald":
        return math.sqrt(max(low, 0.0)), math.sqrt(high) if math.isfinite(high) else math.inf
    low, high = max(low, 0.0), min(high, 1.0)
    return -float(ndtri(high / 2)), math.inf if low <= 0 else -float(ndtri(low / 2))
