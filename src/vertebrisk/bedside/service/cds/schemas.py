"""JSON Schemas of CDS Hooks: discovery, a service's request, its cards, and feedback on them.

References
----------
CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/
"""

from __future__ import annotations

from vertebrisk._types import Json
from vertebrisk.bedside.cds_hooks.descriptions import HOOK
from vertebrisk.bedside.service.schemas import ANY_OBJECT, TEXT, listing

ACCEPTED, OVERRIDDEN = "accepted", "overridden"
MAX_FEEDBACK = 1000  # cards of one request
UUID = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
FHIR_ID = r"^[A-Za-z0-9.\-]{1,64}$"
# RFC 3339, section 5.6, in UTC or with an offset; the calendar is not looked at.
MOMENT = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)"
    r"(\.\d{1,12})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$"
)


def open_record(properties: Json, required: tuple[str, ...], note: str = "") -> Json:
    """An object with these properties, and with others that are not read."""
    return {
        "type": "object",
        **({"description": note} if note else {}),
        "properties": properties,
        "required": list(required),
    }


NAME: Json = {**TEXT, "minLength": 1}
CALL = open_record(
    {
        "hook": {"const": HOOK},
        "hookInstance": {**TEXT, "pattern": UUID},
        "context": open_record(
            {
                "userId": NAME,
                "patientId": {**TEXT, "pattern": FHIR_ID},
                "encounterId": {"type": ["string", "null"], "pattern": FHIR_ID},
            },
            ("userId", "patientId"),
        ),
        "fhirServer": {
            "type": ["string", "null"],
            "minLength": 1,
            "description": "Not asked: what the model reads comes with the request.",
        },
        "fhirAuthorization": {"type": ["object", "null"]},
        "prefetch": {
            "type": "object",
            "description": "Resources by the keys of the service's templates; null where the "
            "record has none.",
            "properties": {"patient": {"type": ["object", "null"]}},
            "required": ["patient"],
            "additionalProperties": {"type": ["object", "null"]},
        },
    },
    ("hook", "hookInstance", "context", "prefetch"),
    "CDS Hooks 2.0, hook patient-view.",
)
_OUTCOME = {
    "card": {**TEXT, "pattern": UUID},
    "outcomeTimestamp": {**TEXT, "pattern": MOMENT},
    "overrideReason": {"type": ["object", "null"]},
}
_SUGGESTIONS = listing(open_record({"id": NAME}, ("id",)))
FEEDBACK = open_record(
    {
        "feedback": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_FEEDBACK,
            "items": {
                "oneOf": [
                    open_record(
                        {
                            **_OUTCOME,
                            "outcome": {"const": ACCEPTED},
                            "acceptedSuggestions": {**_SUGGESTIONS, "minItems": 1},
                        },
                        ("card", "outcome", "outcomeTimestamp", "acceptedSuggestions"),
                    ),
                    open_record(
                        {**_OUTCOME, "outcome": {"const": OVERRIDDEN}},
                        ("card", "outcome", "outcomeTimestamp"),
                    ),
                ]
            },
        }
    },
    ("feedback",),
    "CDS Hooks 2.0; counted, and not kept.",
)
CARDS = open_record(
    {
        "cards": listing(
            open_record(
                {
                    "uuid": TEXT,
                    "summary": {**TEXT, "maxLength": 139},
                    "detail": TEXT,
                    "indicator": {"enum": ["info", "warning", "critical"]},
                    "source": open_record({"label": TEXT, "url": TEXT}, ("label",)),
                    "links": listing(
                        open_record(
                            {"label": TEXT, "url": TEXT, "type": {"const": "absolute"}},
                            ("label", "url", "type"),
                        )
                    ),
                },
                ("uuid", "summary", "indicator", "source"),
            )
        )
    },
    ("cards",),
)
SERVICES = open_record(
    {
        "services": listing(
            open_record(
                {
                    "hook": {"const": HOOK},
                    "title": TEXT,
                    "description": TEXT,
                    "id": TEXT,
                    "prefetch": ANY_OBJECT,
                    "usageRequirements": TEXT,
                },
                ("hook", "description", "id"),
            )
        )
    },
    ("services",),
)
