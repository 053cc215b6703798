"""What a careful reader would want to know about an analysis of repeated scores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vertebrisk.comparison.repeated.results import CompleteCases, MixedModel
from vertebrisk.comparison.repeated.shaping import Scores
from vertebrisk.findings import Finding, by_severity
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted

FEW_PATIENTS = 10
DOUBTED = 0.05


def remarks(
    scores: Scores, complete: CompleteCases, mixed: MixedModel | None
) -> tuple[Finding, ...]:
    """Findings of one score: empty visits, gaps, few patients, no ANOVA, sphericity."""
    found = [*_empty_visits(scores), *_gaps(scores, complete, mixed)]
    if complete.note:
        found.append(
            Finding(
                "no-repeated-anova",
                "warning",
                say("There is no repeated-measures ANOVA: {note}.", note=complete.note),
                say("Compare the cells with the source; quote the description of the visits only."),
            )
        )
    elif complete.n < FEW_PATIENTS:
        found.append(
            Finding(
                "few-patients-followed",
                "warning",
                say(
                    "{patients} {have} a score at every visit; tests and intervals rest on them "
                    "alone.",
                    patients=counted(complete.n, "patient"),
                    have=agreeing(complete.n, "has", "have"),
                ),
                say("Read the intervals rather than the p values, and say how few they are."),
            )
        )
    found += _sphericity(complete)
    if scores.ungrouped:
        found.append(
            Finding(
                "group-missing",
                "warning",
                say(
                    "{patients} without a group {are} left out of the repeated scores.",
                    patients=counted(scores.ungrouped, "patient"),
                    are=agreeing(scores.ungrouped, "is", "are"),
                ),
                say("Complete the group from the records."),
            )
        )
    return by_severity(found)


def _empty_visits(scores: Scores) -> Iterator[Finding]:
    for at, visit in enumerate(scores.visits):
        if np.isnan(scores.matrix[:, at]).all():
            yield Finding(
                "visit-without-scores",
                "error",
                say(
                    "Visit '{name}' has no score of any patient; it is left out of every test.",
                    name=visit.name,
                ),
                say("Take the visit out, or correct its column."),
                column=visit.name,
            )


def _gaps(scores: Scores, complete: CompleteCases, mixed: MixedModel | None) -> Iterator[Finding]:
    if not complete.left_out:
        return
    total = complete.left_out + complete.n
    way_out = (
        say("Quote the mixed model, which uses every score that was taken.")
        if mixed is not None
        else say("Complete the scores from the records; no mixed model can be fitted to these.")
    )
    yield Finding(
        "visits-missing",
        "warning",
        say(
            "{left_out} of {patients} {lacks} a score at some visit; ANOVA and "
            "Friedman's test use the {n} who were seen at every visit.",
            left_out=complete.left_out,
            patients=counted(total, "patient"),
            lacks=agreeing(complete.left_out, "lacks", "lack"),
            n=complete.n,
        ),
        way_out,
        say(
            "Patients who come back may differ from those who do not. A mixed model is "
            "right where absence depends on scores that were seen (missing at random), "
            "complete cases only where it depends on nothing (Laird and Ware 1982, "
            "doi:10.2307/2529876)."
        ),
    )


def _sphericity(complete: CompleteCases) -> Iterator[Finding]:
    shape = complete.sphericity
    if shape is None or shape.p_value is None or shape.p_value >= DOUBTED:
        return
    yield Finding(
        "sphericity-doubted",
        "note",
        say(
            "The variances of the differences between visits are not equal (Mauchly's "
            "test); the uncorrected p value of the ANOVA is too small."
        ),
        say("Quote the Greenhouse-Geisser p value."),
        say(
            "Sphericity is what the F distribution of a repeated-measures ANOVA supposes "
            "(Greenhouse and Geisser 1959, doi:10.1007/BF02289823)."
        ),
    )
