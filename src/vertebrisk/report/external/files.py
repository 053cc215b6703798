"""The files of an external validation: its page, its document, its figures."""

from __future__ import annotations

from dataclasses import replace

from vertebrisk.models.external.results import ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.drawings import external_drawings
from vertebrisk.report.external.page import external_page
from vertebrisk.report.external.source import Source
from vertebrisk.report.page.documents import folder_of
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
    drawn = printing.drawn(drawings, "external_")
    found = replace(found, findings=(*found.findings, *drawn.told(printing.language)))
    page = external_page(found, model, source, drawn.page, printing.words)
    return folder_of(page, found.to_dict(), drawn, printing, name="validation")
