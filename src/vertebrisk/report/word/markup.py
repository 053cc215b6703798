"""Runs, paragraphs and fields of WordprocessingML, as text.

Children stand in the order that the schema of ECMA-376 asks for: Word offers to repair a file
that has them in another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from typing import Final

from vertebrisk.text.letters import RIGHT_TO_LEFT, unturned

SOFT: Final = "57606A"  # the colour of what matters less
# What XML 1.0 has no place for: control characters, halves of a pair, and two noncharacters.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile(r"[\t\n\r\u2028\u2029]+")
_RTL_RUN = re.compile(f"[{RIGHT_TO_LEFT}](?:[^A-Za-z]*[{RIGHT_TO_LEFT}])?")


def legal(text: str) -> str:
    """The text on one line, without characters that no XML may hold, escaped.

    Nor has it signs that would turn the words after it.
    """
    return escape(unturned(_ILLEGAL.sub("", _BREAK.sub(" ", text))))


def leads_right_to_left(text: str) -> bool:
    """True where the first letter that has a direction runs from right to left."""
    strong = (unicodedata.bidirectional(each) for each in text)
    return next((each in ("R", "AL") for each in strong if each in ("L", "R", "AL")), False)


def _stretches(text: str) -> Iterator[tuple[str, bool]]:
    """The text cut where its direction changes."""
    place = 0
    for found in _RTL_RUN.finditer(text):
        if found.start() > place:
            yield text[place : found.start()], False
        yield found.group(), True
        place = found.end()
    if place < len(text):
        yield text[place:], False


def runs(
    text: str,
    *,
    style: str = "",
    bold: bool = False,
    color: str = "",
    half_points: int = 0,
    raised: bool = False,
) -> str:
    """A text as runs of one look; letters from right to left have runs of their own."""
    before = f'<w:rStyle w:val="{style}"/>' if style else ""
    before += "<w:b/><w:bCs/>" if bold else ""
    before += f'<w:color w:val="{color}"/>' if color else ""
    before += f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>' if half_points else ""
    before += '<w:vertAlign w:val="superscript"/>' if raised else ""
    return "".join(
        _run(part, before + ("<w:rtl/>" if turned else "")) for part, turned in _stretches(text)
    )


def _run(text: str, look: str) -> str:
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{legal(text)}</w:t></w:r>'


def paragraph(
    style: str,
    content: str,
    *,
    keep_next: bool = False,
    new_page: bool = False,
    turned: bool = False,
    indent: int = 0,
    align: str = "",
) -> str:
    """A paragraph of a style around runs; `indent` is in twentieths of a point."""
    more = "<w:keepNext/>" if keep_next else ""
    more += "<w:pageBreakBefore/>" if new_page else ""
    more += "<w:bidi/>" if turned else ""
    more += f'<w:ind w:left="{indent}"/>' if indent else ""
    more += f'<w:jc w:val="{align}"/>' if align else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{content}</w:p>'


def told(style: str, text: str, *, keep_next: bool = False) -> str:
    """A paragraph of one text, in the direction of its first letter."""
    return paragraph(style, runs(text), keep_next=keep_next, turned=leads_right_to_left(text))


def field(instruction: str, shown: str, *, half_points: int = 0) -> str:
    """A field of Word, with the text that stands there until Word computes it again."""
    marks = ("begin", "separate", "end")
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{each}"/></w:r>' for each in marks)
    code = f'<w:r><w:instrText xml:space="preserve"> {legal(instruction)} </w:instrText></w:r>'
    return f"{begin}{code}{separate}{runs(shown, half_points=half_points)}{end}"


def bookmark(name: str, number: int, content: str) -> str:
    """Content that a reference can point to; `number` is unique in the document."""
    return (
        f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{content}'
        f'<w:bookmarkEnd w:id="{number}"/>'
    )
