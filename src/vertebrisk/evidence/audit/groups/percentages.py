"""Checks of rows that print percentages alone: those of all levels add up to 100."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vertebrisk.evidence.audit.groups.cells import cell_of, cells_as_quantities, plain_groups
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import CUT_OFF, Check
from vertebrisk.evidence.printed import Printed
from vertebrisk.text.messages import joined, say

_NOISE = 1e-9
_ALL = 100.0


def checks(subject: Subject, comparison: Comparison, row: Row) -> Iterator[Check]:
    """Percentages of every group, or else of every level, add up to 100."""
    places = plain_groups(comparison)
    columns = [_whole([cell_of(level.percent, at) for level in row.levels]) for at in places]
    rows = [_whole([cell_of(level.percent, at) for at in places]) for level in row.levels]
    if len(row.levels) < 2 or not any(columns):
        return
    shown = [cells for cells in columns if cells]
    note = ""
    verdict = "consistent" if _add_up(shown, cut_off=False) else ""
    if not verdict and _add_up([cells for cells in rows if cells], cut_off=False):
        verdict, note = "consistent", say("The percentages add up to 100 by row, not by column.")
    if not verdict and _add_up(shown, cut_off=True):
        verdict, note = "consistent", CUT_OFF
    ends = [_ends(cells, cut_off=False) for cells in shown]
    described = subject.variables.get(row.variable)
    declared = described is not None and {each.name for each in row.levels} == set(described.levels)
    sums = ", ".join(f"{float(sum(cell.number for cell in cells)):.10g}" for cells in shown)
    message = say("The percentages of the groups add up to {sums}.", sums=sums)
    about, quantities = (
        subject.label(row.variable),
        cells_as_quantities(comparison, row, levels=True),
    )
    if verdict or not declared or not any(low > _ALL + _NOISE for low, _ in ends):
        silent = "" if verdict else (
            say('Values may be missing, a level not printed, or several answers given; '
    'the print does not say so.')
        )  # fmt: skip
        yield Check(
            id="percent-adds-up",
            about=about,
            place=row.place,
            quantities=quantities,
            verdict="consistent" if verdict else "not checkable",
            message=message,
            notes=tuple(each for each in (note, silent) if each),
        )
        return
    yield Check(
        id="percent-adds-up",
        about=about,
        place=row.place,
        quantities=quantities,
        verdict="inconsistent",
        message=say(
            "{message} A patient has one of the levels, so it cannot be more than 100.",
            message=message,
        ),
        recomputed=joined(
            [say("{low:.4g} to {high:.4g}", low=low, high=high) for low, high in ends]
        ),
        severity="detail",
        failure="irreconcilable",
        changes=say("The frequency of one of the levels."),
        resolve=say("Ask for the counts of the row."),
    )


def _whole(cells: Sequence[Printed | None]) -> list[Printed]:
    """The cells, or nothing where one of them is not printed or is a bound."""
    found = [cell for cell in cells if cell is not None and not cell.bound]
    return found if len(found) == len(cells) else []


def _ends(cells: Sequence[Printed], *, cut_off: bool) -> tuple[float, float]:
    intervals = [cell.cut_off if cut_off else cell.interval for cell in cells]
    return sum(low for low, _ in intervals), sum(high for _, high in intervals)


def _add_up(lists: Sequence[Sequence[Printed]], *, cut_off: bool) -> bool:
    ends = [_ends(cells, cut_off=cut_off) for cells in lists]
    return bool(ends) and all(low - _NOISE <= _ALL <= high + _NOISE for low, high in ends)
