"""One row of a regression table: what coefficient and standard error it allows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.wald import (
    FIELDS,
    LEAST_ERROR,
    Region,
    Scale,
    region_of,
    says_something,
    z_range,
)

# Noise in the last bits would send the search for patients elsewhere.
_DIGITS = 7


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
    scale = Scale(conf_level)
    given = [name for name in FIELDS if name in printed and says_something(name, printed[name])]
    region = region_of(printed, given, scale)
    if not region.empty:
        return RowReading(_target(given, printed, region))
    conflicts = _smallest_conflicts(given, printed, scale)
    for size in range(1, len(given)):
        for dropped in combinations(reversed(given), size):
            kept = [name for name in given if name not in dropped]
            region = region_of(printed, kept, scale)
            if not region.empty:
                return RowReading(_target(kept, printed, region), conflicts, dropped[::-1])
    return RowReading(Target(), conflicts, tuple(given))


def _smallest_conflicts(
    given: list[str], printed: Mapping[str, Printed], scale: Scale
) -> tuple[tuple[str, ...], ...]:
    """All sets of the least size that cannot hold together."""
    for size in range(1, len(given) + 1):
        found = tuple(
            subset
            for subset in combinations(given, size)
            if region_of(printed, subset, scale).empty
        )
        if found:
            return found
    return ()


def _target(names: list[str], printed: Mapping[str, Printed], region: Region) -> Target:
    (b_low, b_high), (s_low, s_high) = region.estimate(), region.std_error()
    known_b = math.isfinite(b_low) and math.isfinite(b_high)
    known_s = math.isfinite(s_high) and s_low > 2 * LEAST_ERROR
    ranges = [
        z_range(name, printed[name].interval) for name in names if name in ("wald", "p_value")
    ]
    return Target(
        estimate=round((b_low + b_high) / 2, _DIGITS) if known_b else math.nan,
        estimate_half=round((b_high - b_low) / 2, _DIGITS) if known_b else math.nan,
        std_error=round((s_low + s_high) / 2, _DIGITS) if known_s else math.nan,
        std_error_half=round((s_high - s_low) / 2, _DIGITS) if known_s else math.nan,
        z_low=max((low for low, _ in ranges), default=0.0),
        z_high=min((high for _, high in ranges), default=math.inf),
        sign=region.sign,
    )
