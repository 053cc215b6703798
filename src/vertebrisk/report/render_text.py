"""Tables as plain text, and the summary that the terminal shows after a run."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from vertebrisk.findings import Severity, count_by_severity
from vertebrisk.models.tables import RegressionRow
from vertebrisk.report.main_numbers import corrected_estimate
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.tables.models import row_label
from vertebrisk.report.tables.table import Cell, Column, Row, TableSpec, cell_text, number, text
from vertebrisk.report.words import Words

_GAP = "  "
_WIDTH = 78
_WIDEST = 100
_NARROWEST = 24
_PIECE = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]{1,20}\s*|\s+")


def text_width(value: str) -> int:
    """Columns of a terminal that a text takes: wide characters count twice."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in value)
    narrow = sum(not unicodedata.combining(character) for character in value)
    return wide + narrow


def _padded(value: str, width: int, column: Column) -> str:
    blank = " " * (width - text_width(value))
    return value + blank if column.align == "start" else blank + value


def _line(values: list[str], widths: list[int], table: TableSpec) -> str:
    cells = (
        _padded(value, width, column)
        for value, width, column in zip(values, widths, table.columns, strict=True)
    )
    return _GAP.join(cells).rstrip()


def _row_texts(row: Row, words: Words) -> list[str]:
    texts = [
        cell_text(cell, words.plain_numbers) + (f" [{cell.mark}]" if cell.mark else "")
        for cell in row.cells
    ]
    texts[0] = "  " * row.indent + texts[0]
    return texts


def _wrapped(texts: list[str], room: int) -> list[list[str]]:
    """The lines of one row; the cells beside a wrapped label stand on its last line."""
    label = texts[0].lstrip()
    indent = texts[0][: len(texts[0]) - len(label)]
    parts = _parts(label, room - len(indent))
    lines = [indent + part if k == 0 else f"{indent}  {part}" for k, part in enumerate(parts)]
    blank = [""] * (len(texts) - 1)
    return [*([line, *blank] for line in lines[:-1]), [lines[-1], *texts[1:]]]


def _parts(label: str, room: int) -> list[str]:
    """A label in pieces of at most so many columns, the later ones two columns narrower."""
    if text_width(label) <= room:
        return [label]
    parts: list[str] = []
    line = ""
    for piece in _PIECE.findall(label):
        limit = room - (2 if parts else 0)
        if line and text_width((line + piece).rstrip()) > limit:
            parts.append(line.rstrip())
            line = ""
        line += piece
    return [*parts, line.rstrip()]


def render_text(table: TableSpec, words: Words) -> str:
    """One table in plain text with three lines, ready for any console.

    Spanners are left out; columns are aligned by the width that characters take. Where the
    table would be wider than 100 columns, its first column is wrapped.
    """
    heads = [column.label for column in table.columns]
    body = [_row_texts(row, words) for row in table.rows]
    others = [
        max(text_width(line[place]) for line in (heads, *body)) for place in range(1, len(heads))
    ]
    room = max(_WIDEST - sum(others) - len(_GAP) * len(others), _NARROWEST)
    body = [part for texts in body for part in _wrapped(texts, room)]
    widths = [max(text_width(line[0]) for line in (heads, *body)), *others]
    rule = "-" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    label = f"{words('table')} {table.number}. " if table.number else ""
    lines = [f"{label}{table.caption}", rule, _line(heads, widths, table), rule]
    lines += [_line(texts, widths, table) for texts in body]
    return "\n".join([*lines, rule, *table.footnotes])


def summary_table(result: StudyResult) -> TableSpec:
    """The main numbers of a run in two columns, for the terminal."""
    words = Words.of(result)
    counts = count_by_severity(result.findings)
    apparent = result.c_index
    corrected = corrected_estimate(result, "c_index")
    slope = corrected_estimate(result, "slope")
    lines = [
        Row((text(words("analysed")), number("integer", result.flow.n))),
        *_events(result, words),
        *(_odds_line(row, words) for row in result.multivariable if row.kind == "estimate"),
        Row(
            (
                text(words("c_apparent")),
                number(
                    "estimate_interval", apparent.estimate, apparent.conf_low, apparent.conf_high
                ),
            )
        ),
        Row((text(words("c_corrected")), number("estimate_interval", *corrected))),
        Row((text(words("slope_corrected")), number("estimate_interval", *slope))),
        Row((text(words("findings")), text(_counted(counts, words)))),
    ]
    columns = (Column("quantity", words("quantity"), "start"), Column("value", words("value")))
    return TableSpec("summary", result.facts.title, columns, tuple(lines))


def _events(result: StudyResult, words: Words) -> list[Row]:
    """Events with their share, or cases and matched sets, whose share was chosen."""
    flow = result.flow
    if result.matched is None:
        return [Row((text(words("events")), _share(flow.n_events, flow.n)))]
    sets = result.matched.n_sets
    return [
        Row((text(words("events")), number("integer", flow.n_events))),
        Row((text(words("sets")), number("integer", sets))),
    ]


def _share(count: int, total: int) -> Cell:
    return number("count_percent", count, 100.0 * count / total if total else None)


def _odds_line(row: RegressionRow, words: Words) -> Row:
    label = f"{words('or')} {row_label(row, words)}"
    return Row(
        (text(label), number("ratio_interval", row.ratio, row.conf_low, row.conf_high, decimals=2))
    )


def _counted(counts: dict[Severity, int], words: Words) -> str:
    return words(
        "findings.count",
        errors=counts["error"],
        warnings=counts["warning"],
        notes=counts["note"],
    )


def render_summary(result: StudyResult) -> str:
    """The summary table as plain text, preceded by what kind of data it rests on."""
    words = Words.of(result)
    kind = result.facts.data_kind
    banner = (
        [] if kind == "real" else [f"{words(kind)}{words('full_stop')}{words(f'banner.{kind}')}"]
    )
    lines = [line for text in banner for line in textwrap.wrap(text, _WIDTH)]
    return "\n".join([*lines, render_text(summary_table(result), words)])
