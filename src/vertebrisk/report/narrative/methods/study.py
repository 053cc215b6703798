"""Design, patients and outcome of a study, as its methods tell them."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.protocol.documents import EligibilityRule
from vertebrisk.protocol.outcome import TimeToEventOutcome
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.text.phrases import in_sentence


def data(told: Narration) -> list[str]:
    """What the records are, where they are not those of patients, and what is noted of them."""
    kind, note = told.facts.data_kind, told.facts.data_note
    made = [] if kind == "real" else [told.words(f"methods.data.{kind}")]
    return [*made, told.words("methods.data", note=note)] if note else made


def design(told: Narration) -> list[str]:
    """Design, unit, eligibility and numbers."""
    words, flow, protocol = told.words, told.result.flow, told.result.protocol
    matched, sampling = told.result.matched, protocol.sampling
    sentences = [
        words(
            f"methods.design.{told.facts.design if matched is None else 'matched'}",
            unit=words.or_plain(told.facts.unit, told.facts.unit),
        )
    ]
    eligibility = protocol.eligibility
    for key, rules in (("included", eligibility.include), ("excluded", eligibility.exclude)):
        if rules:
            criteria = _criteria(told, rules)
            sentences.append(words(f"methods.{key}", criteria=criteria))
    if matched is not None and matched.matched:
        sentences.append(words("methods.matched_on", variables=words.listed(matched.matched)))
    idle = sum(step.removed for step in flow.steps if step.kind == "set-idle")
    if idle:
        sentences.append(words("methods.sets_idle", n=idle, unit=told.unit()))
    if sampling is not None and sampling.controls_per_case is not None:
        sentences.append(
            words(
                "methods.controls_drawn",
                ratio=sampling.controls_per_case,
                unit=told.unit(),
                seed=sampling.seed,
            )
        )
    counted = words(
        "methods.counted", n_read=flow.n_read, n=flow.n, events=flow.n_events, unit=told.unit()
    )
    return [*sentences, counted]


def _criteria(told: Narration, rules: Sequence[EligibilityRule]) -> str:
    return told.words.separated([rule.reason.text(told.facts.language) for rule in rules])


def outcome(told: Narration) -> list[str]:
    """What counts as the event, when it is looked for, and when the model is used."""
    words, facts, written = told.words, told.facts, told.result.protocol.outcome
    stated = {
        "outcome": in_sentence(facts.outcome_label),
        "time_point": facts.time_point,
        "rule": facts.event_rule,
    }
    survival = told.result.survival
    if survival is not None:
        stated["unit"] = words.duration(survival.time_unit)
    sentences = [words("methods.outcome", **stated)]
    if written.definition is not None:
        definition = written.definition.text(facts.language).rstrip(".。")
        sentences.append(words("methods.definition", definition=definition))
    sentences += _followed(told)
    if told.result.matched is None:
        sentences.append(words("methods.use", use_at=told.moment()))
    return sentences


def _followed(told: Narration) -> list[str]:
    """Horizons, the competing event, and delayed entry; empty for a binary outcome."""
    survival, written, words = told.result.survival, told.result.protocol.outcome, told.words
    if survival is None:
        return []
    several = "horizons" if len(survival.horizons) > 1 else "horizon"
    sentences = [
        words(
            f"methods.{several}",
            horizons=words.listed(
                [told.numbers.shortest(each.horizon) for each in survival.horizons]
            ),
            unit=words.duration(survival.time_unit),
        )
    ]
    if survival.competing_rule:
        sentences.append(
            words(
                "methods.competing",
                rule=survival.competing_rule,
                n=survival.n_competing,
                counted=told.unit(),
            )
        )
    if isinstance(written, TimeToEventOutcome) and written.entry is not None:
        sentences.append(words("methods.entry", rule=written.entry))
    return sentences
