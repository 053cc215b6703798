"""The files of an external validation: its page, its document, its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vertebrisk._files import json_text
from vertebrisk._types import Json, Language
from vertebrisk.models.external.results import ExternalValidation
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.external.drawings import external_drawings
from vertebrisk.report.external.page import external_page
from vertebrisk.report.external.source import Source
from vertebrisk.report.figures.output import Format, render
from vertebrisk.report.page.content import Page
from vertebrisk.report.page.html import html_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def external_files(
    found: ExternalValidation,
    model: RiskModel,
    source: Source,
    language: Language = "en",
    formats: Sequence[Format] = ("svg",),
) -> dict[str, bytes]:
    """Content of every file of ``--out``, by its name in the folder.

    ``report.html`` (self-contained), ``validation.json`` and ``figures/*.svg``, in further
    formats where asked for; the same result gives the same bytes.
    """
    drawn = rendered(external_drawings(found, model, source, language), formats)
    page = external_page(found, model, source, inline(drawn), language)
    return folder_of(page, "validation", found.to_dict(), drawn, prefix="external_")


def folder_of(
    page: Page, name: str, document: Json, drawn: Mapping[str, bytes], prefix: str = ""
) -> dict[str, bytes]:
    """A page, the document of that name and the figures, as they lie in a folder."""
    return {
        "report.html": html_page(page, inline(drawn)).encode(),
        f"{name}.json": json_text(document).encode(),
        **{f"figures/{file.removeprefix(prefix)}": each for file, each in drawn.items()},
    }


def whole_figure(drawn: Axes | Figure) -> Figure:
    """A figure, or the one that axes stand in."""
    from matplotlib.figure import Figure

    if isinstance(drawn, Figure):
        return drawn
    figure = drawn.get_figure(root=True)
    assert figure is not None  # axes are made on a figure
    return figure


def rendered(
    drawings: Mapping[str, Axes] | Mapping[str, Figure], formats: Sequence[Format]
) -> dict[str, bytes]:
    """Every figure in every format, by its name as a file; SVG is always there."""
    wanted = dict.fromkeys(["svg", *formats])
    return {
        f"{key}.{suffix}": render(whole_figure(drawn), suffix)
        for key, drawn in drawings.items()
        for suffix in wanted
    }


def inline(drawn: Mapping[str, bytes]) -> dict[str, str]:
    """The drawings that stand on the page, by key."""
    return {
        name.removesuffix(".svg"): content.decode()
        for name, content in drawn.items()
        if name.endswith(".svg")
    }
