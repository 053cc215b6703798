"""The column of all patients against its groups."""

from __future__ import annotations

import pytest

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.tables import read_tables

HEAD = "Table 1. Patients\nVariable,Total (n=418),Alive (n=257),Dead (n=161),P\n"


def verdicts(row: str) -> list[str]:
    checks = audit_subjects([read_tables(f"{HEAD}{row}\n").subject]).checks
    return [each.verdict for each in checks if each.about.startswith(row.split(",", 1)[0])]


@pytest.mark.parametrize(
    "row",
    [
        "Age,50.7 ± 10.4,48.7 ± 10.4,53.9 ± 9.8,<0.001",
        "Bilirubin,1.4 (0.3-28.0),1.0 (0.3-18.0),3.2 (0.3-28.0),<0.001",
        "Albumin,3.5 (3.2-3.8),3.5 (3.3-3.8),3.4 (3.0-3.7),<0.001",
        "Height,1.7 ± 0.1,1.7 ± 0.1,1.7 ± 0.1,0.500",
    ],
)
def test_all_that_r_prints_of_the_pbc_patients_is_right(row: str) -> None:
    assert "inconsistent" not in verdicts(row)


@pytest.mark.parametrize(
    "row",
    [
        "Age,80.7 ± 10.4,48.7 ± 10.4,53.9 ± 9.8,<0.001",
        "Bilirubin,4.1 (3.9-4.4),1.0 (0.8-1.1),3.2 (3.0-3.4),<0.001",
    ],
)
def test_all_are_not_beyond_every_group(row: str) -> None:
    assert "inconsistent" in verdicts(row)


def test_a_total_of_other_patients_is_not_compared() -> None:
    table = HEAD.replace("418", "500") + "Age,80.7 ± 10.4,48.7 ± 10.4,53.9 ± 9.8,<0.001\n"
    checks = audit_subjects([read_tables(table).subject]).checks
    assert not any("the mean of all" in each.message for each in checks)
