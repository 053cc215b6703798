"""Candidates that can be told apart in these patients; the others leave with a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertebrisk.cohort import Cohort
from vertebrisk.design.build import VariableInfo, build_design
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.models.preparing import dependent_terms
from vertebrisk.study.shapes import straight
from vertebrisk.study.specs import AnyCohort
from vertebrisk.text.messages import say


def usable_terms(
    cohort: Cohort,
    terms: Sequence[WrittenTerm],
    info: Mapping[str, VariableInfo],
    together: bool,
) -> tuple[tuple[WrittenTerm, ...], tuple[Finding, ...]]:
    """Terms without constants and, where all are fitted `together`, without repeats.

    A penalty bears repeats, and a selection chooses among them.

    Raises
    ------
    DataError
        When none is left.
    """
    kept, left_out = varying_terms(cohort, terms)
    findings = list(left_out)
    if kept and together:
        design, codes = build_design(cohort.frame, [straight(each) for each in kept], info)
        repeated = set(dependent_terms(design, design.matrix(codes)))
        findings += [_repeated(name) for name in sorted(repeated)]
        kept = tuple(term for term in kept if straight(term).name not in repeated)
    if terms and not kept:
        raise DataError(
            "No candidate varies among the patients who are analysed, so no model can be made. "
            "Check the eligibility rules and the missing values of the candidates."
        )
    return kept, tuple(findings)


def varying_terms(
    cohort: AnyCohort, terms: Sequence[WrittenTerm]
) -> tuple[tuple[WrittenTerm, ...], tuple[Finding, ...]]:
    """Terms none of whose variables is constant, and a finding for each of the others."""
    constant = [term for term in terms if set(term.variables) & set(cohort.constant)]
    kept = tuple(term for term in terms if term not in constant)
    return kept, tuple(_constant(term.name) for term in constant)


def _constant(name: str) -> Finding:
    return Finding(
        code="candidate-left-out",
        severity="warning",
        message=say(
            "Candidate '{name}' has the same value in all patients analysed and was left out.",
            name=name,
        ),
        remedy=say("Take it out of the candidates."),
        column=name,
    )


def _repeated(name: str) -> Finding:
    return Finding(
        code="collinear-predictor",
        severity="warning",
        message=say(
            "Candidate '{name}' is an exact combination of the candidates before it and "
            "was left out.",
            name=name,
        ),
        remedy=say(
            "Keep the one that is easier to measure, and take the other out of the candidates."
        ),
        explanation=say("Two variables that say exactly the same cannot both have a coefficient."),
        column=name,
    )
