"""What a page shows of a model: population, performance, and what to be careful about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from vertebrisk._types import ValidationMethod
from vertebrisk.bedside.service.models.watched import Watched, last_watch
from vertebrisk.bedside.service.store import ServedModel
from vertebrisk.bedside.service.words import Words
from vertebrisk.design.design import Predictor
from vertebrisk.design.translating import in_language
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.text.numbers import PLAIN

TITLE_LENGTH = 110
METHODS = get_args(ValidationMethod)[1:]  # how else than by the optimism bootstrap
LARGEST = 1e6  # no measure of performance is larger


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a description: what it is, and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure of performance, as text."""

    name: str
    apparent: str
    corrected: str
    interval: str
    place: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to be careful about: a word, and a sentence."""

    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class InputRow:
    """One input of a model, as text."""

    name: str
    label: str
    definition: str
    taken: str
    timing: str


@dataclass(frozen=True, slots=True)
class Card:
    """One model as pages show it."""

    id: str
    version: str
    title: str
    definition: str
    facts: tuple[Fact, ...]
    rows: tuple[MeasureRow, ...]
    made: str
    flags: tuple[Flag, ...]
    notes: tuple[str, ...]
    refused: str
    calculator: bool

    @property
    def printed(self) -> bool:
        """True where a measure says where in a paper it stands."""
        return any(each.place for each in self.rows)


@dataclass(frozen=True, slots=True)
class Group:
    """The models of one outcome, and whether they define it alike."""

    label: str
    cards: tuple[Card, ...]
    definitions: tuple[str, ...]


def groups(served: Sequence[ServedModel], refused: Mapping[str, str], words: Words) -> list[Group]:
    """Models by outcome, outcomes and models in the order of the store."""
    found: dict[str, list[ServedModel]] = {}
    for each in served:
        found.setdefault(each.model.outcome.name, []).append(each)
    return [
        Group(
            label=outcome_label(of[0].model, words),
            cards=tuple(card(each, words, refused.get(each.id, "")) for each in of),
            definitions=tuple(dict.fromkeys(definition(each.model, words) for each in of)),
        )
        for of in found.values()
    ]


def outcome_label(model: RiskModel, words: Words) -> str:
    """What is predicted, in the language of the page."""
    return in_language(model.outcome, words.language).label or model.outcome.name


def card(served: ServedModel, words: Words, refused: str = "") -> Card:
    """One model; `refused` says why the present content of its file is not served."""
    model = served.model
    title = in_language(model.provenance, words.language).title or served.id
    watch = last_watch(served.path, served.version)
    return Card(
        id=served.id,
        version=served.version,
        title=title if len(title) <= TITLE_LENGTH else f"{title[:TITLE_LENGTH].rstrip()}…",
        definition=definition(model, words),
        facts=(*_facts(model, words), *_watch_facts(watch, words)),
        rows=tuple(measures(model, words)),
        made=_made(model, words),
        flags=(*_watch_flags(watch, words), *flags(model, words)),
        notes=tuple(served.notes),
        refused=refused,
        calculator=bool(model.design.terms or model.strata),
    )


def _watch_facts(watch: Watched | None, words: Words) -> list[Fact]:
    if watch is None:
        return []
    state = "watch.drifted" if watch.signal else "watch.holds"
    return [Fact(words("watch"), words(state, last=watch.last, when=watch.signal))]


def _watch_flags(watch: Watched | None, words: Words) -> list[Flag]:
    if watch is None or not watch.signal:
        return []
    return [Flag(words("flag.drifted"), words("flag.drifted.why", when=watch.signal))]


def definition(model: RiskModel, words: Words) -> str:
    """Event and time of an outcome in one line."""
    outcome = in_language(model.outcome, words.language)
    parts = [outcome.definition or outcome.event or outcome.label or outcome.name]
    if model.kind == "logistic":
        parts += [outcome.time_point] if outcome.time_point else []
    else:
        times = ", ".join(f"{each:g}" for each in model.horizons)
        parts.append(words("by_times", times=times, unit=time_unit(model, words)).strip())
    return "; ".join(parts)


def time_unit(model: RiskModel, words: Words) -> str:
    """Unit of the times of a model, in the language of the page."""
    return words.known(f"unit.{model.time_unit}", model.time_unit)


def _facts(model: RiskModel, words: Words) -> list[Fact]:
    population = in_language(model.population, words.language)
    outcome = model.outcome
    found = [Fact(words("rule"), outcome.event)] if outcome.definition else []
    found += [Fact(words("patients"), str(population.n) if population.n else words("not_stated"))]
    events = PLAIN.count_percent(
        population.n_events, 100.0 * population.n_events / population.n if population.n else None
    )
    found.append(Fact(words("events"), events))
    found.append(Fact(words("design"), words.known(f"design.{population.design}", "")))
    if population.prevalence is not None:
        found.append(Fact(words("prevalence"), PLAIN.risk(population.prevalence)))
    included = "; ".join(population.include) or population.description
    found.append(Fact(words("eligibility"), included))
    found.append(Fact(words("exclusion"), "; ".join(population.exclude)))
    if model.provenance.use_at:
        use_at = model.provenance.use_at
        found.append(Fact(words("use_at"), words.known(f"timing.{use_at}", use_at)))
    found.append(Fact(words("interval"), words(f"interval.{model.interval_kind}")))
    steps = model.provenance.lineage
    found += [Fact(words("updated"), each.told(words.language)) for each in steps]
    return [each for each in found if each.value]


def measures(model: RiskModel, words: Words) -> list[MeasureRow]:
    """Performance as rows: of a validation, or as a paper prints it."""
    performance = model.performance
    found = [_validated(each, words) for each in _records(performance.get("measures"))]
    return found + _printed(_records(performance.get("published")), words)


def _records(rows: object) -> list[Mapping[str, Any]]:
    """The mappings of a list; a file from elsewhere may hold anything."""
    listed = rows if isinstance(rows, list) else []
    return [each for each in listed if isinstance(each, Mapping) and "measure" in each]


def _validated(row: Mapping[str, Any], words: Words) -> MeasureRow:
    return MeasureRow(
        name=measure_name(str(row["measure"]), words),
        apparent=_number(row.get("apparent")),
        corrected=_number(row.get("corrected")),
        interval=_limits(row.get("conf_low"), row.get("conf_high"), words),
        place="",
    )


def _printed(rows: Sequence[Mapping[str, Any]], words: Words) -> list[MeasureRow]:
    """Published numbers; an interval stands beside a number where it can be of no other."""
    printed = [(str(r["measure"]), str(r.get("value")), str(r.get("place") or "")) for r in rows]
    limits = {(n, at): value for n, value, at in printed if n.endswith(("_low", "_high"))}
    values = [each for each in printed if not each[0].endswith(("_low", "_high"))]
    count = Counter((name, at) for name, _, at in values)
    between = {
        (name, at): words("to", low=low, high=limits[f"{name}_high", at])
        for (full, at), low in limits.items()
        if full.endswith("_low")
        for name in (full.removesuffix("_low"),)
        if (f"{name}_high", at) in limits
    }
    found = []
    for name, value, at in values:
        beside = between.pop((name, at), "") if count[name, at] == 1 else ""
        found.append(_printed_row(name, value, beside, at, words))
    return found + [_printed_row(name, "", text, at, words) for (name, at), text in between.items()]


def _printed_row(name: str, value: str, interval: str, place: str, words: Words) -> MeasureRow:
    corrected = "corrected" in name
    return MeasureRow(
        name=measure_name(name, words),
        apparent="" if corrected else value,
        corrected=value if corrected else "",
        interval=interval,
        place=place,
    )


def measure_name(measure: str, words: Words) -> str:
    """Name of a measure for people, or the measure itself."""
    return words.known(f"measure.{measure}", measure)


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        return ""
    return PLAIN.estimate(float(value), 3)


def _limits(low: object, high: object, words: Words) -> str:
    texts = _number(low), _number(high)
    return words("to", low=texts[0], high=texts[1]) if all(texts) else ""


def _made(model: RiskModel, words: Words) -> str:
    """How the performance was measured."""
    performance = model.performance
    if performance.get("published"):
        return words("as_published")
    resamples = performance.get("resamples")
    if isinstance(resamples, int) and not isinstance(resamples, bool):
        method = performance.get("method")
        if method in METHODS:
            return words("by_method", method=words(f"method.{method}"), resamples=resamples)
        return words("by_bootstrap", resamples=resamples)
    return "" if performance.get("measures") else words("no_performance")


def flags(model: RiskModel, words: Words) -> list[Flag]:
    """What a reader must not overlook."""
    population = model.population
    found = []
    if population.data_kind != "real":
        kind = population.data_kind
        found.append(Flag(words(f"flag.{kind}"), words(f"flag.{kind}.why")))
    if population.design == "case-control" and population.prevalence is None:
        found.append(Flag(words("flag.sample"), words("flag.sample.why")))
    if model.interval_kind == "none":
        found.append(Flag(words("flag.no_interval"), words("flag.no_interval.why")))
    if not model.performance.get("measures"):
        found.append(Flag(words("flag.unvalidated"), words("flag.unvalidated.why")))
    return found


def input_rows(model: RiskModel, words: Words) -> list[InputRow]:
    """Inputs as rows of texts."""
    rows = [
        InputRow(
            name=each.name,
            label=each.label or each.name,
            definition=each.definition,
            taken=_values(each, words),
            timing=words.known(f"timing.{each.timing}", each.timing),
        )
        for each in (in_language(own, words.language) for own in model.design.predictors)
    ]
    known = words("strata", known="; ".join(each.stratum for each in model.baselines))
    return rows + [InputRow(name, name, "", known, "") for name in model.strata]


def _values(each: Predictor, words: Words) -> str:
    if each.categorical:
        return ", ".join(
            level if level == each.level_label(level) else f"{level} ({each.level_label(level)})"
            for level in each.levels
        )
    value = words("number_in", unit=each.unit) if each.unit else words("a_number")
    if each.limits is None:
        return value
    low, high = (f"{limit:.4g}" for limit in each.limits)
    return words("made_from", value=value, low=low, high=high)
