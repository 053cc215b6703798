"""One table on its sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vertebrisk.report.page.content import Page
from vertebrisk.report.render_text import text_width
from vertebrisk.report.sheets.formats import number_format
from vertebrisk.report.sheets.layout import Lane, lanes_of
from vertebrisk.report.sheets.styles import LOOKS, Styles, height_of, safe
from vertebrisk.report.tables.parts import cell_parts
from vertebrisk.report.tables.table import Cell, Row, TableSpec
from vertebrisk.report.words import Words

_LEAST, _FIRST_MOST, _MOST = 7.0, 48.0, 56.0  # widths of columns, in characters
_MOST_NAME = 14.0
_WIDE = 95.0  # characters beyond which a sheet is printed across
_BOLD_LINE, _THIN_LINE, _HAIR_LINE = 2, 1, 4


def write_table(sheet: Any, table: TableSpec, page: Page, styles: Styles) -> None:
    """Caption, what must be said of the data, head, rows and footnotes."""
    words = page.words
    lanes = lanes_of(table, words)
    writer = _Writer(sheet, table, lanes, _widths(table, lanes, words), words, styles)
    for column, width in enumerate(writer.widths):
        sheet.set_column(column, column, width)
    label = f"{words('table')} {table.number}. " if table.number else ""
    first = writer.lines(0, [label + table.caption], "title")
    first = writer.lines(first, [page.figure_label] if page.figure_label else [], "warned")
    row = writer.head(first)
    sheet.freeze_panes(row, 1)
    sheet.repeat_rows(first, row - 1)
    for place, each in enumerate(table.rows, start=1):
        last = place == len(table.rows)
        writer.body(row, each, {"bottom": _BOLD_LINE} if last else {})
        row += 1
    writer.lines(row, table.footnotes, "plain")
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5)
    sheet.set_footer("&C&P / &N")
    if sum(writer.widths) > _WIDE:
        sheet.set_landscape()


@dataclass(frozen=True, slots=True)
class _Writer:
    """A sheet with the lanes of its table; methods return the row below what they wrote."""

    sheet: Any
    table: TableSpec
    lanes: tuple[Lane, ...]
    widths: tuple[float, ...]
    words: Words
    styles: Styles

    def lines(self, row: int, texts: Iterable[str], look: str) -> int:
        """Texts over the whole width, each in its row."""
        for text in texts:
            last = len(self.widths) - 1
            self._over((row, 0, row, last), text, text_wrap=True, **LOOKS[look])
            self.sheet.set_row(row, height_of(text, sum(self.widths)))
            row += 1
        return row

    def head(self, row: int) -> int:
        """Spanners, heads, and the names of the numbers of a column."""
        line: dict[str, object] = {"top": _BOLD_LINE}
        if self.table.spanners:
            for column in range(len(self.widths)):
                self.styles.write(self.sheet, row, column, "", **line)
            for each in self.table.spanners:
                last = self.lanes[each.stop - 1]
                area = (row, self.lanes[each.start].start, row, last.start + last.width - 1)
                look = {"bold": True, "align": "center", "text_wrap": True, "bottom": _THIN_LINE}
                self._over(area, each.label, **line, **look)
            row, line = row + 1, {}
        named = any(lane.names for lane in self.lanes)
        for lane in self.lanes:
            self._lane_head(row, lane, line, named=named)
        labels = [(lane.column.label, self._room(lane)) for lane in self.lanes]
        self.sheet.set_row(row, max(height_of(*each) for each in labels))
        if not named:
            return row + 1
        names = [
            (name, self.widths[lane.start + place])
            for lane in self.lanes
            for place, name in enumerate(lane.names)
        ]
        self.sheet.set_row(row + 1, max(height_of(*each) for each in names))
        return row + 2

    def _lane_head(self, row: int, lane: Lane, line: dict[str, object], *, named: bool) -> None:
        last = lane.start + lane.width - 1
        align = "center" if lane.width > 1 else _align(lane)
        look = {"bold": True, "text_wrap": True, "align": align, **line}
        look |= {"indent": 1} if _apart(lane) else {}
        below = row + 1 if named and not lane.names else row
        look["bottom"] = _HAIR_LINE if lane.names else _THIN_LINE
        self._over((row, lane.start, below, last), lane.column.label, **look)
        for place, name in enumerate(lane.names):
            own = {"italic": True, "text_wrap": True, "align": "right", "bottom": _THIN_LINE}
            self.styles.write(self.sheet, row + 1, lane.start + place, name, **own)

    def body(self, row: int, each: Row, line: dict[str, object]) -> None:
        """One row of the table, high enough for its words."""
        look: dict[str, object] = {**line}
        if each.kind == "emphasis":
            look["bold"] = True
        if each.kind == "reference":
            look["font_color"] = "#595959"
        for column in range(len(self.widths)) if line else ():
            self.styles.write(self.sheet, row, column, "", **look)
        heights = [0.0]
        for place, (lane, cell) in enumerate(zip(self.lanes, each.cells, strict=True)):
            own = {**look, "bold": True} if each.kind == "heading" and place == 0 else look
            if cell.format != "text":
                self._numbers(row, lane, cell, own)
            elif cell.text or cell.mark:
                indent = each.indent if place == 0 else int(_apart(lane))
                self._words(row, lane, cell, {**own, "indent": indent} if indent else own)
                width = self.widths[lane.start] - 1.5 * indent
                heights.append(height_of(cell.text + cell.mark, width))
        if max(heights) > height_of("", 1.0):
            self.sheet.set_row(row, max(heights))

    def _numbers(self, row: int, lane: Lane, cell: Cell, look: dict[str, object]) -> None:
        for part in cell_parts(cell, self.words.numbers):
            column = lane.place(part.role)
            if part.value is None or not math.isfinite(part.value):
                self.styles.write(self.sheet, row, column, part.text, **look, align="right")
            else:
                shown = number_format(part, cell.format, cell.mark)
                style = self.styles.of(**look, align="right", num_format=shown)
                self.sheet.write_number(row, column, part.value, style)

    def _words(self, row: int, lane: Lane, cell: Cell, look: dict[str, object]) -> None:
        """A cell of words, its footnote sign raised."""
        look = {**look, "align": _align(lane), "text_wrap": True}
        if not (cell.mark and cell.text):
            self.styles.write(self.sheet, row, lane.start, cell.text or cell.mark, **look)
            return
        style, raised = self.styles.of_text(cell.text, **look), self.styles.of(font_script=1)
        self.sheet.write_rich_string(
            row, lane.start, safe(cell.text), raised, safe(cell.mark), style
        )

    def _over(self, area: tuple[int, int, int, int], text: str, **look: object) -> None:
        """A text over several cells, or in one."""
        if area[:2] != area[2:]:
            self.sheet.merge_range(*area, "", self.styles.of(**look))
        self.styles.write(self.sheet, area[0], area[1], text, **look)

    def _room(self, lane: Lane) -> float:
        return sum(self.widths[lane.start : lane.start + lane.width])


def _align(lane: Lane) -> str:
    return "left" if lane.column.align == "start" else "right"


def _apart(lane: Lane) -> bool:
    """Whether words begin where the numbers of the column before end."""
    return lane.start > 0 and lane.column.align == "start"


def _widths(table: TableSpec, lanes: tuple[Lane, ...], words: Words) -> tuple[float, ...]:
    """Widths of the sheet's columns, in characters."""
    widths: list[float] = []
    for place, lane in enumerate(lanes):
        most = _FIRST_MOST if place == 0 else _MOST
        own = [_LEAST] * lane.width
        for column, name in enumerate(lane.names):
            own[column] = max(own[column], min(text_width(name) + 2.0, _MOST_NAME))
        for row in table.rows:
            cell = row.cells[place]
            if cell.format == "text":
                indent = row.indent if place == 0 else int(_apart(lane))
                room = text_width(cell.text + cell.mark) + 2.0 + 2.0 * indent
                own[0] = max(own[0], min(room, most) / lane.width)
            for part in cell_parts(cell, words.numbers):
                column = lane.place(part.role) - lane.start
                own[column] = max(own[column], text_width(part.text) + 2.0)
        longest = max((text_width(word) for word in lane.column.label.split()), default=0)
        head = min(longest + 2.0, most, 20.0 * lane.width)
        widths += [max(each, head / lane.width) for each in own]
    return tuple(widths)
