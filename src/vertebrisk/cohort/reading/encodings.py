"""Which characters the bytes of a text file stand for."""

from __future__ import annotations

import codecs
import re

from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_PAIR = re.compile(rb"[\x81-\xfe][\xa1-\xfe]")
_ALONE = re.compile(rb"[\x81-\xfe][\x00-\x7f]")


def decoded(name: str, content: bytes) -> tuple[str, str, list[Finding]]:
    """Text of a file, its encoding, and what is to be said of it.

    Raises
    ------
    DataError
        The bytes are not text, or hold control characters.
    """
    codec, encoding = declared_codec(content)
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        if codec != "utf-8":
            raise damaged(name, encoding) from None
        text, encoding = _guessed(name, content)
    check_characters(name, text)
    return text, encoding, encoding_findings(name, encoding)


def declared_codec(start: bytes) -> tuple[str, str]:
    """Codec and name of the encoding that the first bytes declare; UTF-8 where they do not."""
    for bom, codec, label in _BOMS:
        if start.startswith(bom):
            return codec, label
    return "utf-8", "UTF-8"


def damaged(name: str, encoding: str) -> DataError:
    """What is said of text that is not in the encoding that it declares."""
    return DataError(
        f"'{name}' begins as {encoding} text but is damaged. Save it again as CSV UTF-8."
    )


def pairs_less_alone(content: bytes) -> int:
    """Bytes beyond ASCII in pairs, less those that stand alone between letters."""
    return len(_PAIR.findall(content)) - len(_ALONE.findall(content))


def likely_codecs(balance: int) -> tuple[tuple[str, str], ...]:
    """GB18030 first unless most bytes beyond ASCII stand alone, as in Western text."""
    order = (("gb18030", "GB18030"), ("cp1252", "Windows-1252"))
    return order if balance >= 0 else order[::-1]


def no_encoding(name: str) -> DataError:
    """What is said of bytes that are no text."""
    return DataError(
        f"'{name}' is neither UTF-8 nor GB18030 nor Windows-1252 text. Save it as CSV UTF-8."
    )


def check_characters(name: str, text: str) -> None:
    """Raise DataError where text holds control characters."""
    if _CONTROL.search(text):
        raise DataError(
            f"'{name}' holds control characters, so it is not a text table but a binary or damaged "
            "file. Export the table as CSV UTF-8 and retry."
        )


def encoding_findings(name: str, encoding: str) -> list[Finding]:
    """A note on any encoding but UTF-8."""
    if encoding == "UTF-8":
        return []
    return [
        Finding(
            code="encoding-guess",
            severity="note",
            message=say("The text was read as {encoding}.", encoding=encoding),
            remedy=say(
                "Check that names and labels read well; if not, save the file as CSV UTF-8."
            ),
            explanation=say(
                "A text file does not say which encoding it uses; a wrong guess garbles "
                "letters beyond ASCII."
            ),
            file=name,
        )
    ]


def _guessed(name: str, content: bytes) -> tuple[str, str]:
    for codec, label in likely_codecs(pairs_less_alone(content)):
        try:
            return content.decode(codec), label
        except UnicodeDecodeError:
            continue
    raise no_encoding(name)
