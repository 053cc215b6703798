"""Patients of a request in FHIR: the inputs of each, and what each was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vertebrisk._types import Json
from vertebrisk.bedside.fhir.answers import CONTAINED, questionnaire_response
from vertebrisk.bedside.fhir.assessment import NOBODY, Grounds, NamedModel
from vertebrisk.bedside.fhir.elements import (
    Element,
    child,
    children,
    given_reference,
    own_reference,
    refuse,
    text_of,
)
from vertebrisk.bedside.fhir.items import averages, items_of
from vertebrisk.bedside.fhir.observations import (
    Codebook,
    Found,
    Inputs,
    found_in,
    take_newest,
    wanted,
)
from vertebrisk.bedside.fhir.outcome import Issue, UnreadableResource
from vertebrisk.bedside.fhir.people import take_from_patient
from vertebrisk.bedside.fhir.responses import take_answers

Entry = tuple[Element, str, str]  # the resource, its FHIRPath, its address
READ = ("Patient", "Observation", "QuestionnaireResponse")
NOT_PATIENTS = ("Device/", "Location/", "Group/")


@dataclass(frozen=True, slots=True)
class ReadPatient:
    """One patient: values by input, the FHIRPath of each, and what the risk rests on."""

    values: Mapping[str, object]
    places: Mapping[str, str]
    where: str
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """The patients of a request; `horizon` is as it stands there, None where it does not."""

    patients: tuple[ReadPatient, ...]
    horizon: object = None
    horizon_place: str = ""


@dataclass(slots=True)
class _Person:
    """What the request has of one subject, before it is read."""

    subject: Json | None
    where: str
    patient: Entry | None = None
    found: list[Found] = field(default_factory=list)
    responses: list[Entry] = field(default_factory=list)


def read_patients(named: NamedModel, document: object, now: datetime) -> ReadRequest:
    """The patients of a QuestionnaireResponse, of a Bundle, or of Parameters around one.

    A Bundle holds Observations, or QuestionnaireResponses, and Patients; each subject is a
    patient. Other resources in it, and Observations of other codes, are left out.

    Parameters
    ----------
    named : NamedModel
    document : object
        The resource as JSON.
    now : datetime
        Time of the request, aware of its zone; age is that of its date in UTC.

    Returns
    -------
    ReadRequest
        Numbers in the unit of the model and levels by their names. What is missing is not in
        `values`, and left to who scores.

    Raises
    ------
    UnreadableResource
        With every element that cannot be read.
    """
    if not isinstance(document, dict):
        raise refuse("A FHIR resource is an object.", "")
    kind = text_of(document, "resourceType", "")
    if kind == "Parameters":
        return _of_parameters(named, document, now)
    return ReadRequest(_patients(named, document, kind, now))


def missing_inputs(named: NamedModel, patients: Sequence[ReadPatient]) -> list[Issue]:
    """Every input that a patient lacks, with the codes by which it is wanted.

    An input that is made of others is not missing where all of them are there. A model that
    averages over missing inputs lacks none if it has one; what is there and cannot be used is
    not missing.
    """
    items = [each for each in items_of(named) if each.needed]
    unusable = [
        Issue(
            "value",
            f"'{item.name}' is there and cannot be used; correct it, or leave it out.",
            patient.places[item.name],
        )
        for patient in patients
        for item in items
        if averages(named, item) and item.name in patient.places and item.name not in patient.values
    ]
    return unusable + [
        Issue(
            "required",
            f"'{item.name}' is missing; the model needs it and assumes nothing. "
            f"{wanted(named, item)}",
            patient.where,
        )
        for patient in patients
        for item in items
        if item.name not in patient.places
        and not (item.parts and all(part in patient.values for part in item.parts))
        and not (averages(named, item) and _any_known(named, patient))
    ]


def _any_known(named: NamedModel, patient: ReadPatient) -> bool:
    """Whether something is known that a model can average the rest by."""
    return any(name not in named.model.strata for name in patient.values)


def _of_parameters(named: NamedModel, document: Element, now: datetime) -> ReadRequest:
    patients: tuple[ReadPatient, ...] | None = None
    horizon, place = None, ""
    for each, where in children(document, "parameter", "Parameters"):
        name = text_of(each, "name", where)
        if name == "input" and patients is None:
            inner = child(each, "resource", where)
            kind = text_of(inner, "resourceType", where)
            patients = _patients(named, inner, kind, now, f"{where}.resource")
        elif name == "horizon" and horizon is None:
            place = f"{where}.value"
            horizon = each.get("valueDecimal", each.get("valueInteger"))
            if horizon is None:
                raise refuse(
                    "'horizon' is a valueDecimal in the unit of the model.", place, "value"
                )
        else:
            raise refuse(
                "Parameters are one 'input', a resource, and one 'horizon' if need be.",
                f"{where}.name",
                "not-supported",
            )
    if patients is None:
        raise refuse("The parameter 'input' is missing: the resource to read.", "Parameters")
    return ReadRequest(patients, horizon, place)


def _patients(
    named: NamedModel, document: Element, kind: str, now: datetime, where: str = ""
) -> tuple[ReadPatient, ...]:
    if kind not in ("QuestionnaireResponse", "Bundle"):
        raise refuse(
            "A QuestionnaireResponse, a Bundle, or Parameters with one of them is read here.",
            f"{where}.resourceType",
            "not-supported",
        )
    where = where or kind
    entries = list(_entries(document, where)) if kind == "Bundle" else [(document, where, "")]
    codebook = Codebook(named)
    issues: list[Issue] = []
    people = _people(codebook, entries, where, issues)
    read = [_read(codebook, named, each, now, issues) for each in people]
    if issues:
        raise UnreadableResource([*issues, *missing_inputs(named, read)])
    return tuple(read)


def _entries(bundle: Element, where: str) -> Iterator[Entry]:
    for entry, inside in children(bundle, "entry", where):
        resource = child(entry, "resource", inside)
        if text_of(resource, "resourceType", f"{inside}.resource") in READ:
            yield resource, f"{inside}.resource", text_of(entry, "fullUrl", inside)


def _people(
    codebook: Codebook, entries: list[Entry], where: str, issues: list[Issue]
) -> list[_Person]:
    """What belongs to each subject, in the order of the request."""
    people: dict[Any, _Person] = {}
    names: dict[str, Any] = {}  # of Patients, by every reference to them
    for resource, inside, url in entries:
        if resource["resourceType"] == "Patient":
            own = own_reference("Patient", resource, url)
            key = ("entry", inside)
            people[key] = _Person(own, inside, (resource, inside, url))
            for name in _addresses(resource, url):
                names.setdefault(name, key)
    loose: list[tuple[Entry, list[Found]]] = []
    for entry in entries:
        resource, inside, url = entry
        if resource["resourceType"] == "Patient":
            continue
        try:
            found = (
                list(found_in(codebook, resource, inside, url))
                if resource["resourceType"] == "Observation"
                else []
            )
            if resource["resourceType"] == "Observation" and not found:
                continue
            key, subject = _subject(resource, inside, names)
        except UnreadableResource as error:
            issues += error.issues
            continue
        if key is None:
            loose.append((entry, found))
        else:
            _add(people.setdefault(key, _Person(subject, inside)), entry, found)
    _place_loose(people, loose, where, issues)
    return list(people.values()) or [_Person(None, where)]


def _place_loose(
    people: dict[Any, _Person],
    loose: list[tuple[Entry, list[Found]]],
    where: str,
    issues: list[Issue],
) -> None:
    """Resources without a subject: of the one patient there is, or of one who is not named."""
    if len(people) > 1:
        issues += [
            Issue("required", "It has no subject, and there are several patients.", entry[1])
            for entry, _ in loose
        ]
        return
    for entry, found in loose:
        person = next(iter(people.values()), None)
        if person is None:
            person = people.setdefault(None, _Person(None, where))
        _add(person, entry, found)


def _add(person: _Person, entry: Entry, found: list[Found]) -> None:
    person.found += found
    if entry[0]["resourceType"] == "QuestionnaireResponse":
        person.responses.append(entry)


def _addresses(patient: Element, url: str) -> Iterator[str]:
    if url:
        yield url
    own = own_reference("Patient", patient, "")
    if own is not None:
        yield str(own["reference"])


def _subject(resource: Element, where: str, names: Mapping[str, Any]) -> tuple[Any, Json | None]:
    """Whose a resource is: a key that is the same for the same subject, and the reference."""
    inside = f"{where}.subject"
    element = child(resource, "subject", where)
    reference = text_of(element, "reference", inside).strip()
    if reference.startswith("#") and resource["resourceType"] == "Observation":
        raise refuse(
            "The subject lies inside the Observation; send the Patient as an entry.",
            f"{inside}.reference",
            "not-supported",
        )
    if reference.startswith(NOT_PATIENTS):
        raise refuse("The subject is no patient.", f"{inside}.reference", "not-supported")
    given = given_reference(element, inside)
    if given is None:
        return None, None
    key = names.get(reference)
    if key is None and "reference" not in given and "identifier" in given:
        key = ("identifier", *sorted(given["identifier"].items()))
    return key or ("given", *sorted((name, str(part)) for name, part in given.items())), given


def _read(
    codebook: Codebook, named: NamedModel, person: _Person, now: datetime, issues: list[Issue]
) -> ReadPatient:
    inputs = Inputs()
    try:
        _take_responses(codebook, named, person, inputs)
    except UnreadableResource as error:
        inputs.issues += error.issues
    take_newest(person.found, inputs)
    if person.patient is not None:
        resource, where, url = person.patient
        own = own_reference("Patient", resource, url)
        take_from_patient(codebook, resource, where, own, now.astimezone(UTC).date(), inputs)
    issues += inputs.issues
    return ReadPatient(
        dict(inputs.values), dict(inputs.places), person.where, _grounds(named, person, inputs, now)
    )


def _take_responses(codebook: Codebook, named: NamedModel, person: _Person, inputs: Inputs) -> None:
    if len(person.responses) > 1 or (person.responses and person.found):
        raise refuse(
            "One QuestionnaireResponse of a patient is read, or Observations, not both.",
            person.responses[-1][1],
            "conflict",
        )
    for resource, where, url in person.responses:
        own = own_reference("QuestionnaireResponse", resource, url)
        take_answers(codebook, named, resource, where, own, inputs)


def _grounds(named: NamedModel, person: _Person, inputs: Inputs, now: datetime) -> Grounds:
    """References to what was read; where something has none, the inputs go along."""
    basis, contained = list(inputs.basis), []
    if inputs.unnamed or not basis:
        response = questionnaire_response(named, inputs.values, now)
        contained = [{**response, "id": CONTAINED}]
        basis.append({"reference": f"#{CONTAINED}"})
    return Grounds(
        subject=dict(person.subject or NOBODY),
        basis=basis,
        contained=contained,
        remarks=tuple(inputs.remarks),
        preliminary=inputs.preliminary,
    )
