"""The library: published studies that come with the package, one TOML file each."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from vertebrisk._checks import nearest
from vertebrisk.errors import DataError
from vertebrisk.evidence.loading import load_study
from vertebrisk.evidence.published import PublishedStudy


def library_ids() -> tuple[str, ...]:
    """Ids of the studies in the library, in alphabetical order."""
    names = (each.name for each in resources.files(__name__).iterdir())
    return tuple(sorted(name[: -len(".toml")] for name in names if name.endswith(".toml")))


@cache
def library_study(study_id: str) -> PublishedStudy:
    """One study of the library, as printed.

    Raises
    ------
    DataError
        If the library has no study of this id.
    """
    known = library_ids()
    if study_id not in known:
        raise DataError(
            f"The library has no study '{study_id}'; it has {', '.join(known)}."
            f"{nearest(study_id, known)}"
        )
    with resources.as_file(resources.files(__name__) / f"{study_id}.toml") as path:
        return load_study(path)


def library() -> tuple[PublishedStudy, ...]:
    """Every study of the library, in the order of the ids."""
    return tuple(library_study(study_id) for study_id in library_ids())


def find_study(paper: str | Path) -> PublishedStudy:
    """A study by its library id, or by the path of its TOML file.

    Raises
    ------
    DataError
        If it is neither.
    PaperError
        If the file cannot be understood.
    """
    known = library_ids()
    text = str(paper)
    if text in known:
        return library_study(text)
    path = Path(paper)
    if path.suffix == ".toml" or path.is_file():
        return load_study(path)
    raise DataError(
        f"'{text}' is neither a study of the library ({', '.join(known)}) nor a TOML file."
        f"{nearest(text, known)}"
    )
