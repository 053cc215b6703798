"""Sentences about unstable predictions, and about the size of the study."""

from __future__ import annotations

import math

from vertebrisk.report.narrative.narration import Narration
from vertebrisk.validation.instability import Instability


def instability(told: Narration) -> list[str]:
    """How far risks and decisions scatter over the models of resamples."""
    words, found = told.words, told.result.instability
    if found is None:
        return []
    whole = "whole" in found.procedure
    sentences = [
        words(
            "instability.prediction",
            models=found.risks.shape[0],
            procedure=words("validation.whole" if whole else "validation.held"),
            by=_by(told, found),
            mape=_points(told, found.mape),
            mape_high=_points(told, found.mape_high),
            width=_points(told, found.width),
        )
    ]
    if told.result.sampling is not None:
        sentences.append(words("instability.sampled"))
    if told.result.shrinkage is not None:
        sentences.append(words("instability.unshrunken"))
    imputed = told.result.imputed is not None
    if found.n_separated and not imputed:
        sentences.append(words("instability.separated", n=found.n_separated))
    if found.n_failed:
        key = "validation.failed" if imputed else "instability.failed"
        sentences.append(words(key, n=found.n_failed))
    return [
        words.joined(sentences),
        words.joined([*_decisions(told, found), words("instability.reading")]),
    ]


def _decisions(told: Narration, found: Instability) -> list[str]:
    return [
        told.words(
            "instability.threshold",
            threshold=told.numbers.risk(row["threshold"]),
            often=told.numbers.risk(row["often"]),
        )
        for row in found.classification.iter_rows(named=True)
    ]


def _by(told: Narration, found: Instability) -> str:
    survival = told.result.survival
    if found.horizon is None or survival is None:
        return ""
    unit = told.words.duration(survival.time_unit)
    return told.words("instability.by", horizon=f"{found.horizon:g}", unit=unit)


def _points(told: Narration, share: float) -> str:
    return told.words("instability.points", value=told.numbers.estimate(100.0 * share, 1))


def size(told: Narration) -> list[str]:
    """Size that the candidates need, beside what the study has."""
    words, found = told.words, told.result.size
    if found is None:
        return []
    expected = found.expected
    parameters = expected.parameters or 1
    shrinkage = next(each for each in expected.criteria if each.name == "shrinkage")
    sentences = [
        words(
            "size.told",
            parameters=parameters,
            n=expected.n,
            events=math.ceil(expected.events or 0.0),
            available=expected.available,
            n_events=found.n_events,
            per_parameter=told.numbers.estimate(found.n_events / parameters, 1),
            table=told.table("size"),
        )
    ]
    if expected.enough:
        sentences.append(words("size.enough"))
    elif not shrinkage.met:
        sentences.append(
            words("size.short", shrinkage=told.numbers.estimate(max(shrinkage.attained, 0.0), 2))
        )
    if found.clustered:
        sentences.append(words("size.clustered"))
    return [words.joined(sentences)]
