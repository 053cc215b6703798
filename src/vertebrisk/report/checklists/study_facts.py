"""What a run says to items on the study: its question, data, patients, outcome, predictors."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk.cohort.flow import FlowStep, StepKind
from vertebrisk.protocol.outcome import TimeToEventOutcome
from vertebrisk.report.checklists.content import Filled
from vertebrisk.report.checklists.known import Known, figure, file, section, sentence, table
from vertebrisk.text.phrases import in_sentence


def open_item(known: Known) -> Filled:
    """What only the authors can say."""
    return known.open


def title(known: Known) -> Filled:
    """Title of the protocol; what it must name is for the authors."""
    return known.say("partly", "title", title=known.facts.title)


def abstract(known: Known) -> Filled:
    """The list for abstracts stands apart."""
    return known.say("partly", "abstract", table("checklist_abstract"))


def intended_use(known: Known) -> Filled:
    """When the model is used."""
    return known.say(
        "partly",
        "use",
        section("summary"),
        section("limits"),
        use_at=known.words.or_plain(known.facts.use_at, known.facts.use_at),
    )


def objectives(known: Known) -> Filled:
    """What was developed, and what of it was evaluated."""
    words, result = known.words, known.result
    further = [
        words("fill.objective_centres") if result.centres is not None else "",
        words("fill.objective_split") if result.split is not None else "",
        words("fill.objective_replication") if result.replication else "",
    ]
    return known.say(
        "partly",
        "objective",
        section("summary"),
        outcome=in_sentence(known.facts.outcome_label),
        time_point=known.facts.time_point,
        further=words.joined(further),
    )


def sources(known: Known) -> Filled:
    """Where the rows came from, as far as the run knows."""
    facts, words = known.facts, known.words
    made = words(f"fill.data_{facts.data_kind}") if facts.data_kind != "real" else ""
    return known.say(
        "partly",
        "data",
        section("statistical_methods"),
        section("provenance"),
        design=words.or_plain(facts.design, facts.design),
        file=facts.data_name,
        made=made,
    )


def dates(known: Known) -> Filled:
    """Dates are known where the patients are split by time."""
    split = known.result.split
    if split is None:
        return known.open
    return known.say(
        "partly",
        "dates",
        section("split"),
        table("split"),
        by=known.label(split.by),
        first=_when(known, split.earlier.first),
        last=_when(known, split.later.last),
    )


def _when(known: Known, moment: str | float) -> str:
    return moment if isinstance(moment, str) else known.words.numbers.shortest(moment)


def setting(known: Known) -> Filled:
    """How many centres there are, where the protocol names them."""
    centres = known.result.centres
    if centres is None:
        return known.open
    return known.say(
        "partly",
        "centres",
        section("centres"),
        table("centres"),
        n=centres.table.height,
        by=known.label(centres.by),
    )


def setting_and_dates(known: Known) -> Filled:
    """Both, in one item."""
    said = [each for each in (setting(known), dates(known)) if each.status != "authors"]
    if not said:
        return known.open
    places = tuple(dict.fromkeys(place for each in said for place in each.places))
    return known.filled("partly", [each.text for each in said], *places)


def eligibility(known: Known) -> Filled:
    """The criteria in their order, and how many rows met them."""
    words, steps = known.words, known.flow.steps
    places = (section("participants"), figure("flow"))
    if not any(step.kind in ("include", "exclude") for step in steps):
        return known.say("partly", "no_criteria", *places, n=known.flow.n_read)
    parts = [
        words(f"fill.{kind}", reasons=_reasons(steps, kind))
        for kind in _CRITERIA
        if any(step.kind == kind for step in steps)
    ]
    met = known.flow.n_read - sum(step.removed for step in steps if step.kind in _ELIGIBILITY)
    parts.append(words("fill.eligible", n_read=known.flow.n_read, n=met))
    return known.filled("reported", parts, *places)


def eligibility_and_setting(known: Known) -> Filled:
    """Both, in one item."""
    criteria, centres = eligibility(known), setting(known)
    open_one = centres.status == "authors"
    told = known.words("fill.setting_authors") if open_one else centres.text
    return known.filled("partly", [criteria.text, told], *criteria.places, *centres.places)


_CRITERIA: tuple[StepKind, ...] = ("include", "exclude")
_ELIGIBILITY = (*_CRITERIA, "undetermined")


def _reasons(steps: Sequence[FlowStep], kind: StepKind) -> str:
    return "; ".join(step.reason for step in steps if step.kind == kind)


def preparation(known: Known) -> Filled:
    """What the protocol did with the data before any analysis."""
    protocol, variables = known.protocol, known.protocol.variables.values()
    return known.say(
        "partly",
        "preparation",
        section("findings"),
        file("findings.csv"),
        derived=sum(each.derive is not None for each in variables),
        limits=sum(each.plausible is not None for each in variables),
        rules=len(protocol.consistency),
    )


def outcome(known: Known) -> Filled:
    """The rule, its time point and the horizons."""
    facts, words, asked = known.facts, known.words, known.protocol.outcome
    defined = asked.definition
    more = [] if defined is None else [sentence(defined.text(words.language))]
    if isinstance(asked, TimeToEventOutcome):
        times = words.listed([f"{each:g}" for each in asked.horizons])
        unit = words.duration(asked.time_unit)
        more.append(words("fill.horizons", times=times, unit=unit))
        if asked.competing is not None:
            more.append(words("fill.competing", rule=asked.competing))
    return known.say(
        "partly",
        "outcome",
        section("participants"),
        section("statistical_methods"),
        outcome=facts.outcome_label,
        rule=facts.event_rule,
        time_point=facts.time_point,
        more=words.joined(more),
    )


def candidates(known: Known) -> Filled:
    """Which candidates there were, and how they became predictors."""
    names = known.result.candidates.variables
    return known.say(
        "partly",
        "candidates",
        section("statistical_methods"),
        table("univariable"),
        n=len(names),
        parameters=known.parameters,
        names=known.labels(names),
        chosen=_chosen(known),
    )


def _chosen(known: Known) -> str:
    """How the predictors were chosen; a penalty keeps some of all."""
    penalised = known.result.penalised
    if penalised is not None:
        return known.words("fill.chosen_penalised", kept=penalised.n_kept)
    return known.selection


def definitions(known: Known) -> Filled:
    """How far the protocol defines the candidates."""
    predictors = known.result.candidates.predictors
    return known.say(
        "partly",
        "definitions",
        table("comparison"),
        file("model.json"),
        n=len(predictors),
        defined=sum(bool(each.definition) for each in predictors),
    )


def readers(known: Known) -> Filled:
    """Agreement of two readers, where it was measured."""
    read = known.result.agreement
    if not read:
        return known.open
    return known.say(
        "partly",
        "readers",
        section("agreement"),
        table("agreement_categorical"),
        table("agreement_continuous"),
        variables=known.words.listed([each.label for each in read]),
    )


def measurement(known: Known) -> Filled:
    """How predictors were measured, with the readers' agreement."""
    defined, read = definitions(known), readers(known)
    if read.status == "authors":
        return defined
    return known.filled("partly", [defined.text, read.text], *defined.places, *read.places)
