"""Rows of the file that break a rule of [[consistency]]."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from vertebrisk.cohort.outcomes import truth_of
from vertebrisk.design.rules import Expression
from vertebrisk.findings import Finding
from vertebrisk.protocol import ConsistencyRule
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import Wording


def inconsistent_rows(
    rules: Sequence[ConsistencyRule], frame: pl.DataFrame, file: str
) -> tuple[Finding, ...]:
    """A finding for every rule that rows of the prepared file break.

    Rows where missing values leave a rule open break none.

    Raises
    ------
    ProtocolError
        When a rule does not fit the columns that it names.
    """
    found = []
    for rule in rules:
        reason = rule.reason.text()
        broken = ~truth_of(rule.rule, frame, f"[[consistency]] '{reason}'").fill_null(value=True)
        rows = tuple(int(row) + 1 for row in broken.arg_true())
        if rows:
            found.append(_inconsistent(rule.rule, reason, rows, file))
    return tuple(found)


def _inconsistent(rule: str, reason: str, rows: tuple[int, ...], file: str) -> Finding:
    names = Expression.parse(rule).names
    wording = Wording(
        "{n} {verb} the rule '{rule}' of [[consistency]], {reason} ({rows}); used as in the file.",
        "row",
        ("breaks", "break"),
        values=(
            ("rule", rule),
            ("reason", reason),
        ),
    )
    return Finding(
        "inconsistent-row",
        "error",
        wording.of(rows),
        say("Compare the cells with the source."),
        file=file,
        column=names[0] if len(names) == 1 else "",
        rows=rows,
        wording=wording,
    )
