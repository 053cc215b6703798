"""Pooled studies as plain text, for the terminal."""

from __future__ import annotations

import textwrap

from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.findings import Finding
from vertebrisk.report.pooling.numbers import title_text
from vertebrisk.report.pooling.tables import pooling_tables
from vertebrisk.report.render_text import render_text
from vertebrisk.report.words import Words
from vertebrisk.text.messages import said

_WIDTH = 88


def render_pooling(result: PooledPapers, words: Words) -> str:
    """Title, tables, how each number was read, and what a reader would want to know."""
    tables = pooling_tables(result, words)
    unused = tables.pop("pool_unused", None)
    parts = [title_text(result, words), *(render_text(each, words) for each in tables.values())]
    readings = [
        _item(
            f"{each.label}: {said(each.basis, words.language)} ({each.place})",
            tuple(said(note, words.language) for note in each.notes),
        )
        for each in result.evidence.estimates
    ]
    parts.append("\n".join([words("pool.readings"), *readings]))
    if unused is not None:
        reasons = [
            _item(f"{each.label}: {said(each.reason, words.language)}", ())
            for each in result.evidence.unused
        ]
        parts.append("\n".join([words("pool.unused"), *reasons]))
    told = [each for each in result.findings if each.code != "studies-not-pooled"]
    findings = [
        "\n".join(
            [
                _wrapped(f"{_severity(each, words)}{each.message}", "", "    "),
                *([_wrapped(each.remedy, "    ", "    ")] if each.remedy else []),
            ]
        )
        for each in told
    ]
    return "\n\n".join([*parts, "\n".join(findings)]) if findings else "\n\n".join(parts)


def _severity(finding: Finding, words: Words) -> str:
    return f"{words(f'severity.{finding.severity}.short')}{words('colon')}"


def _item(line: str, notes: tuple[str, ...]) -> str:
    lines = [_wrapped(line, "- ", "  "), *(_wrapped(note, "    ", "    ") for note in notes)]
    return "\n".join(lines)


def _wrapped(text: str, first: str, rest: str) -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )
