"""A risk as a RiskAssessment.

Probabilities are per cent: in FHIR R4 a decimal of ``RiskAssessment.prediction.probability[x]``
is "expressed as percentages as well (max = 100)", and its invariant ras-2 is "Must be <= 100".

References
----------
https://hl7.org/fhir/R4/riskassessment-definitions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from vertebrisk._checks import listed
from vertebrisk._types import DataKind, Json
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.times import instant, later
from vertebrisk.models.portable.flagging import AVERAGED
from vertebrisk.models.portable.risk_model import RiskModel

LEVEL = 95.0  # per cent, of the interval
NOBODY: Json = {
    "type": "Patient",
    "display": "The patient of the request, which names nobody",
}
_DATA: dict[DataKind, str] = {
    "real": "",
    "reconstructed": "Made from reconstructed patients, which agree with the tables of a paper; "
    "they are nobody's records. ",
    "simulated": "Made from simulated patients: an illustration, not evidence. ",
}
_INTERVAL = {
    "model-based": "from the covariance of the coefficients",
    "procedure-bootstrap": "from repeating the whole development of the model on resampled "
    "patients",
}


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model with the id and version under which it is known."""

    id: str
    version: str
    model: RiskModel

    @property
    def outcome(self) -> str:
        """What is predicted, for people."""
        return self.model.outcome.label or self.model.outcome.name

    @property
    def title(self) -> str:
        """The model's name for people."""
        return self.model.provenance.title or f"{self.outcome}, {self.id}"


@dataclass(frozen=True, slots=True)
class Predicted:
    """One risk: a row of `RiskModel.predict`, and the horizon it was asked for."""

    risk: float
    conf_low: float | None
    conf_high: float | None
    flags: tuple[str, ...] = ()
    horizon: float | None = None

    @property
    def averaged(self) -> tuple[str, ...]:
        """Names of the missing inputs that the risk was averaged over."""
        found = (each for each in self.flags if each.startswith(AVERAGED))
        return tuple(each.removeprefix(AVERAGED) for each in found)


@dataclass(frozen=True, slots=True)
class Grounds:
    """Whose risk it is and what it was read from.

    Attributes
    ----------
    subject : Reference
        As the request has it; without one, a reference that names nobody, since
        RiskAssessment.subject is 1..1.
    basis : sequence of Reference
    contained : sequence of resources
        Those that `basis` refers to inside the assessment.
    remarks : sequence of str
        What the reader must know of the inputs.
    preliminary : bool
        Some input was not final.
    """

    subject: Json = field(default_factory=lambda: dict(NOBODY))
    basis: Sequence[Json] = ()
    contained: Sequence[Json] = ()
    remarks: Sequence[str] = ()
    preliminary: bool = False


def risk_assessment(
    named: NamedModel, predicted: Sequence[Predicted], grounds: Grounds, now: datetime
) -> Json:
    """One patient's risks as a RiskAssessment, R4.

    Parameters
    ----------
    named : NamedModel
    predicted : sequence of Predicted
        One for each horizon, or the one of a model with a time point.
    grounds : Grounds
    now : datetime
        Time of the assessment, aware of its zone.

    Returns
    -------
    Json
        `status` is final, or preliminary where an input was not final; an extrapolation is
        told in `rationale` instead, for the risk will not be another one later.
        `probabilityDecimal` is 100 times the risk. The interval has no place in R4: it is
        told in `rationale` and, for programs, in the extension ``urn:vertebrisk:fhir:interval``.
        `whenPeriod` counts from `now`, since R4's `whenRange` is of the subject's age.
    """
    document: Json = {
        "resourceType": "RiskAssessment",
        "language": "en",
        "text": _narrative(named, predicted),
        "contained": list(grounds.contained),
        "status": "preliminary" if grounds.preliminary else "final",
        "method": method(named),
        "code": terms.concept(f"Risk: {named.outcome}"),
        "subject": dict(grounds.subject),
        "occurrenceDateTime": instant(now),
        "basis": list(grounds.basis),
        "prediction": [_prediction(named, each, now) for each in predicted],
        "note": [{"text": text} for text in (*grounds.remarks, *_notes(named))],
    }
    return {name: value for name, value in document.items() if value != []}


def method(named: NamedModel) -> Json:
    """How the risk was found: the model by id and version."""
    version = named.version
    return terms.concept(
        f"{named.title} (vertebrisk model {named.id}, version {version})",
        [terms.coding(terms.MODELS, named.id, named.title, version)],
    )


