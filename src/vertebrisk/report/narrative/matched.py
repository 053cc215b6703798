"""Sentences about matched sets, and about what they cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.main_numbers import corrected_estimate, usable, with_range
from vertebrisk.report.narrative.narration import Narration

if TYPE_CHECKING:
    from vertebrisk.report.results.matched import MatchedResult


def matching(told: Narration) -> list[str]:
    """How the sets are composed, and which of them say something."""
    words, found, flow = told.words, told.result.matched, told.result.flow
    if found is None:
        return []
    listed = words.listed(found.matched)
    sets = words(
        "matching.sets",
        cases=flow.n_events,
        controls=flow.n - flow.n_events,
        sets=found.n_sets,
        pairs=found.n_pairs,
        table=told.table("matched_sets"),
        matched=words("matching.on", variables=listed) if listed else "",
    )
    said = words("matching.told", table=told.table("varying_sets"))
    return [words.joined([sets, said])]


def no_risk(told: Narration) -> list[str]:
    """What is not shown, and why."""
    if told.result.matched is None:
        return []
    return [told.words("no_risk.what"), told.words("no_risk.instead")]


def slope(told: Narration) -> str:
    """The slope that new sets are expected to show; empty without matched sets."""
    found = corrected_estimate(told.result, "slope")
    if told.result.matched is None or not usable(found[0]):
        return ""
    return told.words("validation.slope", slope=with_range(found, told.words))


def odds(told: Narration, found: MatchedResult) -> list[str]:
    """How the nomogram of odds ratios is read, and against whom."""
    if not found.nomogram.axes:
        return []
    words = told.words
    patient = words.listed(
        [words("effect.held_one", label=label, value=value) for label, value in found.reference]
    )
    return [words("nomogram.reading"), words("nomogram.reference", patient=patient)]
