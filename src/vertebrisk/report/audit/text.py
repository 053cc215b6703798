"""An audit for the terminal: what is inconsistent first, then notes, then what was checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vertebrisk._types import Language
from vertebrisk.evidence.audit.values import Audit, Check
from vertebrisk.findings import Finding, gathered
from vertebrisk.report.audit.arrangement import (
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
_PIECE = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+")


def render_audit(
    audit: Audit,
    reading: Sequence[Finding] = (),
    *,
    everything: bool = False,
    language: Language = "en",
) -> str:
    """The audit as plain text of at most 100 columns.

    Parameters
    ----------
    audit : Audit
        Of one or several papers; each has a part of its own.
    reading : sequence of Finding
        What was found while a table was read; it stands first.
    everything : bool
        List every check with its numbers, and not only those that failed.
    language : {"en", "zh"}
        Of the text; what the paper prints stays as it is.

    Returns
    -------
    str
        Characters of a paper that a console would act upon are replaced by spaces.
    """
    words = Words(language)
    audit, reading = audit.said(language), gathered(reading, language)
    parts = parts_of(audit, words)
    papers = (", " if language == "en" else "、").join(audit.papers)
    together = [] if len(parts) == 1 else [headline(papers, audit.checks, words)]
    blocks = [
        *(_remark(each, words) for each in remarks_of(reading)),
        *together,
        *(block for part in parts for block in _part(part, everything)),
    ]
    return "\n\n".join(_harmless(block) for block in blocks)


def _remark(remark: Remark, words: Words) -> str:
    colon = ": " if words.language == "en" else "："
    severity = f"{words(f'severity.{remark.severity}.short')}{colon}"
    said = [filled(message, severity, "    ") for message in remark.messages]
    return "\n".join([*said, *([filled(remark.remedy, "    ", "    ")] if remark.remedy else [])])


def _part(part: Part, everything: bool) -> Iterator[str]:
    words = part.words
    yield filled(part.headline)
    for place, check in enumerate(part.inconsistent, start=1):
        yield "\n".join(_failed(place, check, words))
    if part.severities:
        colon = ": " if words.language == "en" else "："
        yield "\n".join(
            f"{words(f'audit.{each}')}{colon}{words(f'audit.{each}.means')}"
            for each in part.severities
        )
    for head, items in (("notes", part.notes), ("not checkable.head", part.reasons)):
        if items:
            yield "\n".join([words(f"audit.{head}"), *(_told(each, everything) for each in items)])
    if everything:
        yield "\n".join([words("audit.every"), *(_listed(check, words) for check in part.checks)])
    if part.checks:
        yield _kinds(part)


def _failed(place: int, check: Check, words: Words) -> Iterator[str]:
    meaning = words(f"audit.{check.failure}") if check.failure else ""
    how = words.bracketed(meaning) if meaning else ""
    yield filled(
        f"{check.id}{how}", f"{place}. {words(f'audit.{check.severity}').upper()}  ", "   "
    )
    for label, sentence in (
        ("where", subject_line(check, words)),
        ("printed", printed_line(check, words)),
        ("arithmetic", check.recomputed),
        ("wrong", check.message),
        ("changes", check.changes),
        ("resolve", check.resolve),
        ("repaired", repair_line(check.repair, words) if check.repair is not None else ""),
        *(("note", note) for note in check.notes),
    ):
        if sentence:
            yield _item(words(f"audit.{label}"), sentence)


def _item(label: str, sentence: str) -> str:
    return filled(sentence, f"   {_wide(label, _LABEL)}", " " * (_LABEL + 3))


def _wide(label: str, width: int) -> str:
    """A label with blanks behind it, wide characters counted twice."""
    return label + " " * (width - text_width(label))


def _told(told: Told, everything: bool) -> str:
    """A sentence and the checks that it is true of, cut short unless all are wanted."""
    words = told.words
    count = len(told.checks)
    counted = words("audit.checks", n=count) if count > 1 else ""
    where = words.separated(told.where)
    if not everything:
        where = shorten(where, ABOUT_SHOWN)
    ids = (", " if words.language == "en" else "、").join(told.ids)
    return "\n".join(
        [
            filled(told.text, "- ", "  "),
            filled(f"{counted}{ids}{words.bracketed(where) if where else ''}", "  ", "  "),
        ]
    )


def _listed(check: Check, words: Words) -> str:
    colon = ": " if words.language == "en" else "："
    numbers = printed_line(check, words)
    answer = f" -> {check.recomputed}" if check.recomputed else ""
    said = f"{colon}{numbers}{answer}" if numbers or answer else ""
    sentence = f"{check.id}{colon}{subject_line(check, words)}{said}"
    verdict = words(f"audit.{check.verdict}")
    return filled(sentence, _wide(verdict, _VERDICT), " " * _VERDICT)


def _kinds(part: Part) -> str:
    words = part.words
    heads = ("kinds.check", "kinds.made", "consistent", "inconsistent", "not checkable")
    columns = tuple(
        Column(head, words(f"audit.{head}"), "start" if head == "kinds.check" else "end")
        for head in heads
    )
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
    return render_text(TableSpec("kinds", words("audit.kinds"), columns, rows), words)


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
    kept = sentence[:room]
    return f"{(kept.rpartition(' ')[0] or kept).rstrip(',;')} ..."


def _cut(piece: str, room: int) -> Sequence[str]:
    """A piece in parts that fit in a line."""
    return [piece[start : start + room] for start in range(0, len(piece), room)]


def _harmless(block: str) -> str:
    """The same text without characters that a console would act upon."""
    return "\n".join(
        "".join(each if each.isprintable() else " " for each in line) for line in block.split("\n")
    )
