"""Pictures inside a document of Word, no wider and no higher than a page."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from vertebrisk.errors import ArgumentError
from vertebrisk.report.word.markup import legal, paragraph
from vertebrisk.report.word.package import Package
from vertebrisk.report.word.widths import UPRIGHT

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_DPI: Final = 300
_EMU_PER_INCH: Final = 914_400
_WIDEST: Final = UPRIGHT * 635  # a twentieth of a point has 635 EMU
_HIGHEST: Final = round(220 / 25.4 * _EMU_PER_INCH)  # leaves room for heading and caption


def picture(
    content: bytes, name: str, description: str, package: Package, ids: Iterator[int]
) -> str:
    """A paragraph with a PNG drawn at 300 dpi; `description` is read aloud in its place.

    Raises
    ------
    ArgumentError
        If the content is not a PNG.
    """
    width, height = _size(content, name)
    relation = package.image(content)
    number = next(ids)
    said = f'id="{number}" name="{legal(name)}" descr="{legal(description)}"'
    extent = f'cx="{width}" cy="{height}"'
    drawing = (
        '<w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f"<wp:extent {extent}/><wp:docPr {said}/>"
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name="{legal(name)}"/><pic:cNvPicPr/>'
        f'</pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/>'
        "<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    return paragraph("Figure", f"<w:r>{drawing}</w:r>", keep_next=True)


def _size(content: bytes, name: str) -> tuple[int, int]:
    """Width and height in EMU, made smaller where a page is."""
    if not content.startswith(_SIGNATURE) or len(content) < 24:
        raise ArgumentError(f"The picture of {name} is not a PNG; give the content of one.")
    pixels = struct.unpack(">II", content[16:24])
    width, height = (each * _EMU_PER_INCH // _DPI for each in pixels)
    scale = min(1.0, _WIDEST / width, _HIGHEST / height)
    return round(width * scale), round(height * scale)
