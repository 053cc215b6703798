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
    named = _NUMBER.search(words)
    said = float(named[1]) if named is not None and float(named[1]) > 0 else 1.0
    for cut in (False, True):
        for per in (1.0, said):
            if _fits(estimate, ratio, per, cut=cut):
                return per
    return None if _SPREAD.search(words) else 1.0


def _fits(estimate: Printed, ratio: Printed, per: float, *, cut: bool) -> bool:
    """True if the two are of one number, rounded or with digits cut off."""
    ends, seen = (each.cut_off if cut else each.interval for each in (estimate, ratio))
    low, high = (per * end for end in ends)
    if not (math.isfinite(low) and math.isfinite(high)) or max(abs(low), abs(high)) > 500:
        return False
    return math.exp(low) <= seen[1] and seen[0] <= math.exp(high)
