"""Checks of means and spreads: whole numbers can have them, and they fit their range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from vertebrisk.evidence.audit.groups.cells import (
    NAMES,
    cell_of,
    cells_as_quantities,
    known_of,
    sizes_as_quantities,
    whole,
)
from vertebrisk.evidence.audit.groups.fitting import least_known
from vertebrisk.evidence.audit.groups.possible_values import (
    Range,
    Recorded,
    every_mean,
    greatest_sd,
    has_mean,
    has_sd,
    least_sd,
)
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import CUT_OFF, Check, Verdict
from vertebrisk.evidence.printed import Printed
from vertebrisk.text.messages import joined, say

_ORDER = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
_MOST = 100_000
_NOISE = 1e-9
_MISSING = say("Values may be missing, of which the print says nothing; then it can be right.")


def checks(subject: Subject) -> Iterator[Check]:
    """GRIM and GRIMMER, spreads against ranges, and quartiles in their order."""
    for comparison in subject.comparisons:
        for row in comparison.rows:
            of = _Row(subject, comparison, row)
            yield from _in_order(of)
            groups = list(_groups(of))
            if groups:
                yield from _recorded_checks(of, groups)
                yield from _range_checks(of, groups)


@dataclass(frozen=True, slots=True)
class _Row:
    subject: Subject
    comparison: Comparison
    row: Row

    def check(
        self, identity: str, verdict: Verdict, message: str, *notes: str, changes: str = "",
        recomputed: str = "",
    ) -> Check:  # fmt: skip
        """A check of this row."""
        wrong = verdict == "inconsistent"
        return Check(
            id=identity,
            about=self.subject.label(self.row.variable),
            place=self.row.place,
            quantities=(
                *cells_as_quantities(
                    self.comparison, self.row, "mean", "sd", *_ORDER, "missing", "sizes"
                ),
                *sizes_as_quantities(self.comparison),
            ),
            verdict=verdict,
            message=message,
            recomputed=recomputed,
            severity="detail" if wrong else "none",
            failure="impossible" if wrong else "",
            changes=changes if wrong else "",
            resolve=say("Ask for mean, SD and number of the row, and how it was recorded.")
            if wrong
            else "",
            notes=tuple(note for note in notes if note),
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """One group with its mean. `least` patients may have a value, where some may be missing."""

    at: int
    name: str
    n: int
    least: int
    mean: Printed
    sd: Printed | None


def _groups(of: _Row) -> Iterator[_Group]:
    known = known_of(of.comparison, of.row)
    study = of.subject.study
    told = study.methods.missing if study is not None else None
    complete = told is not None and told.value == "complete" and not of.comparison.missing_told
    for at, group in enumerate(of.comparison.groups):
        mean, sd = cell_of(of.row.mean, at), cell_of(of.row.sd, at)
        size, own = whole(group.n), known[at]
        n = own if own is not None else size
        if mean is None or mean.bound or n is None or not 2 <= n <= _MOST:
            continue
        if abs(mean.value) > 1e9 or (sd is not None and (sd.bound or not 0 <= sd.value <= 1e9)):
            continue
        least = n if own is not None or complete else least_known(n)
        yield _Group(at, group.name, n, least, mean, sd)


def _recorded(of: _Row) -> Recorded | None:
    """Step and limits of a variable that is known to be recorded in steps."""
    described = of.subject.variables.get(of.row.variable)
    if described is None or not (described.whole or described.decimals is not None):
        return None
    step = 1.0 if described.whole else 10.0 ** -(described.decimals or 0)
    limits = None
    if described.plausible is not None:
        low, high = (end / step for end in described.plausible)
        limits = math.ceil(low - _NOISE), math.floor(high + _NOISE)
    return Recorded(step, limits)


# ---------------------------------------------------------------- GRIM and GRIMMER


def _recorded_checks(of: _Row, groups: list[_Group]) -> Iterator[Check]:
    recorded = _recorded(of)
    if recorded is None:
        return
    free = Recorded(recorded.step)
    room = [every_mean(group.n, group.mean.interval, free) for group in groups]
    if all(room):
        yield of.check("grim", "not checkable", _room(groups))
    else:
        yield _grim(of, groups, free)
    if any(group.sd is None for group in groups) or of.row.spread == "se":
        return
    yield _grimmer(of, groups, free, recorded)


def _room(groups: list[_Group]) -> str:
    sizes = joined(list(dict.fromkeys(str(group.n) for group in groups)), " and ")
    return say(
        "With n = {sizes} and {decimals} decimals every mean of recorded values is possible.",
        sizes=sizes,
        decimals=groups[0].mean.decimals,
    )


def _grim(of: _Row, groups: list[_Group], free: Recorded) -> Check:
    """A mean of n whole numbers is a whole sum over n."""
    failed = [group for group in groups if not has_mean(group.n, group.mean.interval, free)]
    if not failed:
        return of.check("grim", "consistent", say("Every mean is a possible sum over its number."))
    if all(has_mean(group.n, group.mean.cut_off, free) for group in failed):
        return of.check(
            "grim", "consistent", say("Every mean is a possible sum over its number."), CUT_OFF
        )
    first = failed[0]
    near = _nearest(first, free)
    message = say(
        "No {n} values recorded to {step:g} have the mean {mean} ({name}): the nearest are {near}.",
        n=first.n,
        step=free.step,
        mean=first.mean,
        name=first.name,
        near=near,
    )
    if all(_with_fewer(group, free) for group in failed):
        return of.check("grim", "not checkable", message, _MISSING)
    return of.check(
        "grim", "inconsistent", message, recomputed=near,
        changes=say('The mean is not of these patients, or the values are not whole.'),
    )  # fmt: skip


def _nearest(group: _Group, recorded: Recorded) -> str:
    total = group.mean.value * group.n / recorded.step
    digits = group.mean.decimals + 2
    ends = [each * recorded.step / group.n for each in (math.floor(total), math.ceil(total))]
    return say("{ends} and {ends_2}", ends=f"{ends[0]:.{digits}f}", ends_2=f"{ends[1]:.{digits}f}")


def _with_fewer(group: _Group, recorded: Recorded) -> bool:
    return any(
        has_mean(n, group.mean.cut_off, recorded) for n in range(group.n - 1, group.least - 1, -1)
    )


def _grimmer(of: _Row, groups: list[_Group], free: Recorded, recorded: Recorded) -> Check:
    """The squares of whole numbers add up to a whole number, even or odd as their sum."""
    for cut_off, note in ((False, ""), (True, CUT_OFF)):
        if all(_made(group, group.n, recorded, cut_off=cut_off) for group in groups):
            return of.check(
                "grimmer", "consistent", say("Whole values can have mean and SD."), note
            )
    failed = [group for group in groups if not _made(group, group.n, recorded)]
    first = failed[0]
    within = ""
    if recorded.limits is not None and _made(first, first.n, free):
        low, high = (limit * recorded.step for limit in recorded.limits)
        within = say(" between {low:g} and {high:g}", low=low, high=high)
    message = say(
        "No {n} values recorded to {step:g}{within} have mean {mean} and SD {sd} ({name}).",
        n=first.n,
        step=recorded.step,
        within=within,
        mean=first.mean,
        sd=first.sd,
        name=first.name,
    )
    if all(
        any(_made(group, n, recorded) for n in range(group.n - 1, group.least - 1, -1))
        for group in failed
    ):
        return of.check("grimmer", "not checkable", message, _MISSING)
    return of.check(
        "grimmer", "inconsistent", message,
        changes=say('Mean or SD is not of these patients, or the values are recorded otherwise.'),
    )  # fmt: skip


def _made(group: _Group, n: int, recorded: Recorded, *, cut_off: bool = True) -> bool:
    assert group.sd is not None
    mean, sd = (each.cut_off if cut_off else each.interval for each in (group.mean, group.sd))
    return has_sd(n, mean, sd, recorded)


# ---------------------------------------------------------------- spreads and ranges


def _range_checks(of: _Row, groups: list[_Group]) -> Iterator[Check]:
    """A mean lies in its range, and no SD is greater than the range allows."""
    judged, wrong = False, ""
    for group in groups:
        limits = _limits(of, group.at)
        if limits is None:
            continue
        judged = True
        wrong = wrong or _beyond(of, group, limits)
    if not judged:
        return
    if wrong:
        yield of.check(
            "sd-within-range", "inconsistent", wrong,
            changes=say('Mean, SD or range is not of these patients; an SD may be a standard '
    'error.'),
        )  # fmt: skip
    else:
        yield of.check(
            "sd-within-range", "consistent", say("Mean and SD fit the range of the values.")
        )


def _limits(of: _Row, at: int) -> Range | None:
    """Least and greatest value as printed, or else as the variable can have."""
    low, high = cell_of(of.row.minimum, at), cell_of(of.row.maximum, at)
    if low is not None and high is not None and not low.bound and not high.bound:
        return low.cut_off[0], high.cut_off[1]
    described = of.subject.variables.get(of.row.variable)
    return described.plausible if described is not None else None


def _beyond(of: _Row, group: _Group, limits: Range) -> str:
    """What is wrong with a mean or a spread between these limits; empty if nothing."""
    mean = max(group.mean.cut_off[0], limits[0]), min(group.mean.cut_off[1], limits[1])
    shown = say(
        "between {limits:g} and {limits_2:g} ({name})",
        limits=limits[0],
        limits_2=limits[1],
        name=group.name,
    )
    if mean[0] > mean[1] + _NOISE:
        return say("The mean {mean} does not lie {shown}.", mean=group.mean, shown=shown)
    if group.sd is None:
        return ""
    errors = of.row.spread == "se"
    low, high = group.sd.cut_off
    if errors:
        low, high = low * math.sqrt(group.least), high * math.sqrt(group.n)
    most = greatest_sd(group.least, mean, limits)
    if low > most * (1 + _NOISE) + _NOISE:
        return say(
            "An SD of {sd} is greater than values {shown} can have: {most:.4g} at most.",
            sd=group.sd,
            shown=shown,
            most=most,
        )
    printed = cell_of(of.row.minimum, group.at), cell_of(of.row.maximum, group.at)
    if printed[0] is not None and printed[1] is not None:
        inner = printed[0].cut_off[1], printed[1].cut_off[0]
        least = least_sd(group.n, inner) if inner[1] > inner[0] else 0.0
        if high < least * (1 - _NOISE):
            return say(
                "An SD of {sd} is less than values {shown} have: {least:.4g} at least.",
                sd=group.sd,
                shown=shown,
                least=least,
            )
    return ""


def _in_order(of: _Row) -> Iterator[Check]:
    """Minimum, quartiles and maximum of every group, in this order."""
    judged, wrong = False, ""
    for at, group in enumerate(of.comparison.groups):
        cells = [
            (name, cell) for name in _ORDER
            if (cell := cell_of(getattr(of.row, name), at)) is not None and not cell.bound
        ]  # fmt: skip
        judged = judged or len(cells) > 1
        for (name, one), (other, two) in pairwise(cells):
            if _above(one, two):
                wrong = wrong or (
                    say(
                        "The {listed} {one} lies above the {listed_2} {two} ({name}).",
                        listed=NAMES[name],
                        one=one,
                        listed_2=NAMES[other],
                        two=two,
                        name=group.name,
                    )
                )
    if wrong:
        yield of.check(
            "quartiles-in-order", "inconsistent", wrong,
            changes=say('Where most patients lie.'),
        )  # fmt: skip
    elif judged:
        yield of.check("quartiles-in-order", "consistent", say("The quartiles are in their order."))


def _above(one: Printed, two: Printed) -> bool:
    """True if the first is greater; to the same decimals no rounding turns two numbers."""
    if one.decimals == two.decimals:
        return one.number > two.number
    return one.interval[0] > two.interval[1] + _NOISE