def _prediction(named: NamedModel, each: Predicted, now: datetime) -> Json:
    model = named.model
    until = _until(model, each.horizon)
    period = _period(until, now)
    counted = "" if period is None else " whenPeriod counts from the time of this assessment."
    document: Json = {
        "extension": [*_interval(model, each), *_horizon(until)],
        "outcome": _outcome(named, each.horizon),
        "probabilityDecimal": 100.0 * each.risk,
        "whenPeriod": period,
        "rationale": _rationale(model, each) + counted,
    }
    return {name: value for name, value in document.items() if value not in ([], None)}


def _outcome(named: NamedModel, horizon: float | None) -> Json:
    outcome = named.model.outcome
    point = outcome.time_point if horizon is None else ""
    more = "; ".join(part for part in (outcome.definition or outcome.event, point) if part)
    text = f"{named.outcome} ({more})" if more else named.outcome
    code = terms.as_code(outcome.name)
    own = terms.coding(terms.outcome_system(named.id), code, named.outcome)
    return terms.concept(text, [own])


def _until(model: RiskModel, horizon: float | None) -> Json | None:
    """The horizon as a Quantity; or the time point, where it is one."""
    if horizon is None:
        return terms.time_point(model.outcome.time_point)
    return terms.time_quantity(horizon, model.time_unit)


def _horizon(until: Json | None) -> list[Json]:
    return [] if until is None else [{"url": terms.HORIZON, "valueQuantity": until}]


def _period(until: Json | None, now: datetime) -> Json | None:
    """From the assessment to the horizon; None where that is no time of the calendar."""
    end = None if until is None else later(now, until["value"], until.get("code", ""))
    return None if end is None else {"start": instant(now), "end": instant(end)}


def _interval(model: RiskModel, each: Predicted) -> list[Json]:
    if each.conf_low is None or each.conf_high is None:
        return []
    parts: list[Json] = [
        {"url": "kind", "valueCode": model.interval_kind},
        {"url": "level", "valueDecimal": LEVEL},
        {"url": "low", "valueDecimal": 100.0 * each.conf_low},
        {"url": "high", "valueDecimal": 100.0 * each.conf_high},
    ]
    return [{"url": terms.INTERVAL, "extension": parts}]


def _rationale(model: RiskModel, each: Predicted) -> str:
    told = [_told_interval(model, each)]
    if each.averaged:
        told.append(f"Averaged over {listed(each.averaged)}, which the request does not have.")
    if each.horizon is not None:
        when = f"{each.horizon:g} {model.time_unit}".strip()
        told.insert(0, f"Risk by {when} from the start of follow-up.")
    if each.flags:
        told.append(f"Flags: {'; '.join(each.flags)}.")
    return " ".join(told)


def _told_interval(model: RiskModel, each: Predicted) -> str:
    if each.conf_low is None or each.conf_high is None:
        if model.interval_kind == "none":
            return "No interval: the source of the model gives no covariance of its coefficients."
        return "No interval can be given here."
    unknown = " and over what is not known of this one" if each.averaged else ""
    return (
        f"95% interval {percent(each.conf_low)} to {percent(each.conf_high)}: of the average "
        f"risk of patients like this one{unknown}, {_INTERVAL[model.interval_kind]}; it is not "
        "the range of one patient's fate."
    )


def percent(share: float) -> str:
    """A share for people."""
    return f"{100.0 * share:.1f}%"


def _notes(named: NamedModel) -> list[str]:
    model = named.model
    people = model.population
    about = f" {people.description.rstrip('.')}." if people.description else ""
    return [
        "For research use: it supports decisions and does not make them.",
        f"{_DATA[people.data_kind]}Made from {people.n} patients, {people.n_events} with the "
        f"event.{about}",
        *(each.told("en") for each in model.provenance.lineage),
        f"{model.provenance.software}; model {named.id}, version {named.version}.",
    ]


def _narrative(named: NamedModel, predicted: Sequence[Predicted]) -> Json:
    """The assessment for people who see nothing else of it; it tells no input."""
    lines = []
    for each in predicted:
        when = "" if each.horizon is None else f" by {each.horizon:g} {named.model.time_unit}"
        lines.append(f"{named.outcome}{when.rstrip()}: {percent(each.risk)}.")
        lines.append(_rationale(named.model, each))
    lines.append(f"{named.title}, version {named.version}. For research use.")
    printable = ("".join(filter(str.isprintable, line)) for line in lines)
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in printable)
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>',
    }
