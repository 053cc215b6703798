"""Sentences about replication, methods and limits."""

from __future__ import annotations

from collections.abc import Iterable

from vertebrisk.report.main_numbers import (
    corrected_estimate,
    performance_row,
    usable,
    variable_labels,
)
from vertebrisk.report.narrative import imputed, penalised, sampling, schemes, survival
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.results.study import PrintedNumber
from vertebrisk.text.phrases import in_sentence

MOST_NAMED = 12
EVENTS_PER_PARAMETER = 10


def replication(told: Narration) -> list[str]:
    """How many printed numbers agree, which do not, and what not to conclude."""
    lines = told.result.replication
    if not lines:
        return []
    agree = sum(line.agrees is True for line in lines)
    contrary = sorted((each for each in lines if each.agrees is False), key=_without_remark)
    differing = [f"{line.quantity} ({line.place})" for line in contrary]
    unjudged = len(lines) - agree - len(differing)
    words = told.words
    count = words("replication.count", n=len(lines), agree=agree, differ=len(differing))
    rest = words("replication.open", n=unjudged) if unjudged else ""
    named = ""
    if differing:
        more = len(differing) - MOST_NAMED
        shown = words.listed(differing[:MOST_NAMED])
        named = words("replication.differing", quantities=shown)
        named += words("replication.more", n=more) if more > 0 else words("replication.stop")
    kind = told.facts.data_kind
    caution = words(f"replication.{kind}") if kind != "real" else ""
    told_first = [words.joined([count, rest]), named]
    return [part for part in [*told_first, _not_to_conclude(told, caution)] if part]


def _without_remark(line: PrintedNumber) -> bool:
    """Numbers that the paper's entry remarks on are named first."""
    return not line.remark


def _not_to_conclude(told: Narration, caution: str) -> str:
    """What a reader of the paper, or of these numbers, should not take from them."""
    words, flow = told.words, told.result.flow
    sentences = [caution]
    parameters = sum(row.kind == "estimate" for row in told.result.univariable)
    smaller = min(flow.n_events, flow.n - flow.n_events)
    rarer = "events" if smaller == flow.n_events else "non_events"
    if parameters and smaller < EVENTS_PER_PARAMETER * parameters:
        sentences.append(
            words(
                "replication.few_events",
                count=words(f"replication.{rarer}", n=smaller),
                parameters=parameters,
                ratio=told.numbers.estimate(smaller / parameters, 1),
            )
        )
    line = performance_row(told.result.validation, "c_index")
    if usable(line.get("corrected")):
        sentences.append(
            words(
                "replication.optimism",
                apparent=told.numbers.estimate(line.get("apparent"), 3),
                corrected=told.numbers.estimate(line.get("corrected"), 3),
                slope=told.numbers.estimate(corrected_estimate(told.result, "slope")[0], 2),
            )
        )
    if told.facts.design == "case-control":
        sentences.append(words("replication.sampled"))
    over_time = told.result.survival
    if over_time is not None and over_time.beside is not None:
        sentences.append(words("replication.time_zero"))
    return words.joined(sentences)


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
        _estimation(told),
        _splined(told),
        imputed.method(told),
        sampling.method(told),
        *_measured(told),
    )
    note = [words("methods.data", note=facts.data_note)] if facts.data_note else []
    return [*note, words.joined(list(sentences))]


def _estimation(told: Narration) -> str:
    """How the coefficients were estimated."""
    if told.result.penalised is not None:
        return penalised.method(told, told.result.penalised)
    if told.facts.by_firth:
        mean_risk = told.facts.mean_risk
        fitted = told.words(
            "methods.firth",
            mean_risk=told.words(f"methods.mean_risk_{mean_risk}") if mean_risk else "",
            **survival.fitted_with(told.result.survival),
        )
        if told.result.imputed is None:
            return fitted
        return told.words.joined([fitted, told.words("methods.firth_pooled")])
    fitted = told.words("methods.ml", **survival.fitted_with(told.result.survival))
    shrunken = told.result.shrinkage
    if shrunken is None:
        return fitted
    return told.words.joined([fitted, told.words(f"methods.shrinkage_{shrunken.kind}")])


def _measured(told: Narration) -> list[str]:
    """How performance was measured."""
    facts, words = told.facts, told.words
    if words.method != "optimism-bootstrap" or schemes.shifted(told):
        return schemes.method(told)
    if told.result.matched is not None:
        return [words("methods.performance", resamples=facts.resamples, seed=facts.seed)]
    if not survival.measured_at_horizons(told):
        return [
            words("methods.performance_entered", resamples=facts.resamples, seed=facts.seed),
        ]
    performance = words(
        "methods.performance",
        resamples=facts.resamples,
        seed=facts.seed,
        smoother=words.smoother(told.result.validation.smoother),
    )
    pieces = [words("methods.pieces")] if facts.in_pieces else []
    return [performance, *pieces, words("methods.decision")]


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
