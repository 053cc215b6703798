"""Names of FHIR: systems of codes, addresses of extensions, and the shapes of small elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from vertebrisk._types import Json

MEDIA_TYPE = "application/fhir+json"
FHIR_VERSION = "4.0.1"

UCUM = "http://unitsofmeasure.org"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
GENDER = "http://hl7.org/fhir/administrative-gender"

# Ours. A name without a code of a terminology is coded in the system of its model.
MODELS = "urn:vertebrisk:models"
INTERVAL = "urn:vertebrisk:fhir:interval"
HORIZON = "urn:vertebrisk:fhir:horizon"
RANGE = "urn:vertebrisk:fhir:development-range"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"

_CODE = re.compile(r"\S+( \S+)*")
_UNITS: Mapping[str, str] = {
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("week", "weeks"), "wk"),
    **dict.fromkeys(("month", "months"), "mo"),
    **dict.fromkeys(("year", "years"), "a"),
}
_TIME_POINT = re.compile(r"(\d{1,4}(?:\.\d{1,4})?) ?([a-z]+)")


def inputs_system(identity: str) -> str:
    """System of the names of a model's inputs."""
    return f"urn:vertebrisk:model:{identity}:inputs"


def levels_system(identity: str) -> str:
    """System of the levels of a model's inputs: a code is `level_code`."""
    return f"urn:vertebrisk:model:{identity}:levels"


def outcome_system(identity: str) -> str:
    """System of the outcome that a model predicts."""
    return f"urn:vertebrisk:model:{identity}:outcome"


def questionnaire_url(identity: str) -> str:
    """Canonical address of the questionnaire of a model."""
    return f"urn:vertebrisk:model:{identity}:questionnaire"


def as_code(text: str) -> str:
    """A text as a FHIR code, which has no spaces around it and single ones within."""
    return text if _CODE.fullmatch(text) else quote(text) or "%"


def level_code(name: str, level: str) -> str:
    """Code of a level: unique in a model, so that no level is mistaken for another input's."""
    return f"{quote(name, safe='')}={quote(level, safe='')}"


def coding(system: str, code: str, display: str = "", version: str = "") -> Json:
    """A Coding."""
    return _filled({"system": system, "version": version, "code": code, "display": display})


def concept(text: str, codings: Iterable[Json] = ()) -> Json:
    """A CodeableConcept."""
    return _filled({"coding": list(codings), "text": text})


def quantity(value: float, unit: str, ucum: str) -> Json:
    """A Quantity; its code is left out where the unit is not known in UCUM."""
    coded = {"system": UCUM, "code": ucum} if ucum else {}
    return {"value": value, **_filled({"unit": unit}), **coded}


def time_quantity(value: float, unit: str) -> Json:
    """A time in the unit of a model."""
    return quantity(value, unit, _UNITS.get(unit.lower(), ""))


def time_point(text: str) -> Json | None:
    """The Quantity that a time point is ("1 month"); None where the text is not one alone."""
    found = _TIME_POINT.fullmatch(text.strip().lower())
    if found is None or found[2] not in _UNITS:
        return None
    return quantity(float(found[1]), found[2], _UNITS[found[2]])


def _filled(element: Json) -> Json:
    """The element without what is empty, which FHIR does not have."""
    return {name: value for name, value in element.items() if value not in ("", [], None)}
