"""What a case-control study adds to its run."""

from __future__ import annotations

from vertebrisk.findings import Finding
from vertebrisk.models.conditional.portable import matched_on
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.objections.design import (
    corrected_controls,
    matched_controls,
    sampled_controls,
)
from vertebrisk.protocol import Protocol
from vertebrisk.report.results.sampling import SamplingResult


def sampling_result(fit: LogisticFit) -> SamplingResult | None:
    """The corrections for sampled controls; None where there are none or no population."""
    sampling = fit.sampling
    if sampling is None:
        return None
    return SamplingResult(
        prevalence=sampling.source.prevalence,
        population_cases=sampling.source.n_cases,
        population_controls=sampling.source.n_controls,
        n_cases=sampling.n_cases,
        n_controls=sampling.n_controls,
        offset=sampling.offset,
        case_weight=sampling.case_weight,
        control_weight=sampling.control_weight,
        estimates=fit.population_estimates(),
    )


def sampling_objections(protocol: Protocol, fit: LogisticFit) -> list[Finding]:
    """What a reviewer would say of the way in which controls were chosen."""
    if protocol.study.design != "case-control":
        return []
    matched = matched_variables(protocol)
    if matched:
        return [matched_controls(matched)]
    if fit.sampling is None:
        return [sampled_controls()]
    return corrected_controls(fit.sampling)


def matched_variables(protocol: Protocol) -> tuple[str, ...]:
    """What controls were matched to their cases in: variables, or the sets alone."""
    if protocol.sampling is None:
        return ()
    sets = protocol.sampling.set
    return protocol.sampling.matched or (() if sets is None else (matched_on(sets),))
