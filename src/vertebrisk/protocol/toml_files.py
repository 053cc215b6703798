"""TOML files read with one clear error, and the lines in them that a person must fill in."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from vertebrisk import _files
from vertebrisk.errors import ProtocolError, VertebriskError
from vertebrisk.protocol.fields import PLACEHOLDER

MAX_LINES = 50
_ZIP = b"PK\x03\x04"


def read_toml(
    path: Path,
    what: str,
    limit: int,
    error: type[VertebriskError] = ProtocolError,
    instead: str = "",
) -> tuple[dict[str, Any], str]:
    """The document in a TOML file of at most `limit` bytes, and its text.

    `instead` says what to do with a file that is no TOML, and by its ending a table.

    Raises
    ------
    DataError
        The file cannot be read.
    VertebriskError
        Of the class `error`: the file is too long, not UTF-8 or not TOML.
    """
    content = _files.read_bytes(path, what)
    try:
        return _parsed(content, f"{what} '{path}'", limit, error)
    except error:
        if path.suffix.lower() in _files.TABLE_ENDINGS:
            told = f"'{path}' is a table by its ending. {instead}"
        elif content.startswith(_ZIP):
            told = f"'{path}' is a workbook or another archive by its content."
        else:
            raise
        raise error(f"{what} is a TOML file, and {told}".rstrip()) from None


def _parsed(
    content: bytes, called: str, limit: int, error: type[VertebriskError]
) -> tuple[dict[str, Any], str]:
    if len(content) > limit:
        raise error(
            f"{called} has {len(content) / 1e6:.1f} MB; at most {limit / 1e6:g} MB are read. "
            "Is it the data file?"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = content[: reason.start].count(b"\n") + 1
        raise error(
            f"{called} is not UTF-8 text (line {line}). Save it as UTF-8 in the editor."
        ) from None
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as reason:
        raise error(f"{called} is not valid TOML: {reason}.") from None
    except RecursionError:
        raise error(f"{called} is nested too deeply to be read.") from None


def marked_lines(text: str) -> list[str]:
    """Lines that a person must still fill in."""
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = re.match(r"\s*([^#=]+?)\s*=.*[\"']" + PLACEHOLDER + r"[\"']", line)
        if match is not None:
            lines.append(
                f"Line {number}, '{match[1]}', is still marked {PLACEHOLDER}: "
                "only a person who knows the study can fill it in."
            )
    return lines


def frozen(value: Any) -> Any:
    """TOML lists as tuples, all the way down."""
    if isinstance(value, dict):
        return {key: frozen(each) for key, each in value.items()}
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value


def problems_message(path: Path, problems: list[str]) -> str:
    """All problems of a file in one message, each once and on a line of its own."""
    lines = list(dict.fromkeys(problems))
    if len(lines) == 1:
        return f"{path.name}: {lines[0]}"
    shown = [f"  - {line}" for line in lines[:MAX_LINES]]
    if len(lines) > MAX_LINES:
        shown.append(f"  - and {len(lines) - MAX_LINES} more")
    return "\n".join([f"{path.name} has {len(lines)} problems:", *shown])
