"""Short names of what a pooled question finds, for tests."""

from __future__ import annotations

from typing import Any

from tests.evidence.pooling.papers import residual_pain

from vertebrisk.evidence.pooling.estimates import Evidence, study_estimates
from vertebrisk.evidence.pooling.study_estimates import (
    StudyEstimate,
)
from vertebrisk.evidence.published import PublishedStudy

# Sums of printed digits; only the arithmetic of doubles lies between.
EXACT = 1e-12


def ratios(name: str, studies: list[PublishedStudy] | None = None, **options: Any) -> Evidence:
    return study_estimates(
        studies if studies is not None else residual_pain(),
        "odds-ratio",
        factor_name=name,
        **options,
    )


def estimates(evidence: Evidence) -> dict[str, StudyEstimate]:
    return {each.study: each for each in evidence.estimates}


def reasons(evidence: Evidence) -> dict[str, str]:
    return {each.study: each.reason for each in evidence.unused}


def codes(evidence: Evidence) -> set[str]:
    return {finding.code for finding in evidence.findings}
