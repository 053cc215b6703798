"""Findings as a report shows them: titled, grouped by severity, gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vertebrisk._types import Language
from vertebrisk.findings import Finding, Severity, by_severity, count_by_severity
from vertebrisk.report.checklists.touching import touched_by
from vertebrisk.report.words import Words
from vertebrisk.text.zh.titles import TITLES


@dataclass(frozen=True, slots=True)
class FindingText:
    """One finding ready to be shown; the contents of cells are never part of it.

    `touches` names the items of the checklists that it touches.
    """

    code: str
    severity: Severity
    title: str
    message: str
    explanation: str
    remedy: str
    where: str
    touches: str = ""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one severity, under its heading."""

    severity: Severity
    heading: str
    findings: tuple[FindingText, ...]


def finding_title(code: str, language: Language) -> str:
    """Name of a finding for a heading; an unknown code is shown as words."""
    plain = code.replace("-", " ").capitalize()
    return TITLES.get(code, plain) if language == "zh" else plain


def finding_text(finding: Finding, words: Words) -> FindingText:
    """One finding with its title, and where in the data it was found."""
    finding = finding.said(words.language)
    places = [place for place in (finding.file, finding.column) if place]
    if finding.rows:
        count = len(finding.rows)
        places.append(words("findings.row" if count == 1 else "findings.rows", n=count))
    return FindingText(
        finding.code,
        finding.severity,
        finding_title(finding.code, words.language),
        finding.message,
        finding.explanation,
        finding.remedy,
        " · ".join(places),
        touched_items(finding.code, words),
    )


def touched_items(code: str, words: Words) -> str:
    """Items of the checklists that a finding touches, as a sentence; empty where there are none."""
    shown = [f"{name} {', '.join(numbers)}" for name, numbers in touched_by(code)]
    return words("checklist.touches", items="; ".join(shown)) if shown else ""


def group_findings(findings: Iterable[Finding], words: Words) -> tuple[FindingGroup, ...]:
    """Findings by severity, gravest first, severities without any left out."""
    ordered = by_severity(findings)
    groups = []
    for severity in count_by_severity(ordered):
        members = tuple(finding_text(f, words) for f in ordered if f.severity == severity)
        if members:
            groups.append(FindingGroup(severity, words(f"severity.{severity}"), members))
    return tuple(groups)
