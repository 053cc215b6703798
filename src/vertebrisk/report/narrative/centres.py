"""Sentences about the centres of a study, each tried with a model of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.report.main_numbers import usable, with_interval
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.tables.centres import SHOWN

if TYPE_CHECKING:
    from vertebrisk.validation.centres.results import InternalExternal


def centres(told: Narration) -> list[str]:
    """What was left out, what the centres have in common, and what a further one may expect."""
    words, found = told.words, told.result.centres
    if found is None:
        return []
    whole = "whole" in found.procedure
    opening = words(
        "centres.opening",
        k=found.n_centres,
        by=found.by,
        procedure=words("centres.whole" if whole else "centres.held"),
        table=told.table("centres"),
    )
    horizon = ""
    if found.horizon is not None:
        unit = words.duration(found.time_unit)
        horizon = words("centres.horizon", horizon=f"{found.horizon:g}", unit=unit)
    pooled = _joined(told, found, "centres.pooled", further=False)
    further = _joined(told, found, "centres.expected", further=True)
    return [
        words.joined([opening, horizon]),
        words.joined([pooled, further, words("centres.method")]),
    ]


def _joined(told: Narration, found: InternalExternal, key: str, *, further: bool) -> str:
    """One sentence of the pooled measures that there are; empty where there are none."""
    words, parts = told.words, []
    for name in SHOWN:
        each = found.prediction(name) if further else found.estimate(name)
        limits = (each.conf_low, each.conf_high)
        if not usable(each.estimate) or (further and not all(usable(end) for end in limits)):
            continue
        shown = (
            told.numbers.interval(*limits, 2)
            if further
            else with_interval((each.estimate, *limits), told.words, 2)
        )
        parts.append(words("centres.one", name=words(f"centres.told.{name}"), value=shown))
    return words(key, values=words.listed(parts)) if parts else ""
