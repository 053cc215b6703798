"""Exact order statistics and quantiles of columns of any length, by groups, in a few passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from vertebrisk._types import FloatArray, IntArray
from vertebrisk.engines.columns import Columns, Values
from vertebrisk.engines.engine import Chunk, Engine
from vertebrisk.kernels.streamed.selecting import (
    BITS,
    Counted,
    Digits,
    added_counts,
    count_digits,
    images_of,
    joined,
    values_of,
)

DIGITS: Final = 16  # bits looked at in one pass, fewer where more is wanted at once
HELD: Final = 1 << 20  # counts held at once, of 32 bytes each
FEW: Final = 1 << 20  # images that are counted by all their bits at once

Ranks = Callable[[int], IntArray]


@dataclass(frozen=True, slots=True)
class Groups:
    """A column of codes 0, 1, ... of `count` groups; a row with another code is in none."""

    column: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """Order statistics of columns by groups; the last group is all groups together.

    Attributes
    ----------
    sizes : int array, shape (columns, groups + 1)
        Values that are not missing.
    values : array, shape (columns, groups + 1, ranks)
        NaN where there is no value.
    """

    sizes: IntArray
    values: FloatArray


def order_statistics(
    engine: Engine,
    columns: Columns,
    names: Sequence[str],
    ranks: Ranks,
    groups: Groups | None = None,
) -> Ordered:
    """Which values have these ranks?

    Parameters
    ----------
    engine : Engine
    columns : Columns
    names : sequence of str
        Different columns of numbers, at least one; NaN is missing and takes no part.
    ranks : callable
        From the number of values of a column in a group, 1 or more, its ranks from 0, always
        as many.
    groups : Groups, optional
        All rows without a group are then left out.

    Returns
    -------
    Ordered
        Exact; by groups as far as there are, and over all of them.

    Notes
    -----
    Passes over the data: two for columns of few different values, three for others as a rule,
    never more than the 64 bits of a number divided by those that are looked at in a pass.
    Memory does not grow with the rows.
    """
    scan = _Scan(engine, columns, tuple(names), groups)
    digits = Digits(0, _width(scan.cells))
    prefixes = [[0]] * scan.cells
    totals = scan.count(prefixes, digits)
    sizes = [int(totals.of(cell, digits).counts.sum()) for cell in range(scan.cells)]
    wanted = [
        _Wanted(cell, int(rank)) for cell, size in enumerate(sizes) if size for rank in ranks(size)
    ]
    while True:
        matching = _narrow(wanted, totals, prefixes, digits)
        prefixes = _open_prefixes(wanted, scan.cells)
        slots = sum(len(each) for each in prefixes)
        if slots == 0:
            break
        digits = _next(digits, slots, matching)
        totals = scan.count(prefixes, digits)
    shape = (len(names), scan.cells // len(names))
    occupied = sum(size > 0 for size in sizes)
    values = np.full((scan.cells, len(wanted) // max(occupied, 1)), np.nan)
    images = np.array([each.image for each in wanted], dtype=np.uint64)
    values[np.array(sizes) > 0] = values_of(images).reshape(occupied, values.shape[1])
    return Ordered(np.array(sizes, dtype=np.int64).reshape(shape), values.reshape(*shape, -1))


def quantiles(
    engine: Engine,
    columns: Columns,
    names: Sequence[str],
    shares: Sequence[float],
    groups: Groups | None = None,
) -> FloatArray:
    """Quantiles of type 7, equal to ``numpy.quantile`` of the values that are not missing.

    Returns
    -------
    array, shape (columns, groups + 1, shares)
        The last group is all groups together; NaN where there is no value.
    """
    wanted = np.asarray(shares, dtype=np.float64)
    found = order_statistics(engine, columns, names, partial(neighbours, shares=wanted), groups)
    if found.values.shape[-1] == 0:
        return np.full((*found.sizes.shape, wanted.size), np.nan)
    low, high = np.split(found.values, 2, axis=-1)
    share = positions(found.sizes[..., None], wanted)
    share = share - np.floor(share)
    with np.errstate(invalid="ignore"):
        step = high - low
        between = np.where(share < 0.5, low + step * share, high - step * (1.0 - share))
    return np.where(low == high, low, between)


def positions(size: IntArray | int, shares: FloatArray) -> FloatArray:
    """Where quantiles of type 7 lie among the ranks from 0."""
    return np.asarray((size - 1) * shares)


def neighbours(size: int, shares: FloatArray) -> IntArray:
    """Ranks below quantiles of type 7, then those above."""
    low = np.floor(positions(size, shares)).astype(np.int64)
    return np.concatenate([low, np.minimum(low + 1, size - 1)])


@dataclass(frozen=True, slots=True, eq=False)
class _Scan:
    """Columns to be counted, a cell for every column and group."""

    engine: Engine
    columns: Columns
    names: tuple[str, ...]
    groups: Groups | None

    @property
    def cells(self) -> int:
        return len(self.names) * (1 if self.groups is None else self.groups.count + 1)

    def count(self, prefixes: Sequence[Sequence[int]], digits: Digits) -> Counted:
        """One pass: images counted by the bits that follow the prefixes of every cell."""
        if self.columns.size == 0:
            return joined(())
        each = self.cells // len(self.names)
        asked = {
            name: prefixes[place * each : (place + 1) * each]
            for place, name in enumerate(self.names)
        }
        read = [name for name, own in asked.items() if any(own)]
        read += [] if self.groups is None else [self.groups.column]
        work = partial(_counted, asked=asked, groups=self.groups, digits=digits)
        unique = list(dict.fromkeys(read))
        return self.engine.reduce(self.columns, unique, work, added_counts, "quantiles")


def _counted(
    chunk: Chunk,
    asked: Mapping[str, Sequence[Sequence[int]]],
    groups: Groups | None,
    digits: Digits,
) -> Counted:
    """Counts of one chunk; `asked` are the prefixes of every column and group."""
    members = None if groups is None else chunk.values[groups.column]
    found, place = [], 0
    for name, prefixes in asked.items():
        if not any(prefixes):
            continue
        cells = _cells(chunk.values[name], members, groups)
        for values, own in zip(cells, prefixes, strict=True):
            if own:
                ordered = np.sort(images_of(values))
                found.extend(count_digits(ordered, own, place, digits))
            place += len(own)
    return joined(found)


def _cells(values: Values, members: Values | None, groups: Groups | None) -> Iterator[FloatArray]:
    """Values of a column that are not missing, group by group, and of all groups."""
    numbers = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(numbers)
    if members is None or groups is None:
        yield numbers[known]
        return
    for group in range(groups.count):
        yield numbers[known & (members == group)]
    yield numbers[known & (members >= 0) & (members < groups.count)]


@dataclass(slots=True)
class _Wanted:
    """One order statistic: its cell, its rank among those that begin alike, what is known."""

    cell: int
    rank: int
    prefix: int = 0
    image: int | None = None


def _narrow(
    wanted: Sequence[_Wanted],
    totals: Counted,
    prefixes: Sequence[Sequence[int]],
    digits: Digits,
) -> int:
    """Add to what is known of each image; how many begin as those do that are not yet found."""
    starts = np.cumsum([0, *(len(each) for each in prefixes)])
    matching = 0
    for each in wanted:
        if each.image is not None:
            continue
        place = int(starts[each.cell]) + prefixes[each.cell].index(each.prefix)
        part = totals.of(place, digits)
        upto = np.cumsum(part.counts)
        at = int(np.searchsorted(upto, each.rank, side="right"))
        each.rank -= int(upto[at] - part.counts[at])
        bits = int(part.codes[at]) & ((1 << digits.width) - 1)
        each.prefix = (each.prefix << digits.width) | bits
        if part.least[at] == part.greatest[at]:
            each.image = int(part.least[at])
        else:
            matching += int(part.counts[at])
    return matching


def _open_prefixes(wanted: Sequence[_Wanted], cells: int) -> list[list[int]]:
    """With which bits the images begin that are not yet found, by cell, ascending."""
    found: list[set[int]] = [set() for _ in range(cells)]
    for each in wanted:
        if each.image is None:
            found[each.cell].add(each.prefix)
    return [sorted(each) for each in found]


def _next(digits: Digits, slots: int, matching: int) -> Digits:
    """The bits of the next pass: all that are left where few images are."""
    if matching <= FEW and slots << digits.rest < 1 << BITS:
        return Digits(digits.known + digits.width, digits.rest)
    return Digits(digits.known + digits.width, min(_width(slots), digits.rest))


def _width(slots: int) -> int:
    """Bits for which so many columns, groups and beginnings are counted at once."""
    return max(1, min(DIGITS, (HELD // max(slots, 1)).bit_length() - 1))
