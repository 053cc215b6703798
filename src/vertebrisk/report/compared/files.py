"""The files of a comparison of models: its page, its document, its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vertebrisk.models.comparing.results import ModelComparison
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.compared.drawings import compared_drawings
from vertebrisk.report.compared.page import compared_page
from vertebrisk.report.external.source import Source
from vertebrisk.report.page.documents import folder_of
from vertebrisk.report.printing import PLAIN_PAGE, Printing


def compared_files(
    found: ModelComparison,
    models: Mapping[str, RiskModel],
    source: Source,
    printing: Printing = PLAIN_PAGE,
) -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``report.html`` (self-contained), ``comparison.json`` and ``figures/*.svg``, in further
    formats where asked for; the same result gives the same bytes.
    """
    drawings = compared_drawings(found, models, printing)
    drawn = printing.drawn(drawings, "compared_")
    found = replace(found, findings=(*found.findings, *drawn.told(printing.language)))
    page = compared_page(found, models, source, drawn.page, printing.words)
    return folder_of(page, found.to_dict(), drawn, printing, name="comparison")
