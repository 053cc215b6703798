"""A new study's folder: protocol, codebook and data side by side."""

from __future__ import annotations

import re
from pathlib import Path

from vertebrisk import _files
from vertebrisk.cohort.reading import profile, read_file
from vertebrisk.errors import DataError
from vertebrisk.protocol import draft, template

PROTOCOL_NAME = "protocol.toml"
CODEBOOK_NAME = "codebook.toml"


def new_study(directory: Path, data: Path | None = None) -> tuple[Path, ...]:
    """Draft protocol and codebook in a folder, from a data file or as an explained template.

    The data file is copied into the folder, since a protocol reads from its own folder only.
    Nothing that exists is overwritten.

    Parameters
    ----------
    directory : Path
        The folder; it is made if it does not exist.
    data : Path, optional
        The patient file. Without it, a template is written.

    Returns
    -------
    tuple of Path
        The files written, the protocol first.

    Raises
    ------
    DataError
        A file stands in the way, or the data cannot be read.
    """
    if directory.exists() and not directory.is_dir():
        raise DataError(f"'{directory}' is a file; name a folder for the new study.")
    study_id = _study_id(directory)
    texts: dict[str, bytes] = {}
    if data is None:
        texts[PROTOCOL_NAME] = template(study_id).encode("utf-8")
    else:
        columns = profile(read_file(data))
        protocol, codebook = draft(
            columns, data=data.name, study_id=study_id, codebook=CODEBOOK_NAME
        )
        texts[PROTOCOL_NAME] = protocol.encode("utf-8")
        texts[CODEBOOK_NAME] = codebook.encode("utf-8")
        if data.resolve() != (directory / data.name).resolve():
            texts[data.name] = _files.read_bytes(data, "The data file")
    paths = tuple(directory / name for name in texts)
    for path in paths:
        if path.exists() or path.is_symlink():
            raise DataError(f"'{path}' exists and is not overwritten. Name another folder.")
    _files.write_all(directory, texts)
    return paths


def _study_id(directory: Path) -> str:
    plain = re.sub(r"[^\w.-]+", "-", directory.resolve().name).strip("-._")[:64]
    return plain or "study"
