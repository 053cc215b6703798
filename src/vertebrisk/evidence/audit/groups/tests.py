"""Checks of tests between groups: which of them gives the printed statistic and P."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.audit.groups import level_tests, moment_tests
from vertebrisk.evidence.audit.groups.cells import (
    cells_as_quantities,
    plain_groups,
    tests_as_quantities,
    whole,
)
from vertebrisk.evidence.audit.groups.fitting import of_statistic
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import Check
from vertebrisk.text.messages import say

_MEDIANS = ("median", "lower_quartile", "upper_quartile")


def checks(subject: Subject) -> Iterator[Check]:
    """Tests of levels from their counts, of numbers from their moments."""
    for comparison in subject.comparisons:
        for row in comparison.rows:
            if row.statistic is None and row.p_value is None:
                continue
            if row.levels:
                yield from level_tests.checks(subject, comparison, row)
            elif row.mean and row.sd:
                yield from moment_tests.checks(subject, comparison, row)
            elif row.median:
                yield _medians(subject, comparison, row)


def _medians(subject: Subject, comparison: Comparison, row: Row) -> Check:
    """Ranks are not in a table; P may still be that of its statistic."""
    sizes = [whole(comparison.groups[at].n) for at in plain_groups(comparison)]
    known = sum(size for size in sizes if size is not None)
    goes = (
        row.statistic is not None
        and row.p_value is not None
        and not row.statistic.bound
        and of_statistic(
            row.statistic, row.p_value, (max(known - 2.0, 1.0),) * 2, max(len(sizes) - 1, 1)
        )
    )
    message = say("A test of ranks cannot be recomputed from medians and quartiles")
    return Check(
        id="test-of-medians",
        about=subject.label(row.variable),
        place=row.place,
        quantities=(*cells_as_quantities(comparison, row, *_MEDIANS), *tests_as_quantities(row)),
        verdict="consistent" if goes else "not checkable",
        message=say("{message}; P goes with the statistic.", message=message)
        if goes
        else say("{message}.", message=message),
    )
