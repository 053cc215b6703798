"""JSON Schemas of what the service reads and answers; the OpenAPI description is made of them.

References
----------
JSON Schema 2020-12, https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from vertebrisk._types import Json
from vertebrisk.bedside.service.problems import KINDS


def record(properties: Json, *, optional: tuple[str, ...] = (), note: str = "") -> Json:
    """An object with these properties and no others."""
    return {
        "type": "object",
        **({"description": note} if note else {}),
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def listing(items: Json) -> Json:
    """A list of such items."""
    return {"type": "array", "items": items}


def named(name: str) -> Json:
    """A schema of the description, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "number"}
TRUTH: Json = {"type": "boolean"}
ANY_OBJECT: Json = {"type": "object"}
SHARE: Json = {"type": "number", "minimum": 0, "maximum": 1}
NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
SHARE_OR_NULL: Json = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
HORIZON: Json = {
    "type": ["number", "null"],
    "exclusiveMinimum": 0,
    "description": "Time by which the event is asked for, in the model's unit; models of time "
    "to event only.",
}
PATIENT: Json = {
    "type": "object",
    "description": "The inputs of the model by name, every one of them: numbers as JSON "
    "numbers, levels as texts. Nothing that is missing is assumed, nothing else is taken. A model "
    "whose inputs are not 'required' averages over what is left out or null, if one is known, and "
    "names it in 'flags'.",
    "additionalProperties": {"type": ["number", "string", "boolean", "null"]},
}

TRANSLATIONS: Json = {
    "type": "object",
    "description": "By language: the fields whose words differ in it from those beside.",
    "additionalProperties": ANY_OBJECT,
}
OUTCOME = record(
    {
        "name": TEXT,
        "label": TEXT,
        "event": TEXT,
        "time_point": TEXT,
        "definition": TEXT,
        "translations": TRANSLATIONS,
    }
)
POPULATION = record(
    {
        "n": {"type": "integer"},
        "n_events": {"type": "integer"},
        "description": TEXT,
        "data_kind": TEXT,
        "design": TEXT,
        "prevalence": NUMBER_OR_NULL,
        "matched": listing(TEXT),
        "include": listing(TEXT),
        "exclude": listing(TEXT),
        "translations": TRANSLATIONS,
    }
)
INTERVAL = record(
    {
        "kind": {"enum": ["model-based", "procedure-bootstrap", "none"]},
        "level": SHARE_OR_NULL,
        "means": {**TEXT, "description": "What the limits are, and what they are not."},
    }
)
CODING = record({"system": TEXT, "code": TEXT, "display": TEXT}, optional=("display",))
INPUT = record(
    {
        "name": TEXT,
        "label": TEXT,
        "type": {"enum": ["number", "choice"]},
        "unit": TEXT,
        "levels": listing(record({"value": TEXT, "label": TEXT})),
        "range": {
            "anyOf": [record({"low": NUMBER, "high": NUMBER}), {"type": "null"}],
            "description": "1st to 99th percentile of the patients that the model was made "
            "from; a value outside is scored and flagged.",
        },
        "timing": TEXT,
        "definition": TEXT,
        "derived_from": TEXT,
        "modifiable": TRUTH,
        "ucum": TEXT,
        "codings": listing(CODING),
        "level_codings": {"type": "object", "additionalProperties": listing(CODING)},
        "translations": TRANSLATIONS,
        "required": TRUTH,
    }
)
SUMMARY = record(
    {
        "id": TEXT,
        "version": TEXT,
        "origin": {"enum": ["library", "file"]},
        "kind": {"enum": ["logistic", "cox", "fine-gray"]},
        "outcome": named("Outcome"),
        "population": named("Population"),
        "time_unit": TEXT,
        "horizons": listing(NUMBER),
        "inputs": listing(TEXT),
        "title": TEXT,
        "use_at": TEXT,
    }
)
MODELS = record(
    {
        "models": listing(named("ModelSummary")),
        "not_offered": listing(record({"id": TEXT, "title": TEXT, "reason": TEXT})),
    }
)
MODEL = record(
    {
        "id": TEXT,
        "version": TEXT,
        "origin": {"enum": ["library", "file"]},
        "kind": {"enum": ["logistic", "cox", "fine-gray"]},
        "outcome": named("Outcome"),
        "population": named("Population"),
        "inputs": listing(named("Input")),
        "strata": record({"variables": listing(TEXT), "known": listing(TEXT)}),
        "horizons": listing(NUMBER),
        "default_horizon": NUMBER_OR_NULL,
        "last_horizon": NUMBER_OR_NULL,
        "time_unit": TEXT,
        "interval": named("Interval"),
        "equation": TEXT,
        "performance": ANY_OBJECT,
        "provenance": ANY_OBJECT,
        "updates": listing(TEXT),
        "notes": listing(TEXT),
        "use": TEXT,
    }
)
PREDICTION = record(
    {
        "risk": SHARE,
        "conf_low": SHARE_OR_NULL,
        "conf_high": SHARE_OR_NULL,
        "linear_predictor": NUMBER_OR_NULL,
        "total_points": NUMBER_OR_NULL,
        "flags": listing(TEXT),
    },
    note="One patient, in the order of the request.",
)
PREDICT_ANSWER = record(
    {
        "model": record({"id": TEXT, "version": TEXT}),
        "outcome": named("Outcome"),
        "horizon": HORIZON,
        "time_unit": TEXT,
        "interval": named("Interval"),
        "predictions": listing(named("Prediction")),
    }
)
PROBLEM = record(
    {
        "type": TEXT,
        "title": {"enum": list(KINDS.values())},
        "status": {"type": "integer"},
        "detail": TEXT,
        "errors": listing(record({"pointer": TEXT, "code": TEXT, "detail": TEXT})),
    },
    optional=("errors",),
    note="RFC 9457; `errors` names every field that is wrong by its place in the body.",
)


def predict_request(patient: Json, horizon: Json = HORIZON) -> Json:
    """The body of a prediction: one patient or several, each of this schema."""
    one = record({"patient": patient, "horizon": horizon}, optional=("horizon",))
    several = record(
        {"patients": {**listing(patient), "minItems": 1}, "horizon": horizon},
        optional=("horizon",),
    )
    return {"oneOf": [one, several]}


def resource(*types: str, note: str) -> Json:
    """A FHIR resource of one of these types; HL7's own definitions say what is in it."""
    return {
        "type": "object",
        "description": note,
        "properties": {"resourceType": {"enum": list(types)}},
        "required": ["resourceType"],
    }


FHIR_PATIENTS = resource(
    "QuestionnaireResponse",
    "Bundle",
    "Parameters",
    note="FHIR R4: answers to the model's Questionnaire, or a Bundle of Observations.",
)
FHIR_ASSESSMENTS = resource(
    "RiskAssessment", "Bundle", note="FHIR R4: the risk of one patient, or those of several."
)

COMPONENTS: dict[str, Json] = {
    "Outcome": OUTCOME,
    "Population": POPULATION,
    "Interval": INTERVAL,
    "Input": INPUT,
    "ModelSummary": SUMMARY,
    "Models": MODELS,
    "Model": MODEL,
    "Patient": PATIENT,
    "PredictRequest": predict_request(named("Patient")),
    "Prediction": PREDICTION,
    "PredictAnswer": PREDICT_ANSWER,
    "Problem": PROBLEM,
    "FhirPatients": FHIR_PATIENTS,
    "FhirAssessments": FHIR_ASSESSMENTS,
    "OperationOutcome": resource("OperationOutcome", note="FHIR R4: why it is refused."),
}
