"""The files of a watch: its page, its document, its figures."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from vertebrisk.models.monitoring.results import Monitoring
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report import figures
from vertebrisk.report.external.drawings import figure_label
from vertebrisk.report.external.source import Source
from vertebrisk.report.monitoring.page import monitoring_page
from vertebrisk.report.page.documents import folder_of
from vertebrisk.report.printing import PLAIN_PAGE, Printing


def monitoring_files(
    found: Monitoring,
    model: RiskModel,
    source: Source,
    printing: Printing = PLAIN_PAGE,
) -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``report.html`` (self-contained), ``monitoring.json`` and ``figures/*.svg``, in further
    formats where asked for; the same result gives the same bytes.
    """
    words = printing.figure_words
    label = figure_label(found.data_kind, [model], words)
    drawings = {
        "watch_chart": partial(figures.plot_drift, found, label=label, words=words),
        "watch_windows": partial(figures.plot_observed_expected, found, label=label, words=words),
    }
    drawn = printing.drawn(drawings)
    found = replace(found, findings=(*found.findings, *drawn.told(printing.language)))
    page = monitoring_page(found, model, source, drawn.page, printing.words)
    return folder_of(page, found.to_dict(), drawn, printing, name="monitoring")
