"""Printed counts, means and SDs of a comparison, as limits of sums over patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.errors import PaperError
from vertebrisk.evidence.printed import Printed

Cells = tuple[Printed | None, ...]

# Rounded twice, 1.3346 is printed as 1.34: a tenth of half a unit below what rounds to it.
_TWICE = 0.1


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a comparison prints of one variable; cells are in the order of the groups.

    `missing` are numbers of patients without a value, where the print tells them.
    """

    variable: str
    counts: Mapping[str, Cells] = field(default_factory=dict)
    percents: Mapping[str, Cells] = field(default_factory=dict)
    mean: Cells = ()
    sd: Cells = ()
    missing: Cells = ()


@dataclass(frozen=True, slots=True)
class Support:
    """The values that a variable can have: `levels` of a factor, or `values` of a number."""

    levels: tuple[str, ...] = ()
    values: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.levels or self.values)


@dataclass(frozen=True, slots=True, eq=False)
class GroupSums:
    """What is known of sums over the patients of each group.

    Attributes
    ----------
    members : array, shape (k, m)
        What is summed, of each pattern; ones first.
    limits : array, shape (groups, 2, m)
        Least and greatest sum.
    missing : int
        Most patients with a missing value in any of the variables.
    """

    members: FloatArray
    limits: FloatArray
    missing: int


def allowed(printed: Printed) -> tuple[float, float]:
    """All that is printed like this by rounding, once or twice, or by cutting digits off."""
    value, half = printed.value, printed.half
    towards, beyond = (1 + _TWICE) * half, 2 * half
    if value > 0:
        return value - towards, value + beyond
    return value - beyond, value + (towards if value < 0 else beyond)


def is_count(printed: Printed) -> bool:
    """True for a printed whole number of patients."""
    return not printed.bound and printed.value >= 0 and printed.value == round(printed.value)


def group_sums(
    printed: Sequence[Distribution],
    supports: Sequence[Support],
    points: FloatArray,
    sizes: Sequence[int],
    others: Sequence[Distribution] = (),
    incomplete: bool = False,
) -> GroupSums:
    """Limits of the sums that the printed distributions give.

    Parameters
    ----------
    printed : sequence of Distribution
        One a variable.
    supports : sequence of Support
        Their possible values, in the same order.
    points : array, shape (k, variables)
        Every combination: positions of levels, and numbers.
    sizes : sequence of int
        Printed sizes of the groups.
    others : sequence of Distribution
        Variables that are not summed; patients who lack a value of these may be left out, too.
    incomplete : bool
        True if values may be missing without a trace: a row that does not show how many it
        lacks is then refused.

    Raises
    ------
    PaperError
        If the cells are not those of these groups, too many patients are counted, or
        values are missing nobody knows how many.
    """
    shown = [shown_missing(each, support.levels, sizes)
             for each, support in zip(printed, supports, strict=True)]  # fmt: skip
    beside = [shown_missing(each, tuple(each.counts), sizes) for each in others]
    some = any(each is not None and each.any() for each in (*shown, *beside))
    silent = [each.variable for each, known in zip(printed, shown, strict=True) if known is None]
    if silent and (incomplete or some):
        raise PaperError(f"How many patients have no value of {silent[0]} is not known.")
    if some and any(each is None for each in beside):
        raise PaperError("How many patients were left out for missing values is not known.")
    known = [np.zeros(len(sizes)) if each is None else each for each in shown]
    tables = [
        (_counted if support.levels else _measured)(
            each, support, points[:, place], sizes, known[place]
        )
        for place, (each, support) in enumerate(zip(printed, supports, strict=True))
    ]
    left_out = sum((each for each in beside if each is not None), np.zeros(len(sizes)))
    missing = np.minimum(np.sum(known, axis=0) + left_out, np.array(sizes))
    everyone = np.stack([np.array(sizes) - missing, np.array(sizes)], axis=1)[:, :, None]
    if (everyone[:, 0] <= 0).any():
        raise PaperError("Too many values are missing for the patients of the model to be known.")
    return GroupSums(
        np.column_stack([np.ones(len(points)), *(table.members for table in tables)]),
        np.concatenate([everyone, *(table.loosened(missing) for table in tables)], axis=2),
        int(missing.sum()),
    )


