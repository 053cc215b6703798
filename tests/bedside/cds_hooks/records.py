"""What a hospital's record sends of an invented patient: a request of the hook patient-view."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from vertebrisk.bedside.cds_hooks.descriptions import input_keys
from vertebrisk.bedside.fhir import terms
from vertebrisk.bedside.fhir.assessment import NamedModel
from vertebrisk.bedside.fhir.items import Item, items_of, level_coding, own_coding

Resource = dict[str, Any]
NOW = datetime(2026, 5, 4, 6, 3, 2, tzinfo=UTC)
PATIENT_ID = "1288992"


def observation(named: NamedModel, item: Item, value: Any, **fields: Any) -> Resource:
    """An Observation of one input, in the code and unit of the model."""
    if item.levels:
        told: Resource = {
            "valueCodeableConcept": {"coding": [level_coding(named, item, str(value))]}
        }
    else:
        told = {"valueQuantity": terms.quantity(value, item.unit, item.ucum)}
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"coding": [own_coding(named, item)]},
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "effectiveDateTime": "2026-05-01T08:00:00Z",
        **told,
        **fields,
    }


def searchset(*resources: Resource) -> Resource:
    """What a search answers."""
    entries = [{"resource": each, "search": {"mode": "match"}} for each in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def prefetched(named: NamedModel, patient: Mapping[str, Any], **fields: Any) -> Resource:
    """Resources by key: of every input that the patient has, and an empty search of others."""
    items = {each.name: each for each in items_of(named)}
    found: Resource = {"patient": person()}
    for key, name in input_keys(named).items():
        value = patient.get(name)
        known = [] if value is None else [observation(named, items[name], value, **fields)]
        found[key] = searchset(*known)
    return found


def person(**fields: Any) -> Resource:
    """The Patient in view."""
    return {
        "resourceType": "Patient",
        "id": PATIENT_ID,
        "name": [{"family": "Lin", "given": ["Mei"]}],
        "gender": "female",
        "birthDate": "1951-02-03",
        **fields,
    }


def request(prefetch: Mapping[str, Any] | None, **fields: Any) -> Resource:
    """A whole request; a field that is None is left out."""
    found = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "https://ehr.example.org/fhir",
        "fhirAuthorization": {
            "access_token": "opaque",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/Observation.read",
            "subject": "vertebrisk",
        },
        "context": {"userId": "Practitioner/p7", "patientId": PATIENT_ID, "encounterId": "89284"},
        "prefetch": prefetch,
        **fields,
    }
    return {name: value for name, value in found.items() if value is not None}
