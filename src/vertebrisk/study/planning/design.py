"""What a plan says of validation, thresholds, sampling, clusters and follow-up."""

from __future__ import annotations

from vertebrisk.cohort import Cohort
from vertebrisk.cohort.survival import FEW_AT_RISK
from vertebrisk.kernels.sample_size.developing import MARGIN
from vertebrisk.protocol import Protocol
from vertebrisk.study.planning.editing import Change
from vertebrisk.study.planning.model import Way
from vertebrisk.study.planning.results import Proposal, Size
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import time_unit

FEWEST_RESAMPLES = 500
MOST_RESAMPLES = 1000


def validation(protocol: Protocol, way: Way) -> list[Proposal]:
    """Enough resamples, and thresholds fixed beforehand."""
    found = []
    given = protocol.validation.resamples
    if given < FEWEST_RESAMPLES:
        wanted = FEWEST_RESAMPLES if way.imputes else MOST_RESAMPLES
        message = say(
            "{wanted} bootstrap resamples in place of {given}.", wanted=wanted, given=given
        )
        reason = say("Fewer leave the corrected performance to the seed.")
        change = Change("validation", "resamples", wanted, f"{message} {reason}")
        found.append(Proposal("resamples", message, reason, change))
    if not protocol.validation.thresholds and protocol.matched_set is None:
        found.append(
            Proposal(
                "thresholds",
                say(
                    "No threshold is given. State the risks at which a decision would change, in "
                    "'thresholds' of [validation]."
                ),
                say(
                    "A threshold chosen after the fact is one that flatters the model (Vickers "
                    "and Elkin 2006, doi:10.1177/0272989X06295361)."
                ),
            )
        )
    return found


def sampling(protocol: Protocol, cohort: Cohort) -> list[Proposal]:
    """Sampled controls without a population, and matched ones."""
    if protocol.study.design != "case-control":
        return []
    if protocol.matched_set is not None:
        return []
    if protocol.sampling is not None and protocol.sampling.matched:
        return [
            Proposal(
                "matched-controls",
                say(
                    "Controls are matched: report odds ratios and no risks. Where the sets are "
                    "known, name their column as 'set' in [sampling]: the model is then "
                    "conditional."
                ),
                say("Matched factors and the mean risk cannot be recovered from the sample."),
            )
        ]
    if cohort.population is not None:
        return []
    return [
        Proposal(
            "case-control-risk",
            say(
                "Controls were sampled. State the prevalence, or the cases and controls of "
                "the population, in [sampling]."
            ),
            say(
                "Without it every risk is that of the sample (King and Zeng 2001, "
                "doi:10.1093/oxfordjournals.pan.a004868)."
            ),
        )
    ]


def precision(size: Size, cohort: Cohort) -> list[Proposal]:
    """An overall risk that is not known well, and rows that are not patients."""
    found = []
    if size.margin is not None and size.margin > MARGIN:
        found.append(
            Proposal(
                "overall-risk",
                say(
                    "The overall risk itself is known to plus or minus {margin:.1%} only. Show "
                    "risks with their intervals, or collect more patients.",
                    margin=size.margin,
                ),
                say(
                    "Plus or minus {margin:.0%} is wanted (Riley et al. 2020, "
                    "doi:10.1136/bmj.m441).",
                    margin=MARGIN,
                ),
            )
        )
    if cohort.clusters is not None and size.n_patients < size.n:
        found.append(
            Proposal(
                "clusters",
                say(
                    "{n} rows are of {n_patients} patients: parameters are counted against "
                    "patients, standard errors and resamples go by patient.",
                    n=size.n,
                    n_patients=size.n_patients,
                ),
                say(
                    "Vertebrae of one patient resemble one another and tell less than as many "
                    "patients would."
                ),
            )
        )
    return found


def follow_up(cohort: Cohort) -> list[Proposal]:
    """Horizons that few patients were watched to."""
    survival = cohort.survival
    if survival is None:
        return []
    found = []
    for horizon in survival.horizons:
        left = int((survival.time >= horizon).sum())
        if left < FEW_AT_RISK:
            found.append(
                Proposal(
                    "few-at-risk",
                    say(
                        "Follow-up of {left} rows reaches {horizon:g} {unit}. Choose an earlier "
                        "horizon, or follow longer.",
                        left=left,
                        horizon=horizon,
                        unit=time_unit(survival.unit),
                    ),
                    say("Risks by then would rest on a handful of patients."),
                )
            )
    return found
