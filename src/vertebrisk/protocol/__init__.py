"""The study protocol and its codebook: TOML in, checked and typed objects out."""

from vertebrisk.protocol.documents import (
    TIMINGS,
    Analysis,
    ConsistencyRule,
    Eligibility,
    EligibilityRule,
    Selection,
    Study,
    Tests,
    Variable,
)
from vertebrisk.protocol.draft import ColumnLike, draft, template
from vertebrisk.protocol.fields import PLACEHOLDER, Localised, Table
from vertebrisk.protocol.loading import load_protocol
from vertebrisk.protocol.outcome import Outcome, StudyOutcome, TimeToEventOutcome
from vertebrisk.protocol.sampling import Sampling
from vertebrisk.protocol.study_protocol import Protocol
from vertebrisk.protocol.terms import quoted
from vertebrisk.protocol.validating import ValidationPlan
from vertebrisk.protocol.whole import ProtocolDocument, protocol_schema

__all__ = [
    "PLACEHOLDER",
    "TIMINGS",
    "Analysis",
    "ColumnLike",
    "ConsistencyRule",
    "Eligibility",
    "EligibilityRule",
    "Localised",
    "Outcome",
    "Protocol",
    "ProtocolDocument",
    "Sampling",
    "Selection",
    "Study",
    "StudyOutcome",
    "Table",
    "Tests",
    "TimeToEventOutcome",
    "ValidationPlan",
    "Variable",
    "draft",
    "load_protocol",
    "protocol_schema",
    "quoted",
    "template",
]
