"""Sentences about the study and its patients."""

from __future__ import annotations

from vertebrisk.cohort.flow import FlowStep
from vertebrisk.report.main_numbers import (
    is_intercept_only,
)
from vertebrisk.report.narrative import survival
from vertebrisk.report.narrative.narration import ALPHA, Narration, tied
from vertebrisk.text.phrases import in_sentence


def summary(told: Narration) -> list[str]:
    """What the model is for, and when it is used."""
    purpose = told.words(
        "summary.purpose",
        outcome=in_sentence(told.facts.outcome_label),
        time_point=told.facts.time_point,
        use_at=told.moment(),
    )
    empty = told.words("summary.empty") if is_intercept_only(told.result) else ""
    return [told.words.joined([purpose, empty])]


def participants(told: Narration) -> list[str]:
    """Who was read, who left and why, who was analysed; how the event is defined."""
    flow, words = told.result.flow, told.words
    steps = [step for step in flow.steps if step.removed]
    sentences = [words("participants.read", n_read=flow.n_read, unit=told.unit())]
    if steps:
        reasons = words.listed([_left(told, step) for step in steps])
        removed = sum(step.removed for step in steps)
        sentences.append(
            words(
                "participants.left",
                unit=told.unit(),
                removed=removed,
                reasons=reasons,
            )
        )
    else:
        sentences.append(words("participants.none_left"))
    share = 100.0 * flow.n_events / flow.n if flow.n else None
    sentences.append(
        words(
            "participants.analysed",
            n=flow.n,
            unit=told.unit(),
            events=told.numbers.count_percent(flow.n_events, share),
            outcome=in_sentence(told.facts.outcome_label),
        )
    )
    if flow.n_patients != flow.n:
        sentences.append(words("participants.clustered", n_patients=flow.n_patients))
    sentences += survival.follow_up(told)
    definition = words(
        "participants.definition", rule=told.facts.event_rule, time_point=told.facts.time_point
    )
    return [words.joined(sentences), definition]


def _left(told: Narration, step: FlowStep) -> str:
    """Why patients left at one step, and how many."""
    key = f"left.{step.kind}"
    reason = told.words(key, reason=step.reason) if told.words.has(key) else step.reason
    return f"{reason}{told.words.bracketed(str(step.removed))}"


def comparison(told: Narration) -> list[str]:
    """Where the groups differ, and what was missing."""
    words, variables = told.words, told.result.comparison.variables
    differ = [
        f"{v.label}{words.bracketed(tied(told.numbers.p_statement(v.test.p_value)))}"
        for v in variables
        if v.test.p_value is not None and v.test.p_value < ALPHA
    ]
    absent = [
        f"{v.label}{words.bracketed(str(sum(v.missing)))}" for v in variables if sum(v.missing)
    ]
    sentences = [
        words("comparison.differ", variables=words.listed(differ))
        if differ
        else words("comparison.none"),
        words("comparison.missing", variables=words.listed(absent)) if absent else "",
        words("comparison.caution", n_variables=len(variables)),
    ]
    return [words.joined(sentences)]
