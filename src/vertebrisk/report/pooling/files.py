"""The files of a pooling: its page, its document, its figures."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from vertebrisk._files import json_text
from vertebrisk._types import Json, Language
from vertebrisk._version import __version__
from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.report.figures import WORDS, plot_forest_pooled, plot_funnel, render
from vertebrisk.report.page.html import html_page
from vertebrisk.report.pooling.page import pooling_page
from vertebrisk.report.words import Words

KINDS = ("adjusted", "crude", "sample", "population", "apparent", "corrected", "external", "table")


def pooling_files(result: PooledPapers, language: Language = "en") -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``pool.html`` (self-contained), ``pool.json`` (under ``pool.schema.json``),
    ``figures/forest.svg`` and ``figures/funnel.svg``; the same result gives the same bytes.
    """
    forest, funnel = pooling_figures(result, language)
    drawings = {"forest_pooled": forest.decode(), "funnel": funnel.decode()}
    return {
        "pool.html": html_page(pooling_page(result, drawings, language), drawings).encode(),
        "pool.json": json_text(pooling_document(result)).encode(),
        "figures/forest.svg": forest,
        "figures/funnel.svg": funnel,
    }


def pooling_document(result: PooledPapers) -> Json:
    """A document that `pooling_schema` describes; what is not finite is null."""
    return {"kind": "vertebrisk-pool", "version": __version__, **result.to_dict()}


def pooling_schema() -> Json:
    """The JSON schema of `pool.json`, which is part of the package."""
    path = resources.files("vertebrisk.report") / "schema" / "pool.schema.json"
    schema: Json = json.loads(path.read_text(encoding="utf-8"))
    return schema


def pooling_figures(result: PooledPapers, language: Language) -> tuple[bytes, bytes]:
    """Forest and funnel as SVG."""
    words = Words(language)
    kinds = {kind: words(f"pool.kind.{kind}") for kind in KINDS}
    axes: list[Any] = [
        plot_forest_pooled(result, kinds=kinds, words=WORDS[language]),
        plot_funnel(result, kinds=kinds, words=WORDS[language]),
    ]
    forest, funnel = (render(each.figure, "svg") for each in axes)
    return forest, funnel
