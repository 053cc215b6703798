"""The files of two runs compared: the page, its tables, and the document."""

from __future__ import annotations

from vertebrisk.errors import ArgumentError
from vertebrisk.report.difference.changes import Difference
from vertebrisk.report.difference.page import difference_page
from vertebrisk.report.page.documents import folder_of
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
    return folder_of(page, found.to_dict(), printing.drawn({}), printing, name=NAME, page_name=NAME)
