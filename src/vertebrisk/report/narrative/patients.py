"""Sentences about the study and its patients."""

from __future__ import annotations

from vertebrisk.cohort.flow import FlowStep
from vertebrisk.comparison.results import ComparedVariable
from vertebrisk.report.main_numbers import is_intercept_only
from vertebrisk.report.narrative import survival
from vertebrisk.report.narrative.narration import ALPHA, Narration, tied
from vertebrisk.report.tables.patients import decimals_for
from vertebrisk.text.phrases import in_sentence

MOST_NAMED = 12
SHOWN_LEVELS = 2  # of two levels one says all


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
        reasons = words.listed([left_at(told, step) for step in steps])
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
    share = 100.0 * flow.n_events / flow.n if flow.n else 0.0
    sentences.append(
        words(
            "participants.analysed",
            n=flow.n,
            unit=told.unit(),
            events=flow.n_events,
            share=told.numbers.percent_of(flow.n_events, share),
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


def left_at(told: Narration, step: FlowStep) -> str:
    """Why patients left at one step, and how many."""
    key = f"left.{step.kind}"
    reason = told.words(key, reason=step.reason) if told.words.has(key) else step.reason
    return f"{reason}{told.words.bracketed(str(step.removed))}"


def comparison(told: Narration) -> list[str]:
    """Where the groups differ and by how much, and what was missing."""
    words, variables = told.words, told.result.comparison.variables
    differ = sorted((each for each in variables if _p_value(each) < ALPHA), key=_p_value)
    shown = [_difference(told, each) for each in differ[:MOST_NAMED]]
    if len(differ) > MOST_NAMED:
        shown.append(words("comparison.more", n=len(differ) - MOST_NAMED))
    stated = {
        "all": len(variables),
        "below": told.numbers.p_below(ALPHA),
        "table": told.table("comparison"),
    }
    total = sum(group.n for group in told.result.comparison.groups)
    absent = [
        f"{each.label}{words.bracketed(_share(told, sum(each.missing), total))}"
        for each in variables
        if sum(each.missing)
    ]
    sentences = [
        words("comparison.differ", n=len(differ), variables=words.separated(shown), **stated)
        if differ
        else words("comparison.none", **stated),
        words("comparison.missing", variables=words.listed(absent)) if absent else "",
        words("comparison.caution", n_variables=len(variables)),
    ]
    return [words.joined(sentences)]


def _difference(told: Narration, variable: ComparedVariable) -> str:
    """One variable in those with the event and those without, its test and P."""
    words, test = told.words, variable.test
    stated = {"test": words(f"test.{test.test}"), "p": tied(told.numbers.p_statement(test.p_value))}
    unit = words.bracketed(variable.unit) if variable.unit else ""
    label = f"{variable.label}{unit}"
    if variable.summary == "count" and len(variable.levels) == SHOWN_LEVELS:
        label = f"{label}{words('colon')}{variable.levels[-1].label}"
    values = _values(told, variable)
    if not values:
        return words("comparison.one", label=label, **stated)
    return words("comparison.values", label=label, first=values[1], second=values[0], **stated)


def _values(told: Narration, variable: ComparedVariable) -> list[str]:
    """The variable in each group; nothing of one with more than two levels."""
    numbers = told.numbers
    if variable.overall is None:
        if len(variable.levels) != SHOWN_LEVELS:
            return []
        counts = [sum(row.cells[place].count for row in variable.levels) for place in (0, 1)]
        cells = variable.levels[-1].cells
        return [_share(told, cell.count, n) for cell, n in zip(cells, counts, strict=True)]
    places = decimals_for(variable.overall)
    if variable.summary == "mean_sd":
        return [numbers.mean_sd(cell.mean, cell.sd, places) for cell in variable.cells]
    return [numbers.median_iqr(cell.median, cell.q1, cell.q3, places) for cell in variable.cells]


def _share(told: Narration, count: int, n: int) -> str:
    """A count with what it is a part of, and the percentage."""
    share = 100.0 * count / n if n else 0.0
    shown = told.numbers.percent_of(count, share)
    return told.words("comparison.share", count=count, n=n, share=shown)


def _p_value(variable: ComparedVariable) -> float:
    found = variable.test.p_value
    return 1.0 if found is None else found
