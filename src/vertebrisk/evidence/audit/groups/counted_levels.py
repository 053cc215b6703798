"""The tables of levels by groups that a test may be of, as far as the counts are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from vertebrisk._types import IntArray
from vertebrisk.evidence.audit.groups.count_tables import CountTable, part_of, shares_of
from vertebrisk.evidence.audit.groups.fitting import least_known
from vertebrisk.evidence.audit.subject import Row, Subject
from vertebrisk.text.messages import say

_MOST_TABLES = 400


_THINNED = 6


@dataclass(frozen=True, slots=True)
class Counted:
    """What may have been tested. `certain` is False where more than the print went in.

    `around` are tables over the sizes that groups can have, where values may be missing.
    """

    tables: tuple[IntArray, ...]
    certain: bool
    why: str = ""
    around: tuple[IntArray, ...] = ()


def counted_levels(subject: Subject, row: Row, table: CountTable) -> Counted:
    """Tables of levels by groups that the test may be of."""
    groups = table.groups
    counts = [[line[at] for at in groups] for line in table.counts]
    if len(groups) < 2 or any(cell is None for line in counts for cell in line):
        percents = any(level.percent for level in row.levels)
        return Counted((), False, say("Some counts are not printed.") if percents or counts else "")
    made = np.array(counts, dtype=np.int64)
    if len(made) == 1:
        return _one_level(table, made)
    states = [table.state(at) for at in groups]
    described = subject.variables.get(row.variable)
    names = {level.name for level in row.levels}
    every = described is not None and names == set(described.levels)
    tables = [made, *_other_orders(row, described.levels if described is not None else (), made)]
    if "more" in states:
        return Counted(tuple(tables), False, say("Patients seem to be counted more than once."))
    told = any(table.known[at] is not None for at in groups)
    if "less" in states and not (every or told):
        rest = [_rest(table, at, made[:, place]) for place, at in enumerate(groups)]
        tables.append(np.vstack([made, rest]))
        return Counted(
            tuple(tables),
            False,
            say(
                "Values may be missing or a level not printed; the test may be of more "
                "than the counts."
            ),
        )
    if "" in states and not every:
        return Counted(tuple(tables), False, say("It is not known whether all levels are printed."))
    return Counted(tuple(tables), True)


def _rest(table: CountTable, at: int, column: IntArray) -> int:
    size = table.sizes[at]
    return max(size - int(column.sum()), 0) if size is not None else 0


def _other_orders(row: Row, levels: Sequence[str], made: IntArray) -> list[IntArray]:
    """The levels in the order of their coding, for tests of ordered levels."""
    printed = [level.name for level in row.levels]
    order = [printed.index(name) for name in levels if name in printed]
    if len(order) < max(3, len(printed)) or order in (sorted(order), sorted(order)[::-1]):
        return []
    return [made[order]]


def _one_level(table: CountTable, made: IntArray) -> Counted:
    """The other level is the rest of the group, or of those with a value."""
    fit = shares_of(table)
    pinned = fit is not None and fit.base == "part"
    options: list[list[int]] = []
    around: list[list[int]] = []
    for place, at in enumerate(table.groups):
        count, known, size = int(made[0, place]), table.known[at], table.sizes[at]
        ends = part_of(table, at, fit.rounding) if fit is not None and pinned else None
        if known is not None and known >= count:
            options.append([known])
        elif ends is not None and ends[1] - ends[0] < _MOST_TABLES:
            options.append(list(range(ends[0], ends[1] + 1)))
        elif size is not None and size >= count:
            options.append([size])
            around.append(_thinned(max(count, least_known(size)), size))
            continue
        else:
            return Counted(
                (), False, say("The other level is not printed, nor how many patients have it.")
            )
        around.append(_thinned(options[-1][0], options[-1][-1]))
    if np.prod([len(each) for each in options]) > _MOST_TABLES:
        options = around
    if all(len(each) == 1 for each in around):
        around = []
    told = all(table.known[at] is not None for at in table.groups)
    return Counted(
        _complemented(made, options),
        told,
        say("The other level is not printed, and values may be missing."),
        _complemented(made, around) if around else (),
    )


def _complemented(made: IntArray, sizes: Sequence[Sequence[int]]) -> tuple[IntArray, ...]:
    return tuple(np.vstack([made[0], np.array(each) - made[0]]) for each in product(*sizes))


def _thinned(low: int, high: int) -> list[int]:
    """Some whole numbers from low to high, both among them."""
    return sorted({round(each) for each in np.linspace(low, high, _THINNED)})
