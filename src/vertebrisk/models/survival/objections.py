"""Findings about times to an event: ties, strata that say nothing."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import Ties
from vertebrisk.findings import Finding
from vertebrisk.kernels.survival.risk_sets import RiskSets
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

TIED_SHARE = 0.5  # of the events, from which the treatment of ties is worth a word


def heavy_ties(times: SurvivalTimes, ties: Ties) -> list[Finding]:
    """Most events share their time with another."""
    exits = times.exit[times.event]
    if times.strata is None:
        exits = np.sort(exits)
        change = exits[1:] != exits[:-1]
    else:
        group = times.strata[times.event]
        order = np.lexsort((exits, group))
        exits, group = exits[order], group[order]
        change = (exits[1:] != exits[:-1]) | (group[1:] != group[:-1])
    number = np.diff(np.flatnonzero(change) + 1, prepend=0, append=exits.size)
    tied = int(number[number > 1].sum())
    return tied_events(tied, exits.size, int(number.max()), ties)


def tied_events(tied: int, total: int, largest: int, ties: Ties) -> list[Finding]:
    """So many events of all share their time with another, and so many one time at most."""
    if tied <= TIED_SHARE * total:
        return []
    rough = ties == "breslow"
    return [
        Finding(
            code="heavy-ties",
            severity="warning" if rough else "note",
            message=say(
                "{tied} of {events} share their time with another; the largest group has "
                "{largest}.",
                tied=tied,
                events=counted(total, "event"),
                largest=largest,
            ),
            remedy=say("Use Efron's approximation, or record times more finely.")
            if rough
            else say("Record times more finely where that is possible."),
            explanation=say(
                "Times are treated as continuous. With many ties Breslow's approximation "
                "draws coefficients towards zero, Efron's far less (Efron 1977, "
                "doi:10.1080/01621459.1977.10480613)."
            ),
        )
    ]


def silent_strata(times: SurvivalTimes) -> list[Finding]:
    """Strata in which no event meets another patient at risk."""
    if times.strata is None:
        return []
    sets = RiskSets.of(times)
    at_risk = sets.at_risk(np.ones((1, sets.rows.size)))[0] if sets.count else np.empty(0)
    speaking = np.unique(sets.stratum[at_risk > 1])
    present = np.unique(times.strata)
    silent = np.setdiff1d(present, speaking)
    patients = int(np.isin(times.strata, silent).sum())
    return silence(silent.size, present.size, patients, times.size)


def silence(silent: int, strata: int, patients: int, total: int) -> list[Finding]:
    """So many strata of all, with so many patients of all, say nothing."""
    if silent == 0:
        return []
    return [
        Finding(
            code="silent-strata",
            severity="warning" if patients > total / 4 else "note",
            message=say(
                "{strata} of {size}, with {patients}, {says} nothing about the "
                "coefficients: no event, or no other patient at risk at one.",
                strata=counted(silent, "stratum", "strata"),
                size=strata,
                patients=counted(patients, "patient"),
                says=agreeing(silent, "says", "say"),
            ),
            remedy=say("Merge small strata, or enter the variable as a predictor."),
            explanation=say("A Cox model compares patients within a stratum only."),
        )
    ]
