"""What the numbers of one row are: a mean with its SD, a median with quartiles, or counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vertebrisk.evidence.audit.subject import Cells, Level, Row
from vertebrisk.evidence.printed import Printed, plain
from vertebrisk.evidence.tables.cells import Numbers
from vertebrisk.evidence.tables.labels import bare_label, listed_levels, split_label
from vertebrisk.evidence.tables.remarks import Hints, quartiles_in, spread_in

Read = Sequence[Numbers | None]
_NEAR = 1.0
_LOST = 0.05
_COUNTED = re.compile(r"\bn\s*[(/,]|%|\bno\.|例|\bcases?\b|\bnumber \(|\bn\b\s*$", re.IGNORECASE)
_MEAN = re.compile(r"\bmean\b|\bs\.?d\.?\b|±|average|平均|均数", re.IGNORECASE)
_MEASURED = re.compile(
    r"[(\[,]\s*(?:y(?:ea)?rs?|years?|months?|days?|weeks?|hours?|min|[cm]m|ml|kg.*|g/.*|hu|°|deg\w*|"
    r"scores?|points?|t[- ]?scores?|s|sd|岁|月|天|分|ml|°)\s*[)\]]?\s*$",
    re.IGNORECASE,
)


def level_cells(read: Read) -> tuple[Cells, Cells, Cells]:
    """Counts, percentages and sizes of one level, each empty where none is printed."""
    parts = [_count(each) for each in read]
    columns = [tuple(part[k] for part in parts) for k in range(3)]
    counts, percents, sizes = (column if any(column) else () for column in columns)
    return counts, percents, sizes


def add_up(levels: Sequence[tuple[Cells, Cells, Cells]], sizes: Sequence[Printed | None]) -> bool:
    """True if levels may be all of one variable: their counts or percentages make a whole.

    So they do if nothing says how many they should be.
    """
    whole, known = False, False
    for place, size in enumerate(sizes):
        counts = [level[0][place] for level in levels if level[0]]
        shares = [level[1][place] for level in levels if level[1]]
        if size is not None and len(counts) == len(levels):
            total = sum(each.value for each in counts if each is not None)
            known, whole = True, whole or abs(total - size.value) <= _LOST * size.value
        if len(shares) == len(levels):
            share = sum(each.value for each in shares if each is not None)
            known, whole = True, whole or abs(share - 100) <= 100 * _LOST
    by_row = [sum(each.value for each in level[1] if each is not None) for level in levels]
    return whole or not known or all(abs(total - 100) <= 100 * _LOST for total in by_row)


def _count(read: Numbers | None) -> tuple[Printed | None, Printed | None, Printed | None]:
    """Count, percentage and size of one cell."""
    if read is None:
        return None, None, None
    values = read.values
    if read.form == "slash and bracket":
        return values[0], values[2], values[1]
    if read.form == "slash" and len(values) == 2:
        return values[0], None, values[1]
    if read.form == "bracket":
        turned = read.percent == 0 or (
            read.percent is None and values[0].decimals > 0 and values[1].decimals == 0
        )
        return (values[1], values[0], None) if turned else (values[0], values[1], None)
    if read.form == "number":
        share = read.percent == 0 or values[0].decimals > 0
        return (None, values[0], None) if share else (values[0], None, None)
    return None, None, None


def summarised(
    label: str, read: Read, sizes: Sequence[Printed | None], hints: Hints, place: str
) -> Row | None:
    """The row of one label with its cells, or None where they are of no known kind."""
    forms = {each.form for each in read if each is not None}
    if not forms:
        return Row(split_label(label).variable, place)
    if "plus minus" in forms:
        return _mean_row(label, read, hints, place)
    if forms & {"number and interval"}:
        return _median_row(label, read, hints, place)
    if forms == {"slash"}:
        return _listed_row(label, read, sizes, place)
    if forms <= {"slash", "slash and bracket", "number"} and forms != {"number"}:
        return _count_row(label, read, place)
    if "bracket" in forms:
        if _are_counts(label, read, sizes, hints):
            return _count_row(label, read, place)
        return _mean_row(label, read, hints, place)
    if forms == {"number"}:
        return _bare_row(label, read, place)
    return None


def _mean_row(label: str, read: Read, hints: Hints, place: str) -> Row:
    limits = any(each is not None and len(each.values) == 4 for each in read)
    return Row(
        variable=bare_label(label),
        place=place,
        mean=_column(read, 0),
        sd=_column(read, 1),
        spread=spread_in(label) or hints.spread,
        minimum=_column(read, 2) if limits else (),
        maximum=_column(read, 3) if limits else (),
    )


def _median_row(label: str, read: Read, hints: Hints, place: str) -> Row:
    told = quartiles_in(label)
    quartiles = told if told is not None else hints.quartiles
    lower, upper = _column(read, 1), _column(read, 2)
    middle = _column(read, 0)
    name = bare_label(label)
    if re.search(r"\bci\b|confidence", plain(label).lower()):
        return Row(name, place, mean=middle)
    if quartiles is False:
        mean = re.search(r"\bmean\b", plain(label).lower()) is not None
        return Row(
            name,
            place,
            mean=middle if mean else (),
            median=() if mean else middle,
            minimum=lower,
            maximum=upper,
        )
    return Row(name, place, median=middle, lower_quartile=lower, upper_quartile=upper)


def _listed_row(label: str, read: Read, sizes: Sequence[Printed | None], place: str) -> Row | None:
    """``Sex (male/female)`` with cells ``46/185``: one level a number, or a count of patients."""
    listed = listed_levels(label)
    lengths = {len(each.values) for each in read if each is not None}
    if listed is not None and lengths == {len(listed[1])}:
        levels = tuple(Level(name, _column(read, k)) for k, name in enumerate(listed[1]))
        return Row(listed[0], place, levels)
    if len(lengths) > 1:
        return None
    named = [f"level {k}" for k in range(1, max(lengths) + 1)]
    if lengths == {2} and not _add_up(read, sizes):
        return _count_row(label, read, place)
    levels = tuple(Level(name, _column(read, k)) for k, name in enumerate(named))
    return Row(bare_label(label), place, levels)


def _add_up(read: Read, sizes: Sequence[Printed | None]) -> bool:
    """True if two counts are more likely the two levels of a group than some of so many."""
    pairs = [(each.values, size) for each, size in zip(read, sizes, strict=True) if each]
    whole = [values[0].number + values[1].number == size.number for values, size in pairs if size]
    return any(values[0].number > values[1].number for values, _ in pairs) or (
        bool(whole) and all(whole)
    )


def _count_row(label: str, read: Read, place: str) -> Row:
    named = split_label(label)
    count, percent, sizes = level_cells(read)
    return Row(named.variable, place, (Level(named.level or "Yes", count, percent),), sizes=sizes)


def _bare_row(label: str, read: Read, place: str) -> Row:
    """Numbers alone: counts if the label says so or they are percentages, otherwise means."""
    shares = any(each is not None and each.percent == 0 for each in read)
    whole = all(each is None or each.values[0].decimals == 0 for each in read)
    counted = split_label(label).level or _COUNTED.search(plain(label))
    if shares or (whole and counted and not _MEAN.search(label)):
        return _count_row(label, read, place)
    return Row(bare_label(label), place, mean=_column(read, 0))


def _are_counts(label: str, read: Read, sizes: Sequence[Printed | None], hints: Hints) -> bool:
    """True if ``65 (12)`` is a count with its percentage, False for a mean with its SD."""
    pairs = [
        (each.values[0], each.values[1], size)
        for each, size in zip(read, sizes, strict=True)
        if each is not None and each.form == "bracket"
    ]
    if any(each is not None and each.percent is not None for each in read):
        return True
    bare = plain(label)
    if _MEAN.search(bare) or _MEASURED.search(bare):
        return False
    if any(inside.value > 100 or inside.number < 0 for _, inside, _ in pairs):
        return False
    turned = all(first.decimals > 0 and inside.decimals == 0 for first, inside, _ in pairs)
    if any(first.decimals > 0 for first, _, _ in pairs):
        return turned and _fits((inside, first, n) for first, inside, n in pairs)
    if split_label(label).level or _COUNTED.search(bare):
        return True
    if _fits(pairs) or _row_shares(pairs):
        return True
    return all(inside.decimals > 0 for _, inside, _ in pairs) and not hints.mean_in_brackets


def _fits(pairs: Iterable[tuple[Printed, Printed, Printed | None]]) -> bool:
    """True if most brackets are the percentage that the count makes of its group."""
    near = [
        abs(100 * first.value / size.value - inside.value) < _NEAR
        for first, inside, size in pairs
        if size is not None and size.value > 0
    ]
    return 2 * sum(near) > len(near)


def _row_shares(pairs: Sequence[tuple[Printed, Printed, Printed | None]]) -> bool:
    total = sum(inside.value for _, inside, _ in pairs)
    counts = sum(first.value for first, _, _ in pairs)
    return (
        len(pairs) > 1
        and abs(total - 100) < _NEAR
        and all(
            abs(100 * first.value / counts - inside.value) < _NEAR for first, inside, _ in pairs
        )
    )


def _column(read: Read, place: int) -> Cells:
    """One number of every cell; nothing where no cell has it."""
    cells = tuple(
        each.values[place] if each is not None and place < len(each.values) else None
        for each in read
    )
    return cells if any(each is not None for each in cells) else ()
