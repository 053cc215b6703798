"""From a path or pasted text to lines of text, or one clear line that says why not."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from vertebrisk._files import read_bytes
from vertebrisk.errors import DataError

MAX_BYTES = 2_000_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_LINE_ENDS = re.compile("\r\n?|\x0b|\x0c|\u2028|\u2029|\x85")
_TOML_KEY = re.compile(r"^\s*(?:\[\[?[\w.\"-]+\]\]?\s*$|[\w-]+\s*=\s*[\"'\[{\d])", re.MULTILINE)
_REMEDY = "Copy the table out of the paper, or save it as CSV, and retry."


def source_text(source: str | Path) -> tuple[str, str]:
    """Name and text of a file, or of what was pasted: a text with a line end is no path."""
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        return "the pasted table", _checked("the pasted table", source)
    path = Path(source)
    content = read_bytes(path, "The table")
    if len(content) > MAX_BYTES:
        raise DataError(
            f"'{path.name}' has {len(content):,} bytes, more than a printed table can have. "
            f"{_REMEDY}"
        )
    return path.name, _checked(f"'{path.name}'", _decoded(path.name, content))


def _decoded(name: str, content: bytes) -> str:
    codec = next((codec for bom, codec in _BOMS if content.startswith(bom)), None)
    codecs_tried = (codec,) if codec else (*_without_bom(content), "utf-8", "gb18030", "cp1252")
    for each in codecs_tried:
        try:
            return content.decode(each)
        except UnicodeDecodeError:
            continue
    raise DataError(f"'{name}' is not text in UTF-8, UTF-16 or GB18030. {_REMEDY}")


def _without_bom(content: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark: every other byte of its digits and commas is zero."""
    half = max(len(content) // 2, 1)
    if len(content) % 2 == 0 and content[1::2].count(0) > 0.3 * half:
        return ("utf-16-le",)
    if len(content) % 2 == 0 and content[::2].count(0) > 0.3 * half:
        return ("utf-16-be",)
    return ()


def _checked(name: str, text: str) -> str:
    if not text.strip():
        raise DataError(f"{_capital(name)} is empty. {_REMEDY}")
    if _CONTROL.search(text):
        raise DataError(
            f"{_capital(name)} holds control characters, so it is a binary or damaged file and no "
            f"table as text. {_REMEDY}"
        )
    start = text.lstrip()
    if start[0] in "{[" and start.rstrip()[-1] in "}]" and '"' in start:
        raise DataError(f"{_capital(name)} is JSON, not a table. {_REMEDY}")
    if len(_TOML_KEY.findall(text)) > max(3, text.count("\n") // 4):
        raise DataError(
            f"{_capital(name)} is a settings file, not a table. A paper's own file is audited with "
            "'vertebrisk audit FILE'."
        )
    if re.match(r"<(?:!doctype|html|table|\?xml)\b", start, re.IGNORECASE):
        raise DataError(f"{_capital(name)} is HTML, not a table as text. {_REMEDY}")
    return _LINE_ENDS.sub("\n", text).lstrip("\ufeff")


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
