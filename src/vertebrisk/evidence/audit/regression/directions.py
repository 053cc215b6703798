"""Which way a factor goes: in the regression, in the table of the groups, and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from vertebrisk.evidence.audit.regression.numbers import RowNumbers, tables_of
from vertebrisk.evidence.audit.subject import Comparison, Level, Row, Subject
from vertebrisk.evidence.audit.values import Check, Quantity
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import CONSTANT, Statement
from vertebrisk.text.messages import say

# Adjustment may turn an association; so strong a one in so strong another it does not.
_STRONG = 4.0
_SIGNIFICANT = 1.95
_SAID = {"higher": 1, "lower": -1}


def checks(subject: Subject) -> Iterator[Check]:
    """Signs of coefficients against the groups and against the text."""
    for rows in tables_of(subject):
        named = {(each.row.term, each.row.level) for each in rows}
        for row in rows:
            if row.row.term == CONSTANT or row.factor_df:
                continue
            yield from _against_groups(subject, row, named)
            yield from _against_words(subject, row)


def _sign_and_size(row: RowNumbers) -> tuple[int, float]:
    """Sign of the coefficient, by its ratio where there is one, and the least |b| / s."""
    fields = tuple(name for name in row.printed if name != "estimate" or not row.has("ratio"))
    region = row.region(fields)
    if region.empty:
        fields = tuple(name for name in ("ratio", "conf_low", "conf_high") if row.has(name))
        region = row.region(fields)
    if region.empty or not fields:
        return 0, 0.0
    low, high = region.range(lambda b, s: b)
    sign = 1 if low > 0 else -1 if high < 0 else 0
    return sign, region.range(lambda b, s: abs(b) / s)[0]


def _against_groups(
    subject: Subject, row: RowNumbers, named: set[tuple[str, str]]
) -> Iterator[Check]:
    main, found, level = subject.main, _compared(subject, row), row.row.level
    if main is None or found is None:
        return
    crude = _crude(subject, row, named)
    sign, _ = _sign_and_size(row)
    if crude is None or sign == 0:
        return
    quantities = (*_group_quantities(main, found, level), *_printed(row))
    said = (
        say(
            "Patients with the event have more of it than the others (z = {crude:.2f})", crude=crude
        )
        if crude > 0
        else say(
            "Patients with the event have less of it than the others (z = {crude:.2f})", crude=crude
        )
    )
    if crude * sign >= 0:
        yield _check(
            row,
            quantities,
            "consistent",
            say("{said}, and the coefficient has that sign.", said=said),
        )
        return
    message = say("{said}, but the coefficient says the opposite.", said=said)
    if _turned(row, crude):
        yield Check(
            id="direction-in-groups",
            about=row.name,
            place=f"{found.place}; {row.model.place}",
            quantities=quantities,
            verdict="inconsistent",
            message=say(
                "{message} Adjustment turns so strong an association into so strong an "
                "opposite one only where other terms nearly determine it.",
                message=message,
            ),
            severity="risk",
            failure="wording",
            changes=say(
                "Used as printed, {name} moves the risk of a patient in the wrong direction.",
                name=row.name,
            ),
            resolve=say("Ask how the variable was coded in the regression."),
        )
        return
    weak = say("Adjustment for the other terms may turn a sign.")
    yield _check(row, quantities, "consistent", message, (weak,))


def _turned(row: RowNumbers, crude: float) -> bool:
    """True if a coefficient is so strongly opposite that adjustment alone is no reason."""
    return abs(crude) >= _STRONG and _sign_and_size(row)[1] >= _STRONG


def _compared(subject: Subject, row: RowNumbers) -> Row | None:
    """The row of the main comparison that is about the same variable."""
    rows = subject.main.rows if subject.main is not None else ()
    return next((each for each in rows if each.variable == row.row.term), None)


def _crude(subject: Subject, row: RowNumbers, named: set[tuple[str, str]]) -> float | None:
    """How far the patients with the event lie above the others, in standard errors."""
    main, found, level = subject.main, _compared(subject, row), row.row.level
    if main is None or found is None:
        return None
    others = [each.name for each in found.levels if (found.variable, each.name) not in named]
    return _shares_z(main, found, level, others) if level else _means_z(main, found)


def _check(
    row: RowNumbers,
    quantities: tuple[Quantity, ...],
    verdict: str,
    message: str,
    notes: tuple[str, ...] = (),
) -> Check:
    return Check(
        id="direction-in-groups",
        about=row.name,
        place=row.model.place,
        quantities=quantities,
        verdict=verdict,  # type: ignore[arg-type]
        message=message,
        notes=notes,
    )


def _printed(row: RowNumbers) -> tuple[Quantity, ...]:
    return row.quantities(tuple(name for name in ("estimate", "ratio") if row.has(name)))


def _means_z(main: Comparison, row: Row) -> float | None:
    """How far the mean of the patients with the event lies above that of the others."""
    parts: dict[bool, tuple[float, float, float]] = {}
    for place, group in enumerate(main.groups):
        if group.total or group.event is None:
            continue
        cells = (row.mean, row.sd)
        values = [each[place] if place < len(each) else None for each in cells]
        mean, sd = values
        if mean is None or sd is None or group.n is None or group.event in parts:
            return None
        parts[group.event] = mean.value, sd.value, group.n.value
    if len(parts) < 2:
        return None
    (m1, s1, n1), (m0, s0, n0) = parts[True], parts[False]
    if row.spread == "se":
        s1, s0 = s1 * math.sqrt(n1), s0 * math.sqrt(n0)
    variance = s1**2 / max(n1, 1) + s0**2 / max(n0, 1)
    return (m1 - m0) / math.sqrt(variance) if variance > 0 else None


def _shares_z(main: Comparison, row: Row, level: str, others: Sequence[str]) -> float | None:
    """The same for the share of a level among those who have it or the reference."""
    with_level = {True: 0.0, False: 0.0}
    totals = {True: 0.0, False: 0.0}
    for place, group in enumerate(main.groups):
        if group.total or group.event is None:
            continue
        for each in row.levels:
            if each.name != level and each.name not in others:
                continue
            count = _count(each, place)
            if count is None:
                return None
            totals[group.event] += count.value
            with_level[group.event] += count.value if each.name == level else 0.0
    if min(totals.values()) <= 0 or not any(each.name == level for each in row.levels):
        return None
    shares = {event: with_level[event] / totals[event] for event in totals}
    pooled = sum(with_level.values()) / sum(totals.values())
    variance = pooled * (1 - pooled) * sum(1 / total for total in totals.values())
    return (shares[True] - shares[False]) / math.sqrt(variance) if variance > 0 else None


def _count(level: Level, place: int) -> Printed | None:
    return level.count[place] if place < len(level.count) else None


def _group_quantities(main: Comparison, row: Row, level: str) -> tuple[Quantity, ...]:
    cells: Sequence[Printed | None] = row.mean
    name = say("mean")
    if level:
        cells = next((each.count for each in row.levels if each.name == level), ())
        name = say("count")
    return tuple(
        Quantity(say("{name}, {group}", name=name, group=group.name), cell.text, row.place)
        for group, cell in zip(main.groups, cells, strict=False)
        if cell is not None and not group.total
    )


def _against_words(subject: Subject, row: RowNumbers) -> Iterator[Check]:
    """What the text says of a factor against the sign of its coefficient."""
    sign, size = _sign_and_size(row)
    described = subject.variables.get(row.row.term)
    levels = described.levels if described is not None else ()
    first = bool(levels) and row.row.level == levels[0]
    for claim in subject.statements:
        if claim.variable != row.row.term or claim.direction not in _SAID or claim.compare:
            continue
        stated = _SAID[claim.direction] * (-1 if first else 1)
        if sign == 0:
            continue
        quantities = (*_printed(row), Quantity(say("in words"), claim.text, claim.place))
        if stated == sign:
            yield _words(row, claim, quantities, say("The text and the coefficient agree."))
        elif size < _SIGNIFICANT and not _claims_significance(row, claim):
            told = say("The text says the opposite of a coefficient that is not significant.")
            note = say("The text may speak of the unadjusted comparison.")
            yield _words(row, claim, quantities, told, note)
        elif _said_elsewhere(subject, row, stated):
            told = say("The text says the opposite of this coefficient, and another number agrees.")
            note = say("The text may speak of the unadjusted comparison, or of another table.")
            yield _words(row, claim, quantities, told, note)
        else:
            yield _contradicted(row, claim, quantities, stated)


def _said_elsewhere(subject: Subject, row: RowNumbers, stated: int) -> bool:
    """True if the groups, or the same row of another table, go as the text says."""
    for rows in tables_of(subject):
        named = {(each.row.term, each.row.level) for each in rows}
        for each in rows:
            if (each.row.term, each.row.level) != (row.row.term, row.row.level):
                continue
            if each.row is row.row:
                crude = _crude(subject, row, named)
                if crude is not None and crude * stated > 0 and not _turned(row, crude):
                    return True
            elif _sign_and_size(each)[0] == stated:
                return True
    return False


def _claims_significance(row: RowNumbers, claim: Statement) -> bool:
    """True if a P below 0.05 is printed in the row or in the claim."""
    numbers = [each for each in (row.printed.get("p_value"), claim.p_value) if each is not None]
    return any(each.interval[1] <= 0.05 for each in numbers)


def _words(
    row: RowNumbers,
    claim: Statement,
    quantities: tuple[Quantity, ...],
    message: str,
    note: str = "",
) -> Check:
    return Check(
        id="words-against-ratio",
        about=row.name,
        place=f"{row.model.place}; {claim.place}",
        quantities=quantities,
        verdict="consistent",
        message=message,
        notes=(note,) if note else (),
    )


def _contradicted(
    row: RowNumbers, claim: Statement, quantities: tuple[Quantity, ...], stated: int
) -> Check:
    field = "ratio" if row.has("ratio") else "estimate"
    said = say("rises") if stated > 0 else say("falls")
    does = say("rises") if stated < 0 else say("falls")
    return Check(
        id="words-against-ratio",
        about=row.name,
        place=f"{row.model.place}; {claim.place}",
        quantities=quantities,
        verdict="inconsistent",
        message=say(
            "The text says that the risk {said} with it; by {shown} it {does}.",
            said=said,
            shown=row.shown(field),
            does=does,
        ),
        severity="risk",
        failure="wording",
        changes=say("Which way {name} moves the risk of a patient is not known.", name=row.name),
        resolve=say(
            "Ask how the variable was coded: per unit of what, or which level against which."
        ),
    )
