"""The main job: from a protocol to all numbers of its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vertebrisk.cohort import load_cohort
from vertebrisk.cohort.cohort import STRATUM
from vertebrisk.design.terms import parse_terms
from vertebrisk.protocol import Protocol
from vertebrisk.study.candidates import usable_terms, varying_terms
from vertebrisk.study.followup import agreement_results, followup_results
from vertebrisk.study.imputed_findings import nothing_to_impute
from vertebrisk.study.options import RunOptions, resampling_of
from vertebrisk.study.replication import published_study, replicate
from vertebrisk.study.specs import variable_info
from vertebrisk.study.steps import Clock, Prepared, Progress, StudyRun, compared
from vertebrisk.study.unfinished import Unfinished
from vertebrisk.study.units import check_folds

DEFAULTS = RunOptions()


def _silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def run_study(
    protocol: Protocol,
    options: RunOptions = DEFAULTS,
    progress: Progress = _silent,
    unfinished: Unfinished | None = None,
) -> StudyRun:
    """Do what the protocol says: cohort, comparison, model, validation, nomogram.

    Parameters
    ----------
    protocol : Protocol
    options : RunOptions
        Another data file, number of resamples or seed; the language of labels.
    progress : callable
        Called with the name of a step, and how much of it is done and to be done.
    unfinished : Unfinished, optional
        Keeps the batches of the validation while the run is not whole, and has those of an
        earlier run that was interrupted.

    Raises
    ------
    DataError, ProtocolError, FitError
        When the study cannot be run as it stands; one line says why.
    """
    published = published_study(protocol)
    prepared = _prepared(protocol, options, progress, unfinished)
    run = _kind_of_study(prepared)(prepared)
    result = replace(run.result, followup=prepared.followup, agreement=prepared.agreement)
    if published is not None:
        result = replace(result, replication=replicate(result, published))
    result = replace(result, timings=tuple(prepared.clock.spent.items()))
    return replace(run, result=result)


def _kind_of_study(prepared: Prepared) -> Callable[[Prepared], StudyRun]:
    """The kind that a study is of; what the other kinds need is not loaded."""
    if prepared.cohort.sets is not None:
        from vertebrisk.study.matched import matched_study

        return matched_study
    if prepared.imputes:
        from vertebrisk.study.imputed import imputed_study

        return imputed_study
    if prepared.protocol.outcome.kind == "binary":
        from vertebrisk.study.binary import binary_study

        return binary_study
    from vertebrisk.study.followed import followed_study

    return followed_study


def _prepared(
    protocol: Protocol, options: RunOptions, progress: Progress, unfinished: Unfinished | None
) -> Prepared:
    """Read and compare the patients, and see which candidates can be told apart."""
    clock = Clock(progress)
    with clock("read"):
        everyone = load_cohort(protocol, options.data)
    info = variable_info(everyone, protocol, options.language)
    with clock("compare"):
        comparison = compared(everyone, protocol, options.language)
    with clock("follow"):
        followup, about_scores = followup_results(everyone, protocol, options.language)
        agreement, about_readers = agreement_results(everyone, protocol, options.language)
    terms, constant = varying_terms(everyone, parse_terms(protocol.model_terms))
    names = [name for term in terms for name in term.variables]
    needed = tuple(dict.fromkeys([*names, *protocol.analysis.strata]))
    asked = protocol.missing.imputes
    imputes = asked and any(everyone.frame[name].null_count() for name in names)
    cohort = (
        everyone.complete(protocol.analysis.strata, STRATUM)
        if imputes
        else everyone.complete(needed)
    )
    terms, left_out = usable_terms(
        cohort,
        terms,
        info,
        together=not imputes
        and protocol.analysis.select.method == "prespecified"
        and not protocol.analysis.penalised,
    )
    check_folds(protocol, cohort)
    return Prepared(
        protocol=protocol,
        options=options,
        cohort=cohort,
        comparison=comparison,
        terms=terms,
        info=info,
        plan=resampling_of(protocol, options),
        needed=needed,
        findings=(
            *cohort.findings,
            *constant,
            *left_out,
            *about_scores,
            *about_readers,
            *([nothing_to_impute()] if asked and not imputes else []),
        ),
        imputes=imputes,
        followup=followup,
        agreement=agreement,
        clock=clock,
        progress=progress,
        unfinished=unfinished,
    )
