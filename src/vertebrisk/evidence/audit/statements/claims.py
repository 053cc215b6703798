"""What a paper claims, against what its own numbers allow."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import Check, Quantity
from vertebrisk.evidence.printed_tables import CONSTANT, Statement
from vertebrisk.text.messages import say

_ENOUGH = 10
_ALPHA = 0.05


def checks(subject: Subject) -> Iterator[Check]:
    """Events per candidate, what was screened, words against P, and time to what has no time."""
    yield from _time_zero(subject)
    main = subject.main
    if main is not None and subject.models:
        yield from _events_per_candidate(subject, main)
    for comparison in subject.comparisons[:1]:
        yield from _screened(subject, comparison)
        yield from _words_against_p(subject, comparison)


def parameters(row: Row, subject: Subject) -> int:
    """Coefficients that a variable takes: one a level but the reference."""
    described = subject.variables.get(row.variable)
    levels = len(described.levels) if described is not None and described.levels else 0
    return max(levels or len(row.levels), 2) - 1 if row.levels or levels else 1


def _events_per_candidate(subject: Subject, main: Comparison) -> Iterator[Check]:
    sizes = [group.n for group in main.groups if group.event and not group.total]
    if not sizes or any(n is None for n in sizes) or not main.rows:
        return
    events = sum(round(n.value) for n in sizes if n is not None)
    candidates = sum(parameters(row, subject) for row in main.rows)
    each = events / candidates
    quantities = tuple(
        Quantity(say("patients, {name}", name=group.name), group.n.text, group.place)
        for group in main.groups
        if group.event and group.n is not None
    )
    few = each < _ENOUGH
    yield Check(
        id="events-per-candidate",
        about=say("{len} variables compared", len=len(main.rows)),
        place=main.place,
        quantities=quantities,
        verdict="consistent",
        message=say(
            "{events} events for {candidates} candidate parameters, {each:.1f} each.",
            events=events,
            candidates=candidates,
            each=each,
        ),
        recomputed=f"{each:.2f}",
        notes=(
            (
                say(
                    "With fewer than {enough} events a candidate, coefficients are too far "
                    "from zero and another sample would choose other predictors; apparent "
                    "performance is not what is to be expected elsewhere.",
                    enough=_ENOUGH,
                ),
            )
            if few
            else ()
        ),
    )


def _time_zero(subject: Subject) -> Iterator[Check]:
    """An event of the operation itself has no time to it."""
    study = subject.study
    cox = [model for model in subject.models if model.kind == "cox"]
    if study is None or study.outcome.arises is None or not cox:
        return
    wrong = study.outcome.arises == "operation"
    name = study.outcome.label.text("en")
    yield Check(
        id="time-of-the-event",
        about=name,
        place=cox[0].place,
        quantities=(Quantity(say("definition"), study.outcome.definition, study.outcome.place),),
        verdict="inconsistent" if wrong else "consistent",
        message=say(
            "A Cox model needs the time to the event; {lower} happens during the "
            "operation, so that every time is zero, or that of the examination that "
            "saw it.",
            lower=name.lower(),
        )
        if wrong
        else say("The event happens during follow-up, as a Cox model needs."),
        severity="conclusion" if wrong else "none",
        failure="irreconcilable" if wrong else "",
        changes=say(
            "A hazard ratio here is about when it was looked for, not about whether it happens."
        )
        if wrong
        else "",
        resolve=say("Model whether it happens: a logistic model.") if wrong else "",
    )


def _screened(subject: Subject, comparison: Comparison) -> Iterator[Check]:
    """How many comparisons are significant, beside what chance alone would give."""
    tested = [row for row in comparison.rows if row.p_value is not None]
    if len(tested) < 2:
        return
    significant = [row for row in tested if row.p_value and row.p_value.interval[1] <= _ALPHA]
    chance = _ALPHA * len(tested)
    yield Check(
        id="comparisons-made",
        about=say("{len} comparisons", len=len(tested)),
        place=comparison.place,
        quantities=tuple(
            Quantity(f"P, {subject.label(row.variable)}", row.p_value.text, row.place)
            for row in significant
            if row.p_value is not None
        ),
        verdict="consistent",
        message=say(
            "{len} of {len_2} have P < {alpha}; by chance alone {chance:.1f} would.",
            len=len(significant),
            len_2=len(tested),
            alpha=_ALPHA,
            chance=chance,
        ),
    )


def _words_against_p(subject: Subject, comparison: Comparison) -> Iterator[Check]:
    """A difference claimed or denied of one variable, against its P in the table."""
    rows = {row.variable: row for row in comparison.rows}
    modelled = {row.term for model in subject.models for row in model.coefficient} - {CONSTANT}
    for claim in subject.statements:
        row = rows.get(claim.variable or "")
        if row is None or row.p_value is None or claim.compare or claim.direction is None:
            continue
        low, high = row.p_value.interval
        denied = claim.direction == "same" and high < _ALPHA
        # A claim of a factor in the model may speak of its adjusted coefficient.
        claimed = (
            claim.direction != "same"
            and low > _ALPHA
            and claim.variable not in modelled
            and claim.p_value is not None
            and claim.p_value.interval[1] <= _ALPHA
        )
        yield _words(row, claim, wrong=denied or claimed)


def _words(row: Row, claim: Statement, *, wrong: bool) -> Check:
    assert row.p_value is not None  # the caller has looked
    said = say("no difference") if claim.direction == "same" else say("a difference")
    return Check(
        id="words-against-p",
        about=row.variable,
        place=f"{row.place}; {claim.place}",
        quantities=(
            Quantity("P", row.p_value.text, row.place),
            Quantity(say("in words"), claim.text, claim.place),
        ),
        verdict="inconsistent" if wrong else "consistent",
        message=say(
            "The text speaks of {said}; the table has P {p_value}.", said=said, p_value=row.p_value
        ),
        severity="conclusion" if wrong else "none",
        failure="wording" if wrong else "",
        changes=say("Whether the groups differ is not known.") if wrong else "",
        resolve=say("Recompute P from the numbers of the groups.") if wrong else "",
    )
