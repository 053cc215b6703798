"""Keys of clients, of which the service knows only the hashes.

A key is 256 random bits, so a plain SHA-256 of it cannot be turned back by guessing; what
slows guessing down is for passwords, which people choose.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from vertebrisk._files import read_bytes
from vertebrisk.errors import ArgumentError, DataError

PREFIX = "vrk_"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LINE = re.compile(r"([A-Za-z0-9._-]{1,64})\s+sha256:([0-9a-f]{64})")
_KEY = re.compile(r"vrk_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Names of clients and the hashes of their keys."""

    hashes: tuple[tuple[str, bytes], ...]

    def owner(self, key: str) -> str | None:
        """Whose key this is, or None; takes the same time whichever it is."""
        if not _KEY.fullmatch(key):
            return None
        digest = hashlib.sha256(key.encode("ascii")).digest()
        found = None
        for name, known in self.hashes:
            if hmac.compare_digest(known, digest):
                found = name
        return found


def new_key(name: str) -> tuple[str, str]:
    """A new key, and the line of the file of keys that admits it.

    Raises
    ------
    ArgumentError
        When the name cannot stand in the file.
    """
    if not _NAME.fullmatch(name):
        raise ArgumentError(
            f"The name '{name}' of a key is not allowed: letters a-z, digits, '.', '_' and '-', "
            "at most 64."
        )
    key = PREFIX + secrets.token_urlsafe(32)
    return key, f"{name} sha256:{hashlib.sha256(key.encode('ascii')).hexdigest()}"


def load_keys(path: Path) -> KeyRing:
    """Keys of a file: a line ``NAME sha256:HASH`` each; ``#`` begins a comment.

    Raises
    ------
    DataError
        When the file cannot be read, a line is not understood, or there is no key.
    """
    hashes: dict[str, bytes] = {}
    try:
        text = read_bytes(path, "The file of keys").decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(f"The file of keys '{path}' is not UTF-8 text.") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or match[1] in hashes:
            raise DataError(
                f"Line {number} of the file of keys '{path}' is not understood, or repeats a "
                "name. A line is NAME sha256:HASH; 'vertebrisk serve --make-key NAME' makes one."
            )
        hashes[match[1]] = bytes.fromhex(match[2])
    if not hashes:
        raise DataError(
            f"The file of keys '{path}' holds none; 'vertebrisk serve --make-key NAME' makes one."
        )
    return KeyRing(tuple(hashes.items()))
