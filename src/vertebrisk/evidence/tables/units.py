"""What a ratio is taken per: units that the label of a row names, where B is per one unit."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from vertebrisk.evidence.printed import Printed, plain

_NUMBER = re.compile(r"(?:\bper\b|每(?:增加)?|/)\s*-?\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
_SPREAD = re.compile(
    r"\bper\s*-?\s*(?:1\s*)?(?:sd|standard deviation|iqr|inter)|每(?:增加)?1?个?标准差", re.I
)
_MOST = 500.0


def is_per(text: str) -> bool:
    """True for a text that says what a ratio is taken per."""
    return re.match(r"\s*(?:per\b|每)", plain(text), re.IGNORECASE) is not None


def units_of(label: str, numbers: Mapping[str, Printed]) -> float | None:
    """Units of the ratio for each of B: 1 where they agree as they stand.

    None where the label names a spread that is not printed, so that nothing binds the two.
    """
    words = plain(label)
    if "estimate" not in numbers:
        return 1.0
    named = _NUMBER.search(words)
    said = float(named[1]) if named is not None and float(named[1]) > 0 else 1.0
    for cut in (False, True):
        for per in (1.0, said):
            if _fits(numbers, per, cut=cut):
                return per
    return None if _SPREAD.search(words) and _same_side(numbers) else 1.0


def _same_side(numbers: Mapping[str, Printed]) -> bool:
    """False where B is below 0 and the ratio above 1, or the other way round."""
    if "ratio" not in numbers:
        return True
    b, ratio = numbers["estimate"].interval, numbers["ratio"].interval
    return not ((b[1] < 0 and ratio[0] > 1) or (b[0] > 0 and ratio[1] < 1))


def _fits(numbers: Mapping[str, Printed], per: float, *, cut: bool) -> bool:
    """True if B in these units gives the ratio, rounded or cut off, between its limits."""
    ends = {name: each.cut_off if cut else each.interval for name, each in numbers.items()}
    b, everything = ends["estimate"], (-math.inf, math.inf)
    if not all(abs(per * end) < _MOST for end in b):
        return False
    made = math.exp(per * b[0]), math.exp(per * b[1])
    ratio = ends.get("ratio", everything)
    low, high = ends.get("conf_low", everything)[0], ends.get("conf_high", everything)[1]
    return max(ratio[0], low) <= made[1] and made[0] <= min(ratio[1], high)
