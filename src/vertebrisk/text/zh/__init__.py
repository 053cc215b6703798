"""The Chinese of every message, by its English template: by the rooms of the house."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vertebrisk.text.zh import (
    appraisal,
    audit_groups,
    audit_regression,
    audit_statements,
    audit_tests,
    cli,
    cohort,
    comparison,
    counts,
    designs,
    estimation,
    evidence,
    external,
    models,
    planning,
    pooling,
    reading,
    study,
    updating,
    validation,
)

ROOMS = (
    counts,
    appraisal,
    cohort,
    designs,
    reading,
    comparison,
    validation,
    models,
    estimation,
    external,
    updating,
    evidence,
    pooling,
    audit_groups,
    audit_tests,
    audit_regression,
    audit_statements,
    study,
    planning,
    cli,
)
CHINESE: Mapping[str, str] = MappingProxyType(
    {english: chinese for room in ROOMS for english, chinese in room.CHINESE.items()}
)
