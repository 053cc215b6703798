"""No test of ranks gives such a P between such means."""

from __future__ import annotations

import pytest

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.tables import read_tables

HEAD = "Table 1. Patients\nVariable,Standard (n=69),Test (n=68),P\n"


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ("Age,57.5 ± 10.8,59.1 ± 10.3,0.373", "consistent"),
        ("Age,17.5 ± 10.8,59.1 ± 10.3,0.373", "inconsistent"),
        ("Age,56.1 ± 10.8,59.1 ± 10.3,0.373", "not checkable"),
        ("Days,21.2 ± 17.7,12.2 ± 13.6,0.060", "not checkable"),
    ],
)
def test_means_far_apart_beside_a_great_p(row: str, verdict: str) -> None:
    checks = audit_subjects([read_tables(f"{HEAD}{row}\n").subject]).checks
    assert [each.verdict for each in checks if each.id == "test-of-means"] == [verdict]


def test_standard_errors_are_not_taken_for_sds() -> None:
    row = "Segments,1.49 ± 0.088,1.32 ± 0.059,0.161\n"
    head = "Table 1. Patients\nVariable (mean ± SE),Standard (n=100),Test (n=124),P\n"
    checks = audit_subjects([read_tables(head + row).subject]).checks
    assert [each.verdict for each in checks if each.id == "test-of-means"] == ["not checkable"]
