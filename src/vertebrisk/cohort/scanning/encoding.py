"""The encoding and the hash of a text file that may be larger than memory."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vertebrisk.cohort.reading.encodings import (
    check_characters,
    damaged,
    declared_codec,
    likely_codecs,
    no_encoding,
    pairs_less_alone,
)

BLOCK = 1 << 22


@dataclass(frozen=True, slots=True)
class Encoded:
    """How the text of a file is written.

    Attributes
    ----------
    codec, encoding : str
        Python's name of the encoding, and ours.
    sha256 : str
        Of the file.
    quoted : bool
        Whether a quotation mark, or an old Macintosh's end of line, occurs anywhere.
    """

    codec: str
    encoding: str
    sha256: str
    quoted: bool


def encoded(path: Path) -> Encoded:
    """How a text file is encoded, told from all of it.

    Raises
    ------
    DataError
        The bytes are not text, or hold control characters.
    """
    codec, encoding = declared_codec(next(_lines(path), b""))
    digest = hash_of(path)
    if (quoted := _quoted(path, codec)) is not None:
        return Encoded(codec, encoding, digest, quoted)
    if codec != "utf-8":
        raise damaged(path.name, encoding)
    balance = sum(pairs_less_alone(block) for block in _lines(path))
    for codec, encoding in likely_codecs(balance):
        if (quoted := _quoted(path, codec)) is not None:
            return Encoded(codec, encoding, digest, quoted)
    raise no_encoding(path.name)


def hash_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _quoted(path: Path, codec: str) -> bool | None:
    """Whether there are quotation marks; None where the bytes are not of this encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    quoted = False
    try:
        for block in _lines(path):
            text = decoder.decode(block)
            check_characters(path.name, text)
            quoted = quoted or '"' in text or text.count("\r") != text.count("\r\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return quoted


def _lines(path: Path) -> Iterator[bytes]:
    """Blocks of the file, parted at ends of lines so that no character is counted in halves."""
    with path.open("rb") as stream:
        rest = b""
        while block := stream.read(BLOCK):
            block = rest + block
            cut = block.rfind(b"\n") + 1 or len(block)
            rest = block[cut:]
            yield block[:cut]
        if rest:
            yield rest
