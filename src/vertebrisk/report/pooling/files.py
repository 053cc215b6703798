"""The files of a pooling: its page, its document, its figures."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from importlib import resources
from typing import Any

from vertebrisk._types import Json
from vertebrisk._version import __version__
from vertebrisk.evidence.pooling.papers import PooledPapers
from vertebrisk.report import figures
from vertebrisk.report.drawn import Drawing
from vertebrisk.report.page.documents import folder_of
from vertebrisk.report.pooling.page import pooling_page
from vertebrisk.report.printing import PLAIN_PAGE, Printing

KINDS = ("adjusted", "crude", "sample", "population", "apparent", "corrected", "external", "table")


def pooling_files(result: PooledPapers, printing: Printing = PLAIN_PAGE) -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``pool.html`` (self-contained), ``pool.json`` (under ``pool.schema.json``),
    ``figures/forest.svg`` and ``figures/funnel.svg``, in further formats where asked for; the
    same result gives the same bytes.
    """
    drawings = pooling_drawings(result, printing)
    drawn = printing.drawn(drawings)
    result = replace(result, findings=(*result.findings, *drawn.told(printing.language)))
    page = pooling_page(result, drawn.page, printing.words)
    document = pooling_document(result)
    return folder_of(page, document, drawn, printing, name="pool", page_name="pool")


def pooling_document(result: PooledPapers) -> Json:
    """A document that `pooling_schema` describes; what is not finite is null."""
    return {"kind": "vertebrisk-pool", "version": __version__, **result.to_dict()}


def pooling_schema() -> Json:
    """The JSON schema of `pool.json`, which is part of the package."""
    path = resources.files("vertebrisk.report") / "schema" / "pool.schema.json"
    schema: Json = json.loads(path.read_text(encoding="utf-8"))
    return schema


def pooling_drawings(result: PooledPapers, printing: Printing) -> dict[str, Drawing]:
    """Forest and funnel; nothing is drawn yet."""
    words = printing.words
    shared: dict[str, Any] = {
        "kinds": {kind: words(f"pool.kind.{kind}") for kind in KINDS},
        "words": printing.figure_words,
    }
    return {
        "forest": partial(figures.plot_forest_pooled, result, **shared),
        "funnel": partial(figures.plot_funnel, result, **shared),
    }
