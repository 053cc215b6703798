"""The files of a comparison of models: its page, its document, its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertebrisk._types import Language
from vertebrisk.models.comparing.results import ModelComparison
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.compared.drawings import compared_drawings
from vertebrisk.report.compared.page import compared_page
from vertebrisk.report.external.files import folder_of, inline, rendered
from vertebrisk.report.external.source import Source
from vertebrisk.report.figures.output import Format


def compared_files(
    found: ModelComparison,
    models: Mapping[str, RiskModel],
    source: Source,
    language: Language = "en",
    formats: Sequence[Format] = ("svg",),
) -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``report.html`` (self-contained), ``comparison.json`` and ``figures/*.svg``, in further
    formats where asked for; the same result gives the same bytes.
    """
    drawn = rendered(compared_drawings(found, models, language), formats)
    page = compared_page(found, models, source, inline(drawn), language)
    return folder_of(page, "comparison", found.to_dict(), drawn, prefix="compared_")
