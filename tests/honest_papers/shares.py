"""Honest papers audited, then damaged and audited again; the shares found as a table.

Run ``python -m tests.honest_papers.shares`` to write ``shares.md`` anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.honest_papers.damage import KINDS, damaged_at_random
from tests.honest_papers.papers import Paper, honest_paper

from vertebrisk.evidence.audit.auditing import audit_subjects
from vertebrisk.evidence.audit.values import Check

PAPERS = 1000
TABLE = Path(__file__).with_name("shares.md")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One damaged paper: the kind of damage, the number, and the checks that found it."""

    seed: int
    kind: str
    cell: str
    change: str
    found_by: tuple[str, ...]


def paper_of(seed: int) -> Paper:
    """The honest paper of a seed."""
    return honest_paper(np.random.default_rng([2024, seed]))


def accusations(seed: int) -> tuple[Check, ...]:
    """What the audit calls inconsistent in an honest paper; nothing, if it is fair."""
    return audit_subjects([paper_of(seed).subject()]).inconsistent


def outcome_of(seed: int) -> Outcome:
    """The honest paper of a seed with one number made wrong, audited."""
    damaged = damaged_at_random(paper_of(seed), np.random.default_rng([2025, seed]))
    found = audit_subjects([damaged.paper.subject()]).inconsistent
    ids = tuple(dict.fromkeys(check.id for check in found))
    return Outcome(seed, damaged.kind, damaged.cell, damaged.change, ids)


def shares(outcomes: Iterable[Outcome], of: str = "kind") -> dict[str, tuple[int, int]]:
    """Found and made, by kind of damage or by the number that was damaged."""
    counts: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        name = getattr(outcome, of)
        found, made = counts.get(name, (0, 0))
        counts[name] = (found + bool(outcome.found_by), made + 1)
    return counts


def table(outcomes: list[Outcome]) -> str:
    """The shares as Markdown."""
    by_kind = shares(outcomes)
    by_cell = dict(sorted(shares(outcomes, "cell").items(), key=lambda each: -each[1][1]))
    found = sum(bool(outcome.found_by) for outcome in outcomes)
    lines = [
        "# Damage that the audit finds",
        "",
        f"{len(outcomes)} honest papers were simulated and printed; none was called inconsistent.",
        "One number of each was then made wrong. Much of what is printed has nothing beside it",
        "that could contradict it: a last digit within what rounding allows, an odds ratio alone,",
        "a mean without a test. The shares say how far the rest of a paper gives a number away.",
        "Written by `python -m tests.honest_papers.shares`.",
        "",
        f"Found: {found} of {len(outcomes)} ({100 * found / len(outcomes):.0f} %).",
        "",
        *_rows("Damage", {kind: by_kind[kind] for kind in KINDS if kind in by_kind}),
        "",
        *_rows("Number damaged", by_cell),
    ]
    return "\n".join(lines) + "\n"


def _rows(head: str, counts: dict[str, tuple[int, int]]) -> list[str]:
    lines = [f"| {head} | Made | Found | Share |", "| --- | --: | --: | --: |"]
    for name, (found, made) in counts.items():
        lines.append(f"| {name} | {made} | {found} | {100 * found / made:.0f} % |")
    return lines


if __name__ == "__main__":
    accused = [seed for seed in range(PAPERS) if accusations(seed)]
    if accused:
        raise SystemExit(f"Honest papers are called inconsistent: seeds {accused}.")
    TABLE.write_text(table([outcome_of(seed) for seed in range(PAPERS)]), encoding="utf-8")
