"""The files of two runs compared: the page, its tables, and the document."""

from __future__ import annotations

from vertebrisk._files import json_text
from vertebrisk.errors import ArgumentError
from vertebrisk.report.difference.changes import Difference
from vertebrisk.report.difference.page import difference_page
from vertebrisk.report.drawn import draw_all
from vertebrisk.report.page.documents import page_documents
from vertebrisk.report.printing import PLAIN_PAGE, Printing

NAME = "difference"
PAGE = f"{NAME}.html"


def difference_files(found: Difference, printing: Printing = PLAIN_PAGE) -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``difference.html`` (self-contained), ``difference.json``, and the page for Word and its
    tables where asked for; the same runs give the same bytes.

    Raises
    ------
    ArgumentError
        If figures are asked for: there is none to draw.
    """
    if set(printing.formats) - {"svg"}:
        raise ArgumentError(
            "Two runs compared have no figure; --formats may name docx, xlsx and tex here."
        )
    page = difference_page(found, printing.words)
    documents = page_documents(page, draw_all({}), printing, NAME)
    return {**documents, f"{NAME}.json": json_text(found.to_dict()).encode()}
