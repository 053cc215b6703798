"""Forms with a file, read strictly: few parts, small heads, nothing written to a disk.

Only what browsers send of the pages of this service is taken; everything else is refused.

References
----------
RFC 7578, https://www.rfc-editor.org/rfc/rfc7578; RFC 2046, section 5.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vertebrisk.bedside.service.problems import Problem

MULTIPART = "multipart/form-data"
MOST_PARTS = 8
MOST_HEAD = 2048
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}")
_NAME = re.compile(rb'form-data; name="([a-z]{1,20})"(; filename="[^"\r\n]{0,1000}")?')


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; `file` where it was chosen from a disk, whose name is not kept."""

    content: bytes
    file: bool


def read_multipart(content: bytes, content_type: str) -> dict[str, Part]:
    """Fields of a form by name.

    Raises
    ------
    Problem
        400 when the body is no such form, or has more than the pages send.
    """
    mark = b"--" + _boundary(content_type).encode("ascii")
    if not content.startswith(mark + b"\r\n"):
        raise _unreadable()
    pieces = content[len(mark) :].split(b"\r\n" + mark, MOST_PARTS + 1)
    if pieces[-1] not in (b"--", b"--\r\n") or len(pieces) > MOST_PARTS + 1:
        raise _unreadable()
    found: dict[str, Part] = {}
    for piece in pieces[:-1]:
        name, part = _part(piece)
        if name in found:
            raise _unreadable()
        found[name] = part
    return found


def _boundary(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        value = value.removeprefix('"').removesuffix('"')
        if name.lower() == "boundary" and _BOUNDARY.fullmatch(value):
            return value
    raise _unreadable()


def _part(piece: bytes) -> tuple[str, Part]:
    """Name and contents of what stands between two marks, each of which ends its line."""
    if not piece.startswith(b"\r\n"):
        raise _unreadable()
    head, blank, content = piece[2:].partition(b"\r\n\r\n")
    if not blank or len(head) > MOST_HEAD:
        raise _unreadable()
    described = [
        value.strip()
        for line in head.split(b"\r\n")
        for name, _, value in (line.partition(b":"),)
        if name.lower() == b"content-disposition"
    ]
    match = _NAME.fullmatch(described[0]) if len(described) == 1 else None
    if match is None:
        raise _unreadable()
    return match[1].decode("ascii"), Part(content, file=match[2] is not None)


def _unreadable() -> Problem:
    return Problem(400, "malformed-request", "The form cannot be read.")
