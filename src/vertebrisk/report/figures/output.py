"""Figures as bytes: the same figure gives the same bytes, every time."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures.lettering import (
    BROWSER_FONTS,
    NO_GLYPH,
    missing_glyphs,
    needs_fallback,
    plain,
)
from vertebrisk.report.figures.style import house_style
from vertebrisk.text.letters import RIGHT_TO_LEFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

Format = Literal["svg", "pdf", "png", "tiff"]

PNG_DPI: Final = 300
TIFF_DPI: Final = 600

_SVG_OPEN = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_VIEW_BOX = re.compile(r'viewBox="[^"]*"')
_IDENTIFIER = re.compile(r'(\bid="|href="#|url\(#)([^")]+)')
_REFERENCE = re.compile(r'(?:href="#|url\(#)([^")]+)')
_ID = re.compile(r' id="([^"]*)"')
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_TEXT = re.compile(r"(<text\b[^>]*>)([^<]*)(</text>)")
_SIGNS = re.compile('[=:("]')
_LEFT_TO_RIGHT = "A-Za-z0-9\u00c0-\u024f\u0370-\u058f\u2e80-\u9fff<>&;"
_RUN = re.compile(f"[{RIGHT_TO_LEFT}](?:[^{_LEFT_TO_RIGHT}]*[{RIGHT_TO_LEFT}])?")


def figure_texts(figure: Figure) -> tuple[str, ...]:
    """All texts of a figure, for `missing_glyphs`."""
    return tuple(text.get_text() for text in _texts(figure) if text.get_text())


def _texts(figure: Figure) -> list[Text]:
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if isinstance(text, Text)]


def render(figure: Figure, format: Format) -> bytes:
    """A figure as the content of a file.

    Parameters
    ----------
    figure : Figure
        As `axes.figure` of any plot of this package.
    format : {"svg", "pdf", "png", "tiff"}
        SVG with letters as outlines, so that every viewer shows the same; PDF with
        embedded fonts; PNG at 300 dpi; TIFF at 600 dpi, RGB, LZW. Pixels are those of the
        figure's size to the nearest.

    Returns
    -------
    bytes
        Without dates or random identifiers: two calls give identical bytes. Where no
        installed font has a character, SVG keeps the letters as text, for the viewer's
        own fonts to draw.

    Raises
    ------
    ArgumentError
        If another format than SVG is asked for, and no installed font has some character;
        see `missing_glyphs`.
    """
    import matplotlib as mpl

    written = _texts(figure)
    _make_plain(written)
    texts = tuple(text.get_text() for text in written)
    strange = sorted(missing_glyphs(texts))
    if strange and format != "svg":
        raise ArgumentError(
            f"No font of this machine draws {' '.join(strange[:5])}; a figure with such letters "
            "can be rendered as SVG alone."
        )
    settings: dict[Any, Any] = {
        "svg.fonttype": "none" if strange else "path",
        # OpenType fonts with PostScript outlines cannot be embedded as type 42.
        "pdf.fonttype": 3 if needs_fallback(texts) else 42,
    }
    with house_style(), mpl.rc_context(settings), warnings.catch_warnings():
        if strange:
            warnings.filterwarnings("ignore", message=NO_GLYPH)
        if format in ("svg", "pdf"):
            return _drawn(figure, format, _data_label(written))
        return _tiff(figure) if format == "tiff" else _pixels(figure, PNG_DPI)


def _make_plain(texts: Sequence[Text]) -> None:
    """Take from the texts of a figure what has no shape, and would spoil an SVG."""
    for text in texts:
        if text.get_text() != (own := plain(text.get_text())):
            text.set_text(own)


def _drawn(figure: Figure, format: Literal["svg", "pdf"], label: str) -> bytes:
    stream = io.BytesIO()
    if format == "svg":
        metadata: dict[str, str | None] = {"Date": None, "Creator": "vertebrisk"}
        if label:
            metadata["Title"] = label
    else:
        metadata = {"CreationDate": None, "Creator": "vertebrisk", "Producer": "vertebrisk"}
    figure.savefig(stream, format=format, metadata=metadata)
    content = stream.getvalue()
    if format == "svg":
        content = _lean(content.decode("utf-8")).encode("utf-8")
    return content


def _data_label(texts: Sequence[Text]) -> str:
    """What the figure says about its data; in SVG, where letters are outlines, its title."""
    return next((text.get_text() for text in texts if text.get_gid() == "data-kind"), "")


def _lean(svg: str) -> str:
    """Drop comments and identifiers without use; name fonts that readers' machines have.

    Where letters are text, what runs from right to left stands apart from what does not.
    """
    svg = _COMMENT.sub("", svg)
    used = set(_REFERENCE.findall(svg))
    svg = _ID.sub(lambda found: found.group() if found.group(1) in used else "", svg)
    svg = _TEXT.sub(lambda found: found[1] + _harmless(found[2]) + found[3], svg)
    return svg.replace("'DejaVu Sans'", BROWSER_FONTS)


def _harmless(text: str) -> str:
    """Letters of a text element, that nobody may take for an attribute or an address."""
    return _RUN.sub(_isolated, _SIGNS.sub(lambda found: f"&#{ord(found.group())};", text))


def _isolated(run: re.Match[str]) -> str:
    """A run from right to left that moves no number or word beside it."""
    return f'<tspan unicode-bidi="isolate">{run.group()}</tspan>'


def _pixels(figure: Figure, dpi: int) -> bytes:
    """PNG of the figure's size in whole pixels: matplotlib alone would cut off what is over."""
    size = figure.get_size_inches()
    whole = [(round(side * dpi) + 1e-6) / dpi for side in size]
    stream = io.BytesIO()
    figure.set_size_inches(*whole)
    try:
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    finally:
        figure.set_size_inches(*size)
    return stream.getvalue()


def _tiff(figure: Figure) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    with Image.open(io.BytesIO(_pixels(figure, TIFF_DPI))) as image:
        image.convert("RGB").save(
            stream, format="TIFF", compression="tiff_lzw", dpi=(TIFF_DPI, TIFF_DPI)
        )
    return stream.getvalue()


def inline_svg(svg: bytes, name: str, title: str, description: str = "") -> str:
    """An SVG file made fit to stand inside an HTML page beside others.

    Parameters
    ----------
    svg : bytes
        From `render(figure, "svg")`.
    name : str
        Unique on the page; begins every identifier, so that no two figures share one.
        Letters, digits, hyphens.
    title, description : str
        Read aloud in place of the picture.

    Returns
    -------
    str
        An ``<svg role="img">`` element as wide as its container.
    """
    text = svg.decode("utf-8")
    head = _SVG_OPEN.search(text)
    if head is None:
        raise AssertionError("render() gave no <svg> element")
    box = _VIEW_BOX.search(head.group())
    body = text[head.end() :]
    body = re.sub(r"<metadata>.*?</metadata>|<title>.*?</title>", "", body, flags=re.DOTALL)
    body = body.replace("*{stroke-linejoin", f"#{name} *{{stroke-linejoin")
    body = _IDENTIFIER.sub(rf"\1{name}-\2", body)
    labels = f'<title id="{name}-title">{_spoken(title)}</title>'
    labelled = f"{name}-title"
    if description:
        labels += f'<desc id="{name}-desc">{_spoken(description)}</desc>'
        labelled += f" {name}-desc"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'id="{name}" role="img" aria-labelledby="{labelled}" width="100%" '
        f"{box.group() if box else ''}>{labels}{body.strip()}"
    )


def _spoken(text: str) -> str:
    return escape(plain(text).replace("\n", " "), quote=False)
