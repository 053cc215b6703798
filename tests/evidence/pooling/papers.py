"""Studies of the library with something else printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.protocol.toml_files import frozen

RESIDUAL_PAIN = ("anonymous2024", "anonymous2021", "anonymous2020", "li2021")


def residual_pain() -> list[PublishedStudy]:
    """The four studies of residual pain."""
    return [library_study(study) for study in RESIDUAL_PAIN]


def altered(
    study_id: str, change: Callable[[dict[str, Any]], None], name: str = ""
) -> PublishedStudy:
    """A study of the library after `change` has been made to its document."""
    document = library_study(study_id).to_dict()
    change(document)
    document["id"] = name or study_id
    return PublishedStudy.model_validate(frozen(document))


def with_rows(
    study_id: str, rows: list[dict[str, Any]], *, alone: bool = True, **table: Any
) -> PublishedStudy:
    """A study with another regression table, alone or beside what could contradict it."""

    def change(document: dict[str, Any]) -> None:
        if alone:
            document["compared"] = []
            document["statement"] = []
        printed = {"id": "final", "kind": "logistic", "place": "Table 9", "coefficient": rows}
        document["model"] = [printed | table]

    return altered(study_id, change)


def with_statistics(study_id: str, **values: str) -> PublishedStudy:
    """A study with other numbers in its text."""

    def change(document: dict[str, Any]) -> None:
        document["statistic"] = [
            {"name": name, "value": value, "place": "Results"} for name, value in values.items()
        ]

    return altered(study_id, change)
