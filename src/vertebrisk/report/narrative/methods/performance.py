"""How performance was measured, validated and turned into decisions."""

from __future__ import annotations

from vertebrisk.report.main_numbers import shown_nomogram
from vertebrisk.report.narrative import survival
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.validation.measures import smoother_name
from vertebrisk.validation.summary import BOOTSTRAPS

TESTED_ON_ALL = ("optimism-bootstrap", "simple-bootstrap")


def discrimination(told: Narration) -> list[str]:
    """What the C-index is and where its interval comes from; classification at thresholds."""
    words, result = told.words, told.result
    horizons = survival.measured_at_horizons(told)
    key = "discrimination" if horizons or result.matched is not None else "discrimination_entered"
    if key == "discrimination" and told.facts.model == "logistic":
        clustered = told.facts.unit == "vertebra" or result.imputed is not None
        key += "_clustered" if clustered else ""
    over_time = result.survival
    sentences = [words(f"methods.{key}")]
    if over_time is not None and over_time.uno is not None:
        sentences.append(words("methods.uno"))
    if "thresholds" in told.tables and told.facts.thresholds:
        cuts = words.listed([_share(told, cut) for cut in told.facts.thresholds])
        wilson = "thresholds" if result.sampling is None else "thresholds_sampled"
        sentences.append(words(f"methods.{wilson}", thresholds=cuts))
    return sentences


def validating(told: Narration) -> list[str]:
    """The method of validation, what it repeats, what failed, and its intervals."""
    words, facts, found = told.words, told.facts, told.result.validation
    whole = "whole" in found.procedure
    sentences = [
        words(
            f"methods.by.{found.method}",
            resamples=found.resamples,
            seed=facts.seed,
            folds=facts.folds,
            repeats=facts.repeats,
            procedure=words("validation.whole" if whole else "validation.held"),
        ),
        words("methods.pieces", engine=facts.engine) if facts.in_pieces else "",
    ]
    if told.result.sampling is not None and found.method in BOOTSTRAPS:
        sentences.append(words("methods.resampled_apart"))
    failed = found.n_failed - (found.n_separated if told.result.imputed is not None else 0)
    for key, n in (("not_finite", found.n_separated), ("not_fitted", failed)):
        if n:
            sentences.append(words(f"methods.{key}", resamples=found.resamples, n=n))
    if found.method in BOOTSTRAPS:
        shifted = found.interval == "location-shifted"
        sentences.append(words("methods.limits_shifted" if shifted else "methods.limits"))
        if found.method in TESTED_ON_ALL:
            sentences.append(words("methods.limits_range"))
    return sentences


def calibrating(told: Narration) -> list[str]:
    """How observed risks were smoothed, and what the interval of one risk is."""
    words, result = told.words, told.result
    if result.matched is not None:
        return []
    smoother = result.validation.smoother or smoother_name(result.flow.n)
    smoothed = words("methods.smoothed", smoother=words.smoother(smoother))
    measured = survival.measured_at_horizons(told)
    if not result.nomogram.axes:
        return [smoothed if measured else ""]
    return [smoothed if measured else "", words(f"methods.one_risk_{_one_risk(told)}")]


def _one_risk(told: Narration) -> str:
    """Where the interval of one patient's risk comes from: "wald", "drawn" or "none"."""
    result = told.result
    powers = result.shapes is not None and bool(result.shapes.powers)
    searched = told.facts.selection != "prespecified" or result.penalised is not None or powers
    if result.shrinkage is not None:
        return "none"
    if not searched:
        return "wald"
    return "drawn" if result.validation.method in BOOTSTRAPS else "none"


def deciding(told: Narration) -> list[str]:
    """Net benefit and its thresholds, as far as there are risks; how the nomogram counts."""
    words, matched = told.words, told.result.matched is not None
    sentences = []
    if survival.measured_at_horizons(told) and not matched:
        low, high = told.result.protocol.validation.threshold_range
        shown = {"low": _share(told, low), "high": _share(told, high)}
        sentences.append(words("methods.decision", **shown))
    if shown_nomogram(told.result).axes:
        sentences.append(words("methods.nomogram"))
    return sentences


def apart(told: Narration) -> list[str]:
    """Stability of the predictions, centres and periods."""
    words, result = told.words, told.result
    sentences = []
    if result.instability is not None:
        models = result.instability.risks.shape[0]
        sentences.append(words("methods.instability", models=models))
    if result.centres is not None:
        centres = result.centres
        sentences.append(words("methods.centres", k=centres.n_centres, by=centres.by))
    if result.split is not None:
        since = result.split.since
        shown = since if isinstance(since, str) else told.numbers.shortest(since)
        sentences.append(words("methods.split", by=result.split.by, since=shown))
    return sentences


def _share(told: Narration, value: float) -> str:
    return told.numbers.risk(value, 0 if abs(100.0 * value - round(100.0 * value)) < 1e-9 else 1)
