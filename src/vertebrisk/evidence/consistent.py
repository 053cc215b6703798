"""The model that a paper means: its table, with the numbers that its other numbers repair.

Where the paper's file records how rows are to be read, that is what counts. Otherwise a
number that the rest of its row outvotes is replaced, and a table that no patients with the
printed margins can have is read in the one way that they can.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.audit.regression import directions, rows
from vertebrisk.evidence.audit.regression.numbers import tables_of
from vertebrisk.evidence.audit.regression.possible_fit import subject_problem
from vertebrisk.evidence.audit.subject import Subject, subject_of
from vertebrisk.evidence.audit.values import Check, Repair
from vertebrisk.evidence.coefficients import Key, ReadingName, ReadTable, doubt, read_table_of
from vertebrisk.evidence.feasibility.readings import (
    Feasibility,
    Problem,
    Reading,
    check_feasibility,
)
from vertebrisk.evidence.published import CONSTANT, Coefficient, PaperModel, PublishedStudy

_REPAIRABLE = ("estimate", "ratio")


def consistent_table(
    study: PublishedStudy, model: PaperModel, reading: ReadingName | None = None
) -> ReadTable:
    """A regression table as it can be used, with what was repaired and what stays in doubt.

    Parameters
    ----------
    study : PublishedStudy
        The paper.
    model : PaperModel
        One of its regression tables.
    reading : {"consistent", "printed"}, optional
        "printed" takes every row as it stands.

    Returns
    -------
    ReadTable
        `notes` say what was repaired; `doubts` what the paper contradicts itself in and
        nothing resolves.

    Raises
    ------
    PaperError
        If the recorded readings do not determine the terms.
    """
    table = read_table_of(study, model, reading)
    if reading == "printed" or any(row.reading is not None for row in model.coefficient):
        return table
    subject = replace(subject_of(study), models=(model,))
    failed = [check for check in rows.checks(subject) if check.verdict == "inconsistent"]
    repairs = _repairs(study, failed)
    values = {key: value for key, (value, _) in repairs.items()}
    notes = [(key[0], note) for key, (_, note) in repairs.items()]
    doubtful = _doubtful(subject, model, repairs)
    doubts = [
        f"{' = '.join(filter(None, key))}: {why.rstrip('.')}" for key, why in doubtful.items()
    ]
    found = _feasibility(subject, model, _limits(failed), every=bool(doubtful))
    if found is not None and (doubtful or not found.printed.possible):
        read = _resolved(found, doubtful)
        if read is None:
            doubts.append(
                "no patients with the printed counts and means have these coefficients as their fit"
            )
        elif read.departures or doubtful:
            values |= read.coefficients
            notes.append((CONSTANT, _told(found, read)))
            doubts = []
    return _with(table, values, doubts, notes)


def _told(found: Feasibility, read: Reading) -> str:
    only = "the only reading" if found.consistent is not None else "the least departure from print"
    return (
        f"The table is read with {read.label}: {only} that patients with the printed counts and "
        "means can have."
    )


def _limits(failed: Iterable[Check]) -> dict[Key, tuple[float, float]]:
    """Limits of the coefficients that take the place of what is printed."""
    return {
        (check.repair.term, check.repair.level): (check.repair.low, check.repair.high)
        for check in failed
        if check.repair is not None and check.repair.field == "estimate"
    }


def _repairs(study: PublishedStudy, failed: Iterable[Check]) -> dict[Key, tuple[float, str]]:
    """Coefficients of rows of which one number is off: what the other numbers say."""
    found = {}
    for check in failed:
        repair = check.repair
        if repair is None or repair.field not in _REPAIRABLE:
            continue
        middle = (repair.low + repair.high) / 2
        row = _row(study, repair)
        if repair.field == "estimate":
            value = middle
        elif row.estimate is not None:
            value = row.estimate.value
        elif middle > 0:
            value = math.log(middle)
        else:
            continue
        told = f"{check.about}: {repair.field} {repair.printed} is read as {repair.repaired}"
        found[repair.term, repair.level] = value, f"{told}, as the other numbers of the row say."
    return found


def _doubtful(subject: Subject, model: PaperModel, repaired: Collection[Key]) -> dict[Key, str]:
    """Rows that contradict themselves, or whose sign the groups or the text contradict."""
    found = {
        (row.term, row.level): doubt(row)
        for row in model.coefficient
        if doubt(row) and (row.term, row.level) not in repaired
    }
    keys = {row.name: row.key for table in tables_of(subject) for row in table}
    for check in directions.checks(subject):
        if check.verdict == "inconsistent":
            found.setdefault(keys[check.about], check.message)
    return found


def _row(study: PublishedStudy, repair: Repair) -> Coefficient:
    model = study.regression(repair.model)
    assert model is not None  # the repair was made from it
    return next(
        row for row in model.coefficient if (row.term, row.level) == (repair.term, repair.level)
    )


def _feasibility(
    subject: Subject,
    model: PaperModel,
    replaced: Mapping[Key, tuple[float, float]],
    *,
    every: bool,
) -> Feasibility | None:
    """What the programme proves of the table, or None where it cannot be asked.

    Other readings than the printed one are of use only where something is in doubt.
    """
    problem = subject_problem(subject, model, replaced)
    if not isinstance(problem, Problem):
        return None
    try:
        return check_feasibility(problem, every)
    except ArgumentError:
        return None


def _resolved(found: Feasibility, doubtful: Collection[Key]) -> Reading | None:
    """The one reading to use: the only one possible, or the one that all possible ones share.

    Of several, the one whose departures all have is taken where the others depart further
    only in rows that the paper does not contradict itself in.
    """
    if found.consistent is not None:
        return found.possible[0]
    needed = found.needed
    if needed is None or needed.verdict != "possible":
        return None
    further = {key for each in found.possible for key in (*each.turned, *each.constant_of)} - {
        *needed.turned,
        *needed.constant_of,
    }
    return None if further & set(doubtful) else needed


def _with(
    table: ReadTable,
    values: Mapping[Key, float],
    doubts: Sequence[str],
    notes: Sequence[tuple[str, str]],
) -> ReadTable:
    """The table with some of its coefficients replaced."""
    terms = tuple(
        replace(
            term,
            beta=tuple(
                values.get((term.variable, level), beta)
                for level, beta in zip(term.levels[1:] or ("",), term.beta, strict=True)
            ),
        )
        for term in table.terms
    )
    constant = values.get((CONSTANT, ""), table.constant)
    if table.constant is None:
        constant = None
    return replace(
        table, terms=terms, constant=constant, doubts=tuple(doubts), notes=(*table.notes, *notes)
    )
