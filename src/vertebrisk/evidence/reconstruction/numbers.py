"""Numbers inside each group: whole sums that round to the printed mean, SD and test.

Numbers of which nothing is printed follow ``[assumed]``, and failing that have their mean
in the middle of the limits and an SD of an eighth of their width; where the paper calls a
difference significant, the patients with the event differ by as much as gives P near 0.01.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from vertebrisk.errors import DataError
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import Compared, PublishedStudy
from vertebrisk.evidence.reconstruction.assumed import Assumed
from vertebrisk.evidence.reconstruction.moments import (
    GroupMoments,
    PrintedTest,
    Sums,
    TestKind,
    choose_sums,
    possible_p,
)
from vertebrisk.evidence.reconstruction.notes import Conflict
from vertebrisk.evidence.reconstruction.quartiles import make_quartile_values
from vertebrisk.evidence.reconstruction.sizes import GroupSize, Log, Margin
from vertebrisk.evidence.reconstruction.whole_values import make_values

SIGNIFICANT_Z = 2.6
_WIDEST = 12


def make_numbers(
    study: PublishedStudy,
    assumed: Assumed,
    name: str,
    row: Compared | None,
    sizes: Sequence[GroupSize],
    log: Log,
    rng: np.random.Generator,
) -> Margin:
    """A number in steps of its recorded precision."""
    described = study.variables[name]
    if row is not None and not (row.mean and row.sd):
        return _from_quartiles(study, assumed, name, row, sizes, log, rng)
    given = assumed.distribution.get(name)
    if row is None and given is not None and given.mean:
        means, sds, place = given.mean, given.sd, ""
        log.assume(name, "means " + ", ".join(map(str, means)) + " and SDs "
                   + ", ".join(map(str, sds)) + " assumed in the groups.")  # fmt: skip
    elif row is None:
        means, sds = _default_moments(study, assumed, name, sizes, log)
        place = ""
    else:
        means, sds, place = row.mean, row.sd, row.place
    decimals = described.decimals
    if decimals is None:
        decimals = 0 if described.whole else max(mean.decimals for mean in means)
    groups = tuple(
        GroupMoments(group.n, mean, sd) for group, mean, sd in zip(sizes, means, sds, strict=True)
    )
    step = 10.0**-decimals
    limits = _limits(study, assumed, name, groups, step, log)
    tests = _t_tests(assumed, name, row) if place and len(groups) == 2 else []
    sums = _sums(name, place, groups, step, limits, tests, log)
    values = tuple(make_values(each.n, each.total, each.squares, limits, rng) for each in sums)
    return Margin(name, (), decimals, values)


def _from_quartiles(
    study: PublishedStudy,
    assumed: Assumed,
    name: str,
    row: Compared,
    sizes: Sequence[GroupSize],
    log: Log,
    rng: np.random.Generator,
) -> Margin:
    """A number of which median and quartiles are printed, or the median alone."""
    described = study.variables[name]
    decimals = described.decimals
    if decimals is None:
        decimals = 0 if described.whole else max(number.decimals for number in row.median)
    step = 10.0**-decimals
    limits = assumed.limits.get(name) or described.plausible
    middle = np.array([number.value for number in row.median])
    if row.lower_quartile and row.upper_quartile:
        lower = np.array([number.value for number in row.lower_quartile])
        upper = np.array([number.value for number in row.upper_quartile])
    else:
        width = (limits[1] - limits[0]) / 8 if limits is not None else np.abs(middle) / 4 + step
        lower, upper = middle - width, middle + width
        log.assume(name, "no quartiles are printed; an eighth of the limits on either side.")
    if limits is None:
        reach = 3 * (upper - lower).max()
        limits = float(lower.min() - reach), float(upper.max() + reach)
    low, high = limits
    log.assume(name, f"values between {low:g} and {high:g}, in steps of {step:g}.")
    for group, ends in zip(sizes, np.stack([lower, middle, upper], axis=1), strict=True):
        if not low <= ends[0] <= ends[1] <= ends[2] <= high:
            raise DataError(
                f"'{name}' ({row.place}) has quartiles of {', '.join(f'{e:g}' for e in ends)} in "
                f"'{group.name}'; they must not fall, and lie inside {low:g} to {high:g}."
            )
    whole_limits = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = tuple(
        make_quartile_values(group.n, ends / step, whole_limits, rng)
        for group, ends in zip(sizes, np.stack([lower, middle, upper], axis=1), strict=True)
    )
    return Margin(name, (), decimals, values)


def _t_tests(assumed: Assumed, name: str, row: Compared | None) -> list[PrintedTest]:
    """Printed t tests to try, the named or assumed kind alone where there is one."""
    if row is None or (row.statistic is None and row.p_value is None):
        return []
    named = assumed.tests.get(name) or (row.test or "").lower()
    if any(word in named for word in ("mann", "rank", "wilcoxon", "anova", "kruskal")):
        return []
    kinds: tuple[TestKind, ...] = ("student", "welch")
    if "welch" in named:
        kinds = ("welch",)
    elif "student" in named:
        kinds = ("student",)
    return [PrintedTest(kind, row.statistic, row.p_value) for kind in kinds]


def _limits(
    study: PublishedStudy,
    assumed: Assumed,
    name: str,
    groups: Sequence[GroupMoments],
    step: float,
    log: Log,
) -> tuple[int, int]:
    """Limits in steps: assumed ones, else the plausible ones, else mean and 4 SD."""
    spread = [(g.mean.value, g.sd.value) for g in groups]
    plausible = study.variables[name].plausible
    if name in assumed.limits:
        low, high = assumed.limits[name]
    elif plausible is not None:
        low, high = plausible
    else:
        low = min(mean - 4 * sd for mean, sd in spread)
        high = max(mean + 4 * sd for mean, sd in spread)
    log.assume(name, f"values between {low:g} and {high:g}, in steps of {step:g}, bell-shaped.")
    for group in groups:
        if not low <= group.mean.value <= high:
            raise DataError(
                f"'{name}' has a printed mean of {group.mean}, outside its limits of {low:g} to "
                f"{high:g}. Widen plausible in [variables.{name}], or limits in [assumed]."
            )
    return math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)


def _sums(
    name: str,
    place: str,
    groups: tuple[GroupMoments, ...],
    step: float,
    limits: tuple[int, int],
    tests: list[PrintedTest],
    log: Log,
) -> tuple[Sums, ...]:
    """Sums that round to the print; numbers that cannot hold together are named and widened."""
    for test in tests:
        found = choose_sums(groups, step, limits, test)
        if found is not None:
            return found
    found = choose_sums(groups, step, limits)
    if found is not None:
        if tests:
            log.conflicts.append(_test_conflict(name, place, groups, tests))
        return found
    chosen = []
    for group in groups:
        alone = choose_sums((group,), step, limits)
        if alone is None:
            alone = _widened(group, step, limits, name)
            if place:
                log.conflicts.append(_moment_conflict(name, place, group, step, limits))
        chosen.append(alone[0])
    return tuple(chosen)


def _widened(
    group: GroupMoments, step: float, limits: tuple[int, int], name: str
) -> tuple[Sums, ...]:
    """Sums as near to the print as values at this precision come."""
    for power in range(1, _WIDEST):
        wide = GroupMoments(group.n, _wider(group.mean, power), _wider(group.sd, power))
        for each in (
            GroupMoments(group.n, group.mean, wide.sd),
            GroupMoments(group.n, wide.mean, group.sd),
            wide,
        ):
            found = choose_sums((each,), step, limits)
            if found is not None:
                return found
    raise DataError(
        f"'{name}' has a printed mean of {group.mean} and SD of {group.sd}, which no values "
        f"between {limits[0] * step:g} and {limits[1] * step:g} come near to. Widen its limits."
    )


def _wider(number: Printed, power: int) -> Printed:
    """The same value, as if printed with fewer digits: half a unit grows by 2 each time."""
    return _Wide(number.text, number.bound, number.number, Decimal(2) ** power)


@dataclass(frozen=True, slots=True)
class _Wide(Printed):
    """A printed number that stands for a wider interval."""

    factor: Decimal = Decimal(1)

    @property
    def half(self) -> float:
        """Half a unit, times the factor."""
        return float(self.factor) * 0.5 * 10.0**-self.decimals


def _test_conflict(
    name: str, place: str, groups: tuple[GroupMoments, ...], tests: list[PrintedTest]
) -> Conflict:
    one, other = groups
    numbers = [f"{name} {g.mean}±{g.sd} of {g.n}" for g in groups]
    first = tests[0]
    numbers += [f"statistic {first.statistic}"] if first.statistic is not None else []
    numbers += [f"P {first.p_value}"] if first.p_value is not None else []
    ranges = []
    for test in tests:
        low, high = possible_p((one, other), test.kind)
        said = "Student's" if test.kind == "student" else "Welch's"
        ranges.append(f"{said} t test gives P from {low:.3g} to {high:.3g}")
    return Conflict(place, tuple(numbers), "; ".join(ranges) + ".")


def _moment_conflict(
    name: str, place: str, group: GroupMoments, step: float, limits: tuple[int, int]
) -> Conflict:
    low = (group.mean.value - group.mean.half) * group.n / step
    high = (group.mean.value + group.mean.half) * group.n / step
    kind = "whole numbers" if step == 1 else f"multiples of {step:g}"
    held = f"{group.n} {kind} between {limits[0] * step:g} and {limits[1] * step:g}"
    if math.ceil(low) > math.floor(high):
        near = round(group.mean.value * group.n / step) * step
        numbers = (f"{name}: mean {group.mean} of {group.n} {kind}",)
        return Conflict(place, numbers, f"the nearest sum is {near:g}, {near / group.n:.6g} each.")
    numbers = (f"{name}: mean {group.mean} and SD {group.sd} of {group.n} {kind}",)
    return Conflict(place, numbers, f"{held} cannot have both.")


def _default_moments(
    study: PublishedStudy,
    assumed: Assumed,
    name: str,
    sizes: Sequence[GroupSize],
    log: Log,
) -> tuple[tuple[Printed, ...], tuple[Printed, ...]]:
    limits = assumed.limits.get(name) or study.variables[name].plausible
    if limits is None:
        raise DataError(
            f"'{name}' of '{study.id}' has neither printed numbers nor limits. Give plausible in "
            f"[variables.{name}], or [assumed.distribution.{name}]."
        )
    middle, sd = (limits[0] + limits[1]) / 2, (limits[1] - limits[0]) / 8
    shift = stated_shift(study, name) * SIGNIFICANT_Z * sd * math.sqrt(inverse_sizes(sizes))
    log.assume(
        name,
        f"no numbers are printed; mean {middle:g} and SD {sd:g} by default"
        + (f", and {shift:+.3g} with the event, significant as stated." if shift else "."),
    )
    means = tuple(
        Printed.parse(f"{middle + (shift if group.event else 0.0):.2f}") for group in sizes
    )
    return means, tuple(Printed.parse(f"{sd:.1f}") for _ in sizes)


def inverse_sizes(sizes: Sequence[GroupSize]) -> float:
    """1 / patients with the event + 1 / patients without it."""
    events = sum(group.n for group in sizes if group.event)
    return 1 / events + 1 / sum(group.n for group in sizes if not group.event)


def stated_shift(study: PublishedStudy, name: str) -> int:
    """1 or -1 where the paper calls a difference significant, upwards unless it says lower."""
    bounds = [row.p_value for row in study.compared if row.variable == name]
    claims = [each for each in study.statement if each.variable == name and not each.compare]
    bounds += [claim.p_value for claim in claims]
    stated = [bound for bound in bounds if bound is not None]
    significant = any(bound.interval[1] <= 0.05 + 1e-9 for bound in stated) or (
        not stated and any(claim.direction in ("higher", "lower") for claim in claims)
    )
    if not significant:
        return 0
    return -1 if any(claim.direction == "lower" for claim in claims) else 1
