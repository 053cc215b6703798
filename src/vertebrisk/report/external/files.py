"""The files of an external validation: its page, its document, its figures."""

from __future__ import annotations

from dataclasses import replace

from vertebrisk._files import json_text
from vertebrisk._types import Json
from vertebrisk.models.external.results import ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.drawn import DrawnFigures, draw_all
from vertebrisk.report.external.drawings import external_drawings
from vertebrisk.report.external.page import external_page
from vertebrisk.report.external.source import Source
from vertebrisk.report.page.content import Page
from vertebrisk.report.page.documents import page_documents
from vertebrisk.report.printing import PLAIN_PAGE, Printing


def external_files(
    found: ExternalValidation,
    model: RiskModel,
    source: Source,
    printing: Printing = PLAIN_PAGE,
) -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``report.html`` (self-contained), ``validation.json`` and ``figures/*.svg``, in further
    formats and as ``report.docx`` where asked for; the same result gives the same bytes.
    """
    drawings = external_drawings(found, model, source, printing)
    drawn = draw_all(
        drawings,
        printing.formats,
        printing.widths,
        pictures=printing.pictures,
        prefix="external_",
    )
    found = replace(found, findings=(*found.findings, *drawn.findings))
    page = external_page(found, model, source, drawn.page, printing.words)
    return folder_of(page, "validation", found.to_dict(), drawn, printing)


def folder_of(
    page: Page, name: str, document: Json, drawn: DrawnFigures, printing: Printing
) -> dict[str, bytes]:
    """A page in every form, the document of that name and the figures, as they lie in a folder."""
    return {
        **page_documents(page, drawn, printing),
        f"{name}.json": json_text(document).encode(),
        **{f"figures/{file}": each for file, each in drawn.files.items()},
    }
