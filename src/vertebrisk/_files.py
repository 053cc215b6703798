"""Files are written whole or not at all, and hashed the same way everywhere."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from vertebrisk.errors import DataError

FileFormat = Literal["csv", "excel", "spss", "stata", "sas", "parquet"]
# Endings of the files that hold a table of patients, and how each is read.
TABLE_ENDINGS: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".tab": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".sav": "spss",
    ".zsav": "spss",
    ".dta": "stata",
    ".sas7bdat": "sas",
    ".xpt": "sas",
    ".parquet": "parquet",
    ".pq": "parquet",
}


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file beside `path`, then rename it into place.

    Raises
    ------
    DataError
        When the folder cannot be made or written to.
    """
    write_all(path.parent, {path.name: content})


def write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files of a folder: all beside their places first, then renamed in order.

    A crash leaves each file as it was or as it is to be, never in between; what a killed
    process left beside these files is swept away.

    Raises
    ------
    DataError
        When the folder cannot be made or written to.
    """
    waiting: dict[Path, Path] = {}
    path = folder
    try:
        for name, content in contents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise DataError(f"'{path}' is a folder; a file cannot be written in its place.")
            for left in path.parent.glob(f".{glob.escape(path.name)}.????????.part"):
                left.unlink(missing_ok=True)
            waiting[path] = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
            with waiting[path].open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for path, temporary in waiting.items():
            temporary.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(f"'{path}' cannot be written: {reason}.") from None
    finally:
        for temporary in waiting.values():
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def remove_earlier(folder: Path, names: Iterable[str]) -> None:
    """Remove files of an earlier run from a folder, and the folders below it left empty."""
    parents = set()
    for name in names:
        (folder / name).unlink(missing_ok=True)
        parents |= set((folder / name).parents) - {folder, *folder.parents}
    for parent in sorted(parents, key=lambda each: len(each.parts), reverse=True):
        with contextlib.suppress(OSError):
            parent.rmdir()


def write_text(path: Path, content: str) -> None:
    """Write text as UTF-8 with Unix line ends, atomically."""
    write_bytes(path, content.encode("utf-8"))


def json_text(document: Mapping[str, Any]) -> str:
    """JSON with stable layout; NaN and infinity are refused, since JSON has neither."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document atomically."""
    write_text(path, json_text(document))


def read_bytes(path: Path, what: str) -> bytes:
    """Content of a file, or one clear error that says which file could not be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{what} '{path}' does not exist. Check the name and the folder.") from None
    except IsADirectoryError:
        raise DataError(f"{what} '{path}' is a folder; a file is needed.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(f"{what} '{path}' cannot be read: {reason}.") from None


def earlier_files(folder: Path, manifest: str, schema: str, ours: re.Pattern[str]) -> set[str]:
    """Files that the manifest of an earlier run names, as far as they lie in the folder.

    Only names that `ours` matches whole are believed, and no link is followed.
    """
    try:
        document = json.loads((folder / manifest).read_text(encoding="utf-8"))
        names = document["files"] if document["schema"] == schema else {}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    known = {name for name in names if ours.fullmatch(name)} if isinstance(names, dict) else set()
    return {
        name for name in known if (folder / name).is_file() and not (folder / name).is_symlink()
    }


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()
