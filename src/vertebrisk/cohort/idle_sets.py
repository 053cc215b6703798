"""Matched sets without a case or a control: they say nothing, and leave in a step of their own."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, IntArray
from vertebrisk.cohort.flow import FlowStep
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

REASON = say("matched sets without a case or a control")


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
    alone = say(
        "; {single} of them {hold} one row alone",
        single=single,
        hold=agreeing(single, "holds", "hold"),
    )
    return [
        Finding(
            "sets-without-contrast",
            "warning",
            say(
                "{n_sets} of {matched_sets} {leaves} with {its} {rows}: {without_case} without a "
                "case, {without_control} without a control{all_single}.",
                n_sets=lost.size,
                matched_sets=counted(np.unique(sets).size, "matched set"),
                leaves=agreeing(lost.size, "leaves", "leave"),
                its=agreeing(lost.size, "its", "their"),
                rows=counted(int(size.sum()), "row"),
                without_case=int((cases == 0).sum()),
                without_control=int((cases == size).sum()),
                all_single=alone if single else "",
            ),
            say(
                "Look whether the sets are named right, and whether the eligibility rules "
                "left out cases or controls that were matched to others."
            ),
            say("A conditional analysis compares each case with the controls of its own set."),
            file=file,
        )
    ]


def broken_sets(sets: IntArray, keep: BoolArray, file: str) -> Finding:
    """Sets that missing predictors left without a case or a control."""
    lost = np.unique(sets[~keep]).size
    return Finding(
        "sets-broken-by-missing",
        "warning",
        say(
            "{lost} of {matched_sets} {have} no case or no control with all candidate "
            "predictors, and {leaves} with the {rows} left of {it}.",
            lost=lost,
            matched_sets=counted(np.unique(sets).size, "matched set"),
            have=agreeing(lost, "has", "have"),
            leaves=agreeing(lost, "leaves", "leave"),
            rows=counted(int((~keep).sum()), "row"),
            it=agreeing(lost, "it", "them"),
        ),
        say("Complete the data from the records, or leave out candidates that are often missing."),
        say("One missing value of a case costs all of its set."),
        file=file,
    )
