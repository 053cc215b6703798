"""Cards: the risk of the patient in view, or what is missing for it.

Every card has the indicator ``info``. A model gives a risk and not a threshold from which
something must be done, so it cannot know what is urgent; a card that cries ``warning`` or
``critical`` by a limit that nobody validated teaches its readers to dismiss it.

References
----------
CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/ (Card Attributes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import uuid4

from vertebrisk._types import Json
from vertebrisk.bedside.cds_hooks.wording import Wording, escaped, length, plain, shortened
from vertebrisk.bedside.fhir.assessment import NamedModel, Predicted
from vertebrisk.models.portable.risk_model import RiskModel

INDICATOR = "info"
SUMMARY = 139  # characters; the specification says fewer than 140
SOURCE = 120
SHORTEST_LABEL = 24
EXTRAPOLATION = "extrapolation: "
_DOI = re.compile(r"\bdoi:\s*(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One input as the card shows it: its label, its value with the unit, and since when."""

    label: str
    value: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What goes with a card whatever it says.

    Attributes
    ----------
    inputs : sequence of Shown
        What was read of the record.
    cautions : sequence of str
        What a reader must not overlook of the model.
    remarks : sequence of str
        And of the record.
    link : str
        Address of the calculator, "" where there is none.
    """

    inputs: Sequence[Shown] = ()
    cautions: Sequence[str] = ()
    remarks: Sequence[str] = ()
    link: str = ""


def risk_card(
    named: NamedModel, words: Wording, predicted: Sequence[Predicted], told: Told
) -> Json:
    """The card of a patient whose risk is known.

    Parameters
    ----------
    named : NamedModel
    words : Wording
    predicted : sequence of Predicted
        One for each horizon, or the one of a model with a time point.
    told : Told
    """
    model = named.model.in_language(words.language)
    detail = [
        *(_risk_lines(model, each, words) for each in predicted),
        _average_line(model, predicted[0], words),
        _inputs(told, words),
        _listed(words("cautions"), [*_flagged(named, predicted, words), *told.cautions]),
        _listed(words("remarks"), told.remarks),
        _foot(named, words),
    ]
    return _card(
        named, words, _risk_summary(model, predicted[0], words), detail, told, "calculator"
    )


def asking_card(
    named: NamedModel,
    words: Wording,
    missing: Sequence[str],
    unusable: Sequence[str],
    told: Told,
) -> Json:
    """The card of a patient of whom the record lacks something.

    Parameters
    ----------
    named : NamedModel
    words : Wording
    missing, unusable : sequence of str
        Labels of inputs that the record does not have, and of those where it has what cannot
        be read.
    told : Told
    """
    model = named.model.in_language(words.language)
    wanted = [*missing, *unusable]
    if len(wanted) == 1:
        label = shortened(wanted[0], SHORTEST_LABEL * 2)
        summary = _summary(words, "missing_one", words.outcome(model), label=label)
    else:
        summary = _summary(words, "missing", words.outcome(model), count=len(wanted))
    told_unusable = [words("unusable", label=escaped(each)) for each in unusable]
    detail = [
        _listed(words("missing_lead"), [*map(escaped, missing), *told_unusable]),
        _inputs(told, words),
        _listed(words("remarks"), told.remarks),
        _foot(named, words),
    ]
    return _card(named, words, summary, detail, told, "calculator_some")


def no_risk_card(named: NamedModel, words: Wording, told: Told) -> Json:
    """The card of a patient for whom the model has no value."""
    model = named.model.in_language(words.language)
    detail = [
        words("outside_domain_lead"),
        _inputs(told, words),
        _listed(words("remarks"), told.remarks),
        _foot(named, words),
    ]
    summary = _summary(words, "outside_domain", words.outcome(model))
    return _card(named, words, summary, detail, told, "calculator")


def _card(
    named: NamedModel,
    words: Wording,
    summary: str,
    detail: Iterable[str],
    told: Told,
    link: str,
) -> Json:
    card: Json = {
        "uuid": str(uuid4()),
        "summary": summary,
        "detail": "\n\n".join(part for part in detail if part),
        "indicator": INDICATOR,
        "source": _source(named, words),
    }
    if told.link:
        card["links"] = [{"label": words(link), "url": told.link, "type": "absolute"}]
    return card


def _source(named: NamedModel, words: Wording) -> Json:
    """The study, and its DOI where it has one."""
    title = plain(named.model.provenance.title)
    found = _DOI.search(title)
    label = _DOI.sub("", title).strip() or words("source", id=named.id)
    source = {"label": shortened(label, SOURCE)}
    if found:
        source["url"] = f"https://doi.org/{quote(found[1].rstrip('.,;)'), safe='/:;()._-')}"
    return source


def _risk_summary(model: RiskModel, predicted: Predicted, words: Wording) -> str:
    """Risk, interval and average in as few digits as tell them apart from nothing."""
    decimals = 0 if 0.1 <= predicted.risk <= 0.9 else 1
    risk = words.percent(predicted.risk, decimals)
    if predicted.conf_low is not None and predicted.conf_high is not None:
        low, high = (words.percent(e, decimals) for e in (predicted.conf_low, predicted.conf_high))
        risk += words("summary.interval", low=low, high=high)
    average = _average(model, predicted)
    if average is not None:
        risk += words("summary.average", average=words.percent(average, decimals))
    return _summary(words, "summary", _outcome(model, predicted, words), risk=risk)


def _summary(words: Wording, key: str, outcome: str, **values: object) -> str:
    """One sentence; of an outcome that is too long for it, the beginning."""
    rest = length(words(key, outcome="", **values))
    return words(key, outcome=shortened(outcome, SUMMARY - rest), **values)


def _outcome(model: RiskModel, predicted: Predicted, words: Wording) -> str:
    """What is predicted, and by when."""
    if predicted.horizon is None:
        return words.outcome(model)
    time = words.duration(predicted.horizon, model.time_unit)
    return words("within", outcome=words.outcome(model), time=time)


def _average(model: RiskModel, predicted: Predicted) -> float | None:
    """Average risk of the patients; None where the study has none that holds."""
    known = dict(zip(model.horizons, model.average_risks, strict=False))
    if predicted.horizon in known:
        return known[predicted.horizon]
    population = model.population
    if population.prevalence is not None:
        return population.prevalence
    if model.kind != "logistic" or population.design == "case-control" or not population.n:
        return None
    return population.n_events / population.n


def _risk_lines(model: RiskModel, predicted: Predicted, words: Wording) -> str:
    outcome = escaped(_outcome(model, predicted, words))
    lines = [words("risk", risk=escaped(words.percent(predicted.risk)), outcome=outcome)]
    if predicted.conf_low is not None and predicted.conf_high is not None:
        low, high = (escaped(words.percent(e)) for e in (predicted.conf_low, predicted.conf_high))
        lines.append(
            words("interval_averaged" if predicted.averaged else "interval", low=low, high=high)
        )
    elif model.interval_kind != "none":
        lines.append(words("no_interval_here"))
    return words.joined(lines)


def _average_line(model: RiskModel, predicted: Predicted, words: Wording) -> str:
    average = _average(model, predicted)
    if average is None:
        return ""
    share = escaped(words.percent(average))
    population = model.population
    if predicted.horizon is not None:
        time = escaped(words.duration(predicted.horizon, model.time_unit))
        return words("average_by", average=share, time=time)
    if population.prevalence is not None:
        return words("average_prevalence", average=share)
    return words("average", average=share, events=population.n_events, n=population.n)


def _inputs(told: Told, words: Wording) -> str:
    lines = []
    for each in told.inputs:
        line = words("input", label=escaped(each.label), value=escaped(each.value))
        lines.append(line + (words("since", date=each.since) if each.since else ""))
    return _listed(words("inputs"), lines)


def _flagged(named: NamedModel, predicted: Sequence[Predicted], words: Wording) -> list[str]:
    """Of the inputs: what lies outside the study, and what cannot be together."""
    model = named.model.in_language(words.language)
    labels = {each.name: each.label or each.name for each in model.design.predictors}
    rules = zip(named.model.consistency, model.consistency, strict=True)
    reasons = {plainly.flag: rule.reason for plainly, rule in rules}
    lines = [
        words("averaged", label=escaped(labels.get(name, name))) for name in predicted[0].averaged
    ]
    for flag in predicted[0].flags:
        name = flag.removeprefix(EXTRAPOLATION)
        if flag in reasons:
            lines.append(words("impossible", reason=escaped(reasons[flag])))
        elif name in labels:
            lines.append(words("extrapolation", label=escaped(labels[name])))
    return lines


def _foot(named: NamedModel, words: Wording) -> str:
    """When the model may be used, which it is, and that it decides nothing."""
    use_at = named.model.provenance.use_at
    return words.joined(
        [
            words(f"use_at.{use_at}") if use_at else "",
            words("model", id=escaped(named.id), version=named.version),
            words("research"),
        ]
    )


def _listed(lead: str, lines: Sequence[str]) -> str:
    """A list under its lead; nothing where it is empty."""
    return "\n".join([lead, "", *(f"- {each}" for each in lines)]) if lines else ""
