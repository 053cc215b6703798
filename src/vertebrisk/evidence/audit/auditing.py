"""Every check of the audit, asked of a paper, of a table, or of several papers together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.audit.groups import all_patients, counts, tests, whole_numbers
from vertebrisk.evidence.audit.regression import directions, nomograms, possible_fit, rows
from vertebrisk.evidence.audit.statements import across, claims, performance, repeated
from vertebrisk.evidence.audit.subject import Subject, subject_of
from vertebrisk.evidence.audit.values import Audit, Check, gravest_first
from vertebrisk.evidence.library import find_study
from vertebrisk.evidence.published import PublishedStudy

Paper: TypeAlias = PublishedStudy | Subject | Path | str

CHECKS: tuple[Callable[[Subject], Iterator[Check]], ...] = (
    rows.checks,
    counts.checks,
    all_patients.checks,
    tests.checks,
    whole_numbers.checks,
    directions.checks,
    performance.checks,
    repeated.checks,
    nomograms.checks,
    possible_fit.checks,
    claims.checks,
)


def audit(
    paper: PublishedStudy | Subject | Path | str, *others: PublishedStudy | Path | str
) -> Audit:
    """Ask of every printed number whether it can be true.

    A printed number stands for all that rounds to it, and arithmetic is done on these
    intervals: what honest rounding can give is never called inconsistent.

    Parameters
    ----------
    paper, *others : PublishedStudy, path or library id
        The paper. With several, each is audited, and numbers that repeat across them are
        looked for.

    Returns
    -------
    Audit
        `checks` with verdicts, `findings`, and `repairs`.

    Raises
    ------
    DataError, PaperError
        If a paper cannot be read.
    """
    subjects = [_subject(each) for each in (paper, *others)]
    return audit_subjects(subjects)


def audit_subjects(subjects: Sequence[Subject]) -> Audit:
    """The audit of what has been brought into normal form."""
    if not subjects:
        raise ArgumentError("There is nothing to audit. Give a paper: a library id or a file.")
    checks = [
        replace(check, paper=subject.id)
        for subject in subjects
        for checks_of in CHECKS
        for check in checks_of(subject)
    ]
    checks += across.checks(subjects)
    return Audit(
        papers=tuple(subject.id for subject in subjects),
        titles=tuple(subject.title for subject in subjects),
        checks=gravest_first(checks),
    )


def _subject(paper: Paper) -> Subject:
    if isinstance(paper, Subject):
        return paper
    return subject_of(paper if isinstance(paper, PublishedStudy) else find_study(str(paper)))
