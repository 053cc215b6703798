"""Inputs of a model from what a client fetched of the record beforehand.

What cannot be read is no error here: the input is asked for on the card. Only resources of
another patient are, for a card about the wrong patient is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from vertebrisk._types import Json
from vertebrisk.bedside.cds_hooks.descriptions import PATIENT, input_keys
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.elements import Element, child, children, text_of
from vertebrisk.bedside.fhir.observations import (
    LEFT_OUT,
    UNSETTLED,
    Codebook,
    Found,
    Inputs,
    found_in,
    take_newest,
)
from vertebrisk.bedside.fhir.outcome import UnreadableResource
from vertebrisk.bedside.fhir.people import take_from_patient

BIRTH = ".birthDate"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader must know of an input: a key of the texts, and the input's name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Prefetched:
    """One patient as the record has it.

    Attributes
    ----------
    values : mapping
        By input; numbers in the unit of the model, levels by their names.
    dates : mapping
        By input, the day of its Observation in UTC, where it has one.
    unusable : tuple of str
        Inputs of which the record has something that cannot be read.
    remarks : tuple of Remark
    others : tuple of str
        Keys with resources of another patient.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)
    unusable: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    others: tuple[str, ...] = ()


def read_prefetch(
    named: NamedModel, prefetch: Mapping[str, Json | None], patient_id: str, now: datetime
) -> Prefetched:
    """Inputs of a patient.

    Parameters
    ----------
    named : NamedModel
    prefetch : mapping
        Resources by the keys of `prefetch_templates`; keys of others are not read.
    patient_id : str
        Id of the patient in view.
    now : datetime
        Time of the request, aware of its zone.
    """
    codebook = Codebook(named)
    found: list[Found] = []
    unusable: list[str] = []
    others: list[str] = []
    for key, name in input_keys(named).items():
        try:
            for resource, where in _observations(prefetch.get(key) or {}, key):
                if _of_another(resource, patient_id, where):
                    others.append(key)
                found += found_in(codebook, resource, where, "")
        except UnreadableResource:
            unusable.append(name)
    inputs = Inputs()
    take_newest(found, inputs)
    patient = prefetch.get(PATIENT) or {}
    if patient.get("resourceType") == "Patient":
        if patient.get("id", patient_id) != patient_id:
            others.append(PATIENT)
        take_from_patient(codebook, patient, PATIENT, None, now.astimezone(UTC).date(), inputs)
    chosen = [each for each in found if inputs.places.get(each.coded.item.name) == each.where]
    unusable += [name for name in inputs.places if name not in inputs.values]
    return Prefetched(
        values=dict(inputs.values),
        dates={each.coded.item.name: each.when[0].date() for each in chosen if each.when},
        unusable=tuple(dict.fromkeys(unusable)),
        remarks=tuple(_remarks(found, chosen, inputs)),
        others=tuple(dict.fromkeys(others)),
    )


def _observations(resource: Element, key: str) -> Iterator[tuple[Element, str]]:
    """Observations of a search, or the one that was sent itself."""
    entries = [(resource, key)]
    if resource.get("resourceType") == "Bundle":
        entries = [
            (child(entry, "resource", where), where)
            for entry, where in children(resource, "entry", key)
        ]
    for each, where in entries:
        if each.get("resourceType") == "Observation":
            yield each, where


def _of_another(observation: Element, patient_id: str, where: str) -> bool:
    """Whether an Observation says that it is of another patient than the one in view."""
    subject = child(observation, "subject", where)
    reference = text_of(subject, "reference", f"{where}.subject").partition("/_history/")[0]
    kind, _, identity = reference.rpartition("/")
    return bool(reference) and (identity != patient_id or not f"/{kind}".endswith("/Patient"))


def _remarks(found: list[Found], chosen: list[Found], inputs: Inputs) -> Iterator[Remark]:
    for name, place in inputs.places.items():
        if place.endswith(BIRTH) and name in inputs.values:
            yield Remark("age_from_birth", name)
    for each in chosen:
        if each.status in UNSETTLED:
            yield Remark("not_final", each.coded.item.name)
    left = (each.coded.item.name for each in found if each.status in LEFT_OUT)
    for name in dict.fromkeys(left):
        yield Remark("left_out", name)
