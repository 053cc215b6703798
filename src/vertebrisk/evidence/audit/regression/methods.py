"""Does a formula hold in a row, or was another honest method used than the one it assumes?

Ratio and estimate, or a Wald statistic and its P, are bound by arithmetic alone. An
interval may come from the profile likelihood and a P from the likelihood ratio: such
numbers are called inconsistent only where the other rows of the table show that its
intervals and P values are Wald's, or where no method could lie so far off.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vertebrisk.evidence.audit.regression.bounds import (
    impossible_asymmetry,
    impossible_limit,
    impossible_strength,
)
from vertebrisk.evidence.audit.regression.numbers import (
    LIMITS,
    Gap,
    Identity,
    RowNumbers,
    gap_of,
    identities,
)
from vertebrisk.evidence.audit.values import CUT_OFF, Verdict
from vertebrisk.evidence.printed_tables import CONSTANT
from vertebrisk.evidence.wald import exp
from vertebrisk.text.messages import say

# Gaps, in standard errors of the coefficient (or in units of z).
_SHARP = 0.03
_TELLING_Z = 0.8
_PLAIN_GAP = 0.15
_WITNESSES = 2
# Wald and likelihood-ratio statistics part where errors are large; beyond this nothing is said.
_MOST_ERROR = 1.5
_WEAKER, _WEAKER_GAP, _WEAK_GAP = 0.6, 0.8, 0.5
_SCALES = (10.0, 5.0, 100.0, 20.0, 2.0, 50.0, 1000.0, 0.1, 0.01, 0.5, 0.2)
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """One formula with what came of it; a note says which method would give the print."""

    identity: Identity
    verdict: Verdict
    note: str = ""
    turned: bool = False


def judge(row: RowNumbers, rows: Sequence[RowNumbers]) -> list[Judged]:
    """Every formula of a row, judged beside the other rows of its table."""
    found = [_judged(row, identity, rows) for identity in identities(row)]
    if not any(each.verdict == "inconsistent" for each in found):
        return found
    told = _other_scale(row) or _error_of_ratio(row)
    if told:
        return [
            Judged(each.identity, "consistent", told) if each.verdict == "inconsistent" else each
            for each in found
        ]
    if _turned(row):
        return [
            Judged(each.identity, each.verdict, turned=each.verdict == "inconsistent")
            for each in found
        ]
    return found


def _judged(row: RowNumbers, identity: Identity, rows: Sequence[RowNumbers]) -> Judged:
    if row.holds(identity.fields):
        return Judged(identity, "consistent")
    if row.cut_off(identity.fields):
        return Judged(identity, "consistent", CUT_OFF)
    if identity.certain:
        return Judged(identity, "inconsistent")
    if identity.id == "interval-symmetry":
        if impossible_asymmetry(row, identity):
            return Judged(identity, "inconsistent")
        return Judged(identity, "consistent", _asymmetry(row, identity))
    gap = gap_of(row, identity)
    if gap is None:
        return Judged(identity, "not checkable", say("the other numbers of the row contradict it"))
    if _beyond_doubt(row, identity, gap, rows):
        return Judged(identity, "inconsistent")
    return Judged(identity, "consistent", _other_method(identity))


def _asymmetry(row: RowNumbers, identity: Identity) -> str:
    return say(
        "The interval is not symmetric about {shown} on the log scale, as one "
        "from the profile likelihood or the bootstrap need not be.",
        shown=row.shown(identity.target),
    )


def _other_method(identity: Identity) -> str:
    if identity.id == "interval-of-coefficient":
        return say(
            "It is not B +- 1.96 SE; an interval from the profile likelihood or the "
            "bootstrap need not be."
        )
    return say("It is not Wald's; a likelihood-ratio or score test need not agree with it.")


def _beyond_doubt(
    row: RowNumbers, identity: Identity, gap: Gap, rows: Sequence[RowNumbers]
) -> bool:
    """True where no honest method gives the print."""
    others = [other for other in rows if other.row is not row.row]
    if identity.id == "interval-of-coefficient":
        return impossible_limit(row, identity) or (
            gap.apart >= _PLAIN_GAP
            and _wald_intervals(others) >= _WITNESSES
            and _only_one_off(row, identity)
        )
    if impossible_strength(row, identity, gap):
        return True
    _, high = row.region(identity.others).std_error()
    if high > _MOST_ERROR:
        return False
    # The likelihood ratio is seldom weaker than Wald's statistic, and never by so much. It may
    # be much stronger, and equal to Wald's in the rows where that is of no account.
    weaker = gap.signed < 0 and identity.id == "p-of-coefficient"
    if weaker and gap.apart >= _WEAK_GAP and _wald_p_values(others) >= _WITNESSES:
        return True
    if identity.id == "p-of-interval" and not _symmetric(row, identity):
        return False
    made = row.region(identity.others).range(lambda b, s: abs(b) / s)
    weaker = gap.signed < 0 and gap.apart >= _WEAKER_GAP
    return weaker and made[0] - gap.apart <= _WEAKER * made[0]


def _symmetric(row: RowNumbers, identity: Identity) -> bool:
    """True if the limits have the estimate in their middle, so that they tell it."""
    middles = (name for name in ("ratio", "estimate") if row.has(name))
    return any(row.holds((name, *identity.others)) for name in middles)


def _only_one_off(row: RowNumbers, identity: Identity) -> bool:
    """True if the opposite limit is exactly Wald's: a profile interval departs at both ends."""
    place = LIMITS.index(identity.target)
    opposite = LIMITS[place + 1 if place % 2 == 0 else place - 1]
    if not row.has(opposite):
        return False
    other = Identity(identity.id, (*identity.others, opposite), opposite, False)
    gap = gap_of(row, other)
    return gap is not None and gap.apart <= _SAME and gap.resolution <= _SHARP


