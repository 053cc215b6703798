"""Sentences about replication and limits."""

from __future__ import annotations

from vertebrisk.report.main_numbers import corrected_estimate, performance_row, usable
from vertebrisk.report.narrative import survival
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.narrative.patients import MOST_NAMED
from vertebrisk.report.results.study import PrintedNumber
from vertebrisk.text.phrases import in_sentence

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
