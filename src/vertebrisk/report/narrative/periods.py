"""Sentences about a study that is split by time."""

from __future__ import annotations

from vertebrisk.report.narrative.narration import Narration


def split(told: Narration) -> list[str]:
    """Who was earlier and who later, and what one split can tell."""
    words, found = told.words, told.result.split
    if found is None:
        return []
    whole = "whole" in found.procedure
    opening = words(
        "split.opening",
        by=found.by,
        since=_shown(found.since),
        earlier=found.earlier.n,
        earlier_events=found.earlier.n_events,
        later=found.later.n,
        later_events=found.later.n_events,
        procedure=words("centres.whole" if whole else "centres.held"),
        table=told.table("split"),
    )
    horizon = ""
    if found.horizon is not None:
        unit = words.duration(found.time_unit)
        horizon = words("split.horizon", horizon=f"{found.horizon:g}", unit=unit)
    return [words.joined([opening, horizon, words("split.caution")])]


def _shown(since: str | float) -> str:
    return since if isinstance(since, str) else f"{since:g}"
