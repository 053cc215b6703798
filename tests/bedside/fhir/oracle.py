"""Shapes of resources by fhir.resources, which has R4B and no R4.

The resources written here have the same elements in both: what R4B changed lies in others.
"""

from __future__ import annotations

import importlib
import json
from typing import Any

from tests.bedside.fhir.invariants import broken

MODULES = {
    "RiskAssessment": "riskassessment",
    "Questionnaire": "questionnaire",
    "QuestionnaireResponse": "questionnaireresponse",
    "Bundle": "bundle",
    "Observation": "observation",
    "OperationOutcome": "operationoutcome",
    "CapabilityStatement": "capabilitystatement",
    "Parameters": "parameters",
}


def shaped(resource: dict[str, Any]) -> None:
    """Raise when a resource has an element that is strange, of another type, or missing."""
    kind = resource["resourceType"]
    module = importlib.import_module(f"fhir.resources.R4B.{MODULES[kind]}")
    getattr(module, kind).model_validate_json(json.dumps(resource))


def valid(resource: dict[str, Any]) -> None:
    """Raise when a resource is no FHIR R4: by its shape, or by a rule that shapes leave out."""
    assert broken(resource) == []
    shaped(resource)
