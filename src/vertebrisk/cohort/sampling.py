"""Controls: those that were sampled stay, the others leave in a step of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray
from vertebrisk.cohort.outcomes import KnownOutcome, truth_of
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.kernels.resamples import FINEST, uniform_draws
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.protocol import Protocol, Sampling
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted, in_rows

_PER_MILLE = 0.001  # difference of two prevalences that is worth a word


def with_sampled(
    protocol: Protocol, known: KnownOutcome, file: str
) -> tuple[KnownOutcome, SourcePopulation | None]:
    """Cases and sampled controls, and the population that they came from.

    The population is the one that the protocol states, or else the rows with a known outcome
    before the sampling; it is None where there is none to be known: in a cohort, with matched
    controls, and where nothing is said of it.

    Raises
    ------
    DataError
        There are not enough controls to draw, one class is not sampled, or the stated
        population is less than the sample.
    """
    sampling = protocol.sampling
    if sampling is None:
        return known, None
    whole = int(known.event.sum()), int((~known.event).sum())
    known = known.noted(_unclear(sampling, known))
    chosen = _chosen(sampling, protocol, known)
    left = known
    if chosen is not None:
        rule = sampling.sampled or ""
        left = known.leaving(chosen, "not-sampled", say("controls not sampled"), rule)
    sample = int(left.event.sum()), int((~left.event).sum())
    if 0 in sample:
        raise DataError(
            f"{counted(sample[0], 'case')} and {counted(sample[1], 'control')} of '{file}' are "
            "sampled; both must occur. Check 'sampled' in [sampling]."
        )
    if sampling.by_matching:
        return left, None
    stated = _stated(sampling)
    counts = SourcePopulation.of_counts(*whole)
    if stated is None:
        return left.noted(_drawn_here(sampling, whole, sample)), counts
    _check_size(stated, sample, file)
    found = [] if chosen is None else _differing(stated, counts)
    return left.noted([*found, *_drawn_here(sampling, whole, sample)]), stated


def _chosen(sampling: Sampling, protocol: Protocol, known: KnownOutcome) -> BoolArray | None:
    if sampling.sampled is not None:
        truth = truth_of(sampling.sampled, known.frame, "'sampled' of [sampling]")
        return np.asarray(truth.fill_null(value=False).to_numpy(), dtype=np.bool_)
    if sampling.controls_per_case is not None and sampling.seed is not None:
        needed = protocol.candidate_names
        return _draw(known, needed, sampling.controls_per_case, sampling.seed)
    return None


def _unclear(sampling: Sampling, known: KnownOutcome) -> list[Finding]:
    """Cases that the rule leaves out, and rows in which missing values leave it open."""
    if sampling.sampled is None:
        return []
    truth = truth_of(sampling.sampled, known.frame, "'sampled' of [sampling]")
    lost = known.event & ~truth.fill_null(value=False).to_numpy()
    open_ = truth.is_null().to_numpy()
    whole = int(known.event.sum())
    found = []
    if 0 < lost.sum() < whole:
        rows = tuple(int(row) for row in known.rows[lost])
        found.append(
            Finding(
                "cases-not-sampled",
                "warning",
                say(
                    "{n} of {cases} {are} left out by 'sampled' in [sampling] ({rows}).",
                    n=len(rows),
                    cases=counted(whole, "case"),
                    are=agreeing(len(rows), "is", "are"),
                    rows=in_rows(rows),
                ),
                say(
                    "Write the rule so that it is true for every case, or make sure that the "
                    "cases were sampled at random."
                ),
                say(
                    "Risks hold for the population only if which cases were taken does not "
                    "depend on the predictors."
                ),
                rows=rows,
            )
        )
    if open_.any():
        rows = tuple(int(row) for row in known.rows[open_])
        found.append(
            Finding(
                "sampling-not-known",
                "warning",
                say(
                    "'sampled' in [sampling] is left open by missing values in {rows}, which "
                    "count as not sampled ({where}).",
                    rows=counted(len(rows), "row"),
                    where=in_rows(rows),
                ),
                say("Complete the cells."),
                rows=rows,
            )
        )
    return found


def _draw(known: KnownOutcome, needed: Sequence[str], per_case: int, seed: int) -> BoolArray:
    """All cases, and for each complete one some of the complete others, at random."""
    names = list(needed)
    complete = np.ones(known.event.size, dtype=np.bool_)
    if names:
        full = known.frame.select(pl.all_horizontal(pl.col(names).is_not_null()).alias("full"))
        complete = full["full"].to_numpy()
    others = np.flatnonzero(complete & ~known.event)
    wanted = per_case * int((complete & known.event).sum())
    if wanted > others.size:
        raise DataError(
            f"controls_per_case = {per_case} in [sampling] asks for {wanted} controls, but "
            f"{counted(others.size, 'row')} without the event "
            "have every candidate. Ask for fewer, or analyse the whole cohort."
        )
    keys = uniform_draws(seed, np.zeros(1, dtype=np.int64), others.size, FINEST)[0]
    chosen = known.event.copy()
    chosen[others[np.argsort(keys, kind="stable")[:wanted]]] = True
    return chosen


def _stated(sampling: Sampling) -> SourcePopulation | None:
    cases, size = sampling.population_cases, sampling.population
    if cases is not None:
        others = sampling.population_controls
        return SourcePopulation.of_counts(cases, (size or 0) - cases if others is None else others)
    if sampling.prevalence is None:
        return None
    if size is None:
        return SourcePopulation(sampling.prevalence)
    return SourcePopulation(
        sampling.prevalence, sampling.prevalence * size, (1.0 - sampling.prevalence) * size
    )


def _check_size(stated: SourcePopulation, sample: tuple[int, int], file: str) -> None:
    if stated.n_cases is None or stated.n_controls is None:
        return
    pairs = (("cases", stated.n_cases, sample[0]), ("controls", stated.n_controls, sample[1]))
    for name, there, here in pairs:
        if here > np.ceil(there):
            raise DataError(
                f"The population in [sampling] has {there:.0f} {name}, but '{file}' has {here} "
                "sampled. Give the numbers of the population that they were sampled from."
            )


def _differing(stated: SourcePopulation, counts: SourcePopulation) -> list[Finding]:
    if abs(stated.prevalence - counts.prevalence) < _PER_MILLE:
        return []
    return [
        Finding(
            "prevalence-differs",
            "note",
            say(
                "The prevalence in [sampling] is {prevalence:.1%}, that of the rows before "
                "sampling {observed:.1%}; risks hold for the former.",
                prevalence=stated.prevalence,
                observed=counts.prevalence,
            ),
            say(
                "Take the stated prevalence out if risks are to hold for the patients of the file."
            ),
        )
    ]


def _drawn_here(
    sampling: Sampling, whole: tuple[int, int], sample: tuple[int, int]
) -> list[Finding]:
    if sampling.controls_per_case is None:
        return []
    return [
        Finding(
            "controls-drawn",
            "note",
            say(
                "{sample} of {whole} rows without the event were drawn as controls; the "
                "others are not used, though the file holds them.",
                sample=sample[1],
                whole=whole[1],
            ),
            say(
                "Where nothing more has to be measured, analyse the whole cohort: design = "
                '"cohort".'
            ),
            say(
                "Sampling controls saves measurements. Where those are done already it only "
                "loses precision."
            ),
        )
    ]