def _wald_intervals(rows: Sequence[RowNumbers]) -> int:
    """Rows whose limits are both Wald's, so sharply that another method would show."""
    return sum(_sharp(row, ("interval-of-coefficient",)) for row in rows)


def _wald_p_values(rows: Sequence[RowNumbers]) -> int:
    """Rows whose P is Wald's, with an effect large enough for another test to differ."""
    return sum(_sharp(row, ("p-of-coefficient", "p-of-interval")) and _telling(row) for row in rows)


def _sharp(row: RowNumbers, names: tuple[str, ...]) -> bool:
    gaps = [gap_of(row, each) for each in identities(row) if each.id in names]
    return bool(gaps) and all(
        gap is not None and gap.apart <= _SAME and gap.resolution <= _SHARP for gap in gaps
    )


def _telling(row: RowNumbers) -> bool:
    fields = tuple(name for name in row.printed if name != "p_value")
    region = row.region(fields)
    return not region.empty and region.range(lambda b, s: abs(b) / s)[0] >= _TELLING_Z


def _other_scale(row: RowNumbers) -> str:
    """What to say where all numbers agree once the ratio is taken per other units of B."""
    for per in _possible_scales(row):
        if per > 0 and _holds_at(row, per):
            return say("The ratio fits B taken per {per:g} units.", per=per)
    return ""


def _error_of_ratio(row: RowNumbers) -> str:
    """What to say where the error is that of the ratio itself, as Stata prints it without B."""
    if row.has("estimate") or not row.has("ratio", "std_error"):
        return ""
    printed = row.printed["std_error"].interval
    without = row.without("std_error")
    if not all(without.holds(each.fields) for each in identities(without) if each.certain):
        return ""
    for others in (LIMITS[:2], ("z",), ("wald",), ("p_value",)):
        if not row.has(*others):
            continue
        region = row.region(("ratio", *others))
        if region.empty:
            continue
        per, b, s = row.scale.per, region.estimate(), region.std_error()
        if not all(math.isfinite(end) for end in (*b, *s)):
            continue
        factors = sorted(abs(per) * exp(per * end) for end in b)
        if factors[0] * s[0] <= printed[1] and printed[0] <= factors[1] * s[1]:
            name = row.label("ratio")
            return say(
                "SE is that of the {name} itself: {name} times the standard error of ln {name}.",
                name=name,
            )
    return ""


def _turned(row: RowNumbers) -> bool:
    """True if the row holds together once the ratio is read as of the inverse coding."""
    return row.has("estimate", "ratio") and _holds_at(row, -1.0)


def _holds_at(row: RowNumbers, per: float) -> bool:
    scale = type(row.scale)(row.scale.level, per * row.scale.per, row.scale.doubt)
    turned = RowNumbers(row.model, row.row, row.printed, scale)
    return all(turned.holds(each.fields) for each in identities(turned) if each.certain) and (
        not _limits_printed(turned) or turned.holds(_bound(turned))
    )


def _limits_printed(row: RowNumbers) -> bool:
    return row.has("estimate", "std_error", *LIMITS[:2])


def _bound(row: RowNumbers) -> tuple[str, ...]:
    return tuple(name for name in ("estimate", "std_error", "ratio", *LIMITS[:2]) if row.has(name))


def _possible_scales(row: RowNumbers) -> Iterator[float]:
    """Usual units first; where error and interval are there to confirm it, any that fits.

    A constant and a level of a factor have no units.
    """
    if not row.has("estimate", "ratio") or row.row.level or row.row.term == CONSTANT:
        return
    yield from _SCALES
    if not _limits_printed(row):
        return
    b = row.printed["estimate"].interval
    region = row.region(("ratio",)).estimate()
    if b[0] <= 0 <= b[1]:
        return
    ends = sorted(each / other for each in region for other in b)
    yield from (ends[0] + share / 8 * (ends[-1] - ends[0]) for share in range(9))
