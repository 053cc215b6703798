"""How a validation was done, where not by Harrell's optimism bootstrap with percentiles."""

from __future__ import annotations

from vertebrisk.report.narrative import survival
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.validation.measures import smoother_name
from vertebrisk.validation.summary import BOOTSTRAPS

_RANGE = ("optimism-bootstrap", "simple-bootstrap")


def shifted(told: Narration) -> bool:
    """True where the limits are Noma's location-shifted ones."""
    return told.result.validation.interval == "location-shifted"


def method(told: Narration) -> list[str]:
    """What is measured, by which method, and what its intervals are."""
    words, facts, validation = told.words, told.facts, told.result.validation
    matched = told.result.matched is not None
    measured = survival.measured_at_horizons(told)
    whole = "whole" in validation.procedure
    sentences = [
        words(
            "methods.discrimination" if measured or matched else "methods.discrimination_entered"
        ),
        words(
            f"methods.by.{validation.method}",
            resamples=validation.resamples,
            seed=facts.seed,
            folds=facts.folds,
            repeats=facts.repeats,
            procedure=words("validation.whole" if whole else "validation.held"),
        ),
    ]
    if validation.method in BOOTSTRAPS:
        sentences.append(words("methods.limits_shifted" if shifted(told) else "methods.limits"))
        sentences += [words("methods.limits_range")] if validation.method in _RANGE else []
    if matched:
        return sentences
    if measured:
        sentences.append(
            words("methods.smoothed", smoother=words.smoother(smoother_name(told.result.flow.n)))
        )
    sentences.append(words("methods.one_risk"))
    return [*sentences, words("methods.decision")] if measured else sentences
