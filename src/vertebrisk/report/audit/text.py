"""An audit for the terminal: what is inconsistent first, then notes, then what was checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vertebrisk.evidence.audit.values import Audit, Check
from vertebrisk.findings import Finding
from vertebrisk.report.audit.arrangement import (
    FAILURE_MEANS,
    SEVERITY_MEANS,
    Part,
    Remark,
    Told,
    headline,
    parts_of,
    printed_line,
    remarks_of,
    repair_line,
    subject_line,
)
from vertebrisk.report.render_text import render_text, text_width
from vertebrisk.report.tables.table import Column, Row, TableSpec, number, text
from vertebrisk.report.words import Words

WIDTH = 100
ABOUT_SHOWN = 150
_LABEL = 12
_VERDICT = 15
_WORDS = Words("en", "logistic")
_PIECE = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+")


def render_audit(audit: Audit, reading: Sequence[Finding] = (), *, everything: bool = False) -> str:
    """The audit as plain text of at most 100 columns.

    Parameters
    ----------
    audit : Audit
        Of one or several papers; each has a part of its own.
    reading : sequence of Finding
        What was found while a table was read; it stands first.
    everything : bool
        List every check with its numbers, and not only those that failed.

    Returns
    -------
    str
        Characters of a paper that a console would act upon are replaced by spaces.
    """
    parts = parts_of(audit)
    together = [] if len(parts) == 1 else [headline(", ".join(audit.papers), audit.checks)]
    blocks = [
        *(_remark(each) for each in remarks_of(reading)),
        *together,
        *(block for part in parts for block in _part(part, everything)),
    ]
    return "\n\n".join(_harmless(block) for block in blocks)


def _remark(remark: Remark) -> str:
    said = [filled(message, f"{remark.severity}: ", "    ") for message in remark.messages]
    return "\n".join([*said, *([filled(remark.remedy, "    ", "    ")] if remark.remedy else [])])


def _part(part: Part, everything: bool) -> Iterator[str]:
    yield filled(part.headline)
    for place, check in enumerate(part.inconsistent, start=1):
        yield "\n".join(_failed(place, check))
    if part.severities:
        yield "\n".join(f"{each}: {SEVERITY_MEANS[each]}" for each in part.severities)
    if part.notes:
        yield "\n".join(["Notes", *(_told(note, everything) for note in part.notes)])
    if part.reasons:
        yield "\n".join(["Not checkable", *(_told(each, everything) for each in part.reasons)])
    if everything:
        yield "\n".join(["Every check", *(_listed(check) for check in part.checks)])
    if part.checks:
        yield _kinds(part)


def _failed(place: int, check: Check) -> Iterator[str]:
    meaning = FAILURE_MEANS[check.failure]
    how = f" ({meaning})" if meaning else ""
    yield filled(f"{check.id}{how}", f"{place}. {check.severity.upper()}  ", "   ")
    for label, sentence in (
        ("where", subject_line(check)),
        ("printed", printed_line(check)),
        ("arithmetic", check.recomputed),
        ("wrong", check.message),
        ("changes", check.changes),
        ("to resolve", check.resolve),
        ("repaired", repair_line(check.repair) if check.repair is not None else ""),
        *(("note", note) for note in check.notes),
    ):
        if sentence:
            yield _item(label, sentence)


def _item(label: str, sentence: str) -> str:
    return filled(sentence, f"   {label:<{_LABEL}}", " " * (_LABEL + 3))


def _told(told: Told, everything: bool) -> str:
    """A sentence and the checks that it is true of, cut short unless all are wanted."""
    count = len(told.checks)
    counted = f"{count} checks, " if count > 1 else ""
    where = "; ".join(told.where)
    if not everything:
        where = shorten(where, ABOUT_SHOWN)
    return "\n".join(
        [
            filled(told.text, "- ", "  "),
            filled(f"{counted}{', '.join(told.ids)}{f' ({where})' if where else ''}", "  ", "  "),
        ]
    )


def _listed(check: Check) -> str:
    numbers = printed_line(check)
    answer = f" -> {check.recomputed}" if check.recomputed else ""
    said = f": {numbers}{answer}" if numbers or answer else ""
    sentence = f"{check.id}: {subject_line(check)}{said}"
    return filled(sentence, f"{check.verdict:<{_VERDICT}}", " " * _VERDICT)


def _kinds(part: Part) -> str:
    heads = ("check", "made", "consistent", "inconsistent", "not checkable")
    columns = tuple(Column(head, head, "start" if head == "check" else "end") for head in heads)
    rows = tuple(
        Row(
            (
                text(kind.id),
                *(
                    number("integer", count)
                    for count in (
                        kind.made,
                        kind.consistent,
                        kind.inconsistent,
                        kind.not_checkable,
                    )
                ),
            )
        )
        for kind in part.kinds
    )
    return render_text(TableSpec("kinds", "Checks by kind", columns, rows), _WORDS)


def filled(sentence: str, first: str = "", later: str = "") -> str:
    """A sentence in lines of at most 100 columns, wide characters counted twice."""
    lines, line = list[str](), first
    empty = True
    for piece in _PIECE.findall(" ".join(sentence.split())):
        if not empty and text_width((line + piece).rstrip()) > WIDTH:
            lines.append(line.rstrip())
            line, empty = later, True
        if empty and not piece.strip():
            continue
        for part in _cut(piece, WIDTH - text_width(later)):
            if not empty and text_width((line + part).rstrip()) > WIDTH:
                lines.append(line.rstrip())
                line = later
            line, empty = line + part, False
    return "\n".join([*lines, line.rstrip()])


def shorten(sentence: str, room: int) -> str:
    """A sentence that is cut at a word once it is longer than `room`."""
    if len(sentence) <= room:
        return sentence
    return f"{sentence[:room].rpartition(' ')[0].rstrip(',;')} ..."


def _cut(piece: str, room: int) -> Sequence[str]:
    """A piece in parts that fit in a line."""
    return [piece[start : start + room] for start in range(0, len(piece), room)]


def _harmless(block: str) -> str:
    """The same text without characters that a console would act upon."""
    return "\n".join(
        "".join(each if each.isprintable() else " " for each in line) for line in block.split("\n")
    )
