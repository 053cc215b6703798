"""The parts of `results.json` on scores over follow-up and on two readers.

They hold no score and no reading of one patient: smallest and largest values are left out,
and pairs of readings are counted on a grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vertebrisk._types import Json

if TYPE_CHECKING:
    from vertebrisk.report.results.followup import AgreementResult, FollowupResult

_OWN = ("minimum", "maximum")


def followup_document(results: Sequence[FollowupResult]) -> list[Json]:
    """One entry a score."""
    return [_followup(each) for each in results]


def _followup(result: FollowupResult) -> Json:
    record = result.record.to_dict()
    for line in record["summaries"]:
        summary = line.pop("summary")
        line |= {name: value for name, value in summary.items() if name not in _OWN}
    return {
        "name": result.name,
        "label": result.label,
        "unit": result.unit,
        "time_unit": result.time_unit,
        "where": result.where,
        "group_label": result.group_label,
        "group_labels": list(result.group_labels),
        "limits": None if result.limits is None else list(result.limits),
        "tests": list(result.tests),
        **_without(record, ("schema_version", "findings")),
    }


def agreement_document(results: Sequence[AgreementResult]) -> list[Json]:
    """One entry a variable."""
    return [
        {
            "name": each.name,
            "label": each.label,
            "unit": each.unit,
            "readers": list(each.readers),
            **_without(each.record.to_dict(), ("schema_version", "findings", "first", "second")),
        }
        for each in results
    ]


def _without(content: Json, names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in names}
