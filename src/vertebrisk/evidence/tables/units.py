"""What a ratio is taken per: units that the label of a row names, where B is per one unit."""

from __future__ import annotations

import math
import re

from vertebrisk.evidence.printed import Printed, plain

_NUMBER = re.compile(r"(?:\bper\b|每(?:增加)?|/)\s*-?\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
_SPREAD = re.compile(
    r"\bper\s*-?\s*(?:1\s*)?(?:sd|standard deviation|iqr|inter)|每(?:增加)?1?个?标准差", re.I
)


def is_per(text: str) -> bool:
    """True for a text that says what a ratio is taken per."""
    return re.match(r"\s*(?:per\b|每)", plain(text), re.IGNORECASE) is not None


def units_of(label: str, estimate: Printed, ratio: Printed) -> float | None:
    """Units of the ratio for each of B: 1 where they agree as they stand.

    None where the label names a spread that is not printed, so that nothing binds the two.
    """
    words = plain(label)
    if _fits(estimate, ratio, 1.0):
        return 1.0
    named = _NUMBER.search(words)
    if named is not None and float(named[1]) > 0 and _fits(estimate, ratio, float(named[1])):
        return float(named[1])
    return None if _SPREAD.search(words) else 1.0


def _fits(estimate: Printed, ratio: Printed, per: float) -> bool:
    low, high = (per * end for end in estimate.interval)
    if not (math.isfinite(low) and math.isfinite(high)) or max(abs(low), abs(high)) > 500:
        return False
    seen = ratio.interval
    return math.exp(low) <= seen[1] and seen[0] <= math.exp(high)
