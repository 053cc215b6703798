"""Checks of regression tables: each row by the formulas that bind its numbers.

What one formula finds wrong is one number off; which, the other formulas of the row say.
So failed formulas are gathered by the number that they share, and reported once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vertebrisk.evidence.audit.regression import limits
from vertebrisk.evidence.audit.regression.methods import judge
from vertebrisk.evidence.audit.regression.numbers import RowNumbers, tables_of
from vertebrisk.evidence.audit.regression.texts import consistent_check, failed_check
from vertebrisk.evidence.audit.regression.votes import culprits
from vertebrisk.evidence.audit.regression.wald_columns import holds_z
from vertebrisk.evidence.audit.subject import Subject
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.printed_tables import PaperModel
from vertebrisk.text.messages import say


def checks(subject: Subject) -> Iterator[Check]:
    """Every check of every row of every regression table."""
    for model in subject.models:
        if holds_z(model):
            yield _wald_is_z(model)
    for rows in tables_of(subject):
        for row in rows:
            yield from limits.checks(row)
            yield from _of_row(row, rows)


def _wald_is_z(model: PaperModel) -> Check:
    return Check(
        id="wald-of-coefficient",
        about=say("the column headed Wald"),
        place=model.place,
        quantities=(),
        verdict="consistent",
        message=say("It holds B over SE."),
        notes=(say("The column headed Wald holds z, not its square, and is read so."),),
    )


def _of_row(row: RowNumbers, rows: Sequence[RowNumbers]) -> Iterator[Check]:
    judged = judge(row, rows)
    failed = [each for each in judged if each.verdict == "inconsistent"]
    passed = [each for each in judged if each.verdict == "consistent" and not each.note]
    outvoted: set[str] = set()
    for culprit in culprits(row, failed, passed):
        outvoted.add(culprit.outvoted)
        yield failed_check(row, culprit)
    for each in judged:
        explained = each.note and not outvoted.isdisjoint(each.identity.fields)
        if each.verdict != "inconsistent" and not explained:
            yield consistent_check(row, each)
