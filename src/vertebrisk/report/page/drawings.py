"""Drawings made fit to stand on an HTML page: they run nothing and load nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.output import inline_svg

if TYPE_CHECKING:
    from markupsafe import Markup

_PREAMBLE = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"<metadata\b.*?</metadata>|<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_WIDTH = re.compile(r"\swidth=\"([0-9.]+)(pt|px)?\"")
_ACTIVE = re.compile(
    r"<script\b|<foreignObject\b|\son\w+\s*=|javascript:|(?:href|src)=[\"'](?!#|data:image/)|@import|url\((?!#)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class InlineDrawing:
    """A drawing inside a page, and how wide it was drawn."""

    svg: Markup
    natural_px: int


def inline_drawing(key: str, caption: str, svg: str) -> InlineDrawing:
    """A drawing as it stands on a page.

    Raises
    ------
    ArgumentError
        If it is not an SVG drawing or holds a script or an outside address.
    """
    from markupsafe import Markup

    drawing = _checked(svg, key).encode("utf-8")
    inline = Markup(inline_svg(drawing, f"drawing-{key}", caption))
    return InlineDrawing(inline, _natural_width(svg))


def _checked(svg: str, key: str) -> str:
    """The drawing without metadata, once it is known to run and load nothing."""
    drawing = _METADATA.sub("", svg)
    if _ROOT.search(drawing) is None:
        raise ArgumentError(f"The figure '{key}' is not an SVG drawing; give the text of one.")
    if _ACTIVE.search(_PREAMBLE.sub("", drawing, count=1)):
        raise ArgumentError(
            f"The figure '{key}' holds a script or an address outside the page; "
            "a report may hold neither."
        )
    return drawing


def _natural_width(svg: str) -> int:
    root = _ROOT.search(svg)
    width = _WIDTH.search(root.group()) if root else None
    if width is None:
        return 640
    return round(float(width.group(1)) * (4 / 3 if width.group(2) == "pt" else 1))