def shown_missing(
    printed: Distribution, levels: tuple[str, ...], sizes: Sequence[int]
) -> FloatArray | None:
    """Patients without a value, one number a group; None where the print does not show them."""
    if any(printed.missing):
        return _whole(printed.missing, printed.variable, sizes)
    if len(printed.counts) < max(len(levels), 2):
        return None
    counts = [_whole(cells, printed.variable, sizes) for cells in printed.counts.values()]
    return np.array(np.maximum(np.array(sizes) - np.sum(counts, axis=0), 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Sums of one variable, over patients with a value; `limits` has shape (groups, 2, m)."""

    members: FloatArray
    limits: FloatArray
    missing: FloatArray

    def loosened(self, all_missing: FloatArray) -> FloatArray:
        """Limits when patients who lack another value may be left out, and values filled in."""
        least = np.minimum(self.members.min(axis=0), 0.0)
        most = np.maximum(self.members.max(axis=0), 0.0)
        out, filled = (all_missing - self.missing)[:, None], self.missing[:, None]
        low = self.limits[:, 0] - out * most + filled * least
        high = self.limits[:, 1] - out * least + filled * most
        return np.stack([low, high], axis=1)


def _counted(
    printed: Distribution,
    support: Support,
    codes: FloatArray,
    sizes: Sequence[int],
    missing: FloatArray,
) -> _Table:
    """Counts of the levels, of all but the first where nobody lacks a value."""
    counts = _counts(printed, support.levels, sizes, missing)
    if (counts.sum(axis=1) + missing > np.array(sizes)).any():
        raise PaperError(f"The counts of {printed.variable} are more than the patients of a group.")
    first = 0 if missing.any() else 1
    members = np.column_stack([codes == code for code in range(first, len(support))])
    kept = counts[:, first:]
    return _Table(members.astype(np.float64), np.stack([kept, kept], axis=1), missing)


def _counts(
    printed: Distribution, levels: tuple[str, ...], sizes: Sequence[int], missing: FloatArray
) -> FloatArray:
    """Counts of every level, shape (groups, levels); one that is not printed is the rest."""
    absent = [level for level in levels if level not in printed.counts]
    strange = [level for level in printed.counts if level not in levels]
    if strange or len(absent) > 1:
        raise PaperError(f"The levels of {printed.variable} that are counted are not its levels.")
    counts = np.zeros((len(sizes), len(levels)))
    for place, level in enumerate(levels):
        if level not in absent:
            counts[:, place] = _whole(printed.counts[level], printed.variable, sizes)
    if absent:
        _check_percents(printed, sizes)
        rest = np.array(sizes) - missing - counts.sum(axis=1)
        counts[:, levels.index(absent[0])] = np.maximum(rest, 0)
    return counts


def _check_percents(printed: Distribution, sizes: Sequence[int]) -> None:
    """A level that is not printed is the rest only if percentages are of the group."""
    for level, cells in printed.percents.items():
        for percent, count, size in zip(cells, printed.counts[level], sizes, strict=False):
            if percent is None or count is None or percent.bound:
                continue
            low, high = allowed(percent)
            if not low <= 100 * count.value / size <= high:
                raise PaperError(
                    f"How many patients have no value of {printed.variable} is not known: "
                    "one of its levels is not printed, and percentages are not of the group."
                )


def _whole(cells: Cells, variable: str, sizes: Sequence[int]) -> FloatArray:
    found = [cell.value for cell in cells if cell is not None and is_count(cell)]
    if len(found) != len(sizes):
        raise PaperError(f"The counts of {variable} are not whole numbers, one a group.")
    return np.array(found)


def _measured(
    printed: Distribution,
    support: Support,
    numbers: FloatArray,
    sizes: Sequence[int],
    missing: FloatArray,
) -> _Table:
    """Sums and sums of squares about a whole number near the means."""
    means = _numbers(printed.mean, printed.variable, sizes)
    present = np.array(sizes) - missing
    centre = float(np.clip(np.round(means.mean()), *np.array(support.values)[[0, -1]]))
    totals = present[:, None] * (means - centre)
    members = [numbers - centre]
    limits = [totals]
    if any(printed.sd):
        sds = np.maximum(_numbers(printed.sd, printed.variable, sizes), 0.0)
        divisors = np.column_stack([np.maximum(present - 1, 0), present])
        across = np.where((totals > 0).all(axis=1) | (totals < 0).all(axis=1), 1.0, 0.0)
        squares = np.sort(totals**2, axis=1) / np.maximum(present, 1)[:, None]
        squares[:, 0] *= across
        members.append((numbers - centre) ** 2)
        limits.append(divisors * sds**2 + squares)
    return _Table(np.column_stack(members), np.stack(limits, axis=2), missing)


def _numbers(cells: Cells, variable: str, sizes: Sequence[int]) -> FloatArray:
    """Limits of one number a group, shape (groups, 2)."""
    found = [allowed(cell) for cell in cells if cell is not None and not cell.bound]
    if len(found) != len(sizes):
        raise PaperError(f"The numbers of {variable} are not one a group.")
    return np.array(found)
