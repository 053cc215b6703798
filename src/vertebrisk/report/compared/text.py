"""Models compared on one cohort as plain text, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from vertebrisk.models.comparing.results import ModelComparison
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.compared.summary import summary
from vertebrisk.report.compared.tables import compared_tables
from vertebrisk.report.external.source import Source
from vertebrisk.report.render_text import render_text
from vertebrisk.report.words import Words

_WIDTH = 100


def render_compared(
    found: ModelComparison, models: Mapping[str, RiskModel], source: Source, words: Words
) -> str:
    """Plain words, then every table."""
    told = [textwrap.fill(each, _WIDTH) for each in summary(found, words)]
    tables = compared_tables(found, models, source, words)
    tables.pop("compared_models")  # texts as wide as this belong on the page
    parts = [words("compared.title", k=len(found.names)), "\n".join(told)]
    return "\n\n".join([*parts, *(render_text(each, words) for each in tables.values())])
