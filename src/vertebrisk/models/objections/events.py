"""Findings: too few events for the candidates, or for a calibration curve."""

from __future__ import annotations

from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import counted

EVENTS_PER_PARAMETER = 10
CURVE_LIMIT = 200


def few_events(n: int, n_events: int, parameters: int) -> list[Finding]:
    """Fewer than ten events, or non-events, for each candidate parameter."""
    smaller = min(n_events, n - n_events)
    return _few(smaller, "event" if smaller == n_events else "non-event", parameters)


def few_timed_events(n_events: int, parameters: int) -> list[Finding]:
    """Fewer than ten events for each candidate parameter of a Cox model."""
    return _few(n_events, "event", parameters)


def _few(count: int, noun: str, parameters: int) -> list[Finding]:
    if parameters == 0 or count >= EVENTS_PER_PARAMETER * parameters:
        return []
    return [
        Finding(
            code="few-events",
            severity="warning",
            message=say(
                "{events} for {candidate_parameters}: {ratio:.1f} a parameter.",
                events=counted(count, noun),
                candidate_parameters=counted(parameters, "candidate parameter"),
                ratio=count / parameters,
            ),
            remedy=say(
                "Prespecify fewer candidates, collect more patients, or shrink the "
                "coefficients; read the optimism-corrected performance, not the apparent one."
            ),
            explanation=say(
                "With few events a parameter, coefficients are unstable and too extreme, and "
                "performance on the same patients flatters (Riley et al. 2020, "
                "doi:10.1136/bmj.m441)."
            ),
        )
    ]


def few_for_curve(n: int, n_events: int) -> list[Finding]:
    """Too few events or non-events for a smoothed calibration curve."""
    smaller = min(n_events, n - n_events)
    if smaller >= CURVE_LIMIT:
        return []
    return [
        Finding(
            code="calibration-curve-unreliable",
            severity="note",
            message=say(
                "The calibration curve rests on {smaller} patients in the smaller outcome "
                "group; {curve_limit} are wanted.",
                smaller=smaller,
                curve_limit=CURVE_LIMIT,
            ),
            remedy=say(
                "Read calibration from intercept and slope; the curve is drawn with its band."
            ),
            explanation=say("Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005."),
        )
    ]
