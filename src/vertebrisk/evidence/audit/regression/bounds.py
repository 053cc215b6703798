"""How far an interval or a P can lie from Wald's: beyond that no honest method gives it.

Profile likelihood and likelihood ratio part from Wald where patients are few. In thousands of
simulated regressions with 8 events or more, an interval reached at most 3.2 standard errors
from the estimate, and 1.4 at least, where Wald's reaches 1.96; the two arms of an interval
differed at most 1.8-fold unless the longer one pointed away from zero; and a statistic of less
than 1.5 by Wald was at most 0.5 greater by the other tests. The bounds here are far wider,
since the bootstrap departs further.
"""

from __future__ import annotations

import math

from vertebrisk.evidence.audit.regression.numbers import LIMITS, Fields, Gap, Identity, RowNumbers
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import CONSTANT

_LONGEST, _SHORTEST = 5.0, 0.25  # arms, where Wald's is 1
_LOPSIDED = 4.0
_NEAR_ZERO = 1.0  # of the estimate over its error by the arm towards zero
_STRENGTHS = ((1.5, 1.2), (2.0, 1.6))  # a statistic up to so much, and what is added to it
_QUANTILE = 1.959964

Ends = tuple[float, float]


def impossible_limit(row: RowNumbers, identity: Identity) -> bool:
    """True if a limit lies further from the estimate, or nearer, than any method puts it."""
    if row.row.term == CONSTANT:
        return False
    return _impossible_arm(row, identity.target, identity.others)


def impossible_asymmetry(row: RowNumbers, identity: Identity) -> bool:
    """True if one arm of an interval is longer than the other by more than any method makes it."""
    if row.row.term == CONSTANT:
        return False
    middle, low, high = identity.fields
    if not row.has("std_error") and row.has("p_value"):
        for limit in (low, high):
            if _impossible_arm(row, limit, (middle, "p_value")):
                return True
    if _symmetric_as_printed(row, middle, low, high):
        return False
    b, lower, upper = (_logs(row, name) for name in (middle, low, high))
    if not all(math.isfinite(end) for end in (*b, lower[1], upper[0])):
        return False
    if b[0] > 0:
        return _lopsided(_arm(b, lower), _arm(upper, b), b[1])
    if b[1] < 0:
        return _lopsided(_arm(upper, b), _arm(b, lower), -b[0])
    return False


def impossible_strength(row: RowNumbers, identity: Identity, gap: Gap) -> bool:
    """True if a P is far below that of an estimate that is close to its null value."""
    made = row.region(identity.others).range(lambda b, s: abs(b) / s)
    return gap.signed > 0 and any(
        gap.apart >= stronger and made[1] <= weak for weak, stronger in _STRENGTHS
    )


def _impossible_arm(row: RowNumbers, limit: str, others: Fields) -> bool:
    region = row.region(others, truncated=True)
    if region.empty or row.scale.per < 0:
        return False
    b, s, end = region.estimate(), region.std_error(), _logs(row, limit)
    if not all(math.isfinite(each) for each in (*b, *s)) or s[0] <= 0:
        return False
    wald = row.scale.quantile
    arm = _arm(end, b) if limit.endswith("high") else _arm(b, end)
    return arm[0] > _LONGEST * wald * s[1] or arm[1] < _SHORTEST * wald * s[0]


def _lopsided(towards: Ends, away: Ends, estimate: float) -> bool:
    """Arms towards zero and away from it, each as its least and its greatest length."""
    if towards[0] > _LOPSIDED * max(away[1], 0.0):
        return True
    near = estimate * _QUANTILE <= _NEAR_ZERO * towards[0]
    return near and away[0] > _LOPSIDED * towards[1]


def _arm(upper: Ends, lower: Ends) -> Ends:
    return upper[0] - lower[1], upper[1] - lower[0]


def _symmetric_as_printed(row: RowNumbers, middle: str, low: str, high: str) -> bool:
    """True for a ratio plus and minus 1.96 standard errors of the ratio itself."""
    if middle != "ratio":
        return False
    ends = [_wide(row.printed[name]) for name in (middle, low, high)]
    return ends[1][0] + ends[2][0] <= 2 * ends[0][1] and 2 * ends[0][0] <= ends[1][1] + ends[2][1]


def _logs(row: RowNumbers, name: str) -> Ends:
    """A printed number on the scale of b, turned where the ratio is of the inverse coding."""
    low, high = _wide(row.printed[name])
    if name not in ("ratio", *LIMITS[:2]):
        return low, high
    per = abs(row.scale.per)
    return _log(low) / per, _log(high) / per


def _wide(number: Printed) -> Ends:
    one, other = number.interval, number.cut_off
    return min(one[0], other[0]), max(one[1], other[1])


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf
