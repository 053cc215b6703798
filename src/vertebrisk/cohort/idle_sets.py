"""Matched sets without a case or a control: they say nothing, and leave in a step of their own."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, IntArray
from vertebrisk.cohort.flow import FlowStep
from vertebrisk.findings import Finding
from vertebrisk.text.plurals import agreeing, counted

REASON = "matched sets without a case or a control"


def idle_step(keep: BoolArray) -> FlowStep:
    """The step in which the rows of such sets leave."""
    return FlowStep("set-idle", REASON, "", int((~keep).sum()), int(keep.sum()))


def idle_sets(case: BoolArray, sets: IntArray, keep: BoolArray, file: str) -> list[Finding]:
    """How many sets of the file leave, and what they lack; `sets` are codes from 0."""
    lost = np.unique(sets[~keep])
    if lost.size == 0:
        return []
    size = np.bincount(sets)[lost]
    cases = np.bincount(sets, weights=case)[lost]
    single = int((size == 1).sum())
    alone = f"; {single} of them {agreeing(single, 'holds', 'hold')} one row alone"
    return [
        Finding(
            "sets-without-contrast",
            "warning",
            f"{lost.size} of {counted(np.unique(sets).size, 'matched set')} "
            f"{agreeing(lost.size, 'leaves', 'leave')} with "
            f"{agreeing(lost.size, 'its', 'their')} {counted(int(size.sum()), 'row')}: "
            f"{int((cases == 0).sum())} without a case, {int((cases == size).sum())} without a "
            f"control{alone if single else ''}.",
            "Look whether the sets are named right, and whether the eligibility rules left out "
            "cases or controls that were matched to others.",
            "A conditional analysis compares each case with the controls of its own set.",
            file=file,
        )
    ]


def broken_sets(sets: IntArray, keep: BoolArray, file: str) -> Finding:
    """Sets that missing predictors left without a case or a control."""
    lost = np.unique(sets[~keep]).size
    return Finding(
        "sets-broken-by-missing",
        "warning",
        f"{lost} of {counted(np.unique(sets).size, 'matched set')} "
        f"{agreeing(lost, 'has', 'have')} no case or no control with all candidate predictors, and "
        f"{agreeing(lost, 'leaves', 'leave')} with the {counted(int((~keep).sum()), 'row')} left "
        f"of {agreeing(lost, 'it', 'them')}.",
        "Complete the data from the records, or leave out candidates that are often missing.",
        "One missing value of a case costs all of its set.",
        file=file,
    )
