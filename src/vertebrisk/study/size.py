"""How many patients the candidates of a study would have needed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from vertebrisk.cohort import Cohort
from vertebrisk.findings import Finding
from vertebrisk.protocol import Protocol
from vertebrisk.report.results.size import StudySize
from vertebrisk.study.specs import AnyCohort
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import counted
from vertebrisk.validation.results import Validation
from vertebrisk.validation.sample_size.developing import sample_size_binary, sample_size_survival


def study_size(
    protocol: Protocol, cohort: AnyCohort, parameters: int, validation: Validation
) -> StudySize | None:
    """Riley's criteria for the candidate parameters, against the patients of the study.

    None without candidates, where cases and controls were sampled, and where every patient
    had the event: the criteria do not hold there.
    """
    held = cohort if isinstance(cohort, Cohort) else None
    population = None if held is None else held.population
    sampled = protocol.study.design == "case-control" or population is not None
    if parameters == 0 or sampled or cohort.n_events == cohort.n:
        return None
    followed, by_c = _followed(cohort), None
    if followed is None:
        prevalence = cohort.n_events / cohort.n
        expected = sample_size_binary(
            parameters=parameters, prevalence=prevalence, available=cohort.n
        )
        c_index = validation.table.filter(pl.col("measure") == "c_index")["corrected"].item()
        if c_index is not None and 0.5 < c_index < 1.0:
            by_c = sample_size_binary(
                parameters=parameters, prevalence=prevalence, c_index=c_index, available=cohort.n
            )
        events = cohort.n_events
    else:
        expected = sample_size_survival(parameters=parameters, available=cohort.n, **followed)
        events = cohort.n_events
    clustered = held is not None and held.clusters is not None
    return StudySize(expected, by_c, events, clustered=clustered)


def _followed(cohort: AnyCohort) -> dict[str, float] | None:
    """Rate of the event, principal horizon and mean follow-up; None of a binary outcome."""
    if isinstance(cohort, Cohort):
        held = cohort.survival
        if held is None:
            return None
        time = held.time if held.entry is None else held.time - held.entry
        horizons, total, mean = held.horizons, float(time.sum()), float(time.mean())
    else:
        if cohort.followed is None or cohort.flow.follow_up is None:
            return None
        horizons, total = cohort.followed.horizons, cohort.flow.follow_up.total
        mean = total / cohort.n
    return {
        "rate": cohort.n_events / total,
        "horizon": horizons[0],
        "mean_followup": mean,
    }


_CRITERIA = {
    "shrinkage": say("shrinkage"),
    "optimism": say("optimism"),
    "overall-risk": say("overall-risk"),
}


def too_small(size: StudySize | None, others: Sequence[Finding]) -> list[Finding]:
    """The criteria ask for more patients; left to ``few-events`` where that is said already."""
    if size is None or size.expected.enough or any(each.code == "few-events" for each in others):
        return []
    found = size.expected
    unmet = [each.name for each in found.criteria if not each.met]
    return [
        Finding(
            code="sample-size",
            severity="warning",
            message=say(
                "{available} patients with {events} were analysed; {n} are needed for "
                "{candidate_parameters} (criteria not met: {unmet}).",
                available=found.available,
                events=counted(size.n_events, "event"),
                n=found.n,
                candidate_parameters=counted(found.parameters or 0, "candidate parameter"),
                unmet=joined([_CRITERIA.get(name, name) for name in unmet]),
            ),
            remedy=say(
                "Prespecify fewer candidates, collect more patients, or shrink the "
                "coefficients, and look at the stability of the predictions."
            ),
            explanation=say(
                "The criteria bound overfitting, the optimism of R² and the error of the "
                "overall risk, at an R² of 15 % of the largest possible (Riley et al. 2020, "
                "doi:10.1136/bmj.m441)."
            ),
        )
    ]
