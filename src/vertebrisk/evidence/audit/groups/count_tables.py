"""Counts and percentages of one variable: what they can be shares of, and which one is off."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeVar

from vertebrisk.evidence.printed import Printed

Base = Literal["column", "known", "row", "grand", "part"]
Rounding = Literal["rounded", "cut off", "rounded twice", "adjusted"]
Sum = Literal["adds", "less", "more", ""]
_Cell = TypeVar("_Cell")

# Of all that a percentage may be of, what is commonest and binds most is tried first.
BASES: tuple[Base, ...] = ("column", "known", "row", "grand", "part")
ROUNDINGS: tuple[Rounding, ...] = ("rounded", "cut off", "rounded twice", "adjusted")
MOST = 10**7
_NOISE = 1e-9
_TRIED = 40


@dataclass(frozen=True)
class CountTable:
    """Counts of levels (rows) by groups (columns), with what else is printed of them.

    Attributes
    ----------
    counts, percents : tuple of tuples
        One tuple a level, one cell a group; None where nothing is printed.
    sizes : tuple
        Patients of each group.
    known : tuple
        Those with a value, where the row says so.
    total : int or None
        Position of the column of all patients, if the groups make it up.
    """

    counts: tuple[tuple[int | None, ...], ...]
    percents: tuple[tuple[Printed | None, ...], ...]
    sizes: tuple[int | None, ...]
    known: tuple[int | None, ...]
    total: int | None = None

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Positions of the groups proper."""
        return tuple(at for at in range(len(self.sizes)) if at != self.total)

    @cached_property
    def sums(self) -> tuple[int | None, ...]:
        """Sum of each column; None where a count is not printed."""
        return tuple(_sum(column) for column in zip(*self.counts, strict=True))

    @cached_property
    def across(self) -> tuple[int | None, ...]:
        """Sum of each level over the groups proper."""
        return tuple(_sum(tuple(row[at] for at in self.groups)) for row in self.counts)

    def expected(self, group: int) -> int | None:
        """What the counts of a group add up to, as the print has it."""
        known = self.known[group]
        return self.sizes[group] if known is None else known

    def state(self, group: int) -> Sum:
        """How the counts of a group compare with its patients; empty where nothing binds."""
        total, expected = self.sums[group], self.expected(group)
        if len(self.counts) < 2 or total is None or expected is None:
            return ""
        if total in (expected, self.sizes[group]):
            return "adds"
        return "less" if total < expected else "more"

    def with_count(self, level: int, group: int, count: int) -> CountTable:
        """The same table with another count."""
        return replace(self, counts=_changed(self.counts, level, group, count))

    def without_percent(self, level: int, group: int) -> CountTable:
        """The same table without one percentage."""
        return replace(self, percents=_changed(self.percents, level, group, None))

    def cells(self) -> Iterator[tuple[int, int, int, Printed]]:
        """Level, group, count and percentage of the cells that print both."""
        for level, (counts, percents) in enumerate(zip(self.counts, self.percents, strict=True)):
            for group, (count, percent) in enumerate(zip(counts, percents, strict=True)):
                if count is not None and percent is not None:
                    yield level, group, count, percent


@dataclass(frozen=True, slots=True)
class Fit:
    """What the percentages of a table are of, and how they are rounded."""

    base: Base
    rounding: Rounding
    sizes: tuple[int | None, ...] = ()


def shares_of(table: CountTable) -> Fit | None:
    """The first of what percentages may be of that all of them agree with."""
    for rounding in ROUNDINGS:
        for base in BASES:
            if base == "part":
                sizes = tuple(_part(table, at, rounding) for at in range(len(table.sizes)))
                if all(size != 0 for size in sizes):
                    return Fit("part", rounding, sizes)
            elif not misfits(table, base, rounding):
                return Fit(base, rounding)
    return None


def misfits(table: CountTable, base: Base, rounding: Rounding) -> list[tuple[int, int]]:
    """Cells whose percentage is not that of their count."""
    return [
        (level, group)
        for level, group, count, percent in table.cells()
        if not any(
            _fits(count, size, percent, table, group, rounding)
            for size in _denominators(table, base, level, group)
        )
    ]


def totals_off(table: CountTable) -> list[int]:
    """Levels whose counts in the groups do not add up to the column of all."""
    if table.total is None:
        return []
    return [
        level
        for level, row in enumerate(table.counts)
        if (all_of := row[table.total]) is not None
        and (made := table.across[level]) is not None
        and made != all_of
    ]


@dataclass(frozen=True, slots=True)
class Mend:
    """One number that would set everything right. `count` is None for a percentage."""

    level: int
    group: int
    count: int | None


def mends(table: CountTable) -> list[Mend]:
    """Every single count, or single percentage, without which the table agrees with itself."""
    found: list[tuple[bool, Mend]] = []
    for level, row in enumerate(table.counts):
        for group, count in enumerate(row):
            if count is None:
                continue
            for other in sorted(_candidates(table, level, group, count)):
                changed = table.with_count(level, group, other)
                if agrees(changed):
                    found.append((_settled(changed), Mend(level, group, other)))
            if table.percents[level][group] is not None:
                changed = table.without_percent(level, group)
                if agrees(changed):
                    found.append((_settled(changed), Mend(level, group, None)))
    settled = [mend for whole, mend in found if whole]
    return settled or [mend for _, mend in found]


