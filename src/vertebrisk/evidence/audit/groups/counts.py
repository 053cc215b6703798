"""Checks of counts: they add up, and percentages are theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vertebrisk.evidence.audit.groups import count_totals, percentages
from vertebrisk.evidence.audit.groups.cells import (
    cells_as_quantities,
    count_table,
    sizes_as_quantities,
)
from vertebrisk.evidence.audit.groups.count_tables import (
    Base,
    CountTable,
    Fit,
    Mend,
    Rounding,
    mends,
    misfits,
    shares_of,
    totals_off,
)
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import CUT_OFF, Check, Failure, Quantity
from vertebrisk.text.messages import joined, say

_OF: dict[Base, str] = {
    "column": say("the size of its group"),
    "known": say("the sum of its column"),
    "row": say("the sum of its row"),
    "grand": say("all patients"),
    "part": say("a part of its group"),
}
_ROUNDING: dict[Rounding, str] = {
    "cut off": CUT_OFF,
    "rounded twice": say("Some percentages seem to have been rounded twice."),
    "adjusted": say("Some percentages are adjusted, so that all add up to 100."),
}
_CHANGES = say("The frequency of the level, and the test of the row if it was made of the count.")
_ASK = say("Ask for the counts of the row, with the number of missing values.")


def checks(subject: Subject) -> Iterator[Check]:
    """Sums, percentages and totals of every row, sizes of groups, counts in the text."""
    for comparison in subject.comparisons:
        yield from count_totals.group_checks(comparison)
        for row in comparison.rows:
            if any(level.count for level in row.levels):
                yield from _row_checks(_Counts.of(subject, comparison, row))
            else:
                yield from percentages.checks(subject, comparison, row)
    yield from count_totals.text_checks(subject)


@dataclass(frozen=True, slots=True)
class _Counts:
    """One row with its counts; `declared` says that a patient has just one of its levels."""

    comparison: Comparison
    row: Row
    about: str
    table: CountTable
    declared: bool

    @classmethod
    def of(cls, subject: Subject, comparison: Comparison, row: Row) -> _Counts:
        described = subject.variables.get(row.variable)
        levels = [level.name for level in row.levels]
        declared = described is not None and set(levels) <= set(described.levels)
        about = subject.label(row.variable)
        table = count_table(comparison, row)
        return cls(comparison, row, about, table, declared)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Everything that the checks of a row rest upon."""
        return (
            *cells_as_quantities(self.comparison, self.row, "missing", "sizes", levels=True),
            *sizes_as_quantities(self.comparison),
        )

    def group(self, at: int) -> str:
        """Name of a group."""
        return self.comparison.groups[at].name

    def level(self, at: int) -> str:
        """Name of a level."""
        return self.row.levels[at].name

    def check(self, identity: str, verdict: str, message: str, *notes: str) -> Check:
        """A check that is not failed."""
        return Check(
            id=identity,
            about=self.about,
            place=self.row.place,
            quantities=self.quantities,
            verdict="consistent" if verdict == "consistent" else "not checkable",
            message=message,
            notes=tuple(note for note in notes if note),
        )


def _row_checks(counts: _Counts) -> Iterator[Check]:
    table = counts.table
    fit = shares_of(table)
    several = _several(counts, fit)
    problems = list(_problems(counts, fit, several=several))
    if problems:
        yield _failed(counts, problems)
    failed = {identity for identity, _ in problems}
    if "counts-add-up" not in failed:
        yield from _sums(counts, several=several)
    if "percent-of-count" not in failed and fit is not None and any(table.cells()):
        yield _shares(counts, fit)
    if table.total is not None and "groups-add-up" not in failed and _all_printed(table):
        yield counts.check(
            "groups-add-up",
            "consistent",
            say("The counts of the groups add up to the column of all."),
        )


def _several(counts: _Counts, fit: Fit | None) -> bool:
    """True if patients may be counted more than once: in vertebrae, or with several answers."""
    table = counts.table
    states = [table.state(at) for at in table.groups]
    if "more" not in states:
        return False
    if all(state in ("more", "") for state in states):
        return True
    if counts.declared or len(table.counts) > 2:
        return not counts.declared
    shown = any(table.cells()) and fit is not None and fit.base in ("column", "grand")
    return shown or "less" in states


def _declared_sizes(table: CountTable) -> bool:
    return any(known is not None for known in table.known)


def _problems(counts: _Counts, fit: Fit | None, *, several: bool) -> Iterator[tuple[str, str]]:
    """Id and sentence of everything that cannot be true."""
    table = counts.table
    for at in range(len(table.sizes)):
        if table.state(at) == "more" and not several:
            yield (
                "counts-add-up",
                say(
                    "The counts add up to {sums} of {expected} in {group}.",
                    sums=table.sums[at],
                    expected=table.expected(at),
                    group=counts.group(at),
                ),
            )
    if fit is None:
        yield "percent-of-count", _misfit(counts)
    for level in totals_off(table):
        assert table.total is not None
        yield (
            "groups-add-up",
            say(
                "{level}: the groups add up to {across}, the column of all has {counts}.",
                level=counts.level(level),
                across=table.across[level],
                counts=table.counts[level][table.total],
            ),
        )


