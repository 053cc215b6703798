"""A page in every form in which it was asked for."""

from __future__ import annotations

from vertebrisk._files import json_text
from vertebrisk._types import Json
from vertebrisk.report.drawn import DrawnFigures
from vertebrisk.report.page.content import Page
from vertebrisk.report.page.html import html_page
from vertebrisk.report.printing import Printing


def page_documents(
    page: Page, drawn: DrawnFigures, printing: Printing, name: str = "report"
) -> dict[str, bytes]:
    """Content of every document of a page, by the name of its file.

    ``report.html`` is always there, ``report.docx`` where `printing` asks for it; `name` may
    be another. Its tables come as ``tables.xlsx`` and ``tables.tex`` where those are asked for.

    Raises
    ------
    ArgumentError
        If a figure is not a drawing.
    """
    files = {f"{name}.html": html_page(page, drawn.page).encode()}
    if "docx" in printing.documents:
        from vertebrisk.report.word.document import word_document

        files[f"{name}.docx"] = word_document(page, drawn.pictures)
    if "xlsx" in printing.documents:
        from vertebrisk.report.sheets.workbook import tables_workbook

        files["tables.xlsx"] = tables_workbook(page)
    if "tex" in printing.documents:
        from vertebrisk.report.latex.document import tables_latex

        files["tables.tex"] = tables_latex(page).encode()
    return files


def folder_of(
    page: Page,
    document: Json,
    drawn: DrawnFigures,
    printing: Printing,
    *,
    name: str,
    page_name: str = "report",
) -> dict[str, bytes]:
    """A page in every form, ``<name>.json`` and the figures, as they lie in a folder."""
    return {
        **page_documents(page, drawn, printing, page_name),
        f"{name}.json": json_text(document).encode(),
        **{f"figures/{file}": each for file, each in drawn.files.items()},
    }
