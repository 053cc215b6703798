"""The folder that a validation writes: every file whole or not at all, the manifest last."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from vertebrisk import _files
from vertebrisk._version import __version__
from vertebrisk.errors import DataError
from vertebrisk.report.external.source import Source

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "vertebrisk/validation-manifest"
_OURS = re.compile(
    r"report\.(html|docx)|tables\.(xlsx|tex)|(validation|comparison|monitoring)\.json"
    r"|figures/([0-9.]+mm/)?[a-z_0-9]+\.(svg|pdf|png|tiff)"
)


def write_folder(folder: Path, contents: Mapping[str, bytes], source: Source) -> list[Path]:
    """Write a page, its document and its figures, with a manifest of their hashes.

    Files of an earlier validation that this one does not make again are removed, if that one's
    manifest names them; nothing else in the folder is touched.

    Raises
    ------
    DataError
        When the folder cannot be written to, or holds the report of a study.
    """
    check_folder(folder)
    earlier = _files.earlier_files(folder, MANIFEST, MANIFEST_SCHEMA, _OURS)
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "schema_version": 1,
        "version": __version__,
        "data": {"name": source.file_name, "sha256": source.file_sha256},
        "seed": source.seed,
        "resamples": source.resamples,
        "files": {name: _files.sha256(content) for name, content in sorted(contents.items())},
    }
    text = _files.json_text(manifest).encode("utf-8")
    _files.write_all(folder, {**contents, MANIFEST: text})
    _files.remove_earlier(folder, earlier - set(contents))
    return [folder / name for name in (*contents, MANIFEST)]


def check_folder(folder: Path) -> None:
    """Refuse a file in the folder's place, and a folder whose report is of something else.

    Raises
    ------
    DataError
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(f"--out '{folder}' is a file; name a folder.")
    if _schema(folder / MANIFEST) not in (MANIFEST_SCHEMA, None):
        raise DataError(f"--out '{folder}' holds the report of a study; name another folder.")


def _schema(path: Path) -> str | None:
    """What a manifest is of; None where there is none that can be read."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["schema"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
