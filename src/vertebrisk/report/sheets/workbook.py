"""The workbook: a sheet that lists the tables, then one sheet for each.

Words are written as words, whatever sign they begin with; numbers as numbers with a format that
shows them as the report does. The same page gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vertebrisk.report.page.content import Page
from vertebrisk.report.sheets.layout import sheet_names
from vertebrisk.report.sheets.sheet import write_table
from vertebrisk.report.sheets.styles import LOOKS, Styles, height_of, safe

if TYPE_CHECKING:
    from vertebrisk.report.tables.table import TableSpec

_CREATED = datetime(2000, 1, 1)  # a workbook has no time zone
_WIDTHS = (8, 90, 34)


def tables_workbook(page: Page) -> bytes:
    """Every table of a page as an Excel workbook.

    Parameters
    ----------
    page : Page
        Its tables come in its order, in the style and language of its words.

    Returns
    -------
    bytes
        The content of an ``.xlsx`` file. Each number of a composite cell (mean and SD, a ratio
        with its limits) has a cell of its own. Heads stay in view and are repeated in print.
    """
    import xlsxwriter

    packed = io.BytesIO()
    book = xlsxwriter.Workbook(
        packed,
        {
            "in_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )
    book.set_properties(
        {"title": safe(page.title)[:255], "author": "vertebrisk", "created": _CREATED}
    )
    styles = Styles(book)
    tables = tuple(page.tables())
    contents = safe(page.words("sheets.contents"))
    names = sheet_names(tables, page.words.language, (contents,))
    _list(book.add_worksheet(contents), page, tables, names, styles)
    for table, name in zip(tables, names, strict=True):
        write_table(book.add_worksheet(name), table, page, styles)
    book.close()
    return packed.getvalue()


def _list(
    sheet: Any, page: Page, tables: Sequence[TableSpec], names: Sequence[str], styles: Styles
) -> None:
    """The first sheet: what the tables are of, what must be said of the data, and where each is."""
    words = page.words
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    whole = sum(_WIDTHS)
    lines = [(page.title, "title"), (page.kicker, "plain")]
    lines += [(f"{each.label}{words('colon')}{each.text}", "warned") for each in page.banners]
    lines.append((f"vertebrisk {page.version}", "plain"))
    row = 0
    for text, look in lines:
        style = {"text_wrap": True, **LOOKS[look]}
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", styles.of(**style))
        styles.write(sheet, row, 0, text, **style)
        sheet.set_row(row, height_of(text, whole))
        row += 1
    row += 1
    link = styles.of(font_color="#0563C1", underline=1)
    heads = (words("table"), words("sheets.caption"), words("sheets.sheet"))
    for column, head in enumerate(heads):
        styles.write(sheet, row, column, head, bold=True, top=2, bottom=1)
    for table, name in zip(tables, names, strict=True):
        row += 1
        sheet.write_number(row, 0, table.number, styles.of(num_format="0", align="left"))
        styles.write(sheet, row, 1, table.caption, text_wrap=True)
        sheet.set_row(row, height_of(table.caption, _WIDTHS[1]))
        place = name.replace("'", "''")
        sheet.write_url(row, 2, f"internal:'{place}'!A1", link, name)
    sheet.freeze_panes(row - len(tables) + 1, 0)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
