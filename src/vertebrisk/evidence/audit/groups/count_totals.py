"""Checks of group sizes, and of counts and rates in the text against the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vertebrisk.evidence.audit.groups.cells import (
    count_table,
    plain_groups,
    sizes_as_quantities,
    total_of,
    whole,
)
from vertebrisk.evidence.audit.groups.count_tables import CountTable, Fit, shares_of
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import CUT_OFF, Check, Quantity, Severity
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import Statistic
from vertebrisk.text.messages import joined, say

_NOISE = 1e-9
RATES = ("event_percent", "population_event_percent")


def group_checks(comparison: Comparison) -> Iterator[Check]:
    """The sizes of the groups add up to that of the column of all."""
    total = total_of(comparison)
    if total is None:
        return
    sizes = [whole(comparison.groups[at].n) for at in plain_groups(comparison)]
    numbers = [size for size in sizes if size is not None]
    printed = whole(comparison.groups[total].n)
    if printed is None or len(numbers) < len(sizes):
        return
    made = sum(numbers)
    shown = " + ".join(str(number) for number in numbers)
    yield _verdict(
        "groups-add-up",
        say("sizes of the groups"),
        comparison.place,
        sizes_as_quantities(comparison),
        say(
            "{shown} is {made}; the column of all has {printed}.",
            shown=shown,
            made=made,
            printed=printed,
        ),
        right=made == printed,
        recomputed=str(made),
        severity="conclusion",
        changes=say("How many patients the table is about."),
    )


@dataclass(frozen=True, slots=True)
class _Patients:
    """Patients and events by one source: the table, the design, or the text."""

    n: int | None
    events: int | None


def text_checks(subject: Subject) -> Iterator[Check]:
    """Numbers of the text against the sizes of the groups and the cells of the table."""
    own = [each for each in subject.statistics if each.patients is None and each.model is None]
    if subject.main is not None:
        yield from _sizes(subject, subject.main, own)
    for each in own:
        if each.name in RATES:
            yield from _rate(subject, each)
        elif each.name in ("count", "percent") and each.variable is not None:
            yield from _of_level(subject, each)


def _of_table(main: Comparison | None) -> _Patients:
    if main is None:
        return _Patients(None, None)
    sizes = {at: whole(main.groups[at].n) for at in plain_groups(main)}
    numbers = [size for size in sizes.values() if size is not None]
    if len(numbers) < len(sizes):
        return _Patients(None, None)
    events = [size for at, size in sizes.items() if main.groups[at].event and size is not None]
    return _Patients(sum(numbers), sum(events))


def _sizes(subject: Subject, main: Comparison, own: Sequence[Statistic]) -> Iterator[Check]:
    """n, events and others in the design and the text against the groups by the outcome."""
    table = _of_table(main)
    if table.n is None or table.events is None or subject.study is None:
        return
    design = subject.study.design
    printed = [("n", design.n.value, design.n.place)] if design.n is not None else []
    printed.append(("n_events", design.n_events.value, design.n_events.place))
    printed += [
        (each.name, each.value, each.place)
        for each in own
        if each.name in ("n", "n_events", "n_without")
    ]
    made = {"n": table.n, "n_events": table.events, "n_without": table.n - table.events}
    seen: set[tuple[str, str]] = set()
    same = all(whole(number) == table.n for name, number, _ in printed if name == "n")
    for name, number, place in printed:
        if (name, number.text) in seen or (count := whole(number)) is None:
            continue
        seen.add((name, number.text))
        quantities = (Quantity(name, number.text, place), *sizes_as_quantities(main))
        told = say(
            "The groups have {made} {named}; {count} is printed.",
            made=made[name],
            named=_NAMES[name],
            count=count,
        )
        if count > made[name] and (name == "n" or not same):
            yield Check(
                id="groups-add-up",
                about=name,
                place=place,
                quantities=quantities,
                verdict="not checkable",
                message=told,
                notes=(
                    say("The table may be of some of the patients only; the print may say why."),
                ),
            )
            continue
        yield _verdict(
            "groups-add-up",
            name,
            place,
            quantities,
            told,
            right=count == made[name],
            recomputed=str(made[name]),
            severity="conclusion",
            changes=say("How many patients, or how many events, everything else rests upon."),
        )


_NAMES = {
    "n": say("patients"),
    "n_events": say("patients with the event"),
    "n_without": say("without the event"),
}


def _rate(subject: Subject, rate: Statistic) -> Iterator[Check]:
    """Events over patients."""
    pairs = _pairs(subject, rate.name.startswith("population"))
    if not pairs or rate.value.bound:
        return
    quantity = Quantity(rate.name, rate.value.text, rate.place)
    shown = joined(
        [
            say("{events} of {n} is {value:.4g} %", events=events, n=n, value=100 * events / n)
            for events, n in dict.fromkeys(pairs)
        ],
        " and ",
    )
    shares = [100 * events / n for events, n in pairs]
    exact = any(_within(share, rate.value.interval) for share in shares)
    near = exact or any(_within(share, rate.value.cut_off) for share in shares)
    yield _verdict(
        "percent-of-count",
        rate.name,
        rate.place,
        (quantity,),
        say("{shown}; {value} is printed.", shown=shown, value=rate.value),
        right=near,
        recomputed=joined(list(dict.fromkeys(f"{share:.4g}" for share in shares))),
        severity="conclusion",
        changes=say("How common the outcome is."),
        note="" if exact else CUT_OFF,
    )


def _pairs(subject: Subject, population: bool) -> list[tuple[int, int]]:
    """Events and patients that a rate may be of."""
    found = [] if population else [_of_table(subject.main)]
    if subject.study is not None:
        design = subject.study.design
        if design.n is not None and not population:
            found.append(_Patients(whole(design.n.value), whole(design.n_events.value)))
        if design.population is not None:
            of = design.population
            found.append(_Patients(whole(of.n), whole(of.n_events)))
    return [(each.events, each.n) for each in found if each.n and each.events is not None]


def _of_level(subject: Subject, told: Statistic) -> Iterator[Check]:
    """A count, or a percentage, of one level in the text against every table that has it.

    Where the text names no group it may be about all of a table, or about one group of a
    table that divides the patients otherwise than by the outcome, such as into samples.
    """
    found: list[Check] = []
    complete = True
    for comparison in subject.comparisons:
        for row in comparison.rows:
            if row.variable != told.variable:
                continue
            level = next((at for at, one in enumerate(row.levels) if one.name == told.level), None)
            if level is None:  # the text may be about this table
                complete = False
                continue
            for group in _groups_told(comparison, told):
                found += _against(comparison, row, level, group, told)
    right = next((each for each in found if each.verdict == "consistent"), None)
    if right is not None:
        yield right
    elif complete:
        yield from found[:1]


def _groups_told(comparison: Comparison, told: Statistic) -> list[int | None]:
    """Columns that the text may be about; None is all of them together."""
    if told.group is not None:
        return [at for at, each in enumerate(comparison.groups) if each.name == told.group]
    by_outcome = any(each.event is not None for each in comparison.groups)
    return [None] if by_outcome else [None, *plain_groups(comparison)]


def _against(
    comparison: Comparison, row: Row, level: int, group: int | None, told: Statistic
) -> Iterator[Check]:
    table = count_table(comparison, row)
    count = table.across[level] if group is None else table.counts[level][group]
    if count is None or told.value.bound:
        return
    quantity = Quantity(told.name, told.value.text, told.place)
    about = f"{told.variable} = {told.level}"
    if told.group:
        about = say("{about} in {group}", about=about, group=told.group)
    in_table = [row.levels[level].count[at] for at in table.groups if group in (None, at)]
    quantities = (
        quantity,
        *(Quantity(say("count"), each.text, row.place) for each in in_table if each is not None),
    )
    if told.name == "count":
        yield _verdict(
            "counts-in-text",
            about,
            told.place,
            quantities,
            say(
                "{place} has {count}; the text has {value}.",
                place=row.place,
                count=count,
                value=told.value,
            ),
            right=told.value.number == count,
            recomputed=str(count),
            severity="detail",
            changes=say("The frequency of the level."),
        )
        return
    yield from _share(table, level, group, count, told.value, about, quantities, told.place)


def _share(
    table: CountTable,
    level: int,
    group: int | None,
    count: int,
    percent: Printed,
    about: str,
    quantities: tuple[Quantity, ...],
    place: str,
) -> Iterator[Check]:
    """A percentage may be of the group, of those with a value, of the level, or of all."""
    sizes = _sizes_of(table, level, group)
    if not sizes:
        return
    shares = {size: 100 * count / size for size in sizes}
    exact = any(_within(share, percent.interval) for share in shares.values())
    near = exact or any(_within(share, percent.cut_off) for share in shares.values())
    first = sizes[0]
    if not near and not _every_value(table):
        yield Check(
            id="percent-of-count",
            about=about,
            place=place,
            quantities=quantities,
            verdict="not checkable",
            message=say(
                "{count} of {first} is {shares:.4g} %; {percent} % is printed.",
                count=count,
                first=first,
                shares=shares[first],
                percent=percent,
            ),
            notes=(say("It may be of those patients only who have a value."),),
        )
        return
    yield _verdict(
        "percent-of-count",
        about,
        place,
        quantities,
        say(
            "{count} of {first} is {shares:.4g} %; {percent} % is printed.",
            count=count,
            first=first,
            shares=shares[first],
            percent=percent,
        ),
        right=near,
        recomputed=f"{shares[first]:.4g}",
        severity="detail",
        changes=say("The frequency of the level."),
        note="" if exact else CUT_OFF,
    )


def _sizes_of(table: CountTable, level: int, group: int | None) -> list[int]:
    places = table.groups if group is None else (group,)
    found: list[int | None] = []
    for column in (table.sizes, table.sums, table.known):
        parts = [column[at] for at in places]
        numbers = [part for part in parts if part is not None]
        found.append(sum(numbers) if len(numbers) == len(parts) else None)
    found.append(table.across[level])
    everyone = [size for size in (table.sizes[at] for at in table.groups) if size is not None]
    found.append(sum(everyone) if len(everyone) == len(table.groups) else None)
    return list(dict.fromkeys(size for size in found if size))


def _every_value(table: CountTable) -> bool:
    """True if all levels are printed and no value is missing, so that no other base exists."""
    fit: Fit | None = shares_of(table)
    adds = all(table.state(at) == "adds" for at in table.groups)
    return adds or (fit is not None and fit.base == "column" and any(table.cells()))


def _within(share: float, interval: tuple[float, float]) -> bool:
    return interval[0] - _NOISE <= share <= interval[1] + _NOISE


def _verdict(
    identity: str,
    about: str,
    place: str,
    quantities: tuple[Quantity, ...],
    message: str,
    *,
    right: bool,
    recomputed: str,
    severity: Severity,
    changes: str,
    note: str = "",
) -> Check:
    if right:
        return Check(
            id=identity,
            about=about,
            place=place,
            quantities=quantities,
            verdict="consistent",
            message=message,
            recomputed=recomputed,
            notes=(note,) if note else (),
        )
    return Check(
        id=identity,
        about=about,
        place=place,
        quantities=quantities,
        verdict="inconsistent",
        message=message,
        recomputed=recomputed,
        severity=severity,
        failure="irreconcilable",
        changes=changes,
        resolve=say("Ask which of them is right."),
    )