def agrees(table: CountTable) -> bool:
    """True if sums, percentages and the column of all can be true together."""
    if any(table.state(group) == "more" for group in range(len(table.sizes))):
        return False
    fit = shares_of(table)
    return fit is not None and fit.base != "part" and not totals_off(table)


def _settled(table: CountTable) -> bool:
    return all(table.state(group) in ("adds", "") for group in range(len(table.sizes)))


def _candidates(table: CountTable, level: int, group: int, count: int) -> set[int]:
    """Other counts that the sums or the percentage suggest."""
    found: set[int] = set()
    total, across = table.sums[group], table.across[level]
    others = None if total is None else total - count
    expected = table.expected(group)
    if others is not None and expected is not None and len(table.counts) > 1:
        found.add(expected - others)
    if table.total is not None and across is not None:
        of_all = table.counts[level][table.total]
        if group == table.total:
            found.add(across)
        elif of_all is not None:
            found.add(of_all - across + count)
    percent = table.percents[level][group]
    if percent is not None and not percent.bound:
        low, high = (end / 100 for end in percent.interval)
        for size in (expected, table.sizes[group]):
            if size is not None:
                found |= _whole(low * size, high * size)
        rest = [others] + ([across - count] if across is not None else [])
        for each in rest:
            if each is not None and high < 1:
                found |= _whole(low / (1 - low) * each, high / (1 - high) * each)
    return {each for each in found if 0 <= each <= MOST and each != count}


def _whole(low: float, high: float) -> set[int]:
    first = math.ceil(low - _NOISE)
    return set(range(first, min(math.floor(high + _NOISE), first + _TRIED) + 1))


def _denominators(table: CountTable, base: Base, level: int, group: int) -> list[int]:
    """What the percentage of a cell may be of."""
    if base == "column":
        found = [table.sizes[group], table.known[group]]
    elif base == "known":
        found = [table.sums[group]]
    elif base == "row":
        found = [table.across[level]]
        if group == table.total:
            found += [table.sizes[group], table.sums[group], table.counts[level][group]]
    else:
        found = [_sum(tuple(table.sizes[at] for at in table.groups))]
        found += [_sum(tuple(table.sums[at] for at in table.groups))]
    return [size for size in found if size is not None]


def part_of(
    table: CountTable, group: int, rounding: Rounding = "rounded"
) -> tuple[int, int] | None:
    """Least and greatest number of patients that all percentages of a group can be of.

    None where the group has no percentages, or nothing limits the number; an empty range
    where no number is possible.
    """
    size, total = table.sizes[group], table.sums[group]
    cells = [(count, percent) for _, at, count, percent in table.cells() if at == group]
    if not cells:
        return None
    low = max(max(count for count, _ in cells), total or 0, 1)
    high = size if size is not None else MOST
    for count, percent in cells:
        least, greatest = _ends(percent, rounding)
        if greatest < 0 or (count == 0 < least) or greatest <= 0 < count:
            return 1, 0
        if count:
            low = max(low, math.ceil(100 * count / greatest - _NOISE))
            if least > 0:
                high = min(high, math.floor(100 * count / least + _NOISE))
    return low, high


def _part(table: CountTable, group: int, rounding: Rounding) -> int | None:
    """The greatest of them; 0 if there is none."""
    ends = part_of(table, group, rounding)
    if ends is None:
        return None
    return ends[1] if ends[0] <= ends[1] else 0


def _fits(
    count: int, size: int, percent: Printed, table: CountTable, group: int, rounding: Rounding
) -> bool:
    if size <= 0:
        return count == 0
    if rounding == "adjusted" and not _adds_to_100(table, group):
        return False
    low, high = _ends(percent, rounding)
    return low - _NOISE <= 100 * count / size <= high + _NOISE


def _ends(percent: Printed, rounding: Rounding) -> tuple[float, float]:
    """Least and greatest share that is printed like this, in percent."""
    if percent.bound or rounding == "rounded":
        return percent.interval
    if rounding == "cut off":
        return percent.cut_off
    low, high = percent.interval
    slack = percent.half * (0.1 if rounding == "rounded twice" else 2.0)
    return low - slack, high + slack


def _adds_to_100(table: CountTable, group: int) -> bool:
    """True if percentages were made to add up to 100 exactly, all being printed."""
    cells = [row[group] for row in table.percents]
    numbers = [cell.number for cell in cells if cell is not None]
    return len(numbers) == len(cells) > 2 and sum(numbers) == Decimal(100)


def _sum(cells: tuple[int | None, ...]) -> int | None:
    numbers = [cell for cell in cells if cell is not None]
    return sum(numbers) if len(numbers) == len(cells) else None


def _changed(
    rows: tuple[tuple[_Cell, ...], ...], level: int, group: int, value: _Cell
) -> tuple[tuple[_Cell, ...], ...]:
    return tuple(
        tuple(value if (i, j) == (level, group) else cell for j, cell in enumerate(row))
        for i, row in enumerate(rows)
    )
