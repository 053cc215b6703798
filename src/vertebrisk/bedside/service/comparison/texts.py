"""A comparison of models as the texts of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vertebrisk.bedside.comparing import Comparison, Part, Question, Side
from vertebrisk.bedside.service.forms import Wrong
from vertebrisk.bedside.service.models.cards import outcome_label, time_unit
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.words import Words
from vertebrisk.design.translating import in_language
from vertebrisk.models.portable.differing import Difference
from vertebrisk.text.numbers import MINUS, PLAIN

NAMED = 3  # reasons that a sentence names
WORTH = 0.05  # log odds below which a reason is not worth naming


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form: what is asked, by whom, what was typed, and what is wrong with it."""

    name: str
    label: str
    hint: str
    readers: str
    choices: tuple[tuple[str, str], ...]
    value: str
    wrong: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model's answer."""

    id: str
    outcome: str
    by: str
    risk: str
    interval: str
    average: str
    reference: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartRow:
    """One line of why models differ: what it is, and a text for each model."""

    name: str
    against: str
    adds: tuple[str, ...]
    spread: str
    widest: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A comparison as a page shows it."""

    models: tuple[str, ...]
    rows: tuple[ModelRow, ...]
    comparable: bool
    range: str
    differences: tuple[tuple[str, tuple[str, ...]], ...]
    reasons: str
    parts: tuple[PartRow, ...]


def field_of(
    question: Question,
    prefix: str,
    form: Mapping[str, str],
    wrong: Mapping[str, Wrong],
    words: Words,
    *,
    repeated: bool,
) -> Field:
    """One question; `repeated` where another has the same name with other levels or unit."""
    predictor = in_language(question.predictor, words.language)
    hints = [predictor.definition] if predictor.definition else []
    if predictor.limits is not None and not predictor.categorical:
        low, high = (f"{limit:.4g}" for limit in predictor.limits)
        hints.append(words("mostly", low=low, high=high))
    if question.chooses_baseline:
        hints.append(words("chooses"))
    if repeated:
        hints.append(words("asked_twice"))
    label = predictor.label or predictor.name
    name = prefix + question.key
    return Field(
        name=name,
        label=f"{label} ({predictor.unit})" if predictor.unit else label,
        hint=" ".join(each if each.endswith((".", "。")) else f"{each}." for each in hints),
        readers=", ".join(question.models),
        choices=tuple((level, predictor.level_label(level)) for level in predictor.levels),
        value=form.get(name, ""),
        wrong=words(wrong[name].key) if name in wrong else "",
    )


def result_of(found: Comparison, chosen: Sequence[ServedModel], words: Words) -> Result:
    """A comparison in words and rounded numbers."""
    rows = tuple(
        _row(side, served, words) for side, served in zip(found.sides, chosen, strict=True)
    )
    risks = [each.risk for each in found.sides if each.risk is not None]
    spread = ""
    if found.comparable and len(risks) > 1:
        apart = PLAIN.estimate(100.0 * (max(risks) - min(risks)), 1)
        spread = words(
            "range", low=PLAIN.risk(min(risks)), high=PLAIN.risk(max(risks)), apart=apart
        )
    return Result(
        models=tuple(each.model for each in found.sides),
        rows=rows,
        comparable=found.comparable,
        range=spread,
        differences=tuple(_difference(each, rows, chosen, words) for each in found.differences),
        reasons=_reasons(found, words),
        parts=tuple(_parts(found, words)),
    )


def _row(side: Side, served: ServedModel, words: Words) -> ModelRow:
    unit = time_unit(served.model, words)
    when = in_language(served.model.outcome, words.language).time_point
    if side.horizon is not None:
        when = words("by_times", times=f"{side.horizon:g}", unit=unit)
    limits = ""
    if side.conf_low is not None and side.conf_high is not None:
        low, high = PLAIN.risk(side.conf_low), PLAIN.risk(side.conf_high)
        limits = words("to", low=low, high=high)
    return ModelRow(
        id=side.model,
        outcome=outcome_label(served.model, words),
        by=when,
        risk=words("no_risk") if side.risk is None else PLAIN.risk(side.risk),
        interval=limits or words("no_limits"),
        average=words("unknown") if side.average is None else PLAIN.risk(side.average),
        reference="" if side.reference is None else PLAIN.risk(side.reference),
        flags=tuple(flag_text(each, served, words) for each in side.flags),
    )


def flag_text(flag: str, served: ServedModel, words: Words) -> str:
    """A flag of `predict` in words, with the label of its input."""
    kind, _, name = flag.partition(": ")
    for own in served.model.design.predictors:
        if own.name == name:
            name = in_language(own, words.language).label or name
    for rule in served.model.consistency:
        if rule.reason == name:
            name = in_language(rule, words.language).reason
    known = words.known(f"says.{kind}", "")
    return known.format(name=name) if known else flag


def _difference(
    each: Difference, rows: Sequence[ModelRow], chosen: Sequence[ServedModel], words: Words
) -> tuple[str, tuple[str, ...]]:
    prefix = {"design": "design.", "use_at": "timing.", "data": "data."}.get(each.kind)
    values = each.values
    if each.kind == "outcome":
        values = tuple(row.outcome for row in rows)
    elif each.kind == "time":
        values = tuple(row.by for row in rows)
    elif each.kind == "population":
        own = (in_language(served.model.population, words.language) for served in chosen)
        values = tuple(population.description for population in own)
    if prefix is not None:
        values = tuple(words.known(f"{prefix}{value}", value) for value in values)
    return words(f"differs.{each.kind}"), tuple(value or words("not_stated") for value in values)


def _reasons(found: Comparison, words: Words) -> str:
    """What the difference comes from, the largest first."""
    named = [(found.start_spread, words("reason.start"))]
    for part in found.parts:
        label = _label(part, words)
        lacking = [
            side.model
            for side, add in zip(found.sides, part.adds, strict=True)
            if add is None and side.risk is not None
        ]
        key = "reason.lacking" if lacking else "reason.weight"
        named.append((part.spread, words(key, input=label, models=", ".join(lacking))))
    named.sort(key=lambda each: -each[0])
    worth = [text for spread, text in named[:NAMED] if spread >= WORTH]
    if not worth:
        return ""
    return words("reasons", reasons=words("semicolon").join(worth))


def _label(part: Part, words: Words) -> str:
    predictor = in_language(part.question.predictor, words.language)
    return predictor.label or predictor.name


def _parts(found: Comparison, words: Words) -> list[PartRow]:
    """Lines from the reference patient to this one, in log odds."""
    apart = PLAIN.estimate(found.start_spread)
    widest = max(WORTH, found.start_spread, *(each.spread for each in found.parts))
    first = found.start_spread == widest
    rows = [PartRow(words("reference_patient"), "", _all_signed(found.start, words), apart, first)]
    rows += [
        PartRow(
            name=_label(part, words),
            against=words(
                "against",
                value=_value(part.value, part, words),
                reference=_value(part.reference, part, words),
            ),
            adds=tuple(
                words("not_read") if add is None and start is not None else _signed(add, words)
                for add, start in zip(part.adds, found.start, strict=True)
            ),
            spread=PLAIN.estimate(part.spread),
            widest=part.spread == widest,
        )
        for part in found.parts
    ]
    if found.interacts:
        rows.append(PartRow(words("together"), "", _all_signed(found.together, words), ""))
    return [*rows, PartRow(words("this_patient"), "", _all_signed(found.end, words), "")]


def _all_signed(values: Sequence[float | None], words: Words) -> tuple[str, ...]:
    return tuple(_signed(each, words) for each in values)


def _signed(value: float | None, words: Words) -> str:
    if value is None:
        return words("unknown")
    text = PLAIN.estimate(value, 2)
    return f"+{text}" if text[0] != MINUS and float(text) > 0 else text


def _value(value: float | str, part: Part, words: Words) -> str:
    predictor = in_language(part.question.predictor, words.language)
    if isinstance(value, str):
        return predictor.level_label(value)
    return f"{value:.6g} {predictor.unit}".strip()
