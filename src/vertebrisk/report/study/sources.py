"""Publications whose methods a run used."""

from __future__ import annotations

from collections.abc import Mapping

from vertebrisk._types import ValidationMethod
from vertebrisk.report.results.study import StudyResult

SOURCES = (
    ("DeLong 1988", "https://doi.org/10.2307/2531595"),
    (
        "Harrell 1996",
        "https://doi.org/10.1002/(SICI)1097-0258(19960229)15:4%3C361::AID-SIM168%3E3.0.CO;2-4",
    ),
    ("Vickers 2006", "https://doi.org/10.1177/0272989X06295361"),
)
SURVIVAL_SOURCES = (SOURCES[1], ("Vickers 2008", "https://doi.org/10.1186/1472-6947-8-53"))
MATCHED_SOURCES = (SOURCES[1], ("Gail 1981", "https://doi.org/10.1093/biomet/68.3.703"))
_COMPARED = ("Steyerberg 2001", "https://doi.org/10.1016/S0895-4356(01)00341-9")
_PLUS = ("Efron 1997", "https://doi.org/10.1080/01621459.1997.10474007")
SCHEME_SOURCES: Mapping[ValidationMethod, tuple[str, str]] = {
    "simple-bootstrap": _COMPARED,
    "632": _PLUS,
    "632+": _PLUS,
    "cross-validation": _COMPARED,
    "leave-one-out": _COMPARED,
}


def sources_of(result: StudyResult) -> tuple[tuple[str, str], ...]:
    """Name and address of each publication."""
    found = SOURCES if result.survival is None else SURVIVAL_SOURCES
    if result.matched is not None:
        found = MATCHED_SOURCES
    own = SCHEME_SOURCES.get(result.validation.method, SOURCES[1])
    named = [own if each == SOURCES[1] else each for each in found]
    if result.instability is not None:
        named.append(("Riley 2023", "https://doi.org/10.1002/bimj.202200302"))
    if result.size is not None:
        named.append(("Riley 2020", "https://doi.org/10.1136/bmj.m441"))
    return tuple(named)