def _misfit(counts: _Counts) -> str:
    """The cells that fit worst where the percentages agree with nothing."""
    table = counts.table
    bases: tuple[Base, ...] = ("column", "known", "row")
    found = [misfits(table, base, "rounded") for base in bases]
    base, cells = min(zip(bases, found, strict=True), key=lambda pair: len(pair[1]))
    if not cells:
        return say("The percentages are not shares of one and the same number.")
    level, group = cells[0]
    percent, count = table.percents[level][group], table.counts[level][group]
    sizes = {"column": table.expected(group), "known": table.sums[group]}
    size = sizes.get(base, table.across[level])
    share = f", {100 * count / size:.4g} %" if size and count is not None else ""
    return say(
        "{level} in {group}: {count} is printed as {percent} %, but is{share} of "
        "{size}; nor is it a share of another number that would explain the row.",
        level=counts.level(level),
        group=counts.group(group),
        count=count,
        percent=percent,
        share=share,
        size=size,
    )


def _failed(counts: _Counts, problems: list[tuple[str, str]]) -> Check:
    mended = mends(counts.table)
    ones = {(mend.level, mend.group, mend.count is None) for mend in mended}
    said = _said(counts, mended) if mended and len(ones) <= 2 else ""
    single = len(ones) == 1 and said
    failure: Failure = "one number" if single else "irreconcilable"
    sentences = [sentence for _, sentence in problems[:3]]
    return Check(
        id=problems[0][0],
        about=counts.about,
        place=counts.row.place,
        quantities=counts.quantities,
        verdict="inconsistent",
        message=joined([each for each in (*sentences, said) if each], " "),
        recomputed=", ".join(
            dict.fromkeys(str(mend.count) for mend in mended if mend.count is not None)
        )
        if single
        else "",
        severity="detail",
        failure=failure,
        changes=_CHANGES,
        resolve=_ASK,
    )


def _said(counts: _Counts, mended: list[Mend]) -> str:
    """What one number would have to be."""
    options: dict[tuple[int, int], list[str]] = {}
    for mend in mended:
        told = say("another percentage") if mend.count is None else str(mend.count)
        options.setdefault((mend.level, mend.group), []).append(told)
    said = [
        say(
            "{listed} for {level} in {group}",
            listed=joined(list(dict.fromkeys(told)), " or "),
            level=counts.level(level),
            group=counts.group(group),
        )
        for (level, group), told in options.items()
    ]
    return say("All numbers of the row agree with {listed}.", listed=joined(said, ", or "))


def _sums(counts: _Counts, *, several: bool) -> Iterator[Check]:
    table = counts.table
    states = {at: table.state(at) for at in range(len(table.sizes))}
    if not any(states.values()):
        return
    if several:
        shown = _shown(counts, [at for at, state in states.items() if state == "more"])
        yield counts.check(
            "counts-add-up",
            "not checkable",
            say("The counts add up to {shown}.", shown=shown),
            say(
                "Patients may have been counted more than once, as with several "
                "vertebrae or several answers; the print does not say so."
            ),
        )
        return
    less = [at for at, state in states.items() if state == "less"]
    if not less:
        yield counts.check("counts-add-up", "consistent", say("The counts add up to the groups."))
        return
    shown = _shown(counts, less)
    if counts.comparison.missing_told:
        yield counts.check(
            "counts-add-up",
            "consistent",
            say(
                "The counts add up to {shown}; the print says that values are missing.", shown=shown
            ),
        )
        return
    yield counts.check(
        "counts-add-up",
        "not checkable",
        say("The counts add up to {shown}.", shown=shown),
        say(
            "Either values are missing, or a level is not printed, or a count is "
            "wrong; the print does not say which."
        ),
    )


def _shown(counts: _Counts, groups: list[int]) -> str:
    table = counts.table
    return joined(
        [
            say(
                "{sums} of {expected} in {group}",
                sums=table.sums[at],
                expected=table.expected(at),
                group=counts.group(at),
            )
            for at in groups
        ]
    )


def _shares(counts: _Counts, fit: Fit) -> Check:
    if fit.base == "part":
        sizes = [
            say(
                "{size} of {sizes} in {group}",
                size=size,
                sizes=counts.table.sizes[at],
                group=counts.group(at),
            )
            for at, size in enumerate(fit.sizes)
            if size is not None and size != counts.table.sizes[at]
        ]
        told = counts.comparison.missing_told or _declared_sizes(counts.table)
        return counts.check(
            "percent-of-count",
            "consistent" if told else "not checkable",
            say(
                "The percentages can be of {listed} and of no other number.",
                listed=joined(sizes),
            ),
            "" if told else say("The print does not say why they are not of the whole group."),
        )
    note = (
        "" if fit.base == "column" else say("Each percentage is of {whole}.", whole=_OF[fit.base])
    )
    return counts.check(
        "percent-of-count",
        "consistent",
        say("Every percentage is its count over {whole}.", whole=_OF[fit.base]),
        note if fit.base in ("row", "grand") else "",
        _ROUNDING.get(fit.rounding, ""),
    )


def _all_printed(table: CountTable) -> bool:
    return table.total is not None and any(
        table.across[level] is not None and row[table.total] is not None
        for level, row in enumerate(table.counts)
    )
