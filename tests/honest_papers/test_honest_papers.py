"""The audit is fair: nothing honest is called inconsistent, and damage is found."""

from __future__ import annotations

import numpy as np
import pytest
from tests.honest_papers.damage import KINDS, cells_of, damage
from tests.honest_papers.papers import honest_paper
from tests.honest_papers.pasted import as_text
from tests.honest_papers.shares import accusations, outcome_of, paper_of, shares

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.tables import read_tables

QUICK, MANY = 20, 300
# A little below the shares of shares.md, for the kinds that a paper repeats in other numbers.
FLOORS = {
    "limits swapped": 0.95,
    "percentage of another denominator": 0.9,
    "ratio of the inverse coding beside B": 0.9,
    "sign of B lost or added": 0.85,
    "count off by 1 to 5": 0.85,
    "two digits transposed": 0.55,
    "cell of the neighbouring row": 0.55,
    "P of another row": 0.5,
    "decimal point moved": 0.6,
    "standard error in place of SD": 0.35,
}


def accused(seeds: range) -> list[str]:
    """Every accusation, with the seed that makes the paper again and the check to blame."""
    return [
        f"seed {seed}: {check.id}, {check.about} "
        f"({', '.join(f'{each.name} {each.text}' for each in check.quantities)}): {check.message}"
        for seed in seeds
        for check in accusations(seed)
    ]


def test_honest_papers_are_never_called_inconsistent() -> None:
    assert accused(range(QUICK)) == []


def test_honest_tables_as_text_are_never_called_inconsistent() -> None:
    for seed in range(QUICK):
        document = paper_of(seed).document
        reading = read_tables(as_text(document, np.random.default_rng(seed)))
        assert reading.findings == (), seed
        assert [check.message for check in audit_subjects([reading.subject]).inconsistent] == []
        assert len(reading.subject.comparisons) == len(document["comparisons"])


@pytest.mark.slow
def test_many_honest_papers_are_never_called_inconsistent() -> None:
    assert accused(range(QUICK, MANY)) == []


def test_a_seed_makes_one_paper() -> None:
    first, again, other = (paper_of(seed).document for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_papers_vary() -> None:
    papers = [paper_of(seed).document for seed in range(QUICK)]
    sizes = {paper["design"]["n"]["value"] for paper in papers}
    assert len(sizes) > QUICK / 2
    assert {paper["design"]["model"] for paper in papers} == {"logistic", "cox"}
    assert {paper["design"]["kind"] for paper in papers} == {"cohort", "case-control"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_damage_changes_the_paper_and_leaves_the_honest_one(kind: str) -> None:
    rng = np.random.default_rng(11)
    changed = 0
    for _ in range(6):
        paper = honest_paper(rng)
        before = [cell.text for cell in cells_of(paper.document)]
        damaged = damage(paper, kind, rng)
        assert [cell.text for cell in cells_of(paper.document)] == before
        if damaged is not None:
            assert damaged.paper.document != paper.document
            damaged.paper.subject()
            changed += 1
    assert changed


def test_every_damaged_paper_can_be_audited() -> None:
    outcomes = [outcome_of(seed) for seed in range(QUICK)]
    assert len({outcome.kind for outcome in outcomes}) > 8


@pytest.mark.slow
def test_damage_that_other_numbers_give_away_is_found() -> None:
    counts = shares(outcome_of(seed) for seed in range(MANY))
    for kind, floor in FLOORS.items():
        found, made = counts[kind]
        assert made >= 10
        # the floors are those of a thousand papers; some twenty of a kind know a share this well
        assert found / made > floor - 2.0 * np.sqrt(floor * (1.0 - floor) / made), kind
