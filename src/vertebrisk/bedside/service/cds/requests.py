"""Requests of CDS Hooks, read strictly: what is asked of a service, and feedback on its cards.

Nothing that they name is fetched: `fhirServer` and `fhirAuthorization` are looked at for their
form and dropped.

References
----------
CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/ (Calling a CDS Service, Feedback).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vertebrisk._types import Json
from vertebrisk.bedside.cds_hooks.descriptions import HOOK
from vertebrisk.bedside.service.cds.schemas import (
    ACCEPTED,
    FHIR_ID,
    MAX_FEEDBACK,
    MOMENT,
    OVERRIDDEN,
    UUID,
)
from vertebrisk.bedside.service.inputs import kind_of
from vertebrisk.bedside.service.problems import FieldError, invalid, pointer_part

_UUID, _FHIR_ID, _MOMENT = (re.compile(each, re.ASCII) for each in (UUID, FHIR_ID, MOMENT))


@dataclass(frozen=True, slots=True)
class Call:
    """What one patient's card is made of: the patient's id in the record, and what was sent."""

    patient_id: str
    prefetch: Mapping[str, Json | None] | None


def read_call(body: object) -> Call:
    """A request of a service, hook ``patient-view``.

    Raises
    ------
    Problem
        422 with every field that is wrong.
    """
    errors: list[FieldError] = []
    found = _object(body, "", errors)
    hook = found.get("hook")
    if hook != HOOK:
        _wrong(errors, "/hook", f"The hook is not '{HOOK}', the only one that is answered here.")
    _text(found, "hookInstance", "", errors, _UUID, "a UUID")
    context = _object(found.get("context"), "/context", errors)
    _text(context, "userId", "/context", errors)
    patient_id = _text(context, "patientId", "/context", errors, _FHIR_ID, "the id of a Patient")
    if context.get("encounterId") is not None:
        _text(context, "encounterId", "/context", errors, _FHIR_ID, "the id of an Encounter")
    if found.get("fhirServer") is not None:
        _text(found, "fhirServer", "", errors)
    if found.get("fhirAuthorization") is not None:
        _object(found["fhirAuthorization"], "/fhirAuthorization", errors)
    prefetch = None
    if found.get("prefetch") is not None:
        prefetch = _object(found["prefetch"], "/prefetch", errors)
        for name, resource in prefetch.items():
            if resource is not None:
                _object(resource, f"/prefetch/{pointer_part(name)}", errors)
    if errors:
        raise invalid(errors)
    return Call(patient_id, prefetch)


def read_feedback(body: object) -> list[str]:
    """Outcomes of the cards of a feedback; whose they are, and why, is not kept.

    Raises
    ------
    Problem
        422 with every field that is wrong.
    """
    errors: list[FieldError] = []
    given = _object(body, "", errors).get("feedback")
    if not isinstance(given, list) or not 0 < len(given) <= MAX_FEEDBACK:
        _wrong(errors, "/feedback", f"'feedback' is a list of 1 to {MAX_FEEDBACK} cards' outcomes.")
        raise invalid(errors[-1:])
    outcomes = [_outcome(each, f"/feedback/{place}", errors) for place, each in enumerate(given)]
    if errors:
        raise invalid(errors)
    return outcomes


def _outcome(each: object, pointer: str, errors: list[FieldError]) -> str:
    found = _object(each, pointer, errors)
    if not found:
        _wrong(errors, pointer, "A card's outcome is an object with 'card' and 'outcome'.")
        return ""
    _text(found, "card", pointer, errors, _UUID, "the UUID of a card")
    _text(found, "outcomeTimestamp", pointer, errors, _MOMENT, "a time as RFC 3339 writes it")
    outcome = found.get("outcome")
    if outcome == ACCEPTED:
        _check_suggestions(found.get("acceptedSuggestions"), pointer, errors)
    elif outcome != OVERRIDDEN:
        _wrong(errors, f"{pointer}/outcome", f"'outcome' is '{ACCEPTED}' or '{OVERRIDDEN}'.")
    if found.get("overrideReason") is not None:
        _object(found["overrideReason"], f"{pointer}/overrideReason", errors)
    return str(outcome)


def _check_suggestions(given: object, pointer: str, errors: list[FieldError]) -> None:
    where = f"{pointer}/acceptedSuggestions"
    if not isinstance(given, list) or not given:
        _wrong(errors, where, "An accepted card lists the suggestions that were accepted.")
        return
    for place, each in enumerate(given):
        inside = f"{where}/{place}"
        _text(_object(each, inside, errors), "id", inside, errors)


def _object(value: object, pointer: str, errors: list[FieldError]) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    name = pointer.rpartition("/")[2] or "body"
    _wrong(errors, pointer, f"'{name}' is {kind_of(value)}; an object is needed.", "type")
    return {}


def _text(
    parent: Mapping[str, Any],
    name: str,
    pointer: str,
    errors: list[FieldError],
    form: re.Pattern[str] | None = None,
    what: str = "a text",
) -> str:
    value = parent.get(name)
    if isinstance(value, str) and value and (form is None or form.fullmatch(value)):
        return value
    _wrong(errors, f"{pointer}/{name}", f"'{name}' is not understood; {what} is needed.", "type")
    return ""


def _wrong(errors: list[FieldError], pointer: str, detail: str, code: str = "shape") -> None:
    errors.append(FieldError(pointer, code, detail))
