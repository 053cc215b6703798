"""Cells of a comparison as whole numbers and as quantities with their place."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.audit.groups.count_tables import MOST, CountTable
from vertebrisk.evidence.audit.subject import Cells, Comparison, Row
from vertebrisk.evidence.audit.values import Quantity
from vertebrisk.evidence.printed import Printed
from vertebrisk.text.messages import say

NAMES = {
    "mean": say("mean"),
    "sd": "sd",
    "median": say("median"),
    "lower_quartile": say("lower quartile"),
    "upper_quartile": say("upper quartile"),
    "minimum": say("minimum"),
    "maximum": say("maximum"),
    "missing": say("missing"),
    "sizes": say("sizes"),
}


def cell_of(cells: Cells, at: int) -> Printed | None:
    """The cell of one group; None where it is not printed."""
    return cells[at] if at < len(cells) else None


def whole(printed: Printed | None) -> int | None:
    """A printed count; None for a bound, for a fraction and beyond any number of patients."""
    if printed is None or printed.bound or not 0 <= printed.number <= MOST:
        return None
    count = int(printed.number)
    return count if count == printed.number else None


def total_of(comparison: Comparison) -> int | None:
    """Position of the column of all patients, if the groups make it up.

    Two groups by the outcome do; others do if their sizes add up to it.
    """
    marked = [at for at, group in enumerate(comparison.groups) if group.total]
    plain = [group for group in comparison.groups if not group.total]
    if len(marked) != 1 or len(plain) < 2:
        return None
    if sorted(str(group.event) for group in plain) == ["False", "True"]:
        return marked[0]
    sizes = [whole(group.n) for group in plain]
    numbers = [size for size in sizes if size is not None]
    adds = len(numbers) == len(sizes) and sum(numbers) == whole(comparison.groups[marked[0]].n)
    return marked[0] if adds else None


def plain_groups(comparison: Comparison) -> list[int]:
    """Positions of the groups proper."""
    return [at for at, group in enumerate(comparison.groups) if not group.total]


def known_of(comparison: Comparison, row: Row) -> tuple[int | None, ...]:
    """Patients with a value in each group, where the row tells; None where it is silent."""
    known: list[int | None] = []
    for at, group in enumerate(comparison.groups):
        size, n, missing = (
            whole(each)
            for each in (cell_of(row.sizes, at), group.n, cell_of(row.missing, at))
        )  # fmt: skip
        if size is None and n is not None and missing is not None and missing <= n:
            size = n - missing
        known.append(size)
    return tuple(known)


def count_table(comparison: Comparison, row: Row) -> CountTable:
    """The counts and percentages of a row."""
    places = range(len(comparison.groups))
    return CountTable(
        counts=tuple(
            tuple(whole(cell_of(level.count, at)) for at in places) for level in row.levels
        ),
        percents=tuple(tuple(cell_of(level.percent, at) for at in places) for level in row.levels),
        sizes=tuple(whole(group.n) for group in comparison.groups),
        known=known_of(comparison, row),
        total=total_of(comparison),
    )


def quantity(comparison: Comparison, row: Row, at: int, name: str, printed: Printed) -> Quantity:
    """A printed number of one group."""
    place = f"{row.place}, {row.variable}, {comparison.groups[at].name}"
    return Quantity(name, printed.text, place)


def sizes_as_quantities(comparison: Comparison) -> tuple[Quantity, ...]:
    """The printed sizes of the groups."""
    return tuple(
        Quantity("n", group.n.text, f"{group.place}, {group.name}")
        for group in comparison.groups
        if group.n is not None
    )


def cells_as_quantities(
    comparison: Comparison, row: Row, *names: str, levels: bool = False
) -> tuple[Quantity, ...]:
    """The cells of the named lists (and counts and percentages), then statistic and P."""
    return tuple(_cells(comparison, row, names, levels=levels))


def _cells(
    comparison: Comparison, row: Row, names: tuple[str, ...], *, levels: bool
) -> Iterator[Quantity]:
    lists: list[tuple[str, Cells]] = [(NAMES[name], getattr(row, name)) for name in names]
    if levels:
        for level in row.levels:
            lists += [
                (say("{name}, count", name=level.name), level.count),
                (f"{level.name}, %", level.percent),
            ]
    for name, cells in lists:
        for at in range(len(comparison.groups)):
            cell = cell_of(cells, at)
            if cell is not None:
                yield quantity(comparison, row, at, name, cell)


def tests_as_quantities(row: Row) -> tuple[Quantity, ...]:
    """The printed statistic and P of a row."""
    place = f"{row.place}, {row.variable}"
    return tuple(
        Quantity(name, printed.text, place)
        for name, printed in ((say("statistic"), row.statistic), ("P", row.p_value))
        if printed is not None
    )
