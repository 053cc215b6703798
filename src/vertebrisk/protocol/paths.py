"""A protocol's paths stay inside its own folder: it may come from a stranger."""

from __future__ import annotations

import re
from pathlib import Path

from vertebrisk.errors import ProtocolError


def inside(folder: Path, text: str, key: str, table: str = "[study]") -> Path:
    """The path that `text` names below `folder`.

    Absolute paths, Windows drives, ``..`` and links that lead out of the folder are refused
    with a ProtocolError; whether the file exists is for its reader to say.
    """
    parts = re.split(r"[/\\]", text)
    climbs = parts[0] in ("", "~") or ".." in parts or re.match(r"[A-Za-z]:", text) is not None
    try:
        path = folder.joinpath(*parts)
        climbs = climbs or not path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        climbs = True
    if climbs:
        raise ProtocolError(
            f"'{key}' in {table} is '{text}', which lies outside the protocol's folder. Copy the "
            f"file beside the protocol{', or name it with --data' if key == 'data' else ''}."
        )
    return path
