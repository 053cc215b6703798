"""What the service says of itself in FHIR."""

from __future__ import annotations

from datetime import datetime

from vertebrisk._types import Json
from vertebrisk._version import __version__
from vertebrisk.bedside.fhir.terms import FHIR_VERSION, MEDIA_TYPE
from vertebrisk.bedside.fhir.times import instant

DOCUMENTATION = (
    "Nothing is stored and nothing can be searched. POST /api/v1/models/{id}/predict takes a "
    "QuestionnaireResponse, a Bundle of Observations, or Parameters with one of them, and "
    "answers with a RiskAssessment or a Bundle of them; GET /api/v1/models/{id}/questionnaire "
    "answers with the Questionnaire of a model. Refusals are OperationOutcomes."
)


def capability_statement(now: datetime) -> Json:
    """A CapabilityStatement, R4, of the running service.

    Parameters
    ----------
    now : datetime
        Aware of its zone.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(now),
        "kind": "instance",
        "software": {"name": "vertebrisk", "version": __version__},
        "implementation": {"description": "Risks of patients by the models of this service."},
        "fhirVersion": FHIR_VERSION,
        "format": [MEDIA_TYPE],
        "rest": [{"mode": "server", "documentation": DOCUMENTATION}],
    }
