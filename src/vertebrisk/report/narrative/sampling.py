"""Sentences about sampled controls and the population that they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.narrative.narration import Narration

if TYPE_CHECKING:
    from vertebrisk.report.results.sampling import SamplingResult


def sampling(told: Narration) -> list[str]:
    """Who was sampled, what was corrected, and for whom the numbers hold."""
    words, found = told.words, told.result.sampling
    if found is None:
        return []
    sample = words(
        "sampling.sample",
        cases=found.n_cases,
        controls=found.n_controls,
        prevalence=told.numbers.risk(found.prevalence),
        source=_source(told, found),
    )
    correction = words(
        "sampling.correction",
        offset=told.numbers.estimate(found.offset, 3),
        variance=words("sampling.variance") if found.has_errors else "",
    )
    beside = words(f"sampling.beside.{found.kind}", table=told.table("sampling"))
    return [
        words.joined([sample, correction]),
        words.joined([beside, words("sampling.resampling")]),
    ]


def _source(told: Narration, found: SamplingResult) -> str:
    if found.population_cases is None or found.population_controls is None:
        return told.words("sampling.known")
    total = found.population_cases + found.population_controls
    return told.words("sampling.estimated", n=f"{total:.0f}")
