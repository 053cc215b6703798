"""Sentences about replication, methods and limits."""

from __future__ import annotations

from collections.abc import Iterable

from vertebrisk.report.main_numbers import (
    variable_labels,
)
from vertebrisk.report.narrative import sampling, survival
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.text.phrases import in_sentence
from vertebrisk.validation.measures import smoother_name


def replication(told: Narration) -> list[str]:
    """How many printed numbers agree."""
    lines = told.result.replication
    if not lines:
        return []
    agree = sum(line.agrees is True for line in lines)
    differ = sum(line.agrees is False for line in lines)
    unjudged = len(lines) - agree - differ
    count = told.words("replication.count", n=len(lines), agree=agree, differ=differ)
    rest = told.words("replication.open", n=unjudged) if unjudged else ""
    made = told.facts.data_kind != "real"
    caution = told.words("replication.reconstructed") if made else ""
    return [told.words.joined([count, rest, caution])]


def methods(told: Narration) -> list[str]:
    """What was done, from data to decision curve."""
    words, facts, flow = told.words, told.facts, told.result.flow
    sentences: Iterable[str] = (
        words(
            "methods.design",
            design=words.or_plain(facts.design, facts.design),
            n=flow.n,
            unit=told.unit(),
            events=flow.n_events,
            outcome=in_sentence(facts.outcome_label),
            rule=facts.event_rule,
            time_point=facts.time_point,
        ),
        words("methods.comparison", table=told.table("comparison")),
        words(f"methods.{facts.selection}", selection=facts.selection_rule),
        words("methods.ml", **survival.fitted_with(told.result.survival)),
        _splined(told),
        words("methods.complete"),
        sampling.method(told),
        words(
            "methods.performance",
            resamples=facts.resamples,
            seed=facts.seed,
            smoother=smoother_name(flow.n),
        ),
        words("methods.decision"),
    )
    note = [words("methods.data", note=facts.data_note)] if facts.data_note else []
    return [*note, words.joined(list(sentences))]


def _splined(told: Narration) -> str:
    """Which variables entered as splines, with how many knots."""
    if not told.result.splines:
        return ""
    labels = variable_labels(told.result)
    shown = [
        told.words("methods.spline", label=labels.get(name, name), knots=len(knots))
        for name, knots in told.result.splines
    ]
    return told.words("methods.splines", variables=told.words.listed(shown))


def limits(told: Narration) -> list[str]:
    """What the model is not for."""
    facts = told.facts
    return [
        told.words(
            "limits.use", outcome=in_sentence(facts.outcome_label), time_point=facts.time_point
        ),
        told.words("limits.when", use_at=told.moment()),
        *survival.limit(told),
        told.words("limits.external"),
        told.words("limits.association"),
    ]
