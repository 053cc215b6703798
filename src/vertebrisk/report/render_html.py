"""A `TableSpec` as HTML, every text escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from vertebrisk.report.tables.table import (
    BETWEEN_TARGETS,
    EMPTY,
    Cell,
    Row,
    Spanner,
    TableSpec,
    Target,
    TargetKind,
    cell_text,
)
from vertebrisk.report.words import Words

# A word of more letters than this may be broken after as many, so that no label pushes the
# numbers beside it off the page; letters that join one before them (\u0300 to \u036f) stay there.
_UNBROKEN: Final = 24
_LONG = re.compile(rf"\S{{{_UNBROKEN}}}(?=\S)(?![\u0300-\u036f\u200d\ufe0e\ufe0f])")


def render_html(table: TableSpec, words: Words) -> str:
    """One table in its own scrolling container: caption, three lines, footnotes.

    The first cell of each row is its header; a heading row is the header of the rows
    below it.
    """
    label = f"{words('table')} {table.number}. " if table.number else ""
    caption = f"<caption><b>{escape(label)}</b>{escape(table.caption)}</caption>"
    head = f"<thead>{_spanners(table)}{_heads(table)}</thead>"
    body = "".join(_row(table, row, words) for row in table.rows)
    return (
        f'<div class="table" id="table-{escape(table.key)}">'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}">'
        f'<table class="{escape(table.key)}">{caption}{head}<tbody>{body}</tbody></table></div>'
        f"{_notes(table)}</div>"
    )


def _spanners(table: TableSpec) -> str:
    if not table.spanners:
        return ""
    cells, place = [], 0
    for spanner in sorted(table.spanners, key=lambda each: each.start):
        cells.append(_gap(spanner.start - place))
        cells.append(_spanner(spanner))
        place = spanner.stop
    cells.append(_gap(len(table.columns) - place))
    return f'<tr class="spanners">{"".join(cells)}</tr>'


def _gap(width: int) -> str:
    return f'<td colspan="{width}"></td>' if width > 0 else ""


def _spanner(spanner: Spanner) -> str:
    width = spanner.stop - spanner.start
    return f'<th scope="colgroup" colspan="{width}"><span>{_broken(spanner.label)}</span></th>'


def _heads(table: TableSpec) -> str:
    cells = "".join(
        f'<th scope="col" class="{column.align}">{_broken(column.label)}</th>'
        for column in table.columns
    )
    return f"<tr>{cells}</tr>"


def _row(table: TableSpec, row: Row, words: Words) -> str:
    if row.kind == "heading" and all(cell == EMPTY for cell in row.cells[1:]):
        head = _broken(cell_text(row.cells[0], words.numbers))
        width = len(table.columns)
        return f'<tr class="heading"><th scope="rowgroup" colspan="{width}">{head}</th></tr>'
    cells = []
    for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
        content = _linked(cell) if cell.targets else _broken(cell_text(cell, words.numbers))
        content += f"<sup>{escape(cell.mark)}</sup>" if cell.mark else ""
        indent = f" indent{row.indent}" if place == 0 and row.indent else ""
        opening = 'th scope="row"' if place == 0 else "td"
        closing = "th" if place == 0 else "td"
        cells.append(f'<{opening} class="{column.align}{indent}">{content}</{closing}>')
    return f'<tr class="{row.kind}">{"".join(cells)}</tr>'


def _broken(text: str) -> str:
    """A text escaped, with places where a long word may be broken."""
    pieces = _LONG.sub(lambda found: f"{found[0]}\n", text.replace("\n", " ")).split("\n")
    return "<wbr>".join(map(escape, pieces))


_ANCHORS: Mapping[TargetKind, str] = {
    "section": "",
    "table": "table-",
    "figure": "figure-",
    "finding": "finding-",
}


def _linked(cell: Cell) -> str:
    """The targets of a cell, with a link to each that stands on the page."""
    return BETWEEN_TARGETS.join(_link(target) for target in cell.targets)


def _link(target: Target) -> str:
    shown = escape(target.text)
    if target.kind not in _ANCHORS:
        return shown
    return f'<a href="#{_ANCHORS[target.kind]}{escape(target.key)}">{shown}</a>'


def _notes(table: TableSpec) -> str:
    if not table.footnotes:
        return ""
    return f'<p class="notes">{escape(" ".join(table.footnotes))}</p>'
