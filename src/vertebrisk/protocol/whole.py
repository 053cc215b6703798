"""The whole TOML file of a protocol, and its published schema."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from vertebrisk.protocol.documents import (
    Analysis,
    ConsistencyRule,
    Eligibility,
    Study,
    Variable,
)
from vertebrisk.protocol.fields import Table
from vertebrisk.protocol.followup import Agreement, Followup
from vertebrisk.protocol.missing import Missing
from vertebrisk.protocol.outcome import StudyOutcome
from vertebrisk.protocol.sampling import Sampling
from vertebrisk.protocol.validating import ValidationPlan


class ProtocolDocument(Table):
    """The whole TOML file; the source of the published schema."""

    study: Study
    eligibility: Eligibility = Field(default_factory=Eligibility)
    outcome: StudyOutcome
    variables: dict[str, Variable] = Field(default_factory=dict)
    analysis: Analysis
    validation: ValidationPlan
    missing: Missing = Field(default_factory=Missing)
    consistency: tuple[ConsistencyRule, ...] = ()
    sampling: Sampling | None = None
    followup: tuple[Followup, ...] = ()
    agreement: tuple[Agreement, ...] = ()


def protocol_schema() -> dict[str, Any]:
    """JSON schema of a protocol, for editors that complete and check TOML."""
    schema = ProtocolDocument.model_json_schema()
    parts = schema["$defs"]
    parts["Variable"]["properties"].pop("name")
    parts["Variable"]["required"] = ["timing"]
    text = {"type": "string"}
    parts["Localised"] = {"anyOf": [text, parts["Localised"]]}
    parts["Selection"] = {"anyOf": [parts["Selection"]["properties"]["method"], parts["Selection"]]}
    parts["Analysis"]["properties"]["model"].pop("default")
    parts["Analysis"]["properties"]["candidates"] = {
        "anyOf": [{"const": "compare"}, {"type": "array", "items": text}]
    }
    return schema
