"""Studies that come with the package: protocol, codebook, patients, printed numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from vertebrisk._checks import nearest
from vertebrisk.errors import DataError

DEFAULT_STUDY = "li2021"


def embedded_ids() -> tuple[str, ...]:
    """Names of the embedded studies."""
    folder = resources.files(__name__)
    return tuple(
        sorted(each.name for each in folder.iterdir() if (each / "protocol.toml").is_file())
    )


@contextmanager
def embedded_protocol(study: str = DEFAULT_STUDY) -> Iterator[Path]:
    """Path of an embedded study's protocol, its files beside it.

    Raises
    ------
    DataError
        When there is no study of this name.
    """
    known = embedded_ids()
    if study not in known:
        raise DataError(
            f"There is no embedded study '{study}'; there is {', '.join(known)}."
            f"{nearest(study, known)}"
        )
    with resources.as_file(resources.files(__name__) / study) as folder:
        yield folder / "protocol.toml"
