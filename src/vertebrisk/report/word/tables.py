"""Tables of Word in three lines: rules above and below the head and below the body, none upright.

The head is repeated on every page, a row does not break, a spanner is a merged cell, and a
short table stays on one page with its caption and its notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vertebrisk.report.page.content import Pair
from vertebrisk.report.tables.table import EMPTY, Cell, Column, Row, Spanner, TableSpec, cell_text
from vertebrisk.report.word.captions import caption, targeted
from vertebrisk.report.word.markup import SOFT, leads_right_to_left, legal, paragraph, runs, told
from vertebrisk.report.word.widths import PADDING, UPRIGHT, Layout, layout
from vertebrisk.report.words import Words

_SHORT = 14  # rows of a table that moves to the next page rather than break
_INDENT = 180
_TINT = "FDF1F0"
_THICK, _THIN = 12, 6  # eighths of a point
_NO_LOOK = (
    '<w:tblLook w:val="0000" w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
    'w:noHBand="1" w:noVBand="1"/>'
)


def table_xml(table: TableSpec, words: Words, ids: Iterator[int]) -> tuple[str, bool]:
    """Caption, table and notes, and whether they need a page that lies across."""
    found = layout(table, words)
    heads = [_spanner_row(table, found)] if table.spanners else []
    heads.append(_head_row(table, found))
    together = len(table.rows) <= _SHORT
    last = len(table.rows) - 1
    body = [
        _body_row(row, table, found, words, keep=_kept(place, last, together, table))
        for place, row in enumerate(table.rows)
    ]
    above = caption("table", table.number, table.caption, words, ids)
    rows = "".join((*heads, *body))
    drawn = _table(found.columns, rows, table.caption)
    return above + drawn + _notes(table), found.across


def _kept(place: int, last: int, together: bool, table: TableSpec) -> bool:
    """True where a row stays with what follows it: the next row, or the notes."""
    if place == last:
        return bool(table.footnotes)
    return together or place == 0 or place >= last - 1 or table.rows[place].kind == "heading"


def pairs_xml(pairs: Sequence[Pair]) -> str:
    """Labels with their values, as two columns under a rule."""
    columns = (UPRIGHT // 4, UPRIGHT - UPRIGHT // 4)
    rows = "".join(
        _row(
            _cell(told("TableText", label), columns[0])
            + _cell(told("TableText", value), columns[1])
        )
        for label, value in pairs
    )
    return _table(columns, rows) + paragraph("TableNotes", "")


def key_numbers_xml(numbers: Sequence[tuple[str, str, str]]) -> str:
    """Label, number and detail, a row each."""
    columns = (UPRIGHT // 3, UPRIGHT // 6, UPRIGHT - UPRIGHT // 3 - UPRIGHT // 6)
    rows = "".join(
        _row(
            _cell(told("TableText", label), columns[0])
            + _cell(paragraph("TableText", runs(number, bold=True), align="right"), columns[1])
            + _cell(told("TableText", detail), columns[2])
        )
        for label, number, detail in numbers
    )
    return _table(columns, rows) + paragraph("TableNotes", "")


def _table(columns: Sequence[int], rows: str, description: str = "") -> str:
    rules = "".join(
        f'<w:{side} w:val="single" w:sz="{_THICK}" w:space="0" w:color="auto"/>'
        for side in ("top", "bottom")
    )
    margins = "".join(f'<w:{side} w:w="{PADDING}" w:type="dxa"/>' for side in ("left", "right"))
    spoken = f'<w:tblDescription w:val="{legal(description)}"/>' if description else ""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        f'<w:tblBorders>{rules}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar>{_NO_LOOK}{spoken}</w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _row(cells: str, *, head: bool = False) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>"


def _cell(
    content: str, width: int, *, span: int = 1, rule: int = 0, tint: str = "", low: bool = False
) -> str:
    """A cell around whole paragraphs; `rule` is the strength of a line below it."""
    more = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    if rule:
        line = f'<w:bottom w:val="single" w:sz="{rule}" w:space="0" w:color="auto"/>'
        more += f"<w:tcBorders>{line}</w:tcBorders>"
    more += f'<w:shd w:val="clear" w:color="auto" w:fill="{tint}"/>' if tint else ""
    more += '<w:vAlign w:val="bottom"/>' if low else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}</w:tcPr>{content}</w:tc>'


def _spanner_row(table: TableSpec, found: Layout) -> str:
    cells, place = [], 0
    for spanner in sorted(table.spanners, key=lambda each: each.start):
        cells.append(_gap(found, place, spanner.start))
        cells.append(_spanner_cell(spanner, found))
        place = spanner.stop
    cells.append(_gap(found, place, len(table.columns)))
    return _row("".join(cells), head=True)


def _gap(found: Layout, start: int, stop: int) -> str:
    """An empty merged cell above columns without a spanner; nothing where there are none."""
    if stop <= start:
        return ""
    width = sum(found.columns[start:stop])
    return _cell(paragraph("TableText", "", keep_next=True), width, span=stop - start)


def _spanner_cell(spanner: Spanner, found: Layout) -> str:
    text = runs(spanner.label, bold=True, half_points=found.half_points)
    content = paragraph(
        "TableText",
        text,
        keep_next=True,
        turned=leads_right_to_left(spanner.label),
        align="center",
    )
    width = sum(found.columns[spanner.start : spanner.stop])
    return _cell(content, width, span=spanner.stop - spanner.start, rule=_THIN, low=True)


def _head_row(table: TableSpec, found: Layout) -> str:
    cells = "".join(
        _cell(
            paragraph(
                "TableText",
                runs(column.label, bold=True, half_points=found.half_points),
                keep_next=True,
                turned=leads_right_to_left(column.label),
                align=_align(column),
            ),
            width,
            rule=_THIN,
            low=True,
        )
        for column, width in zip(table.columns, found.columns, strict=True)
    )
    return _row(cells, head=True)


def _align(column: Column) -> str:
    return "right" if column.align == "end" else ""


def _body_row(row: Row, table: TableSpec, found: Layout, words: Words, *, keep: bool) -> str:
    tint = _TINT if row.kind == "emphasis" else ""
    if row.kind == "heading" and all(cell == EMPTY for cell in row.cells[1:]):
        content = _content(row.cells[0], row, found, words, keep=True)
        return _row(_cell(content, sum(found.columns), span=len(found.columns)))
    cells = "".join(
        _cell(
            _content(cell, row, found, words, keep=keep, first=place == 0, align=_align(column)),
            found.columns[place],
            tint=tint,
        )
        for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True))
    )
    return _row(cells)


def _content(
    cell: Cell,
    row: Row,
    found: Layout,
    words: Words,
    *,
    keep: bool,
    first: bool = True,
    align: str = "",
) -> str:
    text, size = cell_text(cell, words.numbers), found.half_points
    soft = SOFT if row.kind == "reference" else ""
    if cell.targets:
        content = targeted(cell.targets, size)
    else:
        content = runs(text, half_points=size, color=soft) if text else ""
    content += runs(cell.mark, half_points=size, raised=True) if cell.mark else ""
    return paragraph(
        "TableText",
        content,
        keep_next=keep,
        turned=leads_right_to_left(text),
        indent=_INDENT * row.indent if first else 0,
        align=align,
    )


def _notes(table: TableSpec) -> str:
    """The footnotes, or the empty line that two tables need between them."""
    return told("TableNotes", " ".join(table.footnotes))
